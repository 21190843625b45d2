/* The server-side attacks of "Composition Kills: A Case Study of Email Sender Authentication" (Chen, Paxson, Jiang; USENIX Security
 * 2020), by the numbers of the authors' tool, and some of their kin: through our parsers of reverse-path and header section and
 * the filters spf, dkim and dmarc, up to the Authentication-Results field.
 *
 * attack.com sends from its own address, passes SPF for itself and publishes whatever helps it; legitimate.com has p=reject and
 * sends from elsewhere. It must never be said that legitimate.com passed, nor may bytes from outside be read as results. */
#include "proxy/smtp/message.h"
#include "proxy/smtp/smtp_address.h"
#include "tests/unit/filters/chain_fixture.h"

#define DATA SOURCE_DIR "/tests/unit/proxy/composition/"
#define TAIL "To: <victim@victim.com>\r\nSubject: hi\r\n\r\nHi.\r\n"

static const char zone[] = "attack.com TXT \"v=spf1 +all\"\n"
                           "_dmarc.attack.com TXT \"v=DMARC1; p=none\"\n"
                           "any.attack.com TXT \"v=spf1 +all\"\n"
                           "_dmarc.any.attack.com TXT \"none\"\n"
                           "33.attack.com TXT \"v=spf1 +all\"\n"
                           "_dmarc.33.attack.com TXT \"none\"\n"
                           "helo.attack.com TXT \"v=spf1 +all\"\n"
                           "legitimate.com TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
                           "_dmarc.legitimate.com TXT \"v=DMARC1; p=reject\"\n"
                           "_dmarc.mailfrom.notexist.legitimate.com TXT \"none\"\n"
                           "_dmarc.notexist.legitimate.com TXT \"none\"\n"
                           "mailfrom.notexist.legitimate.com TXT \"no policy\"\n"
                           "_dmarc.com TXT \"none\"\n";

static struct message message;

static void on_field(void *ctx, const struct mail_header *field)
{
    chain_header(field);
}

static void on_end(void *ctx)
{
    chain_eoh();
}

static char *read_file(const char *name, size_t *len)
{
    char path[300], *text = calloc(1, 10000);
    snprintf(path, sizeof path, DATA "%s", name);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    *len = fread(text, 1, 9999, f);
    ck_assert_uint_gt(*len, 0);
    fclose(f);
    return text;
}

static void open_chain(const char *helo)
{
    size_t len;
    char *keys = read_file("zone", &len), *records = calloc(1, sizeof zone + len);
    memcpy(records, zone, sizeof zone - 1);
    memcpy(records + sizeof zone - 1, keys, len);
    chain_open(records, "203.0.113.9", helo);
    free(records);
    free(keys);
}

/* False: refused by the parser, and the attack is over. */
static bool take_sender(const char *path)
{
    struct slice rest;
    return smtp_path_parse(slice_of(path), SMTP_PATH_NULL, chain.arena, &chain.tx.sender, &rest) == NULL && rest.len == 0;
}

static void deliver(const char *path, struct slice text)
{
    ck_assert_msg(take_sender(path), "%s", path);
    chain_envelope();
    message_init(&message, chain.arena, "mx.example.org", 65536, 1000, on_field, on_end, NULL);
    chain_body(message_feed(&message, text, text));
    chain_body(message_finish(&message));
    chain_eom();
}

/* The words of the field that stand neither in quotes nor in comments, and are no quoted text of anybody. */
static char *unquoted(const struct buf *field)
{
    char *out = calloc(1, field->len + 1);
    bool quoted = false, comment = false;
    for (size_t i = 0, n = 0; i < field->len; i++) {
        char c = field->ptr[i];
        ck_assert(c == '\r' || c == '\n' || c == '\t' || (c >= ' ' && c <= '~'));
        if (quoted && c == '\\')
            i++;
        else if (c == '"' && !comment)
            quoted = !quoted;
        else if ((c == '(' && !quoted) || (c == ')' && comment))
            comment = c == '(';
        else if (!quoted && !comment)
            out[n++] = c;
    }
    ck_assert_msg(!quoted && !comment, "%.*s", (int)field->len, field->ptr);
    return out;
}

/* Nothing in the field may say of the victim more than who the author claims to be and what we found of it. */
static void check_results(const char *dmarc)
{
    struct buf field = {0};
    auth_results_format(&chain.results, "mx.example.org", &field);
    char *text = unquoted(&field), wanted[64];
    snprintf(wanted, sizeof wanted, "\tdmarc=%s", dmarc);
    ck_assert_msg(strstr(text, wanted) != NULL, "%s", text);
    if (strcmp(dmarc, "pass") == 0)
        ck_assert_msg(strstr(text, "header.from=attack.com") != NULL, "%s", text);
    const char *after = strstr(text, wanted) + strlen(wanted);
    ck_assert_msg(strstr(after, "\tdmarc=") == NULL && strstr(text, " dmarc=") == NULL, "%s", text);
    ck_assert_msg(strstr(text, "dkim=pass header.d=legitimate.com") == NULL, "%s", text);
    ck_assert_msg(strstr(text, "spf=pass smtp.mailfrom=legitimate.com") == NULL, "%s", text);
    free(text);
    buf_release(&field);
}

