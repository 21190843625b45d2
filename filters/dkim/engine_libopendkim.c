/* engine_libopendkim: DKIM by libopendkim. See dkim_engine.h. The recipe: signatures are processed only at the end (DELAYSIGPROC), the
 * prescreen callback sees them all at the end of the headers, and the key callback only hands out what is known. A signature is
 * believed only if the library's flag, its body hash and its error code all say so and our own checks of algorithm, key and size
 * agree. The library has a clock of its own. */
#include "filters/dkim/body_count.h"
#include "filters/dkim/dkim_engine.h"
#include "filters/domain_name.h"
#include "filters/signature/base64.h"
#include "filters/signature/public_key.h"
#include "filters/tag_list.h"

#include <sys/types.h>

#include <opendkim/dkim.h>

enum { TAGS_MAX = 100 };

/* What we know of one signature beside what the library knows. */
struct entry {
    DKIM_SIGINFO *info;
    struct slice key_name; /* empty: none to look up */
    bool refused;          /* verdict stands already */
    struct key_record key;
};

struct library_run {
    struct arena *arena;
    struct verifier_options options;
    DKIM *handle;
    size_t fields, malformed;
    bool *spoilt; /* of the signatures that the library took, in order: it should not have */
    size_t taken;
    bool dead; /* the library cannot go on with this message */
    struct entry *entries;
    size_t count;
    struct body_count body;
    bool has_body;
    char tail[2]; /* the last two bytes of the body so far */
    struct verifier_report report;
};

/* One per process, made when the first message comes. */
static DKIM_LIB *library;

/* The library wants bytes it may write to, and does not write. */
static u_char *bytes_of(const char *p)
{
    return (u_char *)(uintptr_t)p;
}

static struct slice bounded(struct library_run *v, const u_char *text)
{
    return arena_copy(v->arena, slice_first(slice_of((const char *)text), DKIM_TEXT_MAX));
}

/* ---- callbacks ---- */

static struct entry *find_entry(struct library_run *v, const DKIM_SIGINFO *info)
{
    for (size_t i = 0; i < v->count; i++)
        if (v->entries[i].info == info)
            return &v->entries[i];
    return NULL;
}

/* RFC 6376 §3.6.2.1: selector "._domainkey." domain */
static struct slice key_name(struct library_run *v, const struct dkim_signature *sig)
{
    struct slice name;
    const char *text = arena_format(v->arena, "%.*s._domainkey.%.*s", SLICE_FMT(sig->s), SLICE_FMT(sig->domain));
    return domain_name_normalise(slice_of(text), v->arena, &name) ? name : SLICE("");
}

static void refuse(struct library_run *v, size_t i, enum dkim_result result, const char *reason)
{
    v->entries[i].refused = true;
    v->report.signatures[i].result = result;
    v->report.signatures[i].reason = reason;
    dkim_sig_ignore(v->entries[i].info);
}

static void read_b(struct library_run *v, DKIM_SIGINFO *info, struct dkim_signature *sig)
{
    char text[DKIM_B_SHOWN + 1];
    size_t len = DKIM_B_SHOWN;
    sig->b = SLICE("");
    if (dkim_get_sigsubstring(v->handle, info, text, &len) == DKIM_STAT_OK && len <= DKIM_B_SHOWN)
        sig->b = arena_copy(v->arena, slice_make(text, strnlen(text, len)));
}

/* Should the library ever list others than it took, one that is spoilt spoils all. */
static bool is_spoilt(const struct library_run *v, size_t i)
{
    if (v->taken == v->count)
        return v->spoilt[i];
    return v->taken && memchr(v->spoilt, 1, v->taken * sizeof *v->spoilt);
}

