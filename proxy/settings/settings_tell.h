/* settings_tell: how the checks of whole settings say what they found. Used by settings_check.c and settings_files.c. */
#ifndef PROXY_SETTINGS_TELL_H
#define PROXY_SETTINGS_TELL_H

#include "proxy/settings/settings.h"

struct settings_checking {
    const struct settings *s;
    const struct conf_node *root;
    struct conf_errors *errors;
};

/** The node of the option at path ("dns.servers"), or NULL if it is not in the file. */
const struct conf_node *settings_find_node(const struct conf_node *root, const char *path);
/** Notes something about the option at path, where it stands or, if it is a default, for the file as a whole. */
void settings_tell(const struct settings_checking *c, enum conf_severity severity, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
