/* policy_number: numbers with and without units. */
#include "policy/policy_number.h"
#include "tests/unit/unit.h"

START_TEST(integers_sizes_and_durations_are_numbers)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},       {"100", 100},        {"-5", -5},    {"9223372036854775807", INT64_MAX},
        {"2KiB", 2048}, {"10MiB", 10485760}, {"5s", 5},     {"5m", 300},
        {"1h", 3600},   {"1d", 86400},       {"1500ms", 1},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t value = 77;
        ck_assert_msg(policy_number_parse(slice_of(good[i].text), &value) && value == good[i].value, "%s", good[i].text);
    }
}
END_TEST

START_TEST(anything_else_is_none)
{
    static const char *const bad[] = {"",   "-",   "--5", "5 m",          "m", "0x10", "1.5", "9223372036854775808", "5 ",
                                      "+5", "-5m", "5MB", "9999999999GiB"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t value;
        ck_assert_msg(!policy_number_parse(slice_of(bad[i]), &value), "%s", bad[i]);
    }
}
END_TEST

UNIT_MAIN("policy_number", integers_sizes_and_durations_are_numbers, anything_else_is_none)
