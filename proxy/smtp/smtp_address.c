/* smtp_address: see smtp_address.h. The parser walks *rest from left to right; each part takes what is its own off the front
 * and returns NULL or what is wrong. */
#include "proxy/smtp/smtp_address.h"

#include <sys/socket.h>

static const char not_ascii[] = "internationalized addresses (SMTPUTF8) are not supported";
static const char control_byte[] = "control character in address";

/* RFC 5322 §3.2.3. */
static bool is_atext(char c)
{
    return ascii_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

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

static bool label_valid(struct slice label)
{
    if (label.len == 0 || label.len > SMTP_LABEL_MAX || label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!ascii_is_alnum(label.ptr[i]) && label.ptr[i] != '-' && label.ptr[i] != '_')
            return false;
    return true;
}

bool smtp_domain_valid(struct slice text)
{
    struct slice label, rest = text;
    if (text.len == 0 || text.len > SMTP_DOMAIN_MAX)
        return false;
    while (slice_split(&rest, '.', &label))
        if (!label_valid(label))
            return false;
    return true;
}

/* "tag:content" of RFC 5321 §4.1.3, for address families yet to come. */
static bool general_literal_valid(struct slice inner)
{
    ptrdiff_t colon = slice_index(inner, ':');
    if (colon <= 0)
        return false;
    struct slice content = slice_skip(inner, (size_t)colon + 1);
    for (size_t i = 0; i < (size_t)colon; i++)
        if (!ascii_is_alnum(inner.ptr[i]) && inner.ptr[i] != '-')
            return false;
    for (size_t i = 0; i < content.len; i++)
        if (!is_graphic(content.ptr[i]) || strchr("[\\]", content.ptr[i]))
            return false;
    return inner.ptr[colon - 1] != '-' && content.len > 0;
}

bool smtp_literal_valid(struct slice text)
{
    struct net_addr address;
    if (text.len < 3 || text.len > SMTP_DOMAIN_MAX || text.ptr[0] != '[' || text.ptr[text.len - 1] != ']')
        return false;
    struct slice inner = slice_make(text.ptr + 1, text.len - 2);
    if (slice_index(inner, ':') < 0)
        return net_addr_parse_ip(inner, &address);
    if (!slice_starts_nocase(inner, SLICE("IPv6:")))
        return general_literal_valid(inner);
    struct slice ip = slice_skip(inner, 5);
    return slice_index(ip, ':') >= 0 && net_addr_parse_ip(ip, &address);
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

/* Takes a domain name or literal off the front: everything up to a byte that cannot be part of one. */
static struct slice take_domain(struct slice *rest)
{
    size_t n = 0;
    if (begins_with(*rest, '[')) {
        ptrdiff_t end = slice_index(*rest, ']');
        n = end < 0 ? rest->len : (size_t)end + 1;
    } else {
        while (n < rest->len && !strchr(">,:@ <", rest->ptr[n]))
            n++;
    }
    struct slice domain = slice_first(*rest, n);
    *rest = slice_skip(*rest, n);
    return domain;
}

/* "@one.example,@two.example:" (RFC 5321 appendix C): obsolete, checked and forgotten. */
static const char *skip_source_route(struct slice *rest)
{
    static const char wrong[] = "bad source route";
    while (begins_with(*rest, '@')) {
        *rest = slice_skip(*rest, 1);
        if (!smtp_domain_valid(take_domain(rest)))
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

static const char *quoted_length(struct slice s, size_t *length)
{
    for (size_t i = 1; i < s.len; i++) {
        if (s.ptr[i] == '"') {
            *length = i + 1;
            return NULL;
        }
        if (s.ptr[i] == '\\')
            i++;
        if (i < s.len && !is_printable(s.ptr[i]))
            return "bad character in quoted local part";
    }
    return "quoted local part does not end";
}

static const char *dot_string_length(struct slice s, size_t *length)
{
    size_t n = 0;
    while (n < s.len && (is_atext(s.ptr[n]) || s.ptr[n] == '.')) {
        bool edge = n == 0 || s.ptr[n - 1] == '.';
        if (s.ptr[n] == '.' && edge)
            return "misplaced dot in local part";
        n++;
    }
    if (n == 0)
        return "local part is missing";
    if (s.ptr[n - 1] == '.')
        return "misplaced dot in local part";
    *length = n;
    return NULL;
}

static const char *take_local(struct slice *rest, struct slice *local)
{
    size_t length = 0;
    const char *wrong = begins_with(*rest, '"') ? quoted_length(*rest, &length) : dot_string_length(*rest, &length);
    if (wrong)
        return wrong;
    if (length > SMTP_LOCAL_PART_MAX)
        return "local part is too long";
    *local = slice_first(*rest, length);
    *rest = slice_skip(*rest, length);
    return NULL;
}

static const char *take_mailbox_domain(struct slice *rest, struct arena *arena, struct slice *domain)
{
    struct slice written = take_domain(rest);
    if (written.len > SMTP_DOMAIN_MAX)
        return "domain is too long";
    if (begins_with(written, '[')) {
        if (!smtp_literal_valid(written))
            return "bad address literal";
    } else if (!smtp_domain_valid(written)) {
        return "bad domain";
    }
    *domain = arena_lower(arena, written);
    return NULL;
}

/* What stands between the angle brackets, without source route. */
static const char *take_mailbox(struct slice *rest, bool postmaster_allowed, struct arena *arena, struct mail_path *out)
{
    struct slice local;
    const char *wrong = take_local(rest, &local);
    if (wrong)
        return wrong;
    out->local = arena_copy(arena, local);
    out->text = out->local;
    if (begins_with(*rest, '>') && postmaster_allowed && slice_eq_nocase(local, SLICE("postmaster")))
        return NULL;
    if (!begins_with(*rest, '@'))
        return begins_with(*rest, '>') ? "domain is missing" : "bad character in local part";
    *rest = slice_skip(*rest, 1);
    wrong = take_mailbox_domain(rest, arena, &out->domain);
    if (wrong)
        return wrong;
    char *text = arena_alloc(arena, local.len + 1 + out->domain.len + 1);
    memcpy(text, local.ptr, local.len);
    text[local.len] = '@';
    memcpy(text + local.len + 1, out->domain.ptr, out->domain.len);
    out->text = slice_make(text, local.len + 1 + out->domain.len);
    return NULL;
}

static const char *take_path(struct slice *rest, bool null_allowed, bool postmaster_allowed, struct arena *arena, struct mail_path *out)
{
    const char *wrong = NULL;
    if (!begins_with(*rest, '<'))
        return "address must stand in angle brackets";
    *rest = slice_skip(*rest, 1);
    if (begins_with(*rest, '>')) {
        out->null = true;
        wrong = null_allowed ? NULL : "null path is not allowed here";
    } else {
        if (begins_with(*rest, '@'))
            wrong = skip_source_route(rest);
        if (!wrong)
            wrong = take_mailbox(rest, postmaster_allowed, arena, out);
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

const char *smtp_path_parse(struct slice text, bool null_allowed, bool postmaster_allowed, struct arena *arena, struct mail_path *out,
                            struct slice *rest)
{
    struct mail_path path = {0};
    *out = path;
    *rest = text;
    const char *wrong = take_path(rest, null_allowed, postmaster_allowed, arena, &path);
    if (wrong) {
        const char *forbidden = forbidden_byte(text);
        return forbidden ? forbidden : wrong;
    }
    if (text.len - rest->len > SMTP_PATH_MAX)
        return "address is too long";
    *out = path;
    return NULL;
}
