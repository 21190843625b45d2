/* tx_envelope: sender and recipients of a transaction. See tx.h. Pure. */
#include "proxy/session/tx.h"

/* A path outlives the command it came with. */
static struct mail_path copy_path(struct arena *arena, const struct mail_path *path)
{
    return (struct mail_path){
        .null = path->null,
        .local = arena_copy(arena, path->local),
        .domain = arena_copy(arena, path->domain),
        .text = arena_copy(arena, path->text),
        .params = arena_copy(arena, path->params),
    };
}

struct tx *tx_new(struct arena *arena, const struct smtp_command *mail, unsigned queries)
{
    struct tx *tx = arena_alloc(arena, sizeof *tx);
    tx->mail.arena = arena;
    tx->mail.sender = copy_path(arena, &mail->path);
    tx->mail.size_declared = mail->params.size;
    tx->mail.utf8 = mail->params.smtputf8;
    tx->envelope.sender = tx->mail.sender;
    tx->envelope.arena = arena;
    auth_results_init(&tx->results, arena);
    tx->answers = dns_map_new(arena, queries);
    return tx;
}

/* One that is refused costs memory until the transaction ends; how many there can be is bounded by limits.errors, and for those sent away
 * by limits.recipients. */
void tx_offer_rcpt(struct tx *tx, const struct mail_path *rcpt)
{
    tx->mail.rcpt = copy_path(tx->mail.arena, rcpt);
    tx->rcpt_class = (struct tx_class){.policy = NULL};
}

void tx_accept_rcpt(struct tx *tx, const struct facts *facts)
{
    struct mail_transaction *mail = &tx->mail;
    if (mail->rcpt_count == tx->rcpt_room) {
        size_t room = tx->rcpt_room ? tx->rcpt_room * 2 : 4;
        struct mail_path *more = arena_alloc(mail->arena, room * sizeof *more);
        if (mail->rcpt_count)
            memcpy(more, mail->rcpts, mail->rcpt_count * sizeof *more);
        mail->rcpts = more;
        tx->rcpt_room = room;
    }
    mail->rcpts[mail->rcpt_count++] = mail->rcpt;
    tx_join_class(tx, facts);
    tx_keep_offers(tx);
}

struct tx_refusal tx_full(const struct tx *tx, const struct limit_settings *limits)
{
    if ((int64_t)(tx->mail.rcpt_count + tx->deferred) >= limits->recipients)
        return (struct tx_refusal){452, "4.5.3", "Too many recipients"};
    return (struct tx_refusal){0};
}

struct tx_refusal tx_deferral(const char *filter, struct arena *arena)
{
    return (struct tx_refusal){451, "4.3.0", arena_format(arena, "Check %s is not available, please try again later", filter)};
}

struct tx_refusal tx_undecidable(const struct tx *tx, const char *filter, struct arena *arena, const char **error)
{
    if (dns_map_starved(tx->answers)) {
        *error = "lookups refused";
        return (struct tx_refusal){451, "4.3.2", "Too many lookups are under way, please try again later"};
    }
    *error = "filter failed";
    return filter ? tx_deferral(filter, arena) : (struct tx_refusal){0};
}
