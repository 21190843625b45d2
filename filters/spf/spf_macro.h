/* spf_macro: macro strings of SPF (RFC 7208 §7), checked and expanded. Pure. */
#ifndef FILTERS_SPF_SPF_MACRO_H
#define FILTERS_SPF_SPF_MACRO_H

#include "filters/spf/spf_eval.h"

enum { SPF_EXPLANATION_MAX = 400 }; /* bytes */

/** domain-spec (§7.1): a macro-string that ends in a top label or a macro. Letters c, r and t are refused. */
bool spf_macro_is_domain_spec(struct slice text);
/** macro-string, as in unknown modifiers: any macro letter. */
bool spf_macro_is_string(struct slice text);

/** Expands a domain-spec that was checked before; cut to 253 bytes from the left at a dot (§7.3). domain: the current domain.
 *  False: it depends on a local-part that is not ASCII, so the term cannot match (RFC 8616 §4). The p macro looks at the view. */
bool spf_macro_expand(struct slice spec, const struct spf_query *query, struct slice domain, struct dns_view *view, struct arena *arena,
                      struct slice *out);
/** Expands an explanation text (§6.2), in which blanks and the letters c, r and t are allowed too; cut to SPF_EXPLANATION_MAX. The
 *  result may hold any byte that HELO or the sender has. False: the text is malformed. */
bool spf_macro_explain(struct slice text, const struct spf_query *query, struct slice domain, struct dns_view *view, struct arena *arena,
                       struct slice *out);

#endif
