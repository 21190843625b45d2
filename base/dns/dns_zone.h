/* dns_zone: the file of static answers. Pure: the caller reads the file and hands over line by line.
 *
 * A line is "name [ttl] [IN] TYPE data" in zone-file syntax (RFC 1035 §5.1), names absolute with or without the final dot,
 * ";" begins a comment. No directives, no continuation in parentheses, no inherited names. What the data mean is left to the
 * DNS library. */
#ifndef BASE_DNS_ZONE_H
#define BASE_DNS_ZONE_H

#include "base/buf.h"

enum { DNS_ZONE_LINE_MAX = 64 * 1024 };

enum dns_zone_line { DNS_ZONE_BLANK, DNS_ZONE_RECORD, DNS_ZONE_BAD };

/** Checks the form of one line, without its line end, and writes the record into *record (cleared first). BAD: *why says what is
 *  wrong, a static text. */
enum dns_zone_line dns_zone_read_line(struct slice line, struct buf *record, const char **why);

#endif
