/* fuzz_command: whatever the line, there is a good command with clean strings, or an error reply to give. */
#include "proxy/smtp/smtp_command.h"
#include "tests/fuzz/fuzz.h"

static const struct smtp_offer offers[] = {
    {.esmtp = true, .size = true, .eightbit = true, .size_max = 1000000},
    {.esmtp = true, .size = true},
    {.esmtp = true,
     .size = true,
     .eightbit = true,
     .smtputf8 = true,
     .dsn = true,
     .requiretls = true,
     .deliverby = true,
     .mt_priority = true,
     .future_release = true,
     .chunking = true,
     .size_max = 1000000},
    {.esmtp = true},
    {.esmtp = false, .size = true, .eightbit = true, .strict_helo = true},
};

static void check_good(const struct smtp_command *command, const struct smtp_offer *offer)
{
    FUZZ_CHECK(command->verb < SMTP_UNKNOWN);
    FUZZ_CHECK((command->path.utf8 || fuzz_is_printable(command->path.text)) && fuzz_is_printable(command->path.params));
    FUZZ_CHECK(!command->path.utf8 || offer->smtputf8);
    FUZZ_CHECK(command->params.size >= -1 && (offer->size_max == 0 || command->params.size <= offer->size_max));
    FUZZ_CHECK(offer->esmtp || command->path.params.len == 0);
    FUZZ_CHECK(command->verb == SMTP_MAIL || !command->path.null);
    FUZZ_CHECK((command->verb != SMTP_MAIL && command->verb != SMTP_RCPT) || command->path.null || command->path.text.len > 0);
}

static void check_error(const struct smtp_command *command)
{
    FUZZ_CHECK(command->error_code >= 500 && command->error_code <= 559);
    FUZZ_CHECK(command->error_enhanced[0] == '5' && command->error_text[0] != '\0');
}

/* What goes on to the backend means the same there. */
static void check_written_again(const struct smtp_command *command, const struct smtp_offer *offer, struct arena *arena)
{
    struct smtp_command again;
    const char *verb = command->verb == SMTP_MAIL ? "MAIL FROM" : "RCPT TO";
    if (command->verb != SMTP_MAIL && command->verb != SMTP_RCPT)
        return;
    char *line = arena_format(arena, "%s:<%.*s>%s%.*s", verb, SLICE_FMT(command->path.text), command->path.params.len ? " " : "",
                              SLICE_FMT(command->path.params));
    FUZZ_CHECK(smtp_command_parse(slice_of(line), offer, arena, &again));
    FUZZ_CHECK(again.verb == command->verb && again.params.size == command->params.size &&
               again.params.body_8bit == command->params.body_8bit);
    FUZZ_CHECK(slice_eq(again.path.text, command->path.text) && slice_eq(again.path.params, command->path.params));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice line = fuzz_slice(data, size);
    const struct smtp_offer *offer = &offers[fuzz_take_choice(&line, sizeof offers / sizeof offers[0])];
    struct arena *arena = arena_new();
    struct smtp_command command;
    bool good = smtp_command_parse(line, offer, arena, &command);
    FUZZ_CHECK(good == (command.error_code == 0));
    if (good) {
        check_good(&command, offer);
        check_written_again(&command, offer, arena);
    } else {
        check_error(&command);
    }
    arena_free(&arena);
    return 0;
}
