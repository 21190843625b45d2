/* org_domain: see org_domain.h. The list is never freed: it lives as long as the process. */
#include "filters/dmarc/org_domain.h"

#include "filters/domain_name.h"

#include <libpsl.h>

static const psl_ctx_t *list;

void org_domain_load(void)
{
    if (!list)
        list = psl_latest(NULL);
    if (!list)
        list = psl_builtin();
}

struct slice org_domain_of(struct slice name)
{
    char text[DOMAIN_NAME_MAX + 1];
    org_domain_load();
    if (!list || name.len > DOMAIN_NAME_MAX)
        return name;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    const char *found = psl_registrable_domain(list, text);
    return found ? slice_skip(name, (size_t)(found - text)) : name;
}
