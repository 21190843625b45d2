/* policytest_run: see policytest_run.h. Files that name the same configuration share it, and what they cover of it. */
#include "proxy/policytest/policytest_run.h"

#include "proxy/offline/rehearsal_cast.h"
#include "proxy/policytest/policytest_config.h"
#include "proxy/policytest/policytest_coverage.h"
#include "proxy/policytest/policytest_load.h"
#include "proxy/policytest/policytest_play.h"

#include <stdlib.h>

struct policytest_runner {
    struct arena *arena; /* the files and what was read of them */
    struct policytest_stage stage;
    struct policytest_run run;
    struct policytest_suite **last_suite;
    struct policytest_file **last_file;
    const char *config;
    bool good;
};

bool policytest_passed(const struct policytest_run *run)
{
    return run->failed == 0 && !(run->require_coverage && run->unreached);
}

struct policytest_runner *policytest_runner_new(const char *config, bool require_coverage)
{
    struct arena *arena = arena_new();
    struct policytest_runner *r = arena_alloc(arena, sizeof *r);
    *r = (struct policytest_runner){.arena = arena, .config = config, .good = true};
    r->run.require_coverage = require_coverage;
    r->last_suite = &r->run.suites;
    r->last_file = &r->run.files;
    policytest_stage_open(&r->stage);
    return r;
}

void policytest_runner_free(struct policytest_runner **runner)
{
    struct policytest_runner *r = *runner;
    if (!r)
        return;
    struct arena *arena = r->arena; /* the runner lives in it itself */
    *runner = NULL;
    policytest_stage_close(&r->stage);
    for (struct policytest_suite *s = r->run.suites; s; s = s->next)
        settings_free(&s->settings);
    arena_free(&arena);
}

/* ---- configurations ---- */

/** Two test files may name one configuration in different ways. */
static const char *place_of(const char *path, struct arena *arena)
{
    char *real = realpath(path, NULL);
    const char *place = arena_string(arena, slice_of(real ? real : path));
    free(real);
    return place;
}

static struct policytest_suite *find_suite(const struct policytest_runner *r, const char *place)
{
    for (struct policytest_suite *s = r->run.suites; s; s = s->next)
        if (strcmp(s->place, place) == 0)
            return s;
    return NULL;
}

/** Tests ask what the policy decides, also while nothing of it is carried out yet. */
static void prepare_settings(struct settings *s)
{
    s->mode = MODE_ENFORCE;
    rehearsal_leave_out_limits(s);
}

/** Warnings are told by `mailweir check`. */
static struct policytest_suite *add_suite(struct policytest_runner *r, const char *path, const struct conf_node *tree)
{
    struct policytest_suite *suite = arena_alloc(r->arena, sizeof *suite);
    struct conf_errors errors;
    conf_errors_init(&errors, r->arena);
    suite->label = path;
    suite->place = place_of(path, r->arena);
    suite->settings = tree ? settings_load_tree(tree, path, &errors) : settings_load(path, &errors);
    *r->last_suite = suite;
    r->last_suite = &suite->next;
    if (suite->settings) {
        prepare_settings(suite->settings);
        policytest_coverage_init(suite, r->arena);
    } else {
        conf_errors_print(&errors, stderr);
        r->good = false;
    }
    return suite;
}

static struct policytest_suite *choose_suite(struct policytest_runner *r, struct policytest_reader *reader, struct policytest_file *file)
{
    const char *path;
    const struct conf_node *tree;
    policytest_config_load(reader, file->root, &path, &tree);
    if (r->config) {
        path = r->config;
        tree = NULL;
    }
    if (tree)
        return add_suite(r, file->path, tree);
    if (path) {
        struct policytest_suite *suite = find_suite(r, place_of(path, r->arena));
        return suite ? suite : add_suite(r, path, NULL);
    }
    if (!conf_get(file->root, "config"))
        conf_error_at(reader->errors, file->root, "no configuration is named: neither by `config` nor by -c; and no `policy` stands here");
    return NULL;
}

/* ---- files ---- */

static void read_cases(struct policytest_runner *r, struct policytest_reader *reader, struct policytest_file *file)
{
    reader->settings = file->suite->settings;
    policytest_load_cases(reader, file);
    for (struct policytest_case *c = file->cases; c; c = c->next)
        policytest_stage_prepare(&r->stage, file->suite->settings, c, r->arena, reader->errors);
    r->run.count += file->count;
}

static void read_file(struct policytest_runner *r, const char *path)
{
    struct policytest_file *file = arena_alloc(r->arena, sizeof *file);
    struct conf_errors errors;
    struct policytest_reader reader = {.arena = r->arena, .errors = &errors};
    conf_errors_init(&errors, r->arena);
    file->path = path;
    file->root = conf_read_file(path, r->arena, &errors);
    *r->last_file = file;
    r->last_file = &file->next;
    if (file->root)
        file->suite = choose_suite(r, &reader, file);
    if (file->suite && file->suite->settings)
        read_cases(r, &reader, file);
    conf_errors_print(&errors, stderr);
    r->good = r->good && errors.errors == 0;
}

bool policytest_runner_read(struct policytest_runner *runner, char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        read_file(runner, paths[i]);
    return runner->good;
}

const struct policytest_run *policytest_runner_play(struct policytest_runner *runner)
{
    struct policytest_run *run = &runner->run;
    for (struct policytest_file *f = run->files; f; f = f->next) {
        for (struct policytest_case *c = f->cases; c; c = c->next) {
            policytest_play_case(&runner->stage, f->suite, c);
            f->failed += !c->result.passed;
        }
        run->failed += f->failed;
    }
    for (const struct policytest_suite *s = run->suites; s; s = s->next) {
        run->rules += s->rule_count;
        run->unreached += s->unreached;
    }
    return run;
}
