/* config_reference: `mailweir config reference` and `config completion`: pages and tools made from the program's tables. */
#include "proxy/command/command.h"
#include "proxy/command/command_config.h"
#include "proxy/reference/completion.h"
#include "proxy/reference/reference.h"

#include <string.h>

static const struct reference_page *find_page(const char *name)
{
    for (const struct reference_page *page = reference_pages; page->name; page++)
        if (strcmp(page->name, name) == 0 || strcmp(page->manual, name) == 0)
            return page;
    return NULL;
}

int config_reference(int argc, char **argv)
{
    struct config_arguments arguments;
    if (!config_arguments_read(argc, argv, CONFIG_MAN | CONFIG_NAME, &arguments))
        return COMMAND_USAGE;
    const struct reference_page *page = arguments.name ? find_page(arguments.name) : NULL;
    if (!page)
        return command_misused("config", "say which page: configuration, policy or commands");
    reference_write(page, arguments.man ? PAGE_MAN : PAGE_MARKDOWN, stdout);
    return COMMAND_OK;
}

int config_completion(int argc, char **argv)
{
    struct config_arguments none;
    if (!config_arguments_read(argc, argv, 0, &none))
        return COMMAND_USAGE;
    completion_print(stdout);
    return COMMAND_OK;
}
