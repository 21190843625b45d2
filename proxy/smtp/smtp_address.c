/* smtp_address: see smtp_address.h. The parser walks *rest from left to right; each part takes what is its own off the front
 * and returns NULL or what is wrong. */
#include "proxy/smtp/smtp_address.h"

#include "filters/domain_name.h"

static const char not_ascii[] = "address beyond ASCII needs SMTPUTF8";
static const char control_byte[] = "control character in address";

static bool is_printable(char c)
{
    return c >= 32 && c <= 126;
}

static bool is_graphic(char c)
{
    return c >= 33 && c <= 126;
}

static bool begins_with(struct slice s, char c)
{
    return s.len > 0 && s.ptr[0] == c;
}

bool smtp_helo_valid(struct slice text, bool strict)
{
    if (smtp_domain_valid(text) || smtp_literal_valid(text))
        return true;
    if (strict || text.len == 0 || text.len > SMTP_DOMAIN_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_graphic(text.ptr[i]))
            return false;
    return true;
}

/* "@one.example,@two.example:" (RFC 5321 appendix C): obsolete, checked and forgotten. */
static const char *skip_source_route(struct slice *rest)
{
    static const char wrong[] = "bad source route";
    while (begins_with(*rest, '@')) {
        *rest = slice_skip(*rest, 1);
        if (!smtp_domain_valid(smtp_take_domain(rest)))
            return wrong;
        if (begins_with(*rest, ':')) {
            *rest = slice_skip(*rest, 1);
            return NULL;
        }
        if (!begins_with(*rest, ','))
            return wrong;
        *rest = slice_skip(*rest, 1);
    }
    return wrong;
}

static bool is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

/* *sent: as it goes on; *domain: as it is compared and looked up. */
static const char *take_mailbox_domain(struct slice *rest, unsigned allowed, struct arena *arena, struct slice *sent, struct slice *domain)
{
    struct slice written = smtp_take_domain(rest);
    if (is_ascii(written) || !(allowed & SMTP_PATH_UTF8)) {
        *sent = *domain = arena_lower(arena, written);
        return smtp_mailbox_domain_check(written);
    }
    *sent = arena_copy(arena, written);
    return domain_name_normalise(written, arena, domain) ? NULL : "bad domain";
}

/* What stands between the angle brackets, without source route. */
static const char *take_mailbox(struct slice *rest, unsigned allowed, struct arena *arena, struct mail_path *out)
{
    struct slice local, sent;
    const char *wrong = smtp_take_local(rest, allowed & SMTP_PATH_UTF8, &local);
    if (wrong)
        return wrong;
    out->local = arena_copy(arena, local);
    out->text = out->local;
    if (begins_with(*rest, '>') && allowed & SMTP_PATH_POSTMASTER && slice_eq_nocase(local, SLICE("postmaster")))
        return NULL;
    if (!begins_with(*rest, '@'))
        return begins_with(*rest, '>') ? "domain is missing" : "bad character in local part";
    *rest = slice_skip(*rest, 1);
    wrong = take_mailbox_domain(rest, allowed, arena, &sent, &out->domain);
    if (wrong)
        return wrong;
    out->text = slice_of(arena_format(arena, "%.*s@%.*s", SLICE_FMT(local), SLICE_FMT(sent)));
    out->utf8 = !is_ascii(out->text);
    return NULL;
}

static const char *take_path(struct slice *rest, unsigned allowed, struct arena *arena, struct mail_path *out)
{
    const char *wrong = NULL;
    if (!begins_with(*rest, '<'))
        return "address must stand in angle brackets";
    *rest = slice_skip(*rest, 1);
    if (begins_with(*rest, '>')) {
        out->null = true;
        wrong = allowed & SMTP_PATH_NULL ? NULL : "null path is not allowed here";
    } else {
        if (begins_with(*rest, '@'))
            wrong = skip_source_route(rest);
        if (!wrong)
            wrong = take_mailbox(rest, allowed, arena, out);
    }
    if (wrong)
        return wrong;
    if (!begins_with(*rest, '>'))
        return "closing angle bracket is missing";
    *rest = slice_skip(*rest, 1);
    return NULL;
}

/* Names the byte that no address may hold, which says more than "bad domain". Looks no further than the path's end. */
static const char *forbidden_byte(struct slice text)
{
    for (size_t i = 0; i < text.len && text.ptr[i] != '>'; i++) {
        if ((unsigned char)text.ptr[i] > 126)
            return text.ptr[i] == 127 ? control_byte : not_ascii;
        if (!is_printable(text.ptr[i]))
            return control_byte;
    }
    return NULL;
}

/* The path's own bytes, as far as they can be told before it is parsed. */
static bool is_utf8(struct slice text)
{
    ptrdiff_t end = slice_last_index(text, '>');
    return smtp_utf8_valid(end < 0 ? text : slice_first(text, (size_t)end));
}

const char *smtp_path_parse(struct slice text, unsigned allowed, struct arena *arena, struct mail_path *out, struct slice *rest)
{
    struct mail_path path = {0};
    *out = path;
    *rest = text;
    if (allowed & SMTP_PATH_UTF8 && !is_utf8(text))
        return "address is not well-formed UTF-8";
    const char *wrong = take_path(rest, allowed, arena, &path);
    if (wrong) {
        const char *forbidden = forbidden_byte(text);
        return forbidden ? forbidden : wrong;
    }
    if (text.len - rest->len > SMTP_PATH_MAX)
        return "address is too long";
    *out = path;
    return NULL;
}
