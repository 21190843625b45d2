/* core_facts: see core_facts.h. */
#include "proxy/settings/core_facts.h"

#include "proxy/smtp/sasl.h"

struct core_fact {
    size_t offset; /* of its id in struct core_facts */
    struct fact_def def;
};

static const char *const certificate_words[] = {"none", "unverified", "verified", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};

#define FACT(field, fact_name, fact_type, stage, fact_scope, fact_words, fact_doc)                                                         \
    {                                                                                                                                      \
        offsetof(struct core_facts, field),                                                                                                \
        {                                                                                                                                  \
            .name = fact_name, .type = fact_type, .since = stage, .scope = fact_scope, .words = fact_words, .doc = fact_doc                \
        }                                                                                                                                  \
    }

static const struct core_fact table[] = {
    FACT(client_ip, "client.ip", FACT_ADDRESS, STAGE_CONNECT, FACT_SESSION, NULL, "the client's IP address"),
    FACT(client_port, "client.port", FACT_NUMBER, STAGE_CONNECT, FACT_SESSION, NULL, "the client's port"),
    FACT(client_early, "client.early", FACT_WORD, STAGE_CONNECT, FACT_SESSION, yes_no,
         "yes: the client talked before the greeting, no: it waited; absent unless the listener has limits.greet_delay"),
    FACT(listener, "listener", FACT_TEXT, STAGE_CONNECT, FACT_SESSION, NULL,
         "the address and port of ours that the client connected to, as listeners names it"),
    FACT(helo, "helo", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL, "what the client said in EHLO or HELO"),
    FACT(esmtp, "esmtp", FACT_WORD, STAGE_HELO, FACT_SESSION, yes_no, "yes: EHLO; no: HELO"),
    FACT(tls_version, "tls.version", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL, "TLSv1.2 or TLSv1.3; absent in the clear"),
    FACT(tls_cipher, "tls.cipher", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL, "the cipher suite, by its IANA name; absent in the clear"),
    FACT(tls_sni, "tls.sni", FACT_DOMAIN, STAGE_HELO, FACT_SESSION, NULL, "the host that the client asked for in SNI; absent if for none"),
    FACT(tls_client, "tls.client", FACT_WORD, STAGE_HELO, FACT_SESSION, certificate_words,
         "the client's certificate: none, unverified, or verified by tls.client_ca; absent in the clear"),
    FACT(tls_fingerprint, "tls.fingerprint", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL,
         "the SHA-256 of the client's certificate in hexadecimal; absent if it showed none"),
    FACT(auth_user, "auth.user", FACT_TEXT, STAGE_MAIL, FACT_SESSION, NULL, "the authenticated user; absent if there is none"),
    FACT(auth_mechanism, "auth.mechanism", FACT_WORD, STAGE_MAIL, FACT_SESSION, sasl_words,
         "how he authenticated; absent if there is none"),
    FACT(mail_from, "mail_from", FACT_MAILBOX, STAGE_MAIL, FACT_TRANSACTION, NULL, "the reverse-path; empty for <>"),
    FACT(mail_from_domain, "mail_from.domain", FACT_DOMAIN, STAGE_MAIL, FACT_TRANSACTION, NULL,
         "the domain of the reverse-path; absent for <>"),
    FACT(mail_from_local, "mail_from.local", FACT_TEXT, STAGE_MAIL, FACT_TRANSACTION, NULL,
         "the local part of the reverse-path; absent for <>"),
    FACT(rcpt, "rcpt", FACT_MAILBOX, STAGE_RCPT, FACT_RECIPIENT, NULL, "the forward-path being decided; at stage data the last one"),
    FACT(rcpt_domain, "rcpt.domain", FACT_DOMAIN, STAGE_RCPT, FACT_RECIPIENT, NULL,
         "the domain of the forward-path; absent for <postmaster>"),
    FACT(rcpt_local, "rcpt.local", FACT_TEXT, STAGE_RCPT, FACT_RECIPIENT, NULL, "the local part of the forward-path"),
    FACT(rcpt_count, "rcpt.count", FACT_NUMBER, STAGE_RCPT, FACT_TRANSACTION, NULL,
         "recipients accepted so far in this transaction, the one being decided not counted"),
    FACT(size, "size", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, "bytes of the message as it was received"),
    FACT(from_count, "from.count", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, "number of From fields; RFC 5322 wants one"),
    FACT(received_count, "received.count", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, "number of Received fields"),
    FACT(header_fields, "message.fields", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, "number of header fields"),
    FACT(malformed, "message.malformed", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, yes_no,
         "yes: the header section ends at a line that is no field, which begins the body"),
};

void core_facts_add(struct fact_schema *schema, struct core_facts *ids)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int id = fact_schema_add(schema, &table[i].def);
        memcpy((char *)ids + table[i].offset, &id, sizeof id);
    }
}
