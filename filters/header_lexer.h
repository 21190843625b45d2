/* header_lexer: the tokens of a structured header field (RFC 5322 §3.2). Pure.
 *
 * Comments (nested, with quoted pairs) and folding are seen through. A dot is part of a word, as it is in nearly all real
 * fields: "john.doe" is one word, "john . doe" three that touch nothing. Whatever cannot be read ends in LEX_BROKEN. */
#ifndef FILTERS_HEADER_LEXER_H
#define FILTERS_HEADER_LEXER_H

#include "base/arena.h"

enum lex_kind {
    LEX_END,
    LEX_WORD,    /* atext and dots; also every byte of 0x80 and above (RFC 6532) */
    LEX_QUOTED,  /* text: without the quotes, quoted pairs resolved */
    LEX_LITERAL, /* "[...]"; text: without the brackets */
    LEX_SPECIAL, /* one of ( ) < > [ ] : ; @ \ , " as text */
    LEX_BROKEN,  /* an open comment, quote or bracket, or a control byte */
};

struct lex_token {
    enum lex_kind kind;
    struct slice text;
    bool space_before; /* white space or a comment stood before it */
};

struct header_lexer {
    struct slice rest;
    struct arena *arena; /* for quoted text with quoted pairs in it */
};

static inline struct header_lexer header_lexer_start(struct slice value, struct arena *arena)
{
    return (struct header_lexer){value, arena};
}

struct lex_token header_lexer_next(struct header_lexer *lexer);
/** The next token, without taking it. */
struct lex_token header_lexer_peek(const struct header_lexer *lexer);

#endif
