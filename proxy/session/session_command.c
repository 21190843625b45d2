/* session_command: one line becomes one command, and the table says when it may come and who carries it out.
 *
 * A row's check is the order of commands; the grammar has been checked by smtp_command before, without side effects. */
#include "proxy/session/session_state.h"

#include "proxy/smtp/smtp_reply.h"

enum when {
    ANYTIME = 0,
    GREETED = 1,   /* HELO or EHLO was accepted */
    NO_MAIL = 2,   /* no transaction is under way */
    HAS_MAIL = 4,  /* a transaction is under way */
    NO_AUTH = 16,  /* the client has not authenticated */
    NO_CHUNKS = 8, /* no chunk of its message has come */
};

enum { LINGER_MS = 2000 };

struct row {
    unsigned when;
    session_step_fn proceed;
};

static void do_rset(struct session *s)
{
    session_reset(s);
    session_reply(s, 250, "2.0.0", "Ok");
}

static void do_noop(struct session *s)
{
    session_reply(s, 250, "2.0.0", "Ok");
}

static void do_quit(struct session *s)
{
    session_reply(s, 221, "2.0.0", "Bye");
    session_end(s, 0);
}

static void do_help(struct session *s)
{
    session_reply(s, 214, "2.0.0", "Commands: HELO EHLO MAIL RCPT DATA BDAT AUTH RSET NOOP QUIT HELP VRFY STARTTLS");
}

static void do_vrfy(struct session *s)
{
    session_reply(s, 252, "2.5.0", "Cannot verify, but will take a message and try to deliver it");
}

static void do_expn(struct session *s)
{
    session_error(s, 502, "5.5.1", "EXPN is not available");
}

static void do_unknown(struct session *s)
{
    session_error(s, 500, "5.5.1", "Command not recognized");
}

static const struct row rows[SMTP_VERB_COUNT] = {
    [SMTP_HELO] = {ANYTIME, session_hello},
    [SMTP_EHLO] = {ANYTIME, session_hello},
    [SMTP_MAIL] = {GREETED | NO_MAIL, session_mail},
    [SMTP_RCPT] = {GREETED | HAS_MAIL | NO_CHUNKS, session_rcpt},
    [SMTP_DATA] = {GREETED | HAS_MAIL | NO_CHUNKS, session_data},
    [SMTP_RSET] = {ANYTIME, do_rset},
    [SMTP_NOOP] = {ANYTIME, do_noop},
    [SMTP_QUIT] = {ANYTIME, do_quit},
    [SMTP_HELP] = {ANYTIME, do_help},
    [SMTP_VRFY] = {ANYTIME, do_vrfy},
    [SMTP_EXPN] = {ANYTIME, do_expn},
    [SMTP_STARTTLS] = {GREETED | NO_AUTH, session_starttls},
    [SMTP_AUTH] = {GREETED | NO_MAIL | NO_AUTH, session_auth},
    [SMTP_BDAT] = {ANYTIME, session_bdat},
    [SMTP_UNKNOWN] = {ANYTIME, do_unknown},
};

/* NULL, or what is wrong with the order of commands (RFC 5321 §4.1.4). */
static const char *out_of_order(const struct session *s, const struct row *row)
{
    if (row->when & GREETED && !s->greeted)
        return "Say EHLO or HELO first";
    if (row->when & NO_MAIL && s->tx)
        return "MAIL was given already";
    if (row->when & HAS_MAIL && !s->tx)
        return "MAIL is needed first";
    if (row->when & NO_AUTH && s->mail.auth_user.len)
        return "You have authenticated already";
    if (row->when & NO_CHUNKS && s->tx->in_data)
        return "The message comes in chunks already";
    return NULL;
}

/* Nobody knows how many of the bytes behind it are a message: none of them may be read as a command. */
static void give_up_chunk(struct session *s)
{
    session_reply(s, s->command.error_code, s->command.error_enhanced, s->command.error_text);
    session_end(s, LINGER_MS);
}

void session_command_line(struct session *s, struct slice line)
{
    bool good = smtp_command_parse(line, &s->offer, s->line_arena, &s->command);
    const struct row *row = &rows[s->command.verb];
    const char *wrong = out_of_order(s, row);
    if (wrong)
        session_error(s, 503, "5.5.1", wrong);
    else if (!good && s->command.verb == SMTP_BDAT)
        give_up_chunk(s);
    else if (!good)
        session_error(s, s->command.error_code, s->command.error_enhanced, s->command.error_text);
    else if (s->command.verb != SMTP_BDAT && session_tls_missing(s))
        session_error(s, 530, "5.7.0", "Must issue a STARTTLS command first");
    else
        row->proceed(s);
}

void session_reset(struct session *s)
{
    tx_end(s, false);
}
