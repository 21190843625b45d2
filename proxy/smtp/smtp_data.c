/* smtp_data: see smtp_data.h.
 *
 * step() is the whole grammar, one byte at a time. scan() only finds the longest stretch that step() would pass on unchanged,
 * with memchr, so that clean mail costs no loop over its bytes. drain() looks for the end after a violation. */
#include "proxy/smtp/smtp_data.h"

/* How far scan() looks ahead at once: bounds what hostile input full of bare newlines can make us look at twice. */
enum { WINDOW = 256 };

enum state {
    LINE_START,     /* behind CRLF, or at the very start: a dot may be the final one */
    REPAIRED_START, /* behind a bare newline that was made CRLF: a dot is content and must be stuffed */
    IN_LINE,        /* somewhere else */
    AFTER_CR,       /* the CR was passed on; only LF may follow */
    AFTER_DOT,      /* a dot at LINE_START is held back */
    AFTER_DOT_CR,   /* such a dot and a CR are held back */
    ENDED,          /* the final dot was seen */
};

void smtp_data_init(struct smtp_data *d, enum smtp_newline_mode mode, size_t line_max)
{
    *d = (struct smtp_data){.mode = mode, .line_max = line_max, .state = LINE_START};
}

static void put(struct smtp_data *d, struct smtp_data_run *run, struct slice wire, struct slice text)
{
    memcpy(d->wire_bytes + run->wire.len, wire.ptr, wire.len);
    memcpy(d->text_bytes + run->text.len, text.ptr, text.len);
    run->wire = slice_make(d->wire_bytes, run->wire.len + wire.len);
    run->text = slice_make(d->text_bytes, run->text.len + text.len);
}

static void put_both(struct smtp_data *d, struct smtp_data_run *run, struct slice bytes)
{
    put(d, run, bytes, bytes);
}

static void begin_line(struct smtp_data *d, int state)
{
    d->state = state;
    d->line_length = 0;
}

/* Where the search for CRLF.CRLF stands after c, in a message that is refused anyway. */
static int drain_state(int state, char c)
{
    if (c == '\r')
        return state == AFTER_DOT ? AFTER_DOT_CR : AFTER_CR;
    if (c == '\n' && state == AFTER_CR)
        return LINE_START;
    if (c == '\n' && state == AFTER_DOT_CR)
        return ENDED;
    return c == '.' && state == LINE_START ? AFTER_DOT : IN_LINE;
}

static void violate(struct smtp_data *d, enum smtp_data_violation violation, char c)
{
    d->violation = violation;
    d->state = drain_state(d->state, c);
}

/* A bare newline: true if the mode lets it pass as CRLF. */
static bool repair(struct smtp_data *d, enum smtp_data_violation violation, char c)
{
    if (d->mode == SMTP_NEWLINE_REJECT) {
        violate(d, violation, c);
        return false;
    }
    d->repaired = true;
    return true;
}

static void step_plain(struct smtp_data *d, char c, struct smtp_data_run *run)
{
    if (d->line_max && d->line_length >= d->line_max) {
        violate(d, SMTP_DATA_LONG_LINE, c);
        return;
    }
    if (d->state == AFTER_DOT)
        put(d, run, SLICE("."), SLICE(""));
    if (d->state == REPAIRED_START && c == '.')
        put(d, run, SLICE("."), SLICE(""));
    put_both(d, run, slice_make(&c, 1));
    d->state = IN_LINE;
    d->line_length++;
}

/* LINE_START, REPAIRED_START or IN_LINE. */
static void step_line(struct smtp_data *d, char c, struct smtp_data_run *run)
{
    if (c == '\0') {
        violate(d, SMTP_DATA_NUL, c);
    } else if (c == '\r') {
        put_both(d, run, SLICE("\r"));
        d->state = AFTER_CR;
    } else if (c == '\n') {
        if (repair(d, SMTP_DATA_BARE_LF, c)) {
            put_both(d, run, SLICE("\r\n"));
            begin_line(d, REPAIRED_START);
        }
    } else if (c == '.' && d->state == LINE_START) {
        d->state = AFTER_DOT;
    } else {
        step_plain(d, c, run);
    }
}

static void step_after_cr(struct smtp_data *d, char c, struct smtp_data_run *run)
{
    if (c == '\n') {
        put_both(d, run, SLICE("\n"));
        begin_line(d, LINE_START);
    } else if (repair(d, SMTP_DATA_BARE_CR, c)) {
        put_both(d, run, SLICE("\n"));
        begin_line(d, REPAIRED_START);
        step_line(d, c, run);
    }
}

