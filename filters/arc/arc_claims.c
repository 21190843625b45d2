/* arc_claims: see arc_claims.h. */
#include "filters/arc/arc_claims.h"

#include "filters/domain_name.h"
#include "filters/header_lexer.h"

enum { HEAD_MAX = 64 }; /* bytes of "method/version=result" */

static const char *const spf_words[] = {"none", "neutral", "pass", "fail", "softfail", "policy", "temperror", "permerror", NULL};
static const char *const dkim_words[] = {"none", "neutral", "pass", "fail", "policy", "temperror", "permerror", NULL};
static const char *const dmarc_words[] = {"none", "pass", "fail", "temperror", "permerror", NULL};

/** One result with what matters of its properties. */
struct claim {
    char head[HEAD_MAX]; /* method=result, blanks and comments removed */
    size_t len;
    struct slice from;   /* header.from; empty: not given */
    bool mailfrom, helo; /* smtp.mailfrom, smtp.helo are given */
};

static bool is_special(struct lex_token token, char c)
{
    return token.kind == LEX_SPECIAL && token.text.ptr[0] == c;
}

static bool ends_part(struct lex_token token)
{
    return token.kind == LEX_END || token.kind == LEX_BROKEN || is_special(token, ';');
}

static struct lex_token skip_part(struct header_lexer *lexer)
{
    struct lex_token token;
    do
        token = header_lexer_next(lexer);
    while (!ends_part(token));
    return token;
}

static bool head_is_open(const struct claim *claim)
{
    return !memchr(claim->head, '=', claim->len) || claim->head[claim->len - 1] == '=';
}

/* Words up to the result: there may be blanks around "/" and "=". */
static struct lex_token read_head(struct header_lexer *lexer, struct claim *claim)
{
    struct lex_token token = header_lexer_next(lexer);
    for (; token.kind == LEX_WORD && head_is_open(claim); token = header_lexer_next(lexer)) {
        if (token.text.len > HEAD_MAX - claim->len)
            break;
        memcpy(claim->head + claim->len, token.text.ptr, token.text.len);
        claim->len += token.text.len;
    }
    return token;
}

/* header.from=domain, or "domain" in quotes, or local-part@domain. */
static void read_property(struct claim *claim, struct lex_token token, bool *in_from)
{
    const struct slice from = SLICE("header.from=");
    if (*in_from && (claim->from.len == 0 || is_special(token, '@'))) {
        claim->from = is_special(token, '@') ? SLICE("") : token.text;
        return;
    }
    *in_from = false;
    if (token.kind != LEX_WORD)
        return;
    *in_from = slice_starts_nocase(token.text, from);
    if (*in_from)
        claim->from = slice_skip(token.text, from.len);
    claim->mailfrom = claim->mailfrom || slice_starts_nocase(token.text, SLICE("smtp.mailfrom"));
    claim->helo = claim->helo || slice_starts_nocase(token.text, SLICE("smtp.helo"));
}

/* Returns the token behind it. */
static struct lex_token read_claim(struct header_lexer *lexer, struct claim *claim)
{
    bool in_from = false;
    *claim = (struct claim){.from = SLICE("")};
    struct lex_token token = read_head(lexer, claim);
    for (; !ends_part(token); token = header_lexer_next(lexer))
        read_property(claim, token, &in_from);
    return token;
}

/* The word of the method's vocabulary that is claimed, or NULL. */
static const char *word_of(const struct claim *claim, const char *method, const char *const words[])
{
    struct slice head = slice_make(claim->head, claim->len);
    ptrdiff_t equals = slice_index(head, '='), version = slice_index(head, '/');
    if (equals < 0)
        return NULL;
    if (!slice_eq_nocase(slice_first(head, (size_t)(version >= 0 && version < equals ? version : equals)), slice_of(method)))
        return NULL;
    for (size_t i = 0; words[i]; i++)
        if (slice_eq_nocase(slice_skip(head, (size_t)equals + 1), slice_of(words[i])))
            return words[i];
    return NULL;
}

struct verdicts {
    const char *word;
    bool differ;
};

static void note(struct verdicts *v, const char *word)
{
    v->differ = v->differ || (v->word && word && strcmp(v->word, word) != 0);
    v->word = word ? word : v->word;
}

static bool is_about(const struct claim *claim, struct slice from_domain, struct arena *arena)
{
    struct slice domain;
    return from_domain.len && domain_name_normalise(claim->from, arena, &domain) && slice_eq(domain, from_domain);
}

static void note_dkim(struct arc_claims *out, const char *word)
{
    if (word && (!out->dkim || strcmp(word, "pass") == 0))
        out->dkim = word;
}

void arc_claims_read(struct slice value, struct slice from_domain, struct arena *arena, struct arc_claims *out)
{
    struct header_lexer lexer = header_lexer_start(value, arena);
    struct verdicts spf = {NULL, false}, dmarc = {NULL, false};
    struct claim claim;
    *out = (struct arc_claims){NULL, NULL, NULL};
    skip_part(&lexer);                          /* the instance */
    struct lex_token token = skip_part(&lexer); /* the authserv-id */
    while (is_special(token, ';')) {
        token = read_claim(&lexer, &claim);
        note_dkim(out, word_of(&claim, "dkim", dkim_words));
        if (claim.mailfrom || !claim.helo)
            note(&spf, word_of(&claim, "spf", spf_words));
        if (is_about(&claim, from_domain, arena))
            note(&dmarc, word_of(&claim, "dmarc", dmarc_words));
    }
    if (token.kind == LEX_BROKEN)
        *out = (struct arc_claims){NULL, NULL, NULL};
    else
        *out = (struct arc_claims){spf.differ ? NULL : spf.word, out->dkim, dmarc.differ ? NULL : dmarc.word};
}
