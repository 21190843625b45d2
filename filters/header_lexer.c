/* header_lexer: see header_lexer.h. */
#include "filters/header_lexer.h"

enum { COMMENT_DEPTH_MAX = 64 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && !is_blank(c)) || c == 0x7f;
}

static bool is_special(char c)
{
    return c != '\0' && strchr("()<>[]:;@\\,\"", c) != NULL;
}

/* Skips one comment; rest begins with its parenthesis. False: it never closes. */
static bool skip_comment(struct slice *rest)
{
    unsigned depth = 0;
    for (size_t i = 0; i < rest->len; i++) {
        char c = rest->ptr[i];
        if (c == '\\')
            i++;
        else if (c == '(' && ++depth > COMMENT_DEPTH_MAX)
            return false;
        else if (c == ')' && --depth == 0) {
            *rest = slice_skip(*rest, i + 1);
            return true;
        }
    }
    return false;
}

static bool skip_cfws(struct slice *rest, bool *skipped)
{
    while (rest->len && (is_blank(rest->ptr[0]) || rest->ptr[0] == '(')) {
        *skipped = true;
        if (rest->ptr[0] != '(')
            *rest = slice_skip(*rest, 1);
        else if (!skip_comment(rest))
            return false;
    }
    return true;
}

static struct slice unquote(struct slice raw, struct arena *arena)
{
    if (slice_index(raw, '\\') < 0)
        return raw;
    char *text = arena_alloc(arena, raw.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] == '\\' && i + 1 < raw.len)
            i++;
        text[n++] = raw.ptr[i];
    }
    return slice_make(text, n);
}

/* Takes up to the closing byte; rest stands behind the opening one. */
static struct lex_token take_enclosed(struct header_lexer *lexer, char close, enum lex_kind kind)
{
    struct slice rest = lexer->rest;
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] == '\\')
            i++;
        else if (rest.ptr[i] == close) {
            lexer->rest = slice_skip(rest, i + 1);
            return (struct lex_token){.kind = kind, .text = unquote(slice_first(rest, i), lexer->arena)};
        } else if (is_control(rest.ptr[i]))
            break;
    }
    return (struct lex_token){.kind = LEX_BROKEN, .text = rest};
}

static struct lex_token take_word(struct header_lexer *lexer)
{
    size_t n = 0;
    struct slice rest = lexer->rest;
    while (n < rest.len && !is_blank(rest.ptr[n]) && !is_special(rest.ptr[n]) && !is_control(rest.ptr[n]))
        n++;
    if (n == 0)
        return (struct lex_token){.kind = LEX_BROKEN, .text = rest};
    lexer->rest = slice_skip(rest, n);
    return (struct lex_token){.kind = LEX_WORD, .text = slice_first(rest, n)};
}

static struct lex_token take_token(struct header_lexer *lexer)
{
    char c = lexer->rest.ptr[0];
    if (c != '"' && c != '[' && !is_special(c))
        return take_word(lexer);
    struct slice special = slice_first(lexer->rest, 1);
    lexer->rest = slice_skip(lexer->rest, 1);
    if (c == '"')
        return take_enclosed(lexer, '"', LEX_QUOTED);
    if (c == '[')
        return take_enclosed(lexer, ']', LEX_LITERAL);
    return (struct lex_token){.kind = LEX_SPECIAL, .text = special};
}

struct lex_token header_lexer_next(struct header_lexer *lexer)
{
    bool skipped = false;
    struct lex_token token = {.kind = LEX_END, .text = SLICE("")};
    if (!skip_cfws(&lexer->rest, &skipped))
        token = (struct lex_token){.kind = LEX_BROKEN, .text = lexer->rest};
    else if (lexer->rest.len)
        token = take_token(lexer);
    token.space_before = skipped;
    return token;
}

struct lex_token header_lexer_peek(const struct header_lexer *lexer)
{
    struct header_lexer copy = *lexer;
    return header_lexer_next(&copy);
}
