/* from_parser: see from_parser.h. */
#include "filters/dmarc/from_parser.h"

#include "base/buf.h"
#include "filters/domain_name.h"
#include "filters/header_lexer.h"

enum { ADDRESS_MAX = 1024 };

struct parser {
    struct arena *arena;
    struct header_lexer lexer;
    struct from_author *out;
    size_t mailboxes;
    bool in_group;
};

/* What an element of the list turns out to be, looking ahead. */
enum element { ELEMENT_EMPTY, ELEMENT_WORDS, ELEMENT_BARE, ELEMENT_ANGLE, ELEMENT_GROUP, ELEMENT_BROKEN };

static bool is_special(struct lex_token token, char c)
{
    return token.kind == LEX_SPECIAL && token.text.ptr[0] == c;
}

static bool ends_element(struct lex_token token)
{
    return token.kind == LEX_END || is_special(token, ',') || is_special(token, ';');
}

static bool fail(struct parser *p, const char *error)
{
    p->out->error = error;
    return false;
}

static enum element look_ahead(const struct parser *p)
{
    struct header_lexer lexer = p->lexer;
    enum element found = ELEMENT_EMPTY;
    for (;;) {
        struct lex_token token = header_lexer_next(&lexer);
        if (ends_element(token))
            return found;
        if (is_special(token, '<'))
            return ELEMENT_ANGLE;
        if (is_special(token, ':') && found != ELEMENT_BARE)
            return ELEMENT_GROUP;
        if (is_special(token, '@'))
            found = ELEMENT_BARE;
        else if (token.kind == LEX_SPECIAL || token.kind == LEX_BROKEN)
            return ELEMENT_BROKEN;
        else if (found == ELEMENT_EMPTY)
            found = ELEMENT_WORDS;
    }
}

/* RFC 2047 §2. */
static bool is_encoded_word(struct lex_token token)
{
    return token.kind == LEX_WORD && slice_starts(token.text, SLICE("=?"));
}

/* Words of a local-part must touch at a dot: "a . b" is one, "a b" is none. */
static bool joins(const struct buf *so_far, struct lex_token token)
{
    if (so_far->len == 0 || so_far->ptr[so_far->len - 1] == '.')
        return true;
    return token.kind == LEX_WORD && token.text.ptr[0] == '.';
}

static void add_quoted(struct buf *out, struct slice text)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            buf_add_byte(out, '\\');
        buf_add_byte(out, text.ptr[i]);
    }
    buf_add_byte(out, '"');
}

/* Reads a local-part into *out up to a token that is none of it, which is returned. An encoded word has no place there (RFC 2047 §5),
 * and is another address to who decodes it. */
static struct lex_token read_local(struct parser *p, struct buf *out, bool *ok)
{
    for (;;) {
        struct lex_token token = header_lexer_next(&p->lexer);
        if (token.kind != LEX_WORD && token.kind != LEX_QUOTED)
            return token;
        if (is_encoded_word(token))
            *ok = fail(p, "an encoded word in an address");
        *ok = *ok && joins(out, token) && out->len + token.text.len < ADDRESS_MAX;
        if (!*ok)
            continue;
        if (token.kind == LEX_QUOTED)
            add_quoted(out, token.text);
        else
            buf_add(out, token.text);
    }
}

/* Likewise a domain. It is one word: what reads "a@example.com .net" as one domain reads another than who stops at the blank. */
static struct lex_token read_domain(struct parser *p, struct slice *out, bool *ok)
{
    struct lex_token token = header_lexer_next(&p->lexer);
    if (token.kind != LEX_WORD)
        return token;
    *out = token.text;
    token = header_lexer_next(&p->lexer);
    *ok = *ok && token.kind != LEX_WORD;
    return token;
}

static bool add_mailbox(struct parser *p, struct slice local, struct slice domain_text)
{
    struct slice domain;
    if (local.len == 0)
        return fail(p, "an address without local-part");
    if (!domain_name_normalise(domain_text, p->arena, &domain))
        return fail(p, "an address without a valid domain");
    if (++p->mailboxes > FROM_MAILBOXES_MAX)
        return fail(p, "too many authors");
    if (p->mailboxes > 1)
        return slice_eq(domain, p->out->domain) || fail(p, "authors of several domains");
    p->out->domain = domain;
    p->out->mailbox = slice_of(arena_format(p->arena, "%.*s@%.*s", SLICE_FMT(local), SLICE_FMT(domain)));
    return true;
}

