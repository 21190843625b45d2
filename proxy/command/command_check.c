/* command_check: `mailweir check FILE`: tells everything that is wrong with a configuration, or what it amounts to. */
#include "proxy/command/backend_look.h"
#include "proxy/command/command.h"
#include "proxy/settings/settings.h"

const char command_check_help[] = "Usage: mailweir check [[-c] FILE]\n"
                                  "\n"
                                  "Reads a configuration (" COMMAND_CONFIG_PATH " if none is named) with all that it includes, and\n"
                                  "prints every error and warning with its place. Nothing is started, bound or changed;\n"
                                  "backends are asked whether they would hear who our clients are (EHLO, QUIT).\n"
                                  "\n"
                                  "Exit code: 0 if the configuration is good (there may be warnings), 78 if it is not.\n";

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void print_listeners(const struct settings *s)
{
    char text[NET_ADDR_TEXT];
    printf("  listeners  %zu:", s->listener_count);
    for (size_t i = 0; i < s->listener_count; i++)
        printf("%s %s (policy %s)", i ? "," : "", net_addr_format(&s->listeners[i].address, text), s->listeners[i].policy);
    putchar('\n');
}

static void print_backends(const struct settings *s)
{
    printf("  backends   %zu:", s->backend_count);
    for (size_t i = 0; i < s->backend_count; i++) {
        const struct backend_settings *b = &s->backends[i];
        const struct server_settings *servers = b->servers.items;
        printf("%s %s (", i ? "," : "", b->name);
        for (size_t j = 0; j < b->servers.count; j++)
            printf("%s%s", j ? ", " : "", servers[j].address);
        putchar(')');
    }
    putchar('\n');
}

static void print_filters(const struct settings *s)
{
    size_t enabled = 0;
    for (size_t i = 0; i < s->filter_count; i++)
        enabled += s->filters[i].enabled;
    printf("  filters    %zu:", enabled);
    for (size_t i = 0; i < s->filter_count; i++)
        printf("%s %s%s", i ? "," : "", s->filters[i].filter->name, s->filters[i].enabled ? "" : " (off)");
    putchar('\n');
}

static void print_policies(const struct settings *s)
{
    printf("  policies   %zu:", s->policy_count);
    for (size_t i = 0; i < s->policy_count; i++)
        printf("%s %s (%zu rule%s)", i ? "," : "", s->policies[i].name, s->policies[i].rules, plural(s->policies[i].rules));
    putchar('\n');
}

static void print_summary(const struct settings *s, size_t warnings)
{
    printf("%s is good", s->path);
    if (warnings)
        printf(", with %zu warning%s", warnings, plural(warnings));
    printf("\n  hostname   %s, mode %s\n", s->hostname, s->mode == MODE_SHADOW ? "shadow" : "enforce");
    print_listeners(s);
    print_backends(s);
    print_filters(s);
    print_policies(s);
}

static int check(const char *path)
{
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    struct settings *s = settings_load(path, &errors);
    if (s)
        backend_look(s, &errors);
    conf_errors_print(&errors, stderr);
    int code = s ? COMMAND_OK : COMMAND_CONFIG;
    if (s)
        print_summary(s, errors.warnings);
    else
        fprintf(stderr, "%zu error%s, %zu warning%s\n", errors.errors, plural(errors.errors), errors.warnings, plural(errors.warnings));
    settings_free(&s);
    arena_free(&arena);
    return code;
}

int command_check(int argc, char **argv)
{
    if (command_wants_help(argc, argv, command_check_help))
        return COMMAND_OK;
    bool named = argc == 3 && (strcmp(argv[1], "-c") == 0 || strcmp(argv[1], "--config") == 0);
    if (named)
        return check(argv[2]);
    if (argc > 2)
        return command_misused("check", "one file at a time, please");
    if (argc == 2 && argv[1][0] == '-')
        return command_misused("check", "there is no option %s", argv[1]);
    return check(argc == 2 ? argv[1] : COMMAND_CONFIG_PATH);
}
