/* policytest_session: see policytest_session.h. */
#include "proxy/policytest/policytest_session.h"

#include "proxy/offline/rehearsal_cast.h"

enum { SHOWN_MAX = 80 };

static const char *const session_keys[] = {"ip", "helo", "mail_from", "rcpt", "listener"};

void policytest_session_check(struct policytest_reader *r, const struct conf_node *node)
{
    if (node)
        policytest_reader_map(r, node, "a session", session_keys, sizeof session_keys / sizeof session_keys[0]);
}

struct casting {
    struct policytest_reader *r;
    struct policytest_case *c;
    const struct conf_node *root;
    struct smtp_command *rcpts;
};

/** A key of the case's session, or of the one that the file has for all. */
static const struct conf_node *session_value(const struct casting *t, const char *key)
{
    const struct conf_node *own = conf_get(conf_get(t->c->node, "session"), key);
    return own ? own : conf_get(conf_get(t->root, "session"), key);
}

static const struct conf_node *needed_value(const struct casting *t, const char *key)
{
    const struct conf_node *value = session_value(t, key);
    if (!value)
        conf_error_at(t->r->errors, t->c->node, "session.%s is missing", key);
    return value;
}

static void cast(const struct casting *t, const struct conf_node *node, enum smtp_verb verb, struct smtp_command *out)
{
    out->verb = verb;
    const char *wrong = rehearsal_cast_command(node->text.ptr, t->r->settings, t->r->arena, out);
    if (wrong)
        conf_error_at(t->r->errors, node, "%s", wrong);
}

static void cast_rcpt(void *ctx, const struct conf_node *item)
{
    struct casting *t = ctx;
    cast(t, item, SMTP_RCPT, &t->rcpts[t->c->script.rcpt_count++]);
}

static void cast_rcpts(struct casting *t)
{
    const struct conf_node *node = needed_value(t, "rcpt");
    if (!node)
        return;
    t->rcpts = arena_alloc(t->r->arena, (node->count + 1) * sizeof *t->rcpts);
    t->c->script.rcpts = t->rcpts;
    policytest_reader_each(t->r, node, "a recipient", cast_rcpt, t);
}

static void cast_ip(const struct casting *t)
{
    const struct conf_node *node = needed_value(t, "ip");
    if (node && policytest_reader_scalar(t->r, node, "an IP address") && !net_addr_parse_ip(node->text, &t->c->script.client))
        conf_error_at(t->r->errors, node, "\"%.*s\" is no IP address", SLICE_FMT(slice_first(node->text, SHOWN_MAX)));
}

/** A policy that the case names takes the place of the listener's and of those of its recipients. */
static void cast_listener(const struct casting *t)
{
    struct policytest_case *c = t->c;
    const struct listener_settings *chosen;
    const struct conf_node *node = session_value(t, "listener");
    const char *text = node && policytest_reader_scalar(t->r, node, "an address with port") ? node->text.ptr : NULL;
    const char *wrong = rehearsal_cast_listener(text, t->r->settings, &chosen);
    if (wrong)
        conf_error_at(t->r->errors, node, "%s", wrong);
    c->listener = *chosen;
    if (c->policy) {
        c->listener.policy = c->policy->name;
        c->listener.policy_loaded = c->policy->policy;
        c->listener.routes.count = 0;
    }
    c->script.listener = &c->listener;
}

void policytest_session_load(struct policytest_reader *r, struct policytest_case *c, const struct conf_node *root)
{
    struct casting t = {.r = r, .c = c, .root = root};
    const struct conf_node *helo = needed_value(&t, "helo"), *sender = needed_value(&t, "mail_from");
    c->plays = true;
    c->script.judged = true;
    cast_ip(&t);
    cast_listener(&t);
    if (helo && policytest_reader_scalar(r, helo, "a name"))
        cast(&t, helo, SMTP_EHLO, &c->script.hello);
    if (sender && policytest_reader_scalar(r, sender, "an address, or <>"))
        cast(&t, sender, SMTP_MAIL, &c->script.mail);
    cast_rcpts(&t);
}
