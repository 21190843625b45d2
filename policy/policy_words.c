/* policy_words: the tables. See policy_words.h. */
#include "policy/policy_words.h"

#define STAGE(name)  POLICY_BIT(STAGE_##name)
#define KEY(name)    POLICY_BIT(RULE_KEY_##name)
#define TYPE(name)   POLICY_BIT(FACT_##name)
#define EVERY_TYPE   ((POLICY_BIT(FACT_LIST) << 1) - 1)
#define TEXTUAL      (TYPE(TEXT) | TYPE(DOMAIN) | TYPE(MAILBOX) | TYPE(LIST))
#define ANY_STAGE    POLICY_ALL_STAGES
#define RCPT_OR_DATA (STAGE(RCPT) | STAGE(DATA))

const struct policy_stage_word policy_stages[STAGE_COUNT] = {
    [STAGE_CONNECT] = {"connect", "Once, before the greeting. Known: the client's address."},
    [STAGE_HELO] = {"helo", "At each HELO or EHLO."},
    [STAGE_MAIL] = {"mail", "At each MAIL FROM: the reverse-path is known, and the client's name (filter iprev)."},
    [STAGE_RCPT] = {"rcpt", "Once for each recipient: SPF, rate limits and the recipient are known."},
    [STAGE_DATA] = {"data", "Once, after the whole message: DKIM, DMARC and the header are known."},
};

const struct policy_action_word policy_actions[ACTION_COUNT] = {
    [ACTION_ACCEPT] = {"accept", NULL, ANY_STAGE, 0, 0, false, "Ends the stage: no further rule of it is tried."},
    [ACTION_TRUST] = {"trust", NULL, ANY_STAGE, 0, 0, false, "Accepts, and tries no further rules or filters for this session."},
    [ACTION_REJECT] = {"reject", NULL, ANY_STAGE, KEY(REPLY), 0, false,
                       "Refuses for good, with a 5xx reply; by default 550 5.7.1, at stage connect 554 5.7.1."},
    [ACTION_TEMPFAIL] = {"tempfail", NULL, ANY_STAGE, KEY(REPLY), 0, false,
                         "Refuses for now, with a 4xx reply; by default 451 4.7.1, at stage connect 421 4.7.1."},
    [ACTION_DISCARD] = {"discard", NULL, STAGE(DATA), 0, 0, false, "Tells the client 250, and drops the message."},
    [ACTION_QUARANTINE] = {"quarantine", NULL, STAGE(DATA), KEY(TO), 0, false,
                           "Passes the message on with the field X-Mailweir-Quarantine, which names the rule and by which the backend can "
                           "sort it; with `to`, to that mailbox instead of its recipients."},
    [ACTION_REDIRECT] = {"redirect", NULL, RCPT_OR_DATA, KEY(TO), KEY(TO), false,
                         "Passes the message on to another mailbox: at stage rcpt in place of this recipient, at stage data in place of "
                         "all."},
    [ACTION_DISCONNECT] = {"disconnect", NULL, ANY_STAGE, KEY(REPLY), 0, false,
                           "Refuses, with a 4xx or 5xx reply (by default 421 4.7.0), and closes the connection."},
    [ACTION_TAG] = {"tag", "add_header", STAGE(DATA), KEY(HEADER), KEY(HEADER), true,
                    "Adds header fields on top of the message and goes on with the next rule."},
    [ACTION_REMOVE_HEADER] = {"remove_header", NULL, STAGE(DATA), KEY(NAMES), KEY(NAMES), true,
                              "Leaves out every header field of these names as the message came with them, and goes on with the next "
                              "rule."},
    [ACTION_SUBJECT_TAG] = {"subject_tag", NULL, STAGE(DATA), KEY(TEXT), KEY(TEXT), true,
                            "Puts a text in front of the subject and goes on with the next rule. It breaks DKIM signatures that cover "
                            "the subject; adding a field does not."},
    [ACTION_ADD_RECIPIENT] = {"add_recipient", NULL, RCPT_OR_DATA, KEY(TO), KEY(TO), true,
                              "Sends the message to one or several more mailboxes and goes on with the next rule."},
    [ACTION_DELAY] = {"delay", NULL, ANY_STAGE, KEY(FOR), KEY(FOR), true,
                      "Holds back the reply of this stage for a time, whatever is decided, and goes on with the next rule."},
};

static const char *const modes[] = {"enforce", "shadow", NULL};
static const char *const splits[] = {"defer", "lenient", NULL};