static void read_signature(struct library_run *v, size_t i, DKIM_SIGINFO *info)
{
    struct dkim_signature *sig = &v->report.signatures[i];
    dkim_alg_t algorithm = DKIM_SIGN_UNKNOWN;
    v->entries[i].info = info;
    sig->d = bounded(v, dkim_sig_getdomain(info));
    sig->s = bounded(v, dkim_sig_getselector(info));
    sig->a = bounded(v, dkim_sig_getalgorithm(info));
    read_b(v, info, sig);
    if (is_spoilt(v, i)) {
        refuse(v, i, DKIM_IS_PERMERROR, "signature is malformed");
        return;
    }
    if (dkim_sig_geterror(info) != DKIM_SIGERROR_UNKNOWN && dkim_sig_geterror(info) != DKIM_SIGERROR_OK)
        return; /* judged at the end */
    if (!domain_name_normalise(sig->d, v->arena, &sig->domain))
        refuse(v, i, DKIM_IS_PERMERROR, "d= is no domain name");
    else if (dkim_sig_getsignalg(info, &algorithm) != DKIM_STAT_OK || algorithm == DKIM_SIGN_RSASHA1)
        refuse(v, i, DKIM_IS_POLICY, "rsa-sha1 is not accepted"); /* RFC 8301 §3.1 */
    else if ((v->entries[i].key_name = key_name(v, sig)).len == 0)
        refuse(v, i, DKIM_IS_PERMERROR, "s= is no selector");
}

static DKIM_CBSTAT on_prescreen(DKIM *handle, DKIM_SIGINFO **infos, int count)
{
    struct library_run *v = dkim_get_user_context(handle);
    size_t n = count > 0 ? (size_t)count : 0;
    v->entries = arena_alloc(v->arena, n * sizeof *v->entries);
    v->report.signatures = arena_alloc(v->arena, n * sizeof *v->report.signatures);
    v->report.count = v->count = n;
    for (size_t i = 0; i < n; i++)
        read_signature(v, i, infos[i]);
    return DKIM_CBSTAT_CONTINUE;
}

static DKIM_CBSTAT on_key_lookup(DKIM *handle, DKIM_SIGINFO *info, u_char *out, size_t size)
{
    struct library_run *v = dkim_get_user_context(handle);
    const struct entry *entry = find_entry(v, info);
    if (!entry || entry->key.status != KEY_FOUND || strlen(entry->key.text) >= size)
        return DKIM_CBSTAT_NOTFOUND;
    memcpy(out, entry->key.text, strlen(entry->key.text) + 1);
    return DKIM_CBSTAT_CONTINUE;
}

static bool make_library(void)
{
    u_int flags = DKIM_LIBFLAGS_DELAYSIGPROC, min_bits = 0;
    library = dkim_init(NULL, NULL);
    if (!library)
        return false;
    dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof flags);
    dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &min_bits, sizeof min_bits); /* checked here */
    dkim_set_prescreen(library, on_prescreen);
    dkim_set_key_lookup(library, on_key_lookup);
    return true;
}

/* ---- feeding ---- */

static void release(void *data)
{
    struct library_run *v = data;
    dkim_free(v->handle);
}

/* The library writes one pointer too many when h= names more fields than the message has. A field that no h= can name, for the
 * blank in its name, leaves it that room. */
static void add_unmatchable_field(struct library_run *v)
{
    static const char field[] = "not a: field";
    dkim_header(v->handle, bytes_of(field), sizeof field - 1);
}

static void *start(struct arena *arena, const struct verifier_options *options)
{
    struct library_run *v = arena_alloc(arena, sizeof *v);
    DKIM_STAT status;
    v->arena = arena;
    v->options = *options;
    v->spoilt = arena_alloc(arena, (size_t)options->max_signatures * sizeof *v->spoilt);
    if (!library && !make_library())
        return NULL;
    v->handle = dkim_verify(library, bytes_of("message"), NULL, &status);
    if (!v->handle)
        return NULL;
    arena_add_cleanup(arena, release, v);
    dkim_set_user_context(v->handle, v);
    add_unmatchable_field(v);
    return v;
}

static bool is_one_word(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(" \t\r\n", text.ptr[i]))
            return false;
    return true;
}

/* The library lets a tag come twice, which §3.2 forbids: of two it takes the last. It passes over what is no base64 in b= and bh=, and over
 * blanks inside d= and s=.
 * Such a field is still shown to it, for another signature may cover it. */
static bool is_signature(struct slice value)
{
    struct tag_list tags;
    return tag_list_parse(value, &tags) && base64_is_plausible(tag_list_value(&tags, "b")) &&
           base64_is_plausible(tag_list_value(&tags, "bh")) && is_one_word(tag_list_value(&tags, "d")) &&
           is_one_word(tag_list_value(&tags, "s"));
}

/* The library compares each tag with all before it: a field of 30,000 tags would hold the worker for a second. */
static bool is_monstrous(struct slice field)
{
    size_t tags = 1;
    for (size_t i = 0; i < field.len && tags <= TAGS_MAX; i++)
        tags += field.ptr[i] == ';';
    return tags > TAGS_MAX;
}

