#include "filters/dmarc/from_parser.h"
#include "tests/unit/unit.h"

static void expect(const char *value, const char *domain)
{
    struct arena *arena = arena_new();
    struct from_author author;
    from_parse(slice_of(value), arena, &author);
    ck_assert_msg(author.error == NULL, "%s: %s", value, author.error);
    ck_slice_eq(author.domain, domain);
    arena_free(&arena);
}

static void expect_mailbox(const char *value, const char *mailbox)
{
    struct arena *arena = arena_new();
    struct from_author author;
    from_parse(slice_of(value), arena, &author);
    ck_assert_msg(author.error == NULL, "%s: %s", value, author.error);
    ck_slice_eq(author.mailbox, mailbox);
    arena_free(&arena);
}

static void refuse(const char *value, const char *error)
{
    struct arena *arena = arena_new();
    struct from_author author;
    from_parse(slice_of(value), arena, &author);
    ck_assert_msg(author.error != NULL, "%s", value);
    ck_assert_str_eq(author.error, error);
    ck_assert_uint_eq(author.domain.len, 0);
    ck_assert_uint_eq(author.mailbox.len, 0);
    arena_free(&arena);
}

START_TEST(ordinary_authors_are_read)
{
    expect(" alice@Example.COM", "example.com");
    expect(" Alice <alice@example.com>", "example.com");
    expect(" \"Alice, A.\" <alice@example.com>", "example.com");
    expect(" John Q. Public <jqp@example.com>", "example.com");
    expect(" =?utf-8?q?J=C3=B6?= <joe@example.com>", "example.com");
    expect(" <alice@x.com>", "x.com");
    expect(" alice@example.com.", "example.com");
    expect_mailbox(" Alice <Alice.B@Example.com>", "Alice.B@example.com");
    expect_mailbox(" \"a \\\" b\"@example.com", "\"a \\\" b\"@example.com");
}
END_TEST

START_TEST(comments_folding_and_routes_are_seen_through)
{
    expect("\r\n\talice (the (nested) one)\r\n\t@\r\n example.com (really)", "example.com");
    expect(" Alice\r\n <(a)alice(b)@(c)example.com(e)>", "example.com");
    expect(" <@relay.example,@other.example:alice@example.com>", "example.com");
    expect(" <@relay.example (one) ,, @other.example : alice@example.com>", "example.com");
    expect(" alice . b @ example.com ", "example.com");
    refuse(" (alice@victim.com)", "no address");
    expect(" (victim <x@victim.com>) a@example.com", "example.com");
}
END_TEST

START_TEST(a_display_name_may_hold_anything)
{
    expect(" ceo@victim.com <x@example.com>", "example.com");
    expect(" \"ceo@victim.com\" <x@example.com>", "example.com");
    expect(" \"x, y\" <a@example.com>", "example.com");
    expect(" \"<ceo@victim.com>\" <x@example.com>", "example.com");
    expect(" Doe, Jane <jane@example.com>", "example.com");
}
END_TEST

START_TEST(groups_and_lists_of_one_domain_have_one_author_domain)
{
    expect(" a@example.com, B <b@EXAMPLE.com>", "example.com");
    expect(" Team: a@example.com, b@example.com;", "example.com");
    expect(" Team: a@example.com;, c@example.com", "example.com");
    expect(" , a@example.com,, ", "example.com");
    expect_mailbox(" b@example.com, a@example.com", "b@example.com");
}
END_TEST

START_TEST(several_domains_are_refused)
{
    refuse(" a@example.com, b@victim.com", "authors of several domains");
    refuse(" Team: a@example.com;, b@victim.com", "authors of several domains");
    refuse(" Team: a@example.com, b@sub.example.com;", "authors of several domains");
}
END_TEST