/* addr-spec; *end is the token behind it. */
static bool read_addr_spec(struct parser *p, struct lex_token *end)
{
    struct buf local = {0};
    struct slice domain = SLICE("");
    bool ok = true;
    *end = read_local(p, &local, &ok);
    if (is_special(*end, '@'))
        *end = read_domain(p, &domain, &ok);
    else
        ok = false;
    if (!ok && !p->out->error)
        fail(p, "a malformed address");
    if (ok && end->kind == LEX_LITERAL)
        ok = fail(p, "an address literal");
    ok = ok && add_mailbox(p, buf_slice(&local), domain);
    buf_release(&local);
    return ok;
}

/* obs-route: "@a,@b:" before the address means nothing any more. Anything else up to a colon could be an address to others. */
static bool skip_route(struct parser *p)
{
    struct lex_token token = header_lexer_peek(&p->lexer);
    if (!is_special(token, '@'))
        return true;
    for (bool at = false;; at = is_special(token, '@')) {
        token = header_lexer_next(&p->lexer);
        if (is_special(token, ':'))
            return true;
        bool domain = token.kind == LEX_WORD && at;
        if (!domain && !is_special(token, '@') && !is_special(token, ','))
            return fail(p, "a malformed route");
    }
}

/* Takes the end of an element. */
static bool end_element(struct parser *p, struct lex_token token)
{
    if (is_special(token, ';')) {
        if (!p->in_group)
            return fail(p, "a malformed address list");
        p->in_group = false;
        return true;
    }
    return ends_element(token) || fail(p, "a malformed address list");
}

static bool read_angle(struct parser *p)
{
    struct lex_token token;
    do
        token = header_lexer_next(&p->lexer);
    while (!is_special(token, '<'));
    if (!skip_route(p) || !read_addr_spec(p, &token))
        return false;
    if (!is_special(token, '>'))
        return fail(p, "a malformed address");
    return end_element(p, header_lexer_next(&p->lexer));
}

static bool read_bare(struct parser *p)
{
    struct lex_token token;
    return read_addr_spec(p, &token) && end_element(p, token);
}

static bool enter_group(struct parser *p)
{
    if (p->in_group)
        return fail(p, "a group in a group");
    p->in_group = true;
    while (!is_special(header_lexer_next(&p->lexer), ':'))
        continue;
    return true;
}

/* Words without an address, as in an unquoted "Doe, Jane <jane@...>": part of the next display name. Decoded they might be an
 * address to another reader. */
static bool skip_words(struct parser *p)
{
    struct lex_token token;
    bool encoded = false;
    do {
        token = header_lexer_next(&p->lexer);
        encoded = encoded || is_encoded_word(token);
    } while (!ends_element(token));
    return encoded ? fail(p, "an encoded word instead of an address") : end_element(p, token);
}

static bool read_element(struct parser *p)
{
    switch (look_ahead(p)) {
    case ELEMENT_ANGLE:
        return read_angle(p);
    case ELEMENT_BARE:
        return read_bare(p);
    case ELEMENT_GROUP:
        return enter_group(p);
    case ELEMENT_EMPTY:
    case ELEMENT_WORDS:
        return skip_words(p);
    case ELEMENT_BROKEN:
        break;
    }
    return fail(p, "a malformed address list");
}

void from_parse(struct slice value, struct arena *arena, struct from_author *out)
{
    struct parser p = {.arena = arena, .lexer = header_lexer_start(value, arena), .out = out};
    *out = (struct from_author){.domain = SLICE(""), .mailbox = SLICE("")};
    if (value.len > FROM_VALUE_MAX)
        fail(&p, "too long");
    while (!out->error && header_lexer_peek(&p.lexer).kind != LEX_END)
        read_element(&p);
    if (!out->error && p.in_group)
        fail(&p, "a group without end");
    if (!out->error && p.mailboxes == 0)
        fail(&p, "no address");
    if (out->error)
        out->domain = out->mailbox = SLICE("");
}
