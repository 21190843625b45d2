#include "base/config/option_value.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static const char *parse(const struct option *row, const char *text, void *at)
{
    const char *why = option_value_parse(row, slice_of(text), at, arena);
    return why ? why : "good";
}

static void begin(void)
{
    arena = arena_new();
}

static void end(void)
{
    arena_free(&arena);
}

START_TEST(booleans_are_two_words)
{
    static const struct option row = {.type = OPTION_BOOL};
    bool value = false;
    begin();
    ck_assert_str_eq(parse(&row, "true", &value), "good");
    ck_assert(value);
    ck_assert_str_eq(parse(&row, "false", &value), "good");
    ck_assert(!value);
    ck_assert_str_eq(parse(&row, "yes", &value), "must be true or false, not \"yes\"; did you mean \"true\"?");
    ck_assert_str_eq(parse(&row, "Off", &value), "must be true or false, not \"Off\"; did you mean \"false\"?");
    ck_assert_str_eq(parse(&row, "maybe", &value), "must be true or false, not \"maybe\"");
    end();
}
END_TEST

START_TEST(numbers_are_decimal_and_in_range)
{
    static const struct option row = {.type = OPTION_NUMBER, .min = -5, .max = 100}, any = {.type = OPTION_NUMBER};
    int64_t value = 7;
    begin();
    ck_assert_str_eq(parse(&row, "100", &value), "good");
    ck_assert_int_eq(value, 100);
    ck_assert_str_eq(parse(&row, "-5", &value), "good");
    ck_assert_int_eq(value, -5);
    ck_assert_str_eq(parse(&row, "101", &value), "must be between -5 and 100, not 101");
    ck_assert_int_eq(value, -5);
    ck_assert_str_eq(parse(&row, "0x10", &value), "must be a whole number such as 100, not \"0x10\"");
    ck_assert_str_eq(parse(&row, "1.5", &value), "must be a whole number such as 100, not \"1.5\"");
    ck_assert_str_eq(parse(&row, "1_000", &value), "must be a whole number such as 100, not \"1_000\"");
    ck_assert_str_eq(parse(&row, "010", &value), "must be a whole number without leading zeros, not \"010\"");
    ck_assert_str_eq(parse(&row, "-", &value), "must be a whole number such as 100, not \"-\"");
    ck_assert_str_eq(parse(&any, "9223372036854775807", &value), "good");
    ck_assert_str_eq(parse(&any, "9223372036854775808", &value), "must be a whole number such as 100, not \"9223372036854775808\"");
    end();
}
END_TEST

START_TEST(durations_need_a_unit)
{
    static const struct option row = {.type = OPTION_DURATION, .min = 0, .max = 7 * 86400000LL};
    int64_t value = 1;
    begin();
    ck_assert_str_eq(parse(&row, "500ms", &value), "good");
    ck_assert_int_eq(value, 500);
    ck_assert_str_eq(parse(&row, "5m", &value), "good");
    ck_assert_int_eq(value, 300000);
    ck_assert_str_eq(parse(&row, "7d", &value), "good");
    ck_assert_int_eq(value, 604800000);
    ck_assert_str_eq(parse(&row, "0", &value), "good");
    ck_assert_int_eq(value, 0);
    ck_assert_str_eq(parse(&row, "8d", &value), "must be between 0 and 7d, not 8d");
    ck_assert_str_eq(parse(&row, "5", &value), "must be a duration with a unit (500ms, 30s, 5m, 1h, 7d), not \"5\"; did you mean \"5s\"?");
    ck_assert_str_eq(parse(&row, "5 min", &value),
                     "must be a duration with a unit (500ms, 30s, 5m, 1h, 7d), not \"5 min\"; did you mean \"5m\"?");
    ck_assert_str_eq(parse(&row, "1h30m", &value), "must be a duration with a unit (500ms, 30s, 5m, 1h, 7d), not \"1h30m\"");
    ck_assert_str_eq(parse(&row, "soon", &value), "must be a duration with a unit (500ms, 30s, 5m, 1h, 7d), not \"soon\"");
    ck_assert_str_eq(parse(&row, "-1s", &value), "must be a duration with a unit (500ms, 30s, 5m, 1h, 7d), not \"-1s\"");
    ck_assert_str_eq(parse(&row, "9223372036854775807d", &value), "must be a smaller value, not \"9223372036854775807d\"");
    ck_assert_str_eq(parse(&row, "99999999999999999999s", &value), "must be a smaller value, not \"99999999999999999999s\"");
    ck_assert_int_eq(value, 0);
    end();
}
END_TEST

