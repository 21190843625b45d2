/* settings_files: whether the files and directories that the settings name can be used. Used by settings_check.c. */
#ifndef PROXY_SETTINGS_FILES_H
#define PROXY_SETTINGS_FILES_H

#include "proxy/settings/settings_tell.h"

/** Looks at them, and reads the file of static DNS answers; makes and changes nothing. */
void settings_check_files(const struct settings_checking *c);

#endif
