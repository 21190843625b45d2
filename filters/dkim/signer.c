/* signer: see signer.h. The library is the verifier's, but not its instance: options stand in the instance. */
#include "filters/dkim/signer.h"

#include "base/mem.h"

#include <sys/types.h>

#include <opendkim/dkim.h>

struct signer_library {
    DKIM_LIB *lib;
    struct signer_options options;
};

struct signer {
    DKIM *handle;
};

static const char *const signed_fields[] = {"From",
                                            "Sender",
                                            "Reply-To",
                                            "Subject",
                                            "Date",
                                            "Message-ID",
                                            "To",
                                            "Cc",
                                            "In-Reply-To",
                                            "References",
                                            "MIME-Version",
                                            "Content-Type",
                                            "Content-Transfer-Encoding",
                                            "Content-ID",
                                            "Content-Description",
                                            "Content-Disposition",
                                            "Resent-Date",
                                            "Resent-From",
                                            "Resent-Sender",
                                            "Resent-To",
                                            "Resent-Cc",
                                            "Resent-Message-ID",
                                            "List-Id",
                                            "List-Help",
                                            "List-Unsubscribe",
                                            "List-Unsubscribe-Post",
                                            "List-Subscribe",
                                            "List-Post",
                                            "List-Owner",
                                            "List-Archive",
                                            NULL};

static const char *const oversigned_fields[] = {
    "From", "Reply-To", "Subject", "Date", "Message-ID", "To", "Cc", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", NULL};

/* The library wants bytes it may write to, and does not write. */
static u_char *bytes_of(const void *p)
{
    return (u_char *)(uintptr_t)p;
}

static bool set_option(DKIM_LIB *lib, int option, const void *value, size_t size)
{
    return dkim_options(lib, DKIM_OP_SETOPT, option, bytes_of(value), size) == DKIM_STAT_OK;
}

static bool set_options(DKIM_LIB *lib, const struct signer_options *options)
{
    u_int min_bits = SIGNING_KEY_BITS_MIN;
    uint64_t expire = (uint64_t)options->expire_s;
    return set_option(lib, DKIM_OPTS_MINKEYBITS, &min_bits, sizeof min_bits) &&
           set_option(lib, DKIM_OPTS_SIGNATURETTL, &expire, sizeof expire) &&
           set_option(lib, DKIM_OPTS_SIGNHDRS, signed_fields, sizeof(char **)) &&
           set_option(lib, DKIM_OPTS_OVERSIGNHDRS, oversigned_fields, sizeof(char **));
}

struct signer_library *signer_library_new(const struct signer_options *options)
{
    struct signer_library *library = mem_alloc(sizeof *library);
    library->options = *options;
    library->lib = dkim_init(NULL, NULL);
    if (!library->lib || !set_options(library->lib, options))
        signer_library_free(&library);
    return library;
}

void signer_library_free(struct signer_library **library)
{
    struct signer_library *gone = *library;
    if (!gone)
        return;
    *library = NULL;
    if (gone->lib)
        dkim_close(gone->lib);
    mem_free(gone);
}

static void release(void *data)
{
    struct signer *s = data;
    dkim_free(s->handle);
}

static dkim_canon_t canon(bool relaxed)
{
    return relaxed ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE;
}

struct signer *signer_new(struct signer_library *library, const struct signing_key *key, struct arena *arena)
{
    struct signer *s = arena_alloc(arena, sizeof *s);
    const struct signer_options *o = &library->options;
    DKIM_STAT status;
    s->handle = dkim_sign(library->lib, bytes_of("message"), NULL, bytes_of(key->pem), bytes_of(arena_string(arena, key->selector)),
                          bytes_of(arena_string(arena, key->domain)), canon(o->relaxed_header), canon(o->relaxed_body),
                          key->algorithm == SIGNING_ED25519_SHA256 ? DKIM_SIGN_ED25519SHA256 : DKIM_SIGN_RSASHA256, -1, &status);
    if (!s->handle)
        return NULL;
    arena_add_cleanup(arena, release, s);
    return s;
}

bool signer_add_field(struct signer *s, struct slice raw)
{
    return dkim_header(s->handle, bytes_of(raw.ptr), raw.len) == DKIM_STAT_OK;
}

bool signer_end_header(struct signer *s)
{
    return dkim_eoh(s->handle) == DKIM_STAT_OK;
}

bool signer_add_body(struct signer *s, struct slice bytes)
{
    return bytes.len == 0 || dkim_body(s->handle, bytes_of(bytes.ptr), bytes.len) == DKIM_STAT_OK;
}

bool signer_finish(struct signer *s, struct buf *out)
{
    u_char *value;
    size_t length;
    if (dkim_eom(s->handle, NULL) != DKIM_STAT_OK ||
        dkim_getsighdr_d(s->handle, strlen(DKIM_SIGNHEADER ": "), &value, &length) != DKIM_STAT_OK)
        return false;
    buf_add_text(out, DKIM_SIGNHEADER ": ");
    buf_add(out, slice_make((const char *)value, length));
    buf_add_text(out, "\r\n");
    return true;
}
