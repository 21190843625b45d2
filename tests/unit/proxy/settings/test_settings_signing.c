/* Keys that are read; those that are not are in tests/config/bad. */
#include "proxy/settings/settings.h"

#include "tests/unit/unit.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *arena;
static struct conf_errors errors;
static char directory[] = "/tmp/signing.XXXXXX", *printed;

static void write_key(const char *name, EVP_PKEY *pkey, mode_t mode)
{
    const char *path = arena_format(arena, "%s/%s", directory, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL);
    fclose(f);
    chmod(path, mode);
    EVP_PKEY_free(pkey);
}

static void setup(void)
{
    strcpy(directory, "/tmp/signing.XXXXXX");
    arena = arena_new();
    conf_errors_init(&errors, arena);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    write_key("rsa", EVP_RSA_gen(2048), 0600);
    write_key("weak", EVP_RSA_gen(1024), 0600);
    write_key("ed", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), 0640);
}

static void teardown(void)
{
    static const char *const names[] = {"rsa", "weak", "ed"};
    for (size_t i = 0; i < 3; i++)
        unlink(arena_format(arena, "%s/%s", directory, names[i]));
    rmdir(directory);
    free(printed);
    arena_free(&arena);
}

/* signing: the section, in which DIR stands for the directory. */
static struct settings *load(const char *signing)
{
    size_t size;
    struct buf text = {0};
    buf_add_text(&text, "hostname: mx.example.org\nlisteners: [\"127.0.0.1:2525\"]\nbackends: {main: 127.0.0.1:10025}\n"
                        "state: {directory: /tmp}\nsigning:\n");
    for (const char *at; (at = strstr(signing, "DIR")); signing = at + 3) {
        buf_add(&text, slice_make(signing, (size_t)(at - signing)));
        buf_add_text(&text, directory);
    }
    buf_add_text(&text, signing);
    struct settings *s = settings_load_text(arena_copy(arena, buf_slice(&text)), "t.yaml", &errors);
    buf_release(&text);
    FILE *out = open_memstream(&printed, &size);
    conf_errors_print(&errors, out);
    fclose(out);
    return s;
}

START_TEST(good_keys_are_loaded_without_a_word)
{
    setup();
    struct settings *s = load("  keys:\n    - {domain: Example.COM, selector: s1, key: DIR/rsa, algorithm: rsa-sha256}\n"
                              "  networks: [192.0.2.0/24]\n");
    ck_assert_msg(s != NULL && !strstr(printed, "signing"), "%s", printed);
    ck_assert_uint_eq(s->signing.loaded_count, 1);
    ck_slice_eq(s->signing.loaded[0]->domain, "example.com");
    ck_slice_eq(s->signing.loaded[0]->selector, "s1");
    ck_assert_uint_eq(s->signing.loaded[0]->bits, 2048);
    ck_assert(s->signing.options.relaxed_header && s->signing.options.relaxed_body);
    ck_assert_ptr_nonnull(s->signing.clients);
    settings_free(&s);
    teardown();
}
END_TEST

START_TEST(weak_keys_and_open_files_are_warned_about)
{
    setup();
    struct settings *s = load("  keys:\n    - {domain: example.com, selector: s1, key: DIR/weak}\n"
                              "    - {domain: example.com, selector: s2, key: DIR/ed}\n");
    ck_assert_msg(s != NULL, "%s", printed);
    ck_assert_msg(strstr(printed, "t.yaml:7:48: warning: signing.keys[0].key:") && strstr(printed, "1024 bits is weak"), "%s", printed);
    ck_assert_msg(strstr(printed, "t.yaml:8:48: warning: signing.keys[1].key:") && strstr(printed, "(mode 640); chmod 600"), "%s", printed);
    settings_free(&s);
    teardown();
}
END_TEST

START_TEST(one_selector_is_one_key)
{
    setup();
    struct settings *s = load("  keys:\n    - {domain: example.com, selector: s1, key: DIR/rsa}\n"
                              "    - {domain: EXAMPLE.com, selector: S1, key: DIR/ed}\n");
    ck_assert_ptr_null(s);
    ck_assert_msg(strstr(printed, "same domain and selector"), "%s", printed);
    teardown();
}
END_TEST

START_TEST(without_keys_nothing_is_signed)
{
    setup();
    struct settings *s = load("  networks: [192.0.2.0/24]\n");
    ck_assert_ptr_nonnull(s);
    ck_assert_uint_eq(s->signing.loaded_count, 0);
    ck_assert_msg(strstr(printed, "nothing is signed"), "%s", printed);
    settings_free(&s);
    teardown();
}
END_TEST

UNIT_MAIN("settings_signing", good_keys_are_loaded_without_a_word, weak_keys_and_open_files_are_warned_about, one_selector_is_one_key,
          without_keys_nothing_is_signed)
