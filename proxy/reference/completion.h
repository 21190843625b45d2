/* completion: what completes commands, their options and the names that `config help` knows, in bash. */
#ifndef PROXY_COMPLETION_H
#define PROXY_COMPLETION_H

#include <stdio.h>

void completion_print(FILE *out);

#endif
