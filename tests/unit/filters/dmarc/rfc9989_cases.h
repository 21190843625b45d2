/* rfc9989_cases: what RFC 9989 asks of a DMARC engine, case by case. All words are ours; the section says where the rule stands.
 *
 * A zone is lines "NAME RECORD": a TXT record at _dmarc.NAME, or instead of RECORD "!" that lookup fails, "exists" NAME has an
 * address, "nodata" NAME exists without one, "silent" nobody can tell. What is not there does not exist.
 * Several domains that were signed for stand in one string. want: the result, and if there is a record the policy, the tag it was
 * taken from and where. org: the author's organizational domain, or NULL. */
#ifndef TESTS_UNIT_FILTERS_DMARC_RFC9989_CASES_H
#define TESTS_UNIT_FILTERS_DMARC_RFC9989_CASES_H

struct rfc9989_case {
    const char *section, *what, *zone, *from;
    const char *spf, *dkim, *spf_unknown, *dkim_unknown; /* NULL: nothing */
    const char *want, *org;
};

#define R         "v=DMARC1; p=reject"
#define RUA       "; rua=mailto:d@example.com"
#define FAIL_R    "fail reject p example.com"
#define PASS_R    "pass reject p example.com"
#define FAIL_NONE "fail none p example.com"
#define DEEP      "a.b.c.d.e.f.g.h.i.j.mail.example.com"

/* A record at example.com, a message from there, and nothing that speaks for it. */
#define RECORD(section, what, record, want)                                                                                                \
    {                                                                                                                                      \
        section, what, "example.com " record, "example.com", NULL, NULL, NULL, NULL, want, NULL                                            \
    }
/* Nothing speaks for the message. */
#define POLICY(section, what, zone, from, want, org)                                                                                       \
    {                                                                                                                                      \
        section, what, zone, from, NULL, NULL, NULL, NULL, want, org                                                                       \
    }
#define SPF(section, what, zone, from, spf, want)                                                                                          \
    {                                                                                                                                      \
        section, what, zone, from, spf, NULL, NULL, NULL, want, NULL                                                                       \
    }
#define DKIM(section, what, zone, from, dkim, want)                                                                                        \
    {                                                                                                                                      \
        section, what, zone, from, NULL, dkim, NULL, NULL, want, NULL                                                                      \
    }
#define UNKNOWN(section, what, zone, from, spf, dkim, want)                                                                                \
    {                                                                                                                                      \
        section, what, zone, from, NULL, NULL, spf, dkim, want, NULL                                                                       \
    }