START_TEST(sizes_have_binary_units_or_none)
{
    static const struct option row = {.type = OPTION_SIZE, .min = 1, .max = 1LL << 40};
    int64_t value = 0;
    begin();
    ck_assert_str_eq(parse(&row, "4096", &value), "good");
    ck_assert_int_eq(value, 4096);
    ck_assert_str_eq(parse(&row, "12B", &value), "good");
    ck_assert_int_eq(value, 12);
    ck_assert_str_eq(parse(&row, "64KiB", &value), "good");
    ck_assert_int_eq(value, 65536);
    ck_assert_str_eq(parse(&row, "3GiB", &value), "good");
    ck_assert_int_eq(value, 3LL << 30);
    ck_assert_str_eq(parse(&row, "50MB", &value),
                     "must be a size in bytes or with a unit (4096, 64KiB, 50MiB, 1GiB), not \"50MB\"; did you mean \"50MiB\"?");
    ck_assert_str_eq(parse(&row, "50 k", &value),
                     "must be a size in bytes or with a unit (4096, 64KiB, 50MiB, 1GiB), not \"50 k\"; did you mean \"50KiB\"?");
    ck_assert_str_eq(parse(&row, "2048GiB", &value), "must be between 1 and 1024GiB, not 2048GiB");
    end();
}
END_TEST

START_TEST(rates_are_count_and_period)
{
    static const struct option row = {.type = OPTION_RATE};
    struct option_rate value = {0};
    begin();
    ck_assert_str_eq(parse(&row, "120/1h", &value), "good");
    ck_assert_int_eq(value.count, 120);
    ck_assert_int_eq(value.period_ms, 3600000);
    ck_assert_str_eq(parse(&row, "120/h", &value),
                     "must be a rate (a number, a slash and a duration: 120/1h), not \"120/h\"; did you mean \"120/1h\"?");
    ck_assert_str_eq(parse(&row, "120", &value), "must be a rate (a number, a slash and a duration: 120/1h), not \"120\"");
    ck_assert_str_eq(parse(&row, "0/1h", &value), "must be a rate (a number, a slash and a duration: 120/1h), not \"0/1h\"");
    ck_assert_str_eq(parse(&row, "1/0s", &value), "must be a rate (a number, a slash and a duration: 120/1h), not \"1/0s\"");
    ck_assert_str_eq(parse(&row, "/", &value), "must be a rate (a number, a slash and a duration: 120/1h), not \"/\"");
    end();
}
END_TEST

START_TEST(words_are_those_of_the_row)
{
    static const char *const words[] = {"auto", "xclient", "none", NULL};
    static const struct option row = {.type = OPTION_WORD, .words = words};
    int value = -1;
    begin();
    ck_assert_str_eq(parse(&row, "none", &value), "good");
    ck_assert_int_eq(value, 2);
    ck_assert_str_eq(parse(&row, "xlient", &value), "must be auto, xclient or none, not \"xlient\"; did you mean \"xclient\"?");
    ck_assert_str_eq(parse(&row, "xcl", &value), "must be auto, xclient or none, not \"xcl\"; did you mean \"xclient\"?");
    ck_assert_str_eq(parse(&row, "other", &value), "must be auto, xclient or none, not \"other\"");
    ck_assert_int_eq(value, 2);
    end();
}
END_TEST

START_TEST(texts_are_clean_and_bounded)
{
    static const struct option row = {.type = OPTION_TEXT};
    const char *value = NULL;
    char big[5001];
    memset(big, 'a', 5000);
    big[5000] = '\0';
    begin();
    ck_assert_str_eq(parse(&row, "gr\xc3\xbc\xc3\x9f", &value), "good");
    ck_assert_str_eq(value, "gr\xc3\xbc\xc3\x9f");
    ck_assert_str_eq(parse(&row, "", &value), "may not be empty");
    ck_assert_str_eq(parse(&row, "a\r\nb", &value), "may not hold control characters");
    ck_assert_str_eq(parse(&row, big, &value), "is too long");
    end();
}
END_TEST