static void add_signature(struct library_run *v, const struct mail_header *header)
{
    if (v->fields++ >= (uint64_t)v->options.max_signatures)
        return;
    if (is_monstrous(header->value) || memchr(header->raw.ptr, '\0', header->raw.len) ||
        dkim_header(v->handle, bytes_of(header->raw.ptr), header->raw.len) != DKIM_STAT_OK)
        v->malformed++; /* the library goes on without it */
    else
        v->spoilt[v->taken++] = !is_signature(header->value);
}

static void add_header(void *state, const struct mail_header *header)
{
    struct library_run *v = state;
    if (slice_eq_nocase(header->name, SLICE("DKIM-Signature")))
        add_signature(v, header);
    else if (header->raw.len && !memchr(header->raw.ptr, '\0', header->raw.len))
        dkim_header(v->handle, bytes_of(header->raw.ptr), header->raw.len);
    /* a field with a NUL is left out: the library would read it up to there; a signature over it fails, as it should */
}

static size_t end_headers(void *state, uint64_t now)
{
    struct library_run *v = state;
    size_t keys = 0;
    if (v->fields == 0) {
        v->dead = true;
        return 0;
    }
    v->dead = dkim_eoh(v->handle) != DKIM_STAT_OK;
    for (size_t i = 0; i < v->count && !v->dead; i++)
        keys += v->entries[i].key_name.len > 0;
    return keys;
}

static void look_up_keys(void *state, struct dns_view *view)
{
    struct library_run *v = state;
    for (size_t i = 0; i < v->count; i++)
        if (v->entries[i].key_name.len)
            dns_view_find(view, v->entries[i].key_name, DNS_TYPE_TXT);
}

static void keep_tail(struct library_run *v, struct slice chunk)
{
    v->has_body = true;
    v->tail[0] = chunk.len > 1 ? chunk.ptr[chunk.len - 2] : v->tail[1];
    v->tail[1] = chunk.ptr[chunk.len - 1];
}

static void add_body(void *state, struct slice chunk)
{
    struct library_run *v = state;
    if (v->dead || chunk.len == 0)
        return;
    keep_tail(v, chunk);
    body_count_add(&v->body, chunk);
    if (dkim_body(v->handle, bytes_of(chunk.ptr), chunk.len) != DKIM_STAT_OK)
        v->dead = true;
}

/* Both canonical forms end a body that is not empty with CRLF (§3.4.3, §3.4.4); BDAT may bring one that does not, on which the library
 * gives up. */
static void end_last_line(struct library_run *v)
{
    if (v->has_body && memcmp(v->tail, "\r\n", sizeof v->tail) != 0)
        add_body(v, SLICE("\r\n"));
}

/* ---- judging ---- */

/* What the library must not be given: it bounds neither the modulus nor the exponent, and verification takes longer with both. */
static void judge_key(struct library_run *v, struct key_record *key, enum key_type type)
{
    const char *why = key->status == KEY_FOUND ? public_key_judge_cost(key->key, type, v->arena) : NULL;
    if (!why)
        return;
    key->status = KEY_UNUSABLE;
    key->reason = why;
}

static void load_keys(struct library_run *v, struct dns_view *view)
{
    static const struct dns_answer unanswered = {.status = DNS_FAILURE};
    for (size_t i = 0; i < v->count; i++) {
        struct entry *entry = &v->entries[i];
        dkim_alg_t algorithm = DKIM_SIGN_UNKNOWN;
        if (entry->key_name.len == 0)
            continue;
        dkim_sig_getsignalg(entry->info, &algorithm);
        const struct dns_answer *answer = dns_view_find(view, entry->key_name, DNS_TYPE_TXT);
        enum key_type type = algorithm == DKIM_SIGN_ED25519SHA256 ? KEY_ED25519 : KEY_RSA;
        key_record_choose(answer ? answer : &unanswered, type, v->arena, &entry->key);
        judge_key(v, &entry->key, type);
    }
}

static bool is_partial(struct library_run *v, DKIM_SIGINFO *info)
{
    dkim_canon_t header, body;
    ssize_t signed_length = -1;
    if (dkim_sig_getcanonlen(v->handle, info, NULL, NULL, &signed_length) != DKIM_STAT_OK || signed_length < 0)
        return false;
    if (dkim_sig_getcanons(info, &header, &body) != DKIM_STAT_OK)
        return true;
    return (uint64_t)signed_length < (body == DKIM_CANON_RELAXED ? body_count_relaxed(&v->body) : body_count_simple(&v->body));
}

