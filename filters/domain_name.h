/* domain_name: names that arrive in mail, brought into the one form in which they may be compared and looked up. Pure. */
#ifndef FILTERS_DOMAIN_NAME_H
#define FILTERS_DOMAIN_NAME_H

#include "base/arena.h"

enum { DOMAIN_NAME_MAX = 253, DOMAIN_LABEL_MAX = 63 };

/** At least two labels of letters, digits, hyphens and underscores, each of 1 to 63 bytes, 253 in all, no final dot, and not
 *  all digits at the end (that would be an address). */
bool domain_name_is_valid(struct slice name);
/** Lower case, without one final dot, internationalised labels as A-labels (RFC 5891). False: no valid name; *out is empty. */
bool domain_name_normalise(struct slice text, struct arena *arena, struct slice *out);
/** Whether name is domain or stands below it. Both normalised. */
bool domain_name_is_within(struct slice name, struct slice domain);

#endif
