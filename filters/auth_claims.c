/* auth_claims: does an Authentication-Results field speak in our name? See auth_results.h, RFC 8601 §5.
 *
 * A forged field is dangerous if any reader of it, however lax, would find our authserv-id in it. So the id is read in two
 * ways: as the first token, and as everything before the semicolon run together. What cannot be read at all counts as ours
 * if it begins with our id once blanks, quotes and parentheses are thrown away. */
#include "filters/auth_results.h"
#include "filters/header_lexer.h"

enum { JOINED_MAX = 512 };

struct joined {
    char text[JOINED_MAX];
    size_t len;
};

static void join(struct joined *j, struct slice s)
{
    for (size_t i = 0; i < s.len && j->len < JOINED_MAX; i++)
        if (s.ptr[i] > ' ' || s.ptr[i] < 0)
            j->text[j->len++] = s.ptr[i];
}

/* The id itself, perhaps with the root's dot, a version number or something behind a slash. */
static bool is_our_id(struct slice s, struct slice id)
{
    if (!slice_starts_nocase(s, id))
        return false;
    s = slice_skip(s, id.len);
    if (s.len && s.ptr[0] == '.')
        s = slice_skip(s, 1);
    for (size_t i = 0; i < s.len && s.ptr[i] != '/' && s.ptr[i] != '='; i++)
        if (!ascii_is_digit(s.ptr[i]))
            return false;
    return true;
}

static bool is_host_byte(char c)
{
    return ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' || (unsigned char)c >= 0x80;
}

/* For what the lexer could not read: nothing but the bytes a host name is made of. */
static bool begins_with_id(struct slice value, struct slice id)
{
    struct joined j = {.len = 0};
    size_t i = 0;
    while (i < value.len && j.len < JOINED_MAX) {
        char c = value.ptr[i++];
        if (is_host_byte(c))
            j.text[j.len++] = c;
        else if (j.len && c != '"' && c != '\\' && c != '(' && c != ')')
            break;
    }
    return is_our_id(slice_make(j.text, j.len), id);
}

bool auth_results_claims(struct slice value, const char *authserv_id)
{
    struct slice id = slice_of(authserv_id);
    struct arena *arena = arena_new();
    struct header_lexer lexer = header_lexer_start(value, arena);
    struct joined all = {.len = 0};
    struct lex_token token = header_lexer_next(&lexer);
    bool odd = token.kind == LEX_SPECIAL; /* no id can begin so, but a lax reader may skip it */
    bool claims = (token.kind == LEX_WORD || token.kind == LEX_QUOTED) && is_our_id(slice_trim(token.text), id);
    for (; token.kind != LEX_END && token.kind != LEX_BROKEN; token = header_lexer_next(&lexer)) {
        if (token.kind == LEX_SPECIAL && token.text.ptr[0] == ';')
            break;
        join(&all, token.text);
    }
    claims = claims || is_our_id(slice_make(all.text, all.len), id) || ((odd || token.kind == LEX_BROKEN) && begins_with_id(value, id));
    arena_free(&arena);
    return claims;
}