/* author: what the fact from.domain must be. */
static void expect(const char *author, const char *dmarc)
{
    chain_expect("from.domain", author);
    chain_expect("dmarc", dmarc);
    ck_assert(strcmp(author, "legitimate.com") != 0 || strcmp(dmarc, "pass") != 0);
    check_results(dmarc);
    chain_close();
}

/* fields come before the fields To and Subject and a body. */
static void attack(const char *path, const char *fields, const char *author, const char *dmarc)
{
    open_chain("attack.com");
    deliver(path, slice_of(arena_format(chain.arena, "%s" TAIL, fields)));
    expect(author, dmarc);
}

static void refused_at_mail(const char *path)
{
    open_chain("attack.com");
    ck_assert_msg(!take_sender(path), "%s", path);
    chain_close();
}

static void attack_signed(const char *file, const char *dkim, const char *signed_for)
{
    size_t len;
    char *text = read_file(file, &len);
    open_chain("33.attack.com");
    deliver("<any@33.attack.com>", slice_make(text, len));
    chain_expect("dkim", dkim);
    chain_expect("dkim.domains", signed_for);
    expect("legitimate.com", "fail");
    free(text);
}

START_TEST(the_attacker_himself_passes)
{
    attack("<any@attack.com>", "From: <any@attack.com>\r\n", "attack.com", "pass");
    attack_signed("honest.eml", "pass", "attack.com");
}
END_TEST

START_TEST(a1_subdomain_that_does_not_exist_in_mail_from)
{
    open_chain("helo.attack.com");
    deliver("<any@mailfrom.notexist.legitimate.com>", SLICE("From: <admin@legitimate.com>\r\n" TAIL));
    chain_expect("spf", "none");
    chain_expect("spf.helo", "pass");
    expect("legitimate.com", "fail");
}
END_TEST

START_TEST(a2_sender_that_some_read_as_empty)
{
    refused_at_mail("<(any@legitimate.com>");
    attack("<>", "From: <admin@legitimate.com>\r\n", "legitimate.com", "fail");
}
END_TEST

START_TEST(a3_nul_in_the_selector)
{
    attack_signed("nul-in-selector.eml", "permerror", "");
    attack_signed("dot-selector.eml", "permerror", "");
}
END_TEST

START_TEST(a4_quotes_in_the_signing_domain)
{
    attack_signed("quote-in-domain.eml", "permerror", "");
    attack_signed("double-quote-in-domain.eml", "permerror", "");
    attack_signed("parenthesis-in-domain.eml", "permerror", "");
    attack_signed("parenthesis-in-selector.eml", "permerror", "");
}
END_TEST

START_TEST(a5_parenthesis_in_the_sender)
{
    refused_at_mail("<any@legitimate.com(a.attack.com>");
    refused_at_mail("<any@legitimate.com(a)@attack.com>");
}
END_TEST

START_TEST(a6_quote_in_the_sender)
{
    refused_at_mail("<any@legitimate.com'@any.attack.com>");
    refused_at_mail("<any@legitimate.com'a.attack.com>");
    attack("<\"any@legitimate.com; dmarc=pass\"@any.attack.com>", "From: <admin@legitimate.com>\r\n", "legitimate.com", "fail");
}
END_TEST

START_TEST(a7_source_route_in_the_sender)
{
    attack("<@legitimate.com,@any.com:'any@attack.com>", "From: <admin@legitimate.com>\r\n", "legitimate.com", "fail");
}
END_TEST

START_TEST(a8_several_from_fields)
{
    attack("<any@attack.com>", "From: <first@attack.com>\r\nFrom: <admin@legitimate.com>\r\n", "", "permerror");
    attack("<any@attack.com>", "From: <admin@legitimate.com>\r\nFrom: <first@attack.com>\r\n", "", "permerror");
}
END_TEST

START_TEST(a9_blank_before_a_from_field)
{
    attack("<any@attack.com>", " From: <first@attack.com>\r\nFrom: <admin@legitimate.com>\r\n", "", "permerror");
    attack("<any@attack.com>", "X: y\r\n From: <first@attack.com>\r\nFrom: <admin@legitimate.com>\r\n", "legitimate.com", "fail");
}
END_TEST

