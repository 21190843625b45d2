/* sasl: see sasl.h. */
#include "proxy/smtp/sasl.h"

#include "base/config/conf_text.h"

const char *const sasl_words[] = {"plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256", "xoauth2", "oauthbearer", NULL};

bool sasl_base64_valid(struct slice text)
{
    if (text.len % 4)
        return false;
    size_t padding = text.len == 0 ? 0 : text.ptr[text.len - 1] != '=' ? 0 : text.ptr[text.len - 2] != '=' ? 1 : 2;
    for (size_t i = 0; i + padding < text.len; i++)
        if (!ascii_is_alnum(text.ptr[i]) && text.ptr[i] != '+' && text.ptr[i] != '/')
            return false;
    return true;
}

static unsigned sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (ascii_is_digit(c))
        return (unsigned)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 0;
}

/* The beginning of a message, as far as a name may reach. */
enum { HEAD_BASE64 = 1024, HEAD_BYTES = HEAD_BASE64 / 4 * 3 };

static struct slice decode_head(struct slice base64, char out[HEAD_BYTES])
{
    size_t n = 0;
    base64 = slice_first(base64, HEAD_BASE64);
    for (size_t i = 0; i + 4 <= base64.len; i += 4) {
        const char *c = base64.ptr + i;
        unsigned bits = sextet(c[0]) << 18 | sextet(c[1]) << 12 | sextet(c[2]) << 6 | sextet(c[3]);
        out[n++] = (char)(bits >> 16 & 0xff);
        if (c[2] != '=')
            out[n++] = (char)(bits >> 8 & 0xff);
        if (c[3] != '=')
            out[n++] = (char)(bits & 0xff);
    }
    return slice_make(out, n);
}

/* Each of these finds the name in a first message; ptr NULL: there is none. */

static const struct slice nobody = {NULL, 0};

/* The text up to the byte c, which must be there. */
static struct slice up_to(struct slice s, char c)
{
    ptrdiff_t at = slice_index(s, c);
    return at < 0 ? nobody : slice_first(s, (size_t)at);
}

/* [authzid] NUL authcid NUL password. Whose password it is, is the second; that a server looks at the first is not sure. */
static struct slice find_plain(struct slice message)
{
    ptrdiff_t nul = slice_index(message, '\0');
    return nul < 0 ? nobody : up_to(slice_skip(message, (size_t)nul + 1), '\0');
}

static struct slice find_login(struct slice message)
{
    return message;
}

/* name, blank, digest; a name may hold blanks. */
static struct slice find_cram_md5(struct slice message)
{
    ptrdiff_t blank = slice_last_index(message, ' ');
    return blank < 0 ? nobody : slice_first(message, (size_t)blank);
}

/* "n,a=other,": gs2-header of RFC 5801 §4. One that asks for channel binding ("p=") cannot be met. False: it is none. */
static bool skip_gs2(struct slice *message, struct slice *authzid)
{
    struct slice flag;
    if (!slice_split(message, ',', &flag) || !message->ptr || !slice_split(message, ',', authzid) || !message->ptr)
        return false;
    return slice_eq(flag, SLICE("n")) || slice_eq(flag, SLICE("y"));
}

/* gs2-header n=name,r=nonce (RFC 5802 §7). */
static struct slice find_scram(struct slice message)
{
    struct slice authzid;
    if (!skip_gs2(&message, &authzid) || !slice_starts(message, SLICE("n=")))
        return nobody;
    return up_to(slice_skip(message, 2), ',');
}

/* "user=" name ^A "auth=Bearer " ... */
static struct slice find_xoauth2(struct slice message)
{
    return slice_starts(message, SLICE("user=")) ? up_to(slice_skip(message, 5), '\x01') : nobody;
}

/* gs2-header ^A ...; the name is the header's (RFC 7628 §3.1). */
static struct slice find_oauthbearer(struct slice message)
{
    struct slice authzid;
    if (!skip_gs2(&message, &authzid) || !slice_starts(authzid, SLICE("a=")))
        return nobody;
    return slice_skip(authzid, 2);
}

static const struct {
    const char *name;
    struct slice (*find)(struct slice message);
    bool escapes; /* "=2C" is a comma, "=3D" an equals sign */
} mechanisms[SASL_COUNT] = {
    [SASL_PLAIN] = {"PLAIN", find_plain, false},
    [SASL_LOGIN] = {"LOGIN", find_login, false},
    [SASL_CRAM_MD5] = {"CRAM-MD5", find_cram_md5, false},
    [SASL_SCRAM_SHA_1] = {"SCRAM-SHA-1", find_scram, true},
    [SASL_SCRAM_SHA_256] = {"SCRAM-SHA-256", find_scram, true},
    [SASL_XOAUTH2] = {"XOAUTH2", find_xoauth2, false},
    [SASL_OAUTHBEARER] = {"OAUTHBEARER", find_oauthbearer, true},
};

enum sasl_mechanism sasl_find(struct slice name)
{
    int m = 0;
    while (m < SASL_COUNT && !slice_eq_nocase(name, slice_of(mechanisms[m].name)))
        m++;
    return (enum sasl_mechanism)m;
}

const char *sasl_name(enum sasl_mechanism mechanism)
{
    return mechanisms[mechanism].name;
}

/* NUL-terminates it. False: too long, or an escape that is none (RFC 5802 §5.1). */
static bool copy_name(struct slice name, bool escapes, char user[SASL_USER_MAX + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool escape = escapes && name.ptr[i] == '=';
        bool comma = escape && slice_starts(slice_skip(name, i), SLICE("=2C"));
        if (n == SASL_USER_MAX || (escape && !comma && !slice_starts(slice_skip(name, i), SLICE("=3D"))))
            return false;
        user[n++] = escape && comma ? ',' : name.ptr[i];
        i += escape ? 2 : 0;
    }
    user[n] = '\0';
    return n > 0;
}

static bool is_showable(struct slice name)
{
    while (name.len) {
        unsigned char c = (unsigned char)name.ptr[0];
        size_t n = conf_text_utf8(name);
        if (n == 0 || c < 32 || c == 127 || (c == 0xc2 && (unsigned char)name.ptr[1] < 0xa0))
            return false;
        name = slice_skip(name, n);
    }
    return true;
}

bool sasl_user(enum sasl_mechanism mechanism, struct slice message, char user[SASL_USER_MAX + 1])
{
    char head[HEAD_BYTES];
    struct slice name = mechanisms[mechanism].find(decode_head(message, head));
    bool good = name.ptr && is_showable(name) && copy_name(name, mechanisms[mechanism].escapes, user);
    explicit_bzero(head, sizeof head); /* secrets stand behind the name */
    if (!good)
        explicit_bzero(user, SASL_USER_MAX + 1);
    return good;
}
