/* base64: see base64.h. */
#include "filters/signature/base64.h"

#include <openssl/evp.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_letter(char c)
{
    return ascii_is_alnum(c) || c == '+' || c == '/';
}

bool base64_is_plausible(struct slice text)
{
    bool ended = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(is_letter(c) && !ended) && c != '=' && !is_white(c))
            return false;
        ended = ended || c == '=';
    }
    return true;
}

/* The letter without its lowest bits. */
static char without_bits(char letter, unsigned bits)
{
    size_t value = (size_t)(strchr(letters, letter) - letters);
    return letters[value >> bits << bits];
}

struct slice base64_normalise(struct slice text, struct arena *arena)
{
    char *out = arena_alloc(arena, text.len + 3);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        if (is_letter(text.ptr[i]))
            out[n++] = text.ptr[i];
    if (n % 4 > 1)
        out[n - 1] = without_bits(out[n - 1], n % 4 == 2 ? 4 : 2);
    for (size_t rest = n % 4; rest > 1 && rest < 4; rest++)
        out[n++] = '=';
    return slice_make(out, n);
}

/* Decodes and encodes again: only the one right spelling comes out the same. */
bool base64_decode(struct slice text, unsigned char *out, size_t *len)
{
    unsigned char again[BASE64_MAX + 4];
    if (text.len == 0 || text.len % 4 != 0 || text.len > BASE64_MAX)
        return false;
    int n = EVP_DecodeBlock(out, (const unsigned char *)text.ptr, (int)text.len);
    if (n < 0)
        return false;
    for (size_t i = 1; i <= 2 && text.ptr[text.len - i] == '='; i++)
        n--;
    *len = (size_t)n;
    EVP_EncodeBlock(again, out, n);
    return memcmp(again, text.ptr, text.len) == 0;
}