const struct policy_key_word policy_rule_keys[RULE_KEY_COUNT] = {
    [RULE_KEY_RULE] = {"rule", SHAPE_NAME, NULL, true, "spf hard fail",
                       "The rule's name: it stands in the log, and no other rule of the "
                       "policy may have it."},
    [RULE_KEY_MODE] = {"mode", SHAPE_WORD, modes, false, "shadow", "enforce, or shadow: the rule is tried and logged, but never acts."},
    [RULE_KEY_WHEN] = {"when", SHAPE_CONDITION, NULL, false, "{spf: fail}", "The condition; without it the rule always applies."},
    [RULE_KEY_DO] = {"do", SHAPE_ACTION, NULL, true, "reject", "The action."},
    [RULE_KEY_REPLY] = {"reply", SHAPE_REPLY, NULL, false, "\"550 5.7.1 No mail from {client.ip}, see {help_url}\"",
                        "What the client is told: code, enhanced code and text; the latter two may be left out."},
    [RULE_KEY_TO] = {"to", SHAPE_MAILBOXES, NULL, false, "postmaster@example.com",
                     "The mailbox that gets the message; of add_recipient also a list of mailboxes."},
    [RULE_KEY_HEADER] = {"header", SHAPE_HEADER, NULL, false, "{X-Policy: \"spf={spf}\"}", "The fields that are added, by name."},
    [RULE_KEY_NAMES] = {"names", SHAPE_FIELDS, NULL, false, "[X-Spam-Flag, X-Spam-*]",
                        "The names of the fields that are left out, without case; a final \"*\" stands for any rest."},
    [RULE_KEY_TEXT] = {"text", SHAPE_TEXT, NULL, false, "\"[SUSPECT] \"", "What is put in front of the subject."},
    [RULE_KEY_FOR] = {"for", SHAPE_DURATION, NULL, false, "5s", "How long the reply is held back: 1ms to 60s."},
};

const struct policy_key_word policy_keys[POLICY_KEY_COUNT] = {
    [POLICY_KEY_SPLIT] =
        {"split", SHAPE_WORD, splits, false, "defer",
         "What becomes of recipients of one message for whom rules of stage data differ, since one reply answers them "
         "all. defer: the first one sets the class, those of another class get 452 4.5.3 and come in a transaction of "
         "their own. lenient: the mildest decision for any of them is taken for all. A policy that has such rules must say "
         "which."},
    [POLICY_KEY_CANDIDATE] = {"candidate", SHAPE_POLICY, NULL, false, "tomorrow",
                              "Another policy that is decided beside this one on the same facts and never acts; where they differ is "
                              "logged and counted."},
};

const struct policy_operator_word policy_operators[OPERATOR_COUNT] = {
    [OPERATOR_IN] = {"in", TEXTUAL | TYPE(ADDRESS), SHAPE_LISTS, "relays", "The fact is in the list, or in one of several lists."},
    [OPERATOR_NOT] = {"not", EVERY_TYPE, SHAPE_TEST, "pass", "The test behind it does not hold; it holds for an absent fact."},
    [OPERATOR_OVER] = {"over", TYPE(NUMBER), SHAPE_NUMBER, "10MiB", "The fact is greater than the number."},
    [OPERATOR_UNDER] = {"under", TYPE(NUMBER), SHAPE_NUMBER, "5m", "The fact is less than the number."},
    [OPERATOR_MATCHES] = {"matches", TEXTUAL, SHAPE_REGEX, "'^\\[SPAM\\]'",
                          "A Perl-compatible regular expression, or one of several, is found in the fact, without case; (?-i) in front "
                          "of it makes case count, ^ and $ stand for the whole. Of a list: found in one of its items."},
    [OPERATOR_ABSENT] = {"absent", EVERY_TYPE, SHAPE_BOOL, "true", "The fact is not known (false: it is known)."},
    [OPERATOR_PRESENT] = {"present", EVERY_TYPE, SHAPE_BOOL, "true", "The fact is known (false: it is not)."},
};

const struct policy_combinator_word policy_combinators[COMBINATOR_COUNT] = {
    [COMBINATOR_ANY] = {"any", "One of the conditions behind it holds."},
    [COMBINATOR_ALL] = {"all", "All conditions behind it hold."},
    [COMBINATOR_NOT] = {"not", "The condition behind it does not hold."},
};

const char *const policy_value_docs[FACT_LIST + 1] = {
    [FACT_TEXT] = "The whole text, without case; or *.example.com and .example.com as for domains.",
    [FACT_WORD] = "One of the fact's own words.",
    [FACT_NUMBER] = "A number, a size (10MiB) or a duration in seconds (5m).",
    [FACT_ADDRESS] = "An address or a network (192.0.2.0/24).",
    [FACT_DOMAIN] = "A domain; *.example.com for any below it, .example.com for both; \"*\" elsewhere for any run of bytes.",
    [FACT_MAILBOX] = "A mailbox; a domain, as for domains, for any mailbox at it; <> for the null reverse-path.",
    [FACT_LIST] = "One of its items; as text.",
};

int policy_action_find(struct slice name)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        if (slice_eq(name, slice_of(policy_actions[i].name)) ||
            (policy_actions[i].alias && slice_eq(name, slice_of(policy_actions[i].alias))))
            return i;
    return -1;
}

const char *action_name(enum action action)
{
    return policy_actions[action].name;
}

bool action_goes_on(enum action action)
{
    return policy_actions[action].goes_on;
}
