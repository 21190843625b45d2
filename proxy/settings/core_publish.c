/* core_publish: publishes the proxy's own facts. See core_facts.h. Pure. */
#include "filters/mailbox_fold.h"
#include "proxy/settings/core_facts.h"
#include "proxy/smtp/header_value.h"

void core_facts_publish_client(const struct settings *settings, const struct mail_session *session, struct facts *facts)
{
    const struct core_facts *id = &settings->core;
    char text[NET_ADDR_TEXT];
    facts_set_address(facts, id->client_ip, &session->client);
    if (session->client.port)
        facts_set_number(facts, id->client_port, session->client.port);
    facts_set_text(facts, id->listener, arena_copy(session->arena, slice_of(net_addr_format(&session->listener, text))));
}

void core_facts_publish_early(const struct settings *settings, bool early, struct facts *facts)
{
    facts_set_text(facts, settings->core.client_early, slice_of(early ? "yes" : "no"));
}

void core_facts_publish_tls(const struct settings *settings, const struct tls_info *tls, struct facts *facts)
{
    const struct core_facts *id = &settings->core;
    facts_set_text(facts, id->tls_version, slice_of(tls->version));
    facts_set_text(facts, id->tls_cipher, slice_of(tls->cipher));
    facts_set_text(facts, id->tls_client, slice_of(tls->verified ? "verified" : tls->certificate ? "unverified" : "none"));
    if (tls->name[0])
        facts_set_text(facts, id->tls_sni, slice_of(tls->name));
    if (tls->certificate)
        facts_set_text(facts, id->tls_fingerprint, slice_of(tls->fingerprint));
}

void core_facts_publish_hello(const struct settings *settings, const struct mail_session *session, struct facts *facts)
{
    const struct core_facts *id = &settings->core;
    facts_set_text(facts, id->helo, session->helo);
    facts_set_text(facts, id->esmtp, slice_of(session->esmtp ? "yes" : "no"));
}

void core_facts_publish_login(const struct settings *settings, const struct mail_session *session, const char *mechanism,
                              struct facts *facts)
{
    facts_set_text(facts, settings->core.auth_user, session->auth_user);
    facts_set_text(facts, settings->core.auth_mechanism, slice_of(mechanism));
}

/* Without the quotes it does not need: "joe"@x is joe@x, and a rule about joe means both. */
static struct slice plain_local(struct slice local, struct arena *arena)
{
    char folded[MAILBOX_FOLD_MAX];
    return local.len && local.ptr[0] == '"' ? arena_copy(arena, mailbox_fold(local, folded)) : local;
}

void core_facts_publish_sender(const struct settings *settings, const struct mail_path *sender, struct arena *arena, struct facts *facts)
{
    const struct core_facts *id = &settings->core;
    facts_set_text(facts, id->mail_from, sender->text);
    if (sender->null)
        return;
    facts_set_text(facts, id->mail_from_domain, sender->domain);
    facts_set_text(facts, id->mail_from_local, plain_local(sender->local, arena));
}

void core_facts_publish_rcpt(const struct settings *settings, const struct mail_transaction *tx, struct facts *facts)
{
    const struct core_facts *id = &settings->core;
    facts_clear_scope(facts, FACT_RECIPIENT);
    facts_set_text(facts, id->rcpt, tx->rcpt.text);
    if (tx->rcpt.domain.len)
        facts_set_text(facts, id->rcpt_domain, tx->rcpt.domain);
    facts_set_text(facts, id->rcpt_local, plain_local(tx->rcpt.local, tx->arena));
    facts_set_number(facts, id->rcpt_count, (int64_t)tx->rcpt_count);
}

void core_facts_publish_data(const struct settings *settings, const struct mail_transaction *tx, struct facts *facts)
{
    facts_clear_scope(facts, FACT_RECIPIENT);
    facts_set_number(facts, settings->core.rcpt_count, (int64_t)tx->rcpt_count);
}

void core_facts_publish_field(const struct settings *settings, const struct mail_header *field, struct arena *arena, struct facts *facts)
{
    for (size_t i = 0; i < settings->header_fact_count; i++) {
        int id = settings->header_facts[i];
        if (!facts_get(facts, id)->present && slice_eq_nocase(field->name, slice_of(settings->header_names[i])))
            facts_set_text(facts, id, header_value_unfold(field->value, arena));
    }
}

void core_facts_publish_header(const struct settings *settings, const struct message *message, struct facts *facts)
{
    const struct core_facts *id = &settings->core;
    facts_set_number(facts, id->from_count, (int64_t)message->from_count);
    facts_set_number(facts, id->received_count, (int64_t)message->received_count);
    facts_set_number(facts, id->header_fields, (int64_t)message->field_count);
    facts_set_text(facts, id->malformed, slice_of(message->malformed ? "yes" : "no"));
}
