/* policy_default: the built-in policy, one document with the stages as its keys. examples/policies/default.yaml is the same text, byte for
 * byte, and a test holds the two together: change both. The reasons stand in the text, where a postmaster reads them. */
#include "policy/policy.h"

/* clang-format off */
static const char text[] =
    "# The policy that is built in: it is used if a configuration has no policies of its own. To change it, copy it into the\n"
    "# configuration, indented under `policies:` and `inbound:`. Rules are tried in order, the first that decides wins; if none\n"
    "# does, the mail is accepted.\n"
    "\n"
    "rcpt:\n"
    "  # 451, not 550: who sends honestly but much comes back later. Without configured limits this rule never applies.\n"
    "  - rule: rate limit\n"
    "    when: {rate: over}\n"
    "    do: tempfail\n"
    "    reply: \"451 4.7.1 Rate limit {rate.limit} reached, try again in {rate.retry_after} seconds\"\n"
    "\n"
    "  # Only watched: forwarders break SPF without any ill will, and DMARC below takes SPF into account. The log tells what this\n"
    "  # rule would have refused; take `mode: shadow` away once you know that you lose nothing you want.\n"
    "  - rule: spf hard fail\n"
    "    mode: shadow\n"
    "    when: {spf: fail}\n"
    "    do: reject\n"
    "    reply: \"550 5.7.23 {client.ip} is not allowed to send for {mail_from.domain}\"\n"
    "\n"
    "data:\n"
    "  # A message has one author's field (RFC 5322 section 3.6). With none or several nobody can tell whose name the reader will\n"
    "  # see, and DMARC would judge one of them and the mail program show another.\n"
    "  - rule: from field\n"
    "    when: [{from.count: 0}, {from.count: {over: 1}}]\n"
    "    do: reject\n"
    "    reply: \"550 5.6.0 A message must have exactly one From field, this one has {from.count}\"\n"
    "\n"
    "  # A From field from which no author's domain can be read (several authors' domains, broken syntax): DMARC can say nothing, but\n"
    "  # a mail program may well show the domain that DMARC would have protected. Old and local senders do this, too: only marked.\n"
    "  - rule: no author domain\n"
    "    when: {dmarc: permerror, from.domain: absent}\n"
    "    do: quarantine\n"
    "\n"
    "  # The name servers of the author's domain do not answer: whether its owner asks for refusal is not known. Honest mail comes again;\n"
    "  # a forger who breaks a name server, or finds a broken one below the domain, gains nothing.\n"
    "  - rule: dmarc cannot be told\n"
    "    when: {dmarc: temperror}\n"
    "    do: tempfail\n"
    "    reply: \"451 4.7.1 DMARC policy of {from.domain} cannot be looked up, please try again later\"\n"
    "\n"
    "  # The domain's owner asks to refuse, no signature and no SPF verify for anybody, and it did not come through a mailing list:\n"
    "  # then there is more to go by than p=reject alone, and the sender learns of it at once.\n"
    "  - rule: spoofed, and nothing speaks for it\n"
    "    when: {dmarc: fail, dmarc.policy: reject, header.List-Id: absent, dkim: {not: pass}, spf: {not: pass}}\n"
    "    do: reject\n"
    "    reply: \"550 5.7.1 DMARC policy of {from.domain}\"\n"
    "\n"
    "  # RFC 9989 section 7.4: p=reject by itself is no reason to refuse, since mailing lists and forwarders break alignment for\n"
    "  # honest mail. Whoever knows nothing more treats it like p=quarantine: the backend can sort it by its mark.\n"
    "  - rule: dmarc\n"
    "    when: {dmarc: fail, dmarc.policy: [quarantine, reject]}\n"
    "    do: quarantine\n";
/* clang-format on */

struct slice policy_default_text(void)
{
    return slice_make(text, sizeof text - 1);
}
