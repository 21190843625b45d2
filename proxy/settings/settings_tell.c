/* settings_tell: see settings_tell.h. */
#include "proxy/settings/settings_tell.h"

#include <stdarg.h>

const struct conf_node *settings_find_node(const struct conf_node *root, const char *path)
{
    struct slice rest = slice_of(path), step;
    while (root && slice_split(&rest, '.', &step)) {
        char key[64];
        snprintf(key, sizeof key, "%.*s", SLICE_FMT(step));
        root = conf_get(root, key);
    }
    return root;
}

void settings_tell(const struct settings_checking *c, enum conf_severity severity, const char *path, const char *format, ...)
{
    char text[1024];
    const struct conf_node *node = settings_find_node(c->root, path);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *before = node ? "" : path, *between = node ? "" : ": ";
    node = node ? node : c->root;
    if (severity == CONF_ERROR)
        conf_error_at(c->errors, node, "%s%s%s", before, between, text);
    else
        conf_warning_at(c->errors, node, "%s%s%s", before, between, text);
}