static void conclude(struct dkim_signature *sig, enum dkim_result result, const char *reason)
{
    sig->result = result;
    sig->reason = reason;
}

static bool key_is_short(const struct library_run *v, DKIM_SIGINFO *info)
{
    dkim_alg_t algorithm;
    unsigned bits = 0;
    if (dkim_sig_getsignalg(info, &algorithm) == DKIM_STAT_OK && algorithm == DKIM_SIGN_ED25519SHA256)
        return false;
    return dkim_sig_getkeysize(info, &bits) != DKIM_STAT_OK || bits < v->options.min_key_bits;
}

static void judge_error(DKIM_SIGINFO *info, struct dkim_signature *sig)
{
    switch (dkim_sig_geterror(info)) {
    case DKIM_SIGERROR_EXPIRED:
        conclude(sig, DKIM_IS_FAIL, "signature has expired");
        break;
    case DKIM_SIGERROR_FUTURE:
        conclude(sig, DKIM_IS_FAIL, "signature is from the future");
        break;
    case DKIM_SIGERROR_BADSIG:
        conclude(sig, DKIM_IS_FAIL, dkim_sig_getbh(info) == DKIM_SIGBH_MISMATCH ? "body has been altered" : "signature does not match");
        break;
    case DKIM_SIGERROR_TOOLARGE_L:
        conclude(sig, DKIM_IS_FAIL, "l= is longer than the body");
        break;
    case DKIM_SIGERROR_SUBDOMAIN:
        conclude(sig, DKIM_IS_PERMERROR, "key does not allow i= in a subdomain");
        break;
    case DKIM_SIGERROR_KEYDECODE:
        conclude(sig, DKIM_IS_PERMERROR, "key is malformed");
        break;
    case DKIM_SIGERROR_OK:
    case DKIM_SIGERROR_UNKNOWN:
        conclude(sig, DKIM_IS_PERMERROR, "signature could not be checked");
        break;
    default:
        conclude(sig, DKIM_IS_PERMERROR, "signature is malformed");
        break;
    }
}

static void judge(struct library_run *v, size_t i)
{
    struct entry *entry = &v->entries[i];
    struct dkim_signature *sig = &v->report.signatures[i];
    DKIM_SIGINFO *info = entry->info;
    if (entry->refused)
        return;
    sig->testing = entry->key.testing;
    if (entry->key_name.len && entry->key.status != KEY_FOUND) {
        conclude(sig, entry->key.status == KEY_UNKNOWN ? DKIM_IS_TEMPERROR : DKIM_IS_PERMERROR, entry->key.reason);
        return;
    }
    bool passed = (dkim_sig_getflags(info) & DKIM_SIGFLAG_PASSED) != 0;
    if (!passed || dkim_sig_getbh(info) != DKIM_SIGBH_MATCH || dkim_sig_geterror(info) != DKIM_SIGERROR_OK) {
        judge_error(info, sig);
    } else if (key_is_short(v, info)) {
        conclude(sig, DKIM_IS_POLICY, "key is too short");
    } else {
        conclude(sig, DKIM_IS_PASS, "");
        sig->partial = is_partial(v, info);
    }
}

static const struct verifier_report *finish(void *state, struct dns_view *view)
{
    struct library_run *v = state;
    struct verifier_report *report = &v->report;
    report->reason = "";
    report->fields = v->fields;
    end_last_line(v);
    if (!v->dead) {
        load_keys(v, view);
        dkim_eom(v->handle, NULL); /* its result is ignored: each signature is judged by itself */
    }
    for (size_t i = 0; i < v->count; i++) {
        judge(v, i);
        dkim_take_best(report, report->signatures[i].result, report->signatures[i].reason);
    }
    if (v->malformed)
        dkim_take_best(report, DKIM_IS_PERMERROR, "signature is malformed");
    if (v->fields && v->count == 0)
        dkim_take_best(report, DKIM_IS_PERMERROR, "message could not be checked");
    return report;
}

const struct dkim_engine dkim_engine_libopendkim = {
    .name = "libopendkim",
    .start = start,
    .add_header = add_header,
    .end_headers = end_headers,
    .look_up_keys = look_up_keys,
    .add_body = add_body,
    .finish = finish,
};
