/* dns_name: domain names as text. Pure.
 *
 * Everywhere in Mailweir a name is text without its final dot, labels separated by dots, other bytes as they are. A byte that
 * would be mistaken for something else is written \DDD in decimal (RFC 1035 §5.1); a backslash not followed by three digits
 * stands for itself. */
#ifndef BASE_DNS_NAME_H
#define BASE_DNS_NAME_H

#include "base/slice.h"

enum { DNS_NAME_TEXT = 1024 }; /* room for any legal name with every byte escaped, and the NUL */

/** RFC 1035 §2.3.4: labels of 1 to 63 bytes, 253 in all without the final dot. One final dot is ignored. */
bool dns_name_legal(struct slice name);
/** Writes a legal name in the form every zone-file parser reads: all but letters, digits, "-" and "_" escaped, no final dot.
 *  False if the name is not legal. */
bool dns_name_escape(struct slice name, char out[DNS_NAME_TEXT]);
/** Appends one label of a received name to out[at], in lower case, escaped where needed. Returns the new end. out has room for
 *  four bytes for each of the label's. */
size_t dns_name_add_label(char *out, size_t at, const uint8_t *label, size_t len);

#endif