START_TEST(what_two_readers_could_read_differently_is_refused)
{
    refuse("", "no address");
    refuse(" Alice", "no address");
    refuse(" <>", "a malformed address");
    refuse(" undisclosed:;", "no address");
    refuse(" a@example.com b@victim.com", "a malformed address");
    refuse(" <a@example.com> <b@victim.com>", "a malformed address list");
    refuse(" a@victim.com@example.com", "a malformed address list");
    refuse(" <a@victim.com@example.com>", "a malformed address");
    refuse(" a b@example.com", "a malformed address");
    refuse(" <a b@example.com>", "a malformed address");
    refuse(" a@example.com com", "a malformed address");
    refuse(" <a@example.com", "a malformed address");
    refuse(" a@[192.0.2.1]", "an address literal");
    refuse(" root@localhost", "an address without a valid domain");
    refuse(" @example.com", "an address without local-part");
    refuse(" a@exa mple.com", "a malformed address");
    refuse(" a@=?utf-8?q?example?=.com", "an address without a valid domain");
    refuse(" \"open <a@example.com>", "a malformed address list");
    refuse(" (open <a@example.com>", "a malformed address list");
    refuse(" Team: a@example.com", "a group without end");
    refuse(" a@example.com;", "a malformed address list");
    refuse(" A: B: a@example.com;;", "a group in a group");
    refuse(" a@b\\.example.com", "a malformed address list");
    refuse(" a@victim.com .example.com", "a malformed address");
    refuse(" a@victim.com(c).example.com", "a malformed address");
    refuse(" <a@victim.com.\r\n example.com>", "a malformed address");
    refuse(" =?utf-8?q?a=40victim.com?=@example.com", "an encoded word in an address");
    refuse(" A <=?utf-8?q?a=40victim.com?=@example.com>", "an encoded word in an address");
    refuse(" A <=?utf-8?q?a=40victim.com?=.x@example.com>", "an encoded word in an address");
    refuse(" <@relay.example a@victim.com:x@example.com>", "a malformed route");
    refuse(" <@relay.example,a@victim.com:x@example.com>", "a malformed route");
    refuse(" <@relay.example, <a@victim.com:x@example.com>", "a malformed route");
    refuse(" <@\"a@victim.com\":x@example.com>", "a malformed route");
    refuse(" <@relay.example>", "a malformed route");
    refuse(" =?utf-8?b?YUB2aWN0aW0uY29t?=, <a@example.com>", "an encoded word instead of an address");
    refuse(" <a@example.com>, =?utf-8?q?a=40victim.com?=", "an encoded word instead of an address");
}
END_TEST

START_TEST(a_nul_does_not_end_the_domain)
{
    struct arena *arena = arena_new();
    struct from_author author;
    from_parse(slice_make("a@victim.com\0.example.com", 25), arena, &author);
    ck_assert_ptr_nonnull(author.error);
    arena_free(&arena);
}
END_TEST

START_TEST(international_domains_become_a_labels)
{
    expect(" J\xc3\xb6 <j\xc3\xb6@b\xc3\xbc"
           "cher.example>",
           "xn--bcher-kva.example");
    expect(" a@b\xc3\xbc"
           "cher.example, b@xn--bcher-kva.example",
           "xn--bcher-kva.example");
    refuse(" a@\xff\xfe.example", "an address without a valid domain");
}
END_TEST

START_TEST(endless_fields_end)
{
    struct arena *arena = arena_new();
    struct from_author author;
    char *text = arena_alloc(arena, FROM_VALUE_MAX + 2);
    memset(text, 'a', FROM_VALUE_MAX + 1);
    from_parse(slice_make(text, FROM_VALUE_MAX + 1), arena, &author);
    ck_assert_str_eq(author.error, "too long");
    for (size_t i = 0; i + 8 <= FROM_VALUE_MAX; i += 8)
        memcpy(text + i, "a@b.com,", 8);
    from_parse(slice_make(text, FROM_VALUE_MAX), arena, &author);
    ck_assert_str_eq(author.error, "too many authors");
    memset(text, ':', FROM_VALUE_MAX);
    from_parse(slice_make(text, FROM_VALUE_MAX), arena, &author);
    ck_assert_str_eq(author.error, "a group in a group");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/dmarc/from_parser", ordinary_authors_are_read, comments_folding_and_routes_are_seen_through,
          a_display_name_may_hold_anything, groups_and_lists_of_one_domain_have_one_author_domain, several_domains_are_refused,
          what_two_readers_could_read_differently_is_refused, a_nul_does_not_end_the_domain, international_domains_become_a_labels,
          endless_fields_end)