/* A line of one dot, ended by a bare newline, is content: stuffed, so that nobody behind us takes it for the end. */
static void put_lone_dot(struct smtp_data *d, struct smtp_data_run *run)
{
    put(d, run, SLICE("..\r\n"), SLICE(".\r\n"));
    begin_line(d, REPAIRED_START);
}

static void step_after_dot(struct smtp_data *d, char c, struct smtp_data_run *run)
{
    if (c == '\r')
        d->state = AFTER_DOT_CR;
    else if (c == '\0')
        violate(d, SMTP_DATA_NUL, c);
    else if (c != '\n')
        step_plain(d, c, run);
    else if (repair(d, SMTP_DATA_BARE_LF, c))
        put_lone_dot(d, run);
}

static void step_after_dot_cr(struct smtp_data *d, char c, struct smtp_data_run *run)
{
    if (c == '\n') {
        d->state = ENDED;
        run->end = true;
    } else if (repair(d, SMTP_DATA_BARE_CR, c)) {
        put_lone_dot(d, run);
        step_line(d, c, run);
    }
}

static struct smtp_data_run step(struct smtp_data *d, char c)
{
    struct smtp_data_run run = {.consumed = 1};
    if (d->state == AFTER_CR)
        step_after_cr(d, c, &run);
    else if (d->state == AFTER_DOT)
        step_after_dot(d, c, &run);
    else if (d->state == AFTER_DOT_CR)
        step_after_dot_cr(d, c, &run);
    else
        step_line(d, c, &run);
    return run;
}

/* The length of the longest stretch, from the start of input, of lines that end in CRLF and do not begin with a dot, and of a
 * part of one more. Stops in front of whatever needs step(). NUL is not looked at. */
static size_t scan(struct smtp_data *d, struct slice input)
{
    const char *p = input.ptr, *end = p + input.len;
    size_t room = d->line_max ? d->line_max - d->line_length : SIZE_MAX;
    if (d->state > IN_LINE)
        return 0;
    while (p < end && !(*p == '.' && d->state != IN_LINE)) {
        size_t ahead = (size_t)(end - p) < WINDOW ? (size_t)(end - p) : WINDOW;
        const char *cr = memchr(p, '\r', ahead);
        size_t plain = cr ? (size_t)(cr - p) : ahead;
        const char *lf = memchr(p, '\n', plain);
        if (lf)
            plain = (size_t)(lf - p);
        if (plain > room)
            plain = room;
        if (plain)
            d->state = IN_LINE;
        p += plain;
        room -= plain;
        if (!cr && !lf && plain == ahead)
            continue;
        if (p != cr || end - cr < 2 || cr[1] != '\n')
            break;
        p = cr + 2;
        d->state = LINE_START;
        room = d->line_max ? d->line_max : SIZE_MAX;
    }
    d->line_length = d->line_max ? d->line_max - room : 0;
    return (size_t)(p - input.ptr);
}

static size_t clean_length(struct smtp_data *d, struct slice input)
{
    struct smtp_data before = *d;
    size_t length = scan(d, input);
    const char *nul = length ? memchr(input.ptr, '\0', length) : NULL;
    if (!nul)
        return length;
    *d = before;
    return scan(d, slice_first(input, (size_t)(nul - input.ptr)));
}

static struct smtp_data_run drain(struct smtp_data *d, struct slice input)
{
    size_t i = 0;
    while (i < input.len && d->state != ENDED) {
        const char *cr = d->state == IN_LINE ? memchr(input.ptr + i, '\r', input.len - i) : input.ptr + i;
        i = cr ? (size_t)(cr - input.ptr) : input.len;
        if (cr)
            d->state = drain_state(d->state, input.ptr[i++]);
    }
    return (struct smtp_data_run){.consumed = i, .end = d->state == ENDED};
}

struct smtp_data_run smtp_data_next(struct smtp_data *d, struct slice input)
{
    if (input.len == 0 || d->state == ENDED)
        return (struct smtp_data_run){.end = d->state == ENDED};
    if (d->violation != SMTP_DATA_CLEAN)
        return drain(d, input);
    size_t length = clean_length(d, input);
    if (length == 0)
        return step(d, input.ptr[0]);
    struct slice run = slice_first(input, length);
    return (struct smtp_data_run){.wire = run, .text = run, .consumed = length};
}

const char *smtp_data_violation_text(enum smtp_data_violation v)
{
    switch (v) {
    case SMTP_DATA_CLEAN:
        return "";
    case SMTP_DATA_BARE_CR:
        return "Message contains a bare CR";
    case SMTP_DATA_BARE_LF:
        return "Message contains a bare LF";
    case SMTP_DATA_NUL:
        return "Message contains a NUL byte";
    case SMTP_DATA_LONG_LINE:
        return "Message contains a line that is too long";
    }
    return "";
}