START_TEST(a10_blank_behind_the_name_from)
{
    attack("<any@attack.com>", "From: <first@attack.com>\r\nFrom : <admin@legitimate.com>\r\n", "", "permerror");
    attack("<any@attack.com>", "From : <admin@legitimate.com>\r\n", "legitimate.com", "fail");
}
END_TEST

START_TEST(a11_line_folded_behind_the_name_from)
{
    attack("<any@attack.com>", "From\r\n : <first@attack.com>\r\nFrom: <admin@legitimate.com>\r\n", "", "permerror");
    attack("<any@attack.com>", "From: <admin@legitimate.com>\r\nFrom\r\n : <first@attack.com>\r\n", "legitimate.com", "fail");
}
END_TEST

START_TEST(a12_sender_field)
{
    attack("<any@attack.com>", "From\r\n : <first@attack.com>\r\nSender: <admin@legitimate.com>\r\n", "", "permerror");
    attack("<any@attack.com>", "Sender: <admin@legitimate.com>\r\nFrom: <first@attack.com>\r\n", "attack.com", "pass");
    attack("<any@attack.com>", "Sender: <admin@legitimate.com>\r\n", "", "permerror");
}
END_TEST

START_TEST(a13_resent_from_field)
{
    attack("<any@attack.com>", "From\r\n : <first@attack.com>\r\nResent-From: <admin@legitimate.com>\r\n", "", "permerror");
    attack("<any@attack.com>", "Resent-From: <first@attack.com>\r\nFrom: <admin@legitimate.com>\r\n", "legitimate.com", "fail");
}
END_TEST

START_TEST(a14_several_addresses)
{
    attack("<any@attack.com>", "From: <first@attack.com>, <admin@legitimate.com>\r\nSender: <s@sender.legitimate.com>\r\n", "",
           "permerror");
    attack("<any@attack.com>", "From: a:<first@attack.com>;, b:<admin@legitimate.com>;\r\n", "", "permerror");
}
END_TEST

START_TEST(a15_encoded_address)
{
    attack("<any@attack.com>", "From:=?utf-8?B?PGFkbWluQGxlZ2l0aW1hdGUuY29tPg==?=,<second@attack.com>\r\n", "", "permerror");
    attack("<any@attack.com>", "From: =?utf-8?q?=3Cadmin=40legitimate=2Ecom=3E?=\r\n", "", "permerror");
}
END_TEST

START_TEST(a16_route_in_the_from_field)
{
    attack("<any@attack.com>", "From: <@attack.com,@any.com:admin@legitimate.com>\r\n", "legitimate.com", "fail");
}
END_TEST

START_TEST(a17_quoted_pair)
{
    attack("<any@attack.com>", "From: <admin@legitimate.com>\\,<second@attack.com>\r\n", "", "permerror");
}
END_TEST

START_TEST(a18_address_before_a_comma)
{
    attack("<any@attack.com>", "From: admin@legitimate.com,<second@attack.com>\r\n", "", "permerror");
}
END_TEST

START_TEST(a19_address_behind_the_bracket)
{
    attack("<any@attack.com>", "From: <any@attack.com>admin@legitimate.com\r\n", "", "permerror");
    attack("<any@attack.com>", "From: <admin@legitimate.com>any@attack.com\r\n", "", "permerror");
}
END_TEST

START_TEST(helo_that_looks_like_results)
{
    open_chain("x;dmarc=pass(header.from=legitimate.com)");
    deliver("<>", SLICE("From: <admin@legitimate.com>\r\n" TAIL));
    expect("legitimate.com", "fail");
}
END_TEST

START_TEST(author_that_looks_like_results)
{
    attack("<any@attack.com>", "From: <\"a\\\"; dmarc=pass header.from=legitimate.com\"@attack.com>\r\n", "attack.com", "pass");
    attack("<any@attack.com>", "From: <a@legitimate.com(.attack.com>\r\n", "", "permerror");
    attack("<any@attack.com>", "From: <a@legitimate.com(.)attack.com>\r\n", "", "permerror");
}
END_TEST

UNIT_MAIN("proxy/composition_kills", the_attacker_himself_passes, a1_subdomain_that_does_not_exist_in_mail_from,
          a2_sender_that_some_read_as_empty, a3_nul_in_the_selector, a4_quotes_in_the_signing_domain, a5_parenthesis_in_the_sender,
          a6_quote_in_the_sender, a7_source_route_in_the_sender, a8_several_from_fields, a9_blank_before_a_from_field,
          a10_blank_behind_the_name_from, a11_line_folded_behind_the_name_from, a12_sender_field, a13_resent_from_field,
          a14_several_addresses, a15_encoded_address, a16_route_in_the_from_field, a17_quoted_pair, a18_address_before_a_comma,
          a19_address_behind_the_bracket, helo_that_looks_like_results, author_that_looks_like_results)
