/* tx_delivery: which mailboxes get the message of a transaction. See tx.h. Pure.
 *
 * Most often those that the client named, as it named them. What the policy chose is offered once, however it is spelled and
 * whoever named it, too. */
#include "proxy/session/tx.h"

#include "filters/mailbox_fold.h"

static bool is_same(struct slice a, struct slice b)
{
    char fold_a[MAILBOX_FOLD_MAX], fold_b[MAILBOX_FOLD_MAX];
    return slice_eq(mailbox_fold(a, fold_a), mailbox_fold(b, fold_b));
}

/* What the client names twice is its own affair. */
static bool holds(const struct delivery_mailbox *list, size_t count, const struct delivery_mailbox *mailbox)
{
    for (size_t i = 0; i < count; i++)
        if ((list[i].chosen || mailbox->chosen) && is_same(list[i].path.text, mailbox->path.text))
            return true;
    return false;
}

static struct delivery_mailbox choose(struct slice mailbox, struct arena *arena)
{
    struct slice text = arena_copy(arena, mailbox), domain = mailbox_domain(text);
    struct slice local = domain.len ? slice_first(text, text.len - domain.len - 1) : text;
    return (struct delivery_mailbox){.path = {.local = local, .domain = domain, .text = text, .params = SLICE("")}, .chosen = true};
}

static size_t count_added(const struct decision *decision)
{
    size_t count = 0;
    for (const struct policy_effect *e = decision->effects; e; e = e->next)
        count += e->action == ACTION_ADD_RECIPIENT;
    return count;
}

static void offer(struct tx *tx, struct delivery_mailbox mailbox)
{
    if (!holds(tx->envelope.rcpts, tx->envelope.count, &mailbox) && !holds(tx->offers, tx->offer_count, &mailbox))
        tx->offers[tx->offer_count++] = mailbox;
}

void tx_plan_rcpt(struct tx *tx, const struct decision *decision)
{
    struct arena *arena = tx->mail.arena;
    bool redirected = decision->action == ACTION_REDIRECT && !decision->shadowed;
    tx->offers = arena_alloc(arena, (1 + count_added(decision)) * sizeof *tx->offers);
    tx->offer_count = tx->offered = 0;
    offer(tx, redirected ? choose(decision->to, arena) : (struct delivery_mailbox){.path = tx->mail.rcpt});
    for (const struct policy_effect *e = decision->effects; e; e = e->next)
        if (e->action == ACTION_ADD_RECIPIENT)
            offer(tx, choose(e->value, arena));
}

const struct delivery_mailbox *tx_next_offer(const struct tx *tx)
{
    return tx->offered < tx->offer_count ? &tx->offers[tx->offered] : NULL;
}

/* Room for more mailboxes behind those of the envelope. */
static void make_room(struct tx *tx, size_t more)
{
    struct delivery_envelope *e = &tx->envelope;
    if (e->count + more <= tx->envelope_room)
        return;
    size_t room = 2 * (e->count + more);
    struct delivery_mailbox *rcpts = arena_alloc(e->arena, room * sizeof *rcpts);
    if (e->count)
        memcpy(rcpts, e->rcpts, e->count * sizeof *rcpts);
    e->rcpts = rcpts;
    tx->envelope_room = room;
}

void tx_keep_offers(struct tx *tx)
{
    struct delivery_envelope *e = &tx->envelope;
    make_room(tx, tx->offer_count);
    for (size_t i = 0; i < tx->offer_count; i++)
        e->rcpts[e->count++] = tx->offers[i];
}

void tx_drop_offers(struct tx *tx)
{
    if (tx->offered)
        tx->envelope.changed = true;
}

static void append(struct delivery_envelope *e, struct delivery_mailbox mailbox)
{
    if (holds(e->rcpts, e->count, &mailbox))
        return;
    e->rcpts[e->count++] = mailbox;
    e->changed = true;
}

void tx_plan_message(struct tx *tx, const struct decision *decision)
{
    struct delivery_envelope *e = &tx->envelope;
    if (decision->shadowed)
        return;
    make_room(tx, 1 + count_added(decision));
    if (decision->to.len) {
        e->count = 0;
        append(e, choose(decision->to, e->arena));
    }
    for (const struct policy_effect *effect = decision->effects; effect; effect = effect->next)
        if (effect->action == ACTION_ADD_RECIPIENT)
            append(e, choose(effect->value, e->arena));
}

bool tx_goes_elsewhere(const struct tx *tx)
{
    const struct delivery_envelope *e = &tx->envelope;
    bool chosen = e->count != tx->mail.rcpt_count;
    for (size_t i = 0; i < e->count; i++)
        chosen = chosen || e->rcpts[i].chosen;
    return chosen;
}
