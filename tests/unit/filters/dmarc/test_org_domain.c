#include "filters/dmarc/org_domain.h"
#include "tests/unit/unit.h"

START_TEST(one_label_more_than_the_public_suffix)
{
    ck_slice_eq(org_domain_of(SLICE("example.com")), "example.com");
    ck_slice_eq(org_domain_of(SLICE("a.b.example.com")), "example.com");
    ck_slice_eq(org_domain_of(SLICE("a.example.co.uk")), "example.co.uk");
    ck_slice_eq(org_domain_of(SLICE("x.com")), "x.com");
    ck_slice_eq(org_domain_of(SLICE("a.x.com")), "x.com");
}
END_TEST

START_TEST(a_public_suffix_stands_for_itself)
{
    ck_slice_eq(org_domain_of(SLICE("co.uk")), "co.uk");
}
END_TEST

UNIT_MAIN("filters/dmarc/org_domain", one_label_more_than_the_public_suffix, a_public_suffix_stands_for_itself)