static const struct rfc9989_case rfc9989_cases[] = {
    /* ---- the record ---- */
    RECORD("4.7", "a plain record", R, FAIL_R),
    RECORD("4.7", "the version has case", "v=dmarc1; p=reject", "none"),
    RECORD("4.7", "another version", "v=DMARC2; p=reject", "none"),
    RECORD("4.7", "a longer version", "v=DMARC1.0; p=reject", "none"),
    RECORD("4.7", "the version is not first", "p=reject; v=DMARC1", "none"),
    RECORD("4.7", "no version", "p=reject", "none"),
    RECORD("4.8", "no separator after the version", "v=DMARC1 p=reject", "none"),
    RECORD("4.8", "blanks around equals and semicolon", "v = DMARC1 ;\tp\t= reject ", FAIL_R),
    RECORD("4.8", "no blanks at all", "v=DMARC1;p=reject", FAIL_R),
    RECORD("4.8", "names and values have no case", "V=DMARC1; P=REJECT", FAIL_R),
    RECORD("4.8", "separators at the end", R ";;  ;", FAIL_R),
    RECORD("4.8", "tags in any order", "v=DMARC1; adkim=s; fo=1; p=reject", FAIL_R),
    RECORD("4.7", "unknown tags", "v=DMARC1; x=1; p=reject; zz=; pp=none", FAIL_R),
    RECORD("4.7", "something that is no tag", "v=DMARC1; junk; =; p=reject", FAIL_R),
    RECORD("A.6", "pct is gone", R "; pct=0", FAIL_R),
    RECORD("8.4", "rf and ri are gone", R "; rf=afrf; ri=1", FAIL_R),
    RECORD("4.7", "fo may say anything", R "; fo=nonsense", FAIL_R),
    RECORD("4.10.1", "no p, but reports", "v=DMARC1" RUA, FAIL_NONE),
    RECORD("4.10.1", "no p and no reports", "v=DMARC1", "permerror"),
    RECORD("4.10.1", "a broken p, but reports", "v=DMARC1; p=rejekt" RUA, FAIL_NONE),
    RECORD("4.10.1", "a broken p and no reports", "v=DMARC1; p=rejekt", "permerror"),
    RECORD("4.10.1", "an empty p", "v=DMARC1; p=; sp=reject", "permerror"),
    RECORD("4.10.1", "a broken sp, but reports", R "; sp=all" RUA, FAIL_NONE),
    RECORD("4.10.1", "a broken sp and no reports", R "; sp=all", "permerror"),
    RECORD("4.10.1", "a broken np, but reports", R "; np=all" RUA, FAIL_NONE),
    RECORD("4.10.1", "a broken np and no reports", R "; np=all", "permerror"),
    RECORD("4.10.1", "reports to no URI", "v=DMARC1; rua=example.com", "permerror"),
    RECORD("4.10.1", "reports to half an address", "v=DMARC1; rua=mailto:d@", "permerror"),
    RECORD("4.10.1", "one good URI among bad ones", "v=DMARC1; rua=nothing, mailto:d@example.com", FAIL_NONE),
    RECORD("4.7", "a URI of another scheme is one", "v=DMARC1; rua=https://example.com/dmarc", FAIL_NONE),
    RECORD("4.7", "p twice (RFC 6376 section 3.2)", R "; p=none", "permerror"),

    /* ---- t ---- */
    RECORD("4.7", "t=y lowers reject", R "; t=y", "fail quarantine p example.com"),
    RECORD("4.7", "t=y lowers quarantine", "v=DMARC1; p=quarantine; t=y", FAIL_NONE),
    RECORD("4.7", "t=y leaves none alone", "v=DMARC1; p=none; t=y", FAIL_NONE),
    RECORD("4.7", "t=n is the default", R "; t=n", FAIL_R),
    RECORD("4.7", "t=yes is no value", R "; t=yes", FAIL_R),
    POLICY("4.7", "t=y lowers sp", "example.com v=DMARC1; p=none; sp=reject; t=y", "a.example.com", "fail quarantine sp example.com", NULL),
    POLICY("4.7", "t=y lowers np", "example.com v=DMARC1; p=none; np=reject; t=y", "a.example.com", "fail quarantine np example.com", NULL),
    SPF("4.7", "t=y makes no difference to a pass", "example.com " R "; t=y", "example.com", "example.com",
        "pass quarantine p example.com"),

    /* ---- several texts at one name ---- */
    POLICY("4.10", "two records are both discarded", "example.com " R "\nexample.com v=DMARC1; p=none", "example.com", "none",
           "example.com"),
    POLICY("4.10", "the walk goes on above two records", "a.example.com v=DMARC1; p=none\na.example.com v=DMARC1; p=none\nexample.com " R,
           "a.example.com", "fail reject sp example.com", "example.com"),
    POLICY("4.10", "two records at the organizational domain", "example.com " R "\nexample.com " R, "a.example.com", "none", NULL),
    POLICY("4.10", "other texts beside the record", "example.com v=spf1 -all\nexample.com " R "\nexample.com hello", "example.com", FAIL_R,
           NULL),
    POLICY("4.10", "another version beside the record", "example.com v=DMARC2; p=none\nexample.com " R, "example.com", FAIL_R, NULL),

    /* ---- the walk ---- */
    POLICY("4.10", "no record anywhere", "", "a.example.com", "none", "a.example.com"),
    POLICY("4.10", "the walk ends at the single label", "com " R, "a.example.com", "fail reject sp com", "com"),
    POLICY("4.10", "from 13 labels straight to 7", "g.h.i.j.mail.example.com " R, DEEP, "fail reject sp g.h.i.j.mail.example.com", NULL),
    POLICY("4.10", "what lies between 13 and 7 is not asked", "f.g.h.i.j.mail.example.com " R, DEEP, "none", DEEP),
    POLICY("4.10", "a deep name's own record", DEEP " " R, DEEP, "fail reject p " DEEP, DEEP),
    POLICY("4.10", "8 labels: 7 is the parent", "c.d.e.f.g.example.com " R, "b.c.d.e.f.g.example.com",
           "fail reject sp c.d.e.f.g.example.com", NULL),
    POLICY("4.10", "9 labels: the parent of 8 is not asked", "b.c.d.e.f.g.example.com " R, "a.b.c.d.e.f.g.example.com", "none", NULL),
    POLICY("4.10", "7 labels: the parent of 6", "c.d.e.f.example.com " R, "b.c.d.e.f.example.com", "fail reject sp c.d.e.f.example.com",
           NULL),
    POLICY("5.1.7", "a zone cut too deep to be found", "example.com " R "\nb.c.d.e.f.g.example.com v=DMARC1; p=none; psd=n",
           "mail.a.b.c.d.e.f.g.example.com", "fail reject sp example.com", "example.com"),

    /* ---- which record, which tag ---- */
    POLICY("4.10.1", "the author's own record first", "a.example.com v=DMARC1; p=none\nexample.com " R, "a.example.com",
           "fail none p a.example.com", "example.com"),
    POLICY("4.10.1", "else that of the organizational domain", "example.com " R "; sp=quarantine", "a.example.com",
           "fail quarantine sp example.com", "example.com"),
    POLICY("4.7", "without sp p holds for subdomains", "example.com " R, "a.example.com", "fail reject sp example.com", NULL),
    POLICY("4.7", "sp is not for the domain itself", "example.com " R "; sp=none", "example.com", FAIL_R, NULL),
    POLICY("4.10.1", "sp of the author's own record means nothing", "a.example.com " R "; sp=none\nexample.com v=DMARC1; p=none",
           "a.example.com", "fail reject p a.example.com", NULL),
    POLICY("4.10.1", "a record in between is passed over", "b.example.com v=DMARC1; p=none\nexample.com " R, "a.b.example.com",
           "fail reject sp example.com", "example.com"),
    POLICY("4.10.2", "unless it has psd=n", "b.example.com v=DMARC1; p=none; psd=n\nexample.com " R, "a.b.example.com",
           "fail none sp b.example.com", "b.example.com"),
    POLICY("4.10.1", "else that of the public suffix", "com " R "; sp=quarantine; psd=y", "a.example.com", "fail quarantine sp com",
           "example.com"),
    POLICY("4.10.1", "the public suffix of a registered name", "com " R "; psd=y", "example.com", "fail reject sp com", "example.com"),
    POLICY("4.10.1", "not if the organizational domain has one", "com " R "; psd=y\nexample.com v=DMARC1; p=none", "a.example.com",
           "fail none sp example.com", "example.com"),
    POLICY("4.10.1", "a record in between does not shield from the suffix", "com " R "; psd=y\nb.example.com v=DMARC1; p=none",
           "a.b.example.com", "fail reject sp com", "example.com"),
    POLICY("4.10.1", "a public suffix as author", "gov.uk " R "; sp=none; psd=y\nuk v=DMARC1; p=none; psd=y", "gov.uk",
           "fail reject p gov.uk", "gov.uk"),
    POLICY("4.10.2", "psd=n at the author ends the walk", "a.example.com " R "; psd=n\nexample.com v=DMARC1; p=none", "a.example.com",
           "fail reject p a.example.com", "a.example.com"),
    POLICY("4.7", "psd=u is the default", "b.example.com v=DMARC1; p=none; psd=u\nexample.com " R, "a.b.example.com",
           "fail reject sp example.com", "example.com"),
    POLICY("4.7", "psd with another value is u", "b.example.com v=DMARC1; p=none; psd=no\nexample.com " R, "a.b.example.com",
           "fail reject sp example.com", "example.com"),
    POLICY("4.10.1", "a malformed record at the author is not passed over", "a.example.com v=DMARC1; p=x\nexample.com " R, "a.example.com",
           "permerror", NULL),
    POLICY("4.10.2", "a record without p still marks its domain", "b.example.com v=DMARC1; psd=n" RUA "\nexample.com " R, "a.b.example.com",
           "fail none sp b.example.com", "b.example.com"),

    /* ---- np ---- */
    POLICY("4.7", "np for a subdomain that does not exist", "example.com v=DMARC1; p=none; sp=quarantine; np=reject", "a.example.com",
           "fail reject np example.com", NULL),
    POLICY("4.7", "sp for one with an address", "example.com v=DMARC1; p=none; sp=quarantine; np=reject\na.example.com exists",
           "a.example.com", "fail quarantine sp example.com", NULL),
    POLICY("A.4", "any record makes a domain exist", "example.com v=DMARC1; p=none; np=reject\na.example.com nodata", "a.example.com",
           "fail none sp example.com", NULL),
    POLICY("3.2.13", "so does a name below it", "example.com v=DMARC1; p=none; np=reject\na.example.com some text", "a.example.com",
           "fail none sp example.com", NULL),
    POLICY("4.7", "np milder than sp", "example.com " R "; np=none", "a.example.com", "fail none np example.com", NULL),
    POLICY("4.7", "without np sp holds", "example.com v=DMARC1; p=none; sp=reject", "a.example.com", "fail reject sp example.com", NULL),
    POLICY("4.7", "np is not for the domain itself", "example.com v=DMARC1; p=none; np=reject", "example.com", FAIL_NONE, NULL),
    POLICY("4.10.1", "np of a public suffix", "com v=DMARC1; p=none; sp=none; np=reject; psd=y", "nowhere.com", "fail reject np com",
           "nowhere.com"),
    POLICY("4.10.1", "sp of a public suffix", "com v=DMARC1; p=none; sp=none; np=reject; psd=y\nhere.com exists", "here.com",
           "fail none sp com", "here.com"),
    POLICY("5.3.6", "nobody can tell whether it exists", "example.com v=DMARC1; p=none; np=reject\na.example.com silent", "a.example.com",
           "temperror none sp example.com", NULL),
    SPF("5.3.5", "then what passes still passes", "example.com v=DMARC1; p=none; np=reject\na.example.com silent", "a.example.com",
        "a.example.com", "pass none sp example.com"),

    /* ---- alignment ---- */
    SPF("B.1.1", "SPF for the same domain", "example.com " R, "example.com", "example.com", PASS_R),
    SPF("B.1.1", "SPF for a child", "example.com " R, "example.com", "child.example.com", PASS_R),
    SPF("B.1.1", "SPF for another domain", "example.com " R, "child.example.com", "example.net", "fail reject sp example.com"),
    DKIM("B.1.2", "a signature of the same domain", "example.com " R, "example.com", "example.com", PASS_R),
    DKIM("B.1.2", "a signature of the parent", "example.com " R, "child.example.com", "example.com", "pass reject sp example.com"),
    DKIM("B.1.2", "a signature of another domain", "example.com " R, "child.example.com", "example.net", "fail reject sp example.com"),
    DKIM("4.4", "siblings", "example.com " R, "news.example.com", "foo.example.com", "pass reject sp example.com"),
    DKIM("4.4.1", "one aligned signature among several", "example.com " R, "example.com", "example.net evil.org mail.example.com", PASS_R),
    DKIM("4.4", "a name that only ends alike", "example.com " R, "example.com", "badexample.com", FAIL_R),
    DKIM("4.4", "a name that begins alike", "example.com " R, "example.com", "example.com.evil.net", FAIL_R),
    DKIM("4.4", "the name above", "example.com " R, "example.com", "com", FAIL_R),
    DKIM("4.4", "one-letter labels count", "x.com " R, "x.com", "attacker.com e.com", "fail reject p x.com"),
    DKIM("4.7", "adkim=s and a child", "example.com " R "; adkim=s", "example.com", "a.example.com", FAIL_R),
    DKIM("4.7", "adkim=s and the parent", "example.com " R "; adkim=s", "a.example.com", "example.com", "fail reject sp example.com"),
    DKIM("4.7", "adkim=s and the same", "example.com " R "; adkim=S", "example.com", "example.com", PASS_R),
    SPF("4.7", "aspf=s and a child", "example.com " R "; aspf=s", "example.com", "a.example.com", FAIL_R),
    SPF("4.7", "adkim=s is not for SPF", "example.com " R "; adkim=s", "example.com", "a.example.com", PASS_R),
    DKIM("4.7", "aspf=s is not for DKIM", "example.com " R "; aspf=s", "example.com", "a.example.com", PASS_R),
    DKIM("4.7", "another value of adkim is r", "example.com " R "; adkim=strict", "example.com", "a.example.com", PASS_R),
    DKIM("4.10.2", "the mode of the author's own record counts", "a.example.com " R "\nexample.com " R "; adkim=s", "a.example.com",
         "example.com", "pass reject p a.example.com"),
    DKIM("4.10.2", "a department with psd=n does not speak for the whole", "example.com " R "\ndept.example.com " R "; psd=n",
         "example.com", "x.dept.example.com", FAIL_R),
    DKIM("4.10.2", "nor the whole for it", "example.com " R "\ndept.example.com " R "; psd=n", "x.dept.example.com", "example.com",
         "fail reject sp dept.example.com"),
    DKIM("4.10.2", "but it does for its own", "example.com " R "\ndept.example.com " R "; psd=n", "x.dept.example.com",
         "y.dept.example.com", "pass reject sp dept.example.com"),
    DKIM("4.10.2", "a department without psd=n does", "example.com " R "\ndept.example.com " R, "example.com", "x.dept.example.com",
         PASS_R),
    DKIM("4.10.2", "neighbours under a public suffix", "gov.uk " R "; psd=y", "a.gov.uk", "b.gov.uk", "fail reject sp gov.uk"),
    DKIM("4.10.2", "the same registrant under it", "gov.uk " R "; psd=y", "x.a.gov.uk", "y.a.gov.uk", "pass reject sp gov.uk"),
    DKIM("4.10.2", "the registered name itself", "gov.uk " R "; psd=y", "x.a.gov.uk", "a.gov.uk", "pass reject sp gov.uk"),
    DKIM("4.10.2", "the public suffix for a registrant", "gov.uk " R "; psd=y", "a.gov.uk", "gov.uk", "fail reject sp gov.uk"),
    DKIM("4.10.2", "a registrant for the public suffix", "gov.uk " R "; psd=y", "gov.uk", "a.gov.uk", "fail reject p gov.uk"),
    DKIM("4.10.2", "the public suffix for itself", "gov.uk " R "; psd=y", "gov.uk", "gov.uk", "pass reject p gov.uk"),
    DKIM("4.10.2", "a subdomain with a record under a parent without", "mail.example.com " R, "mail.example.com", "example.com",
         "fail reject p mail.example.com"),
    DKIM("4.10.2", "its neighbour", "mail.example.com " R, "mail.example.com", "www.example.com", "fail reject p mail.example.com"),
    DKIM("4.10.2", "its own subdomain", "mail.example.com " R, "mail.example.com", "a.mail.example.com", "pass reject p mail.example.com"),
    DKIM("4.10.2", "the record with the fewest labels wins", "mail.example.com " R "\nexample.com " R, "a.mail.example.com",
         "b.example.com", "pass reject sp example.com"),
    DKIM("10.8", "a suffix that forgot psd=y speaks for all", "com " R "\nexample.com " R, "example.com", "other.com", PASS_R),
    DKIM("10.8", "psd=n defends against it", "com " R "\nexample.com " R "; psd=n", "example.com", "other.com", FAIL_R),
    DKIM("4.10", "a deep signing domain jumps to 7 labels", "example.com " R "\nb.c.d.e.f.g.example.com " R "; psd=n", "example.com",
         "a.b.c.d.e.f.g.example.com", PASS_R),
    DKIM("4.10.2", "the same name without any walk", DEEP " " R, DEEP, DEEP, "pass reject p " DEEP),

    /* ---- what could not be looked up ---- */
    POLICY("5.3.6", "the author's record", "example.com !", "example.com", "temperror", NULL),
    SPF("5.3.6", "it would not matter what passes", "example.com !", "example.com", "example.com", "temperror"),
    POLICY("5.3.6", "the organizational domain's", "example.com !", "a.example.com", "temperror", NULL),
    POLICY("5.3.6", "something in between", "b.example.com !\nexample.com " R, "a.b.example.com", "temperror", NULL),
    POLICY("5.3.6", "what lies beyond psd=n does not matter", "example.com !\nb.example.com " R "; psd=n", "a.b.example.com",
           "fail reject sp b.example.com", "b.example.com"),
    SPF("5.3.6", "above the author's record, and the same domain passes", "a.example.com " R "\nexample.com !", "a.example.com",
        "a.example.com", "pass reject p a.example.com"),
    SPF("5.3.6", "above the author's record, and a sibling passes", "a.example.com " R "\nexample.com !", "a.example.com", "b.example.com",
        "temperror reject p a.example.com"),
    SPF("5.3.6", "between the author's record and the domain that passes", "x.a.example.com " R "\na.example.com !\nexample.com " R,
        "x.a.example.com", "example.com", "temperror reject p x.a.example.com"),
    SPF("5.3.6", "above the author's record, and a stranger passes", "a.example.com " R "\nexample.com !", "a.example.com", "attacker.com",
        "fail reject p a.example.com"),
    SPF("5.3.6", "strict alignment needs no walk", "a.example.com " R "; aspf=s\nexample.com !", "a.example.com", "b.example.com",
        "fail reject p a.example.com"),
    DKIM("5.2", "a silent top-level domain is a public suffix", "com !\nexample.com " R, "example.com", "attacker.com", FAIL_R),
    DKIM("5.2", "and excuses no subdomain", "com !\nexample.com " R, "a.example.com", "b.example.com", "pass reject sp example.com"),
    POLICY("5.3.6", "but it may have the only policy", "com !", "example.com", "temperror", NULL),
    DKIM("5.3.6", "the walk of a signing domain", "a.example.com !\nexample.com " R, "example.com", "a.example.com",
         "temperror reject p example.com"),
    DKIM("5.3.6", "if another one is aligned, it passes", "a.example.com !\nexample.com " R, "example.com", "a.example.com example.com",
         PASS_R),
    DKIM("5.3.6", "a stranger's walk is not walked", "attacker.com !\nexample.com " R, "example.com", "attacker.com", FAIL_R),
    UNKNOWN("5.3.6", "an aligned SPF domain that could not be checked", "example.com " R, "example.com", "a.example.com", NULL,
            "temperror reject p example.com"),
    UNKNOWN("5.3.6", "an aligned signature that could not be checked", "example.com " R, "example.com", NULL, "evil.net example.com",
            "temperror reject p example.com"),
    UNKNOWN("5.3.6", "a stranger's that could not be checked", "example.com " R, "example.com", "evil.net", "evil.net attacker.com",
            FAIL_R),
    UNKNOWN("5.3.6", "a child's, where alignment is strict", "example.com " R "; adkim=s; aspf=s", "example.com", "a.example.com",
            "a.example.com", FAIL_R),
};

#endif