START_TEST(endpoints_need_address_and_port)
{
    static const struct option row = {.type = OPTION_ENDPOINT};
    struct net_addr value = {0};
    char text[NET_ADDR_TEXT];
    begin();
    ck_assert_str_eq(parse(&row, "[2001:db8::1]:25", &value), "good");
    ck_assert_str_eq(net_addr_format(&value, text), "[2001:db8::1]:25");
    ck_assert_str_eq(parse(&row, "*:25", &value), "good");
    ck_assert_str_eq(net_addr_format(&value, text), "0.0.0.0:25");
    ck_assert_ptr_nonnull(strstr(parse(&row, "192.0.2.1", &value), "not \"192.0.2.1\"; did you mean \"192.0.2.1:25\"?"));
    ck_assert_ptr_nonnull(strstr(parse(&row, "::1", &value), "not \"::1\"; did you mean \"[::1]:25\"?"));
    ck_assert_ptr_nonnull(strstr(parse(&row, "localhost:10025", &value), "must be an IP address with a port"));
    ck_assert_ptr_nonnull(strstr(parse(&row, "localhost:10025", &value), "did you mean \"127.0.0.1:10025\"?"));
    ck_assert_ptr_nonnull(strstr(parse(&row, "localhost", &value), "did you mean \"127.0.0.1:25\"?"));
    ck_assert_ptr_null(strstr(parse(&row, "localhost:smtp", &value), "did you mean"));
    ck_assert_ptr_null(strstr(parse(&row, "localhost:", &value), "did you mean"));
    ck_assert_ptr_null(strstr(parse(&row, "mail.example.org:25", &value), "did you mean"));
    ck_assert_ptr_nonnull(strstr(parse(&row, "192.0.2.1:0", &value), "not \"192.0.2.1:0\""));
    ck_assert_ptr_nonnull(strstr(parse(&row, "192.0.2.1:65536", &value), "not \"192.0.2.1:65536\""));
    end();
}
END_TEST

START_TEST(networks_lose_their_host_bits)
{
    static const struct option row = {.type = OPTION_NETWORK};
    struct option_network value;
    char text[NET_ADDR_TEXT];
    begin();
    ck_assert_str_eq(parse(&row, "192.0.2.77/24", &value), "good");
    ck_assert_str_eq(net_addr_format_ip(&value.addr, text), "192.0.2.0");
    ck_assert_uint_eq(value.bits, 24);
    ck_assert_ptr_nonnull(strstr(parse(&row, "192.0.2.0/33", &value), "not \"192.0.2.0/33\""));
    end();
}
END_TEST

START_TEST(long_values_are_cut_in_messages)
{
    static const struct option row = {.type = OPTION_NUMBER};
    char big[2001];
    int64_t value;
    memset(big, 'x', 2000);
    big[2000] = '\0';
    begin();
    const char *why = parse(&row, big, &value);
    ck_assert_uint_lt(strlen(why), 200);
    ck_assert_ptr_nonnull(strstr(why, "xxx...\""));
    end();
}
END_TEST

START_TEST(values_are_written_with_their_largest_unit)
{
    begin();
    ck_assert_str_eq(option_value_format(OPTION_DURATION, 300000, arena), "5m");
    ck_assert_str_eq(option_value_format(OPTION_DURATION, 90000, arena), "90s");
    ck_assert_str_eq(option_value_format(OPTION_DURATION, 1500, arena), "1500ms");
    ck_assert_str_eq(option_value_format(OPTION_DURATION, 0, arena), "0");
    ck_assert_str_eq(option_value_format(OPTION_SIZE, 52428800, arena), "50MiB");
    ck_assert_str_eq(option_value_format(OPTION_SIZE, 1000, arena), "1000");
    ck_assert_str_eq(option_value_format(OPTION_NUMBER, 3600, arena), "3600");
    end();
}
END_TEST

UNIT_MAIN("base/option_value", booleans_are_two_words, numbers_are_decimal_and_in_range, durations_need_a_unit,
          sizes_have_binary_units_or_none, rates_are_count_and_period, words_are_those_of_the_row, texts_are_clean_and_bounded,
          endpoints_need_address_and_port, networks_lose_their_host_bits, long_values_are_cut_in_messages,
          values_are_written_with_their_largest_unit)
