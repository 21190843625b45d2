/* core_facts: the facts that the proxy itself publishes: connection, envelope, message. */
#ifndef PROXY_CORE_FACTS_H
#define PROXY_CORE_FACTS_H

#include "filters/mail.h"
#include "proxy/settings/settings.h"
#include "proxy/smtp/message.h"

/** Adds them to the schema, which must be empty, and fills in their ids. */
void core_facts_add(struct fact_schema *schema, struct core_facts *ids);

/** Publishing, when each becomes known. Texts are kept by reference where they live as long as the fact does. */
void core_facts_publish_client(const struct settings *settings, const struct mail_session *session, struct facts *facts);
/** The time before the greeting is over, and whether the client talked meanwhile. */
void core_facts_publish_early(const struct settings *settings, bool early, struct facts *facts);
/** The TLS handshake is over. */
void core_facts_publish_tls(const struct settings *settings, const struct tls_info *tls, struct facts *facts);
void core_facts_publish_hello(const struct settings *settings, const struct mail_session *session, struct facts *facts);
/** The client has proved who he is: session->auth_user. mechanism: a word of sasl_words. */
void core_facts_publish_login(const struct settings *settings, const struct mail_session *session, const char *mechanism,
                              struct facts *facts);
void core_facts_publish_sender(const struct settings *settings, const struct mail_path *sender, struct arena *arena, struct facts *facts);
/** Clears what is known of the recipient before, and publishes tx->rcpt. */
void core_facts_publish_rcpt(const struct settings *settings, const struct mail_transaction *tx, struct facts *facts);
/** DATA: the recipients are counted, and no single one is spoken of any more. */
void core_facts_publish_data(const struct settings *settings, const struct mail_transaction *tx, struct facts *facts);
/** A header field that came: published if the configuration names it and it is the first of its name. */
void core_facts_publish_field(const struct settings *settings, const struct mail_header *field, struct arena *arena, struct facts *facts);
/** The end of the header section. */
void core_facts_publish_header(const struct settings *settings, const struct message *message, struct facts *facts);

#endif
