#include "base/log_escape.h"
#include "tests/unit/unit.h"

static struct buf out;

static struct slice logfmt(struct slice value)
{
    buf_clear(&out);
    log_escape(&out, value);
    return buf_slice(&out);
}

static struct slice json(struct slice value)
{
    buf_clear(&out);
    ck_assert(log_escape_value(&out, LOG_FORMAT_JSON, value, SIZE_MAX));
    return buf_slice(&out);
}

START_TEST(plain_values_are_bare)
{
    ck_slice_eq(logfmt(SLICE("<a@example.com>")), "<a@example.com>");
    ck_slice_eq(logfmt(SLICE("192.0.2.1:25")), "192.0.2.1:25");
    ck_slice_eq(json(SLICE("bare")), "\"bare\"");
}
END_TEST

START_TEST(values_that_could_be_misread_are_quoted)
{
    ck_slice_eq(logfmt(SLICE("")), "\"\"");
    ck_slice_eq(logfmt(SLICE("two words")), "\"two words\"");
    ck_slice_eq(logfmt(SLICE("a=b")), "\"a=b\"");
    ck_slice_eq(logfmt(SLICE("say \"x\" \\")), "\"say \\\"x\\\" \\\\\"");
}
END_TEST

START_TEST(control_bytes_never_pass)
{
    ck_slice_eq(logfmt(slice_make("a\r\nevent=fake\0\x1b[2J\x7f\t", 20)), "\"a\\r\\nevent=fake\\u0000\\u001b[2J\\u007f\\t\"");
    ck_slice_eq(json(SLICE("\t\x01")), "\"\\t\\u0001\"");
}
END_TEST

START_TEST(utf8_passes_and_other_bytes_are_shown)
{
    ck_slice_eq(logfmt(SLICE("gr\xc3\xbc\xc3\x9f")), "\"gr\xc3\xbc\xc3\x9f\"");
    ck_slice_eq(logfmt(SLICE("\xf0\x9f\x93\xa8")), "\"\xf0\x9f\x93\xa8\"");
    ck_slice_eq(logfmt(SLICE("\xff\xc3")), "\"\\xff\\xc3\"");
    ck_slice_eq(json(SLICE("\xff")), "\"\\\\xff\"");
}
END_TEST

START_TEST(forged_utf8_is_no_utf8)
{
    ck_slice_eq(logfmt(SLICE("\xc0\x8a")), "\"\\xc0\\x8a\"");                   /* overlong newline */
    ck_slice_eq(logfmt(SLICE("\xe0\x80\x8a")), "\"\\xe0\\x80\\x8a\"");          /* the same in three bytes */
    ck_slice_eq(logfmt(SLICE("\xed\xa0\x80")), "\"\\xed\\xa0\\x80\"");          /* surrogate */
    ck_slice_eq(logfmt(SLICE("\xf4\x90\x80\x80")), "\"\\xf4\\x90\\x80\\x80\""); /* beyond U+10FFFF */
}
END_TEST

START_TEST(characters_that_deceive_are_shown_as_numbers)
{
    ck_slice_eq(logfmt(SLICE("\xc2\x9b")), "\"\\u009b\"");     /* C1: control sequence introducer */
    ck_slice_eq(logfmt(SLICE("\xe2\x80\xae")), "\"\\u202e\""); /* right-to-left override */
    ck_slice_eq(json(SLICE("\xe2\x80\xa8")), "\"\\u2028\"");   /* line separator */
}
END_TEST

START_TEST(a_cut_value_is_complete_in_itself)
{
    static const char *const expected[] = {"", "", "\"\"", "\"a\"", "\"ab\"", "\"ab\"", "\"ab\\n\"", "\"ab\\nc\""};
    for (size_t room = 0; room < 8; room++) {
        buf_clear(&out);
        buf_add_text(&out, "");
        ck_assert_int_eq(log_escape_value(&out, LOG_FORMAT_LOGFMT, SLICE("ab\nc"), room), room >= 7);
        ck_slice_eq(buf_slice(&out), expected[room]);
    }
    buf_clear(&out);
    ck_assert(!log_escape_value(&out, LOG_FORMAT_LOGFMT, SLICE("bare"), 2));
    ck_slice_eq(buf_slice(&out), "ba");
}
END_TEST

UNIT_MAIN("base/log_escape", plain_values_are_bare, values_that_could_be_misread_are_quoted, control_bytes_never_pass,
          utf8_passes_and_other_bytes_are_shown, forged_utf8_is_no_utf8, characters_that_deceive_are_shown_as_numbers,
          a_cut_value_is_complete_in_itself)
