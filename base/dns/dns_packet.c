/* dns_packet: see dns_packet.h. A name is handled as its offset in the packet until it is needed as text. */
#include "base/dns/dns_packet.h"

#include "base/dns/dns_name.h"

enum {
    HEADER = 12,
    NAME_WIRE_MAX = 255,
    FLAG_REPLY = 0x80,
    FLAG_TRUNCATED = 0x02,
    CLASS_IN = 1,
    TYPE_SOA = 6,
    RCODE_NOERROR = 0,
    RCODE_NXDOMAIN = 3,
};

struct record {
    size_t owner; /* offset of the name */
    size_t data, length;
    uint32_t ttl;
    uint16_t type, class;
};

struct packet {
    const uint8_t *bytes;
    size_t len;
    enum dns_type type; /* asked for */
    struct record *answers;
    size_t answer_count;
    size_t authority; /* offset of the section */
    unsigned authority_count;
    size_t decoded; /* bytes of names decoded so far */
};

static uint16_t read_u16(const struct packet *p, size_t at)
{
    return (uint16_t)(p->bytes[at] << 8 | p->bytes[at + 1]);
}

static uint32_t read_u32(const struct packet *p, size_t at)
{
    return (uint32_t)read_u16(p, at) << 16 | read_u16(p, at + 2);
}

static uint32_t clip_ttl(uint32_t ttl)
{
    if (ttl > INT32_MAX) /* RFC 2181 §8 */
        return 0;
    return ttl < DNS_PACKET_TTL_MAX ? ttl : DNS_PACKET_TTL_MAX;
}

/** Moves *at past a name without following it. */
static bool skip_name(const struct packet *p, size_t *at)
{
    size_t start = *at;
    while (*at < p->len && *at - start < NAME_WIRE_MAX) {
        unsigned n = p->bytes[*at];
        if (n >= 0xc0) {
            *at += 2;
            return *at <= p->len;
        }
        if (n >= 0x40)
            return false;
        *at += n + 1;
        if (n == 0)
            return true;
    }
    return false;
}

/** One name being walked label by label. Pointers must lead backwards and the whole is bounded, so it ends. */
struct name_walk {
    size_t at;
    size_t total; /* wire bytes so far */
};

/** The next label; its length is 0 at the root. False: malformed. */
static bool next_label(const struct packet *p, struct name_walk *w, const uint8_t **label, size_t *len)
{
    while (w->at < p->len && p->bytes[w->at] >= 0xc0) {
        if (p->len - w->at < 2)
            return false;
        size_t target = read_u16(p, w->at) & 0x3fffu;
        if (target >= w->at)
            return false;
        w->at = target;
    }
    if (w->at >= p->len || p->bytes[w->at] >= 0x40)
        return false;
    *len = p->bytes[w->at];
    *label = p->bytes + w->at + 1;
    if (p->len - w->at - 1 < *len)
        return false;
    w->at += *len + 1;
    w->total += *len + 1;
    return w->total <= NAME_WIRE_MAX;
}

static bool labels_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (ascii_lower((char)a[i]) != ascii_lower((char)b[i]))
            return false;
    return true;
}

/** Malformed names equal nothing. */
static bool names_equal(const struct packet *p, size_t a, size_t b)
{
    struct name_walk wa = {a, 0}, wb = {b, 0};
    const uint8_t *la, *lb;
    size_t na, nb;
    do {
        if (!next_label(p, &wa, &la, &na) || !next_label(p, &wb, &lb, &nb))
            return false;
        if (na != nb || !labels_equal(la, lb, na))
            return false;
    } while (na > 0);
    return true;
}

static bool decode_name(struct packet *p, size_t at, struct arena *arena, struct slice *out)
{
    char text[4 * NAME_WIRE_MAX + 1];
    struct name_walk w = {at, 0};
    const uint8_t *label;
    size_t len, end = 0;
    for (;;) {
        if (!next_label(p, &w, &label, &len))
            return false;
        if (len == 0)
            break;
        if (end > 0)
            text[end++] = '.';
        end = dns_name_add_label(text, end, label, len);
    }
    p->decoded += end;
    *out = arena_copy(arena, slice_make(text, end));
    return true;
}

static bool read_record(const struct packet *p, size_t *at, struct record *r)
{
    r->owner = *at;
    if (!skip_name(p, at) || p->len - *at < 10)
        return false;
    r->type = read_u16(p, *at);
    r->class = read_u16(p, *at + 2);
    r->ttl = clip_ttl(read_u32(p, *at + 4));
    r->length = read_u16(p, *at + 8);
    r->data = *at + 10;
    if (p->len - r->data < r->length)
        return false;
    *at = r->data + r->length;
    return true;
}

/** Header, question and the index of the answer section. Returns NULL, or why the packet is no good. */
static const char *open_packet(struct packet *p, struct arena *arena)
{
    if (p->len < HEADER || !(p->bytes[2] & FLAG_REPLY) || read_u16(p, 4) != 1)
        return "malformed answer";
    if (p->bytes[2] & FLAG_TRUNCATED)
        return "truncated answer";
    size_t at = HEADER;
    if (!skip_name(p, &at) || p->len - at < 4 || read_u16(p, at) != (uint16_t)p->type || read_u16(p, at + 2) != CLASS_IN)
        return "malformed answer";
    at += 4;
    unsigned count = read_u16(p, 6);
    if (count > DNS_PACKET_RECORDS + DNS_PACKET_CHAIN)
        return "answer too large";
    p->answers = arena_alloc(arena, count * sizeof *p->answers);
    for (; p->answer_count < count; p->answer_count++)
        if (!read_record(p, &at, &p->answers[p->answer_count]))
            return "malformed answer";
    p->authority = at;
    p->authority_count = read_u16(p, 8);
    return NULL;
}

static bool is_record_of(const struct packet *p, const struct record *r, size_t name, uint16_t type)
{
    return r->type == type && r->class == CLASS_IN && names_equal(p, r->owner, name);
}

static const struct record *find_record(const struct packet *p, size_t name, uint16_t type)
{
    for (size_t i = 0; i < p->answer_count; i++)
        if (is_record_of(p, &p->answers[i], name, type))
            return &p->answers[i];
    return NULL;
}

/** The character-strings joined (RFC 7208 §3.3); a single one is a view into the packet. */
static bool decode_txt(const struct packet *p, const struct record *r, struct arena *arena, struct slice *out)
{
    const char *bytes = (const char *)p->bytes + r->data;
    if (r->length == 0)
        return false;
    size_t first = (uint8_t)bytes[0];
    if (first + 1 == r->length) {
        *out = slice_make(bytes + 1, first);
        return true;
    }
    char *joined = arena_alloc(arena, r->length);
    size_t len = 0;
    for (size_t at = 0, n; at < r->length; at += n + 1) {
        n = (uint8_t)bytes[at];
        if (r->length - at - 1 < n)
            return false;
        memcpy(joined + len, bytes + at + 1, n);
        len += n;
    }
    *out = slice_make(joined, len);
    return true;
}

static bool decode_address(const struct packet *p, const struct record *r, size_t length, struct slice *out)
{
    *out = slice_make((const char *)p->bytes + r->data, length);
    return r->length == length;
}

/* RFC 2782: priority, weight, port, target. */
static bool decode_srv(struct packet *p, const struct record *r, struct arena *arena, struct dns_record *out)
{
    struct slice name;
    if (r->length < 7 || !decode_name(p, r->data + 6, arena, &name))
        return false;
    char *data = arena_alloc(arena, DNS_SRV_HEAD + name.len + 1);
    memcpy(data, p->bytes + r->data + 2, DNS_SRV_HEAD);
    memcpy(data + DNS_SRV_HEAD, name.ptr, name.len);
    out->preference = read_u16(p, r->data);
    out->data = slice_make(data, DNS_SRV_HEAD + name.len);
    return true;
}

static bool decode_record(struct packet *p, const struct record *r, struct arena *arena, struct dns_record *out)
{
    switch (p->type) {
    case DNS_TYPE_A:
        return decode_address(p, r, 4, &out->data);
    case DNS_TYPE_AAAA:
        return decode_address(p, r, 16, &out->data);
    case DNS_TYPE_TXT:
    case DNS_TYPE_SPF:
        return decode_txt(p, r, arena, &out->data);
    case DNS_TYPE_CNAME:
    case DNS_TYPE_PTR:
        return r->length > 0 && decode_name(p, r->data, arena, &out->data);
    case DNS_TYPE_MX:
        if (r->length < 3)
            return false;
        out->preference = read_u16(p, r->data);
        return decode_name(p, r->data + 2, arena, &out->data);
    case DNS_TYPE_SRV:
        return decode_srv(p, r, arena, out);
    }
    return false;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/** Fills the answer with every record of the asked type at that name. Returns NULL, or what is wrong. */
static const char *collect(struct packet *p, size_t name, struct arena *arena, struct dns_answer *answer)
{
    struct dns_record *records = arena_alloc(arena, p->answer_count * sizeof *records);
    size_t count = 0;
    for (size_t i = 0; i < p->answer_count; i++) {
        const struct record *r = &p->answers[i];
        if (!is_record_of(p, r, name, (uint16_t)p->type))
            continue;
        if (!decode_record(p, r, arena, &records[count++]))
            return "malformed answer";
        if (count > DNS_PACKET_RECORDS || p->decoded > DNS_PACKET_BYTES)
            return "answer too large";
        answer->ttl = lesser(answer->ttl, r->ttl);
    }
    answer->status = DNS_OK;
    answer->records = records;
    answer->count = count;
    return NULL;
}

/** The time to live of a negative answer (RFC 2308 §5). False: no SOA record there. */
static bool negative_ttl(const struct packet *p, uint32_t *ttl)
{
    size_t at = p->authority;
    for (unsigned i = 0; i < p->authority_count; i++) {
        struct record r;
        if (!read_record(p, &at, &r))
            return false;
        if (r.type == TYPE_SOA && r.length >= 22) {
            *ttl = lesser(r.ttl, clip_ttl(read_u32(p, r.data + r.length - 4)));
            return true;
        }
    }
    return false;
}

static const char *conclude_negative(struct packet *p, unsigned rcode, size_t name, struct arena *arena, struct dns_packet_reading *out)
{
    uint32_t ttl = 0;
    bool authoritative = negative_ttl(p, &ttl);
    out->answer.status = rcode == RCODE_NXDOMAIN ? DNS_NXDOMAIN : DNS_NODATA;
    if (rcode == RCODE_NOERROR && !authoritative && name != HEADER)
        return decode_name(p, name, arena, &out->alias) ? NULL : "malformed answer";
    out->answer.ttl = lesser(out->answer.ttl, ttl);
    return NULL;
}

/** Follows the CNAMEs from the question's name on until there is an answer, or none. */
static const char *follow(struct packet *p, unsigned rcode, struct arena *arena, struct dns_packet_reading *out)
{
    size_t name = HEADER;
    out->answer.ttl = DNS_PACKET_TTL_MAX;
    for (unsigned links = 0; links <= DNS_PACKET_CHAIN; links++) {
        if (find_record(p, name, (uint16_t)p->type))
            return collect(p, name, arena, &out->answer);
        const struct record *alias = find_record(p, name, DNS_TYPE_CNAME);
        if (!alias)
            return conclude_negative(p, rcode, name, arena, out);
        out->answer.ttl = lesser(out->answer.ttl, alias->ttl);
        name = alias->data;
    }
    return "CNAME loop";
}

static const char *read_packet(struct packet *p, struct arena *arena, struct dns_packet_reading *out)
{
    unsigned rcode = p->len >= HEADER ? p->bytes[3] & 15u : 0;
    if (rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN)
        return dns_packet_rcode_name(rcode);
    const char *why = open_packet(p, arena);
    return why ? why : follow(p, rcode, arena, out);
}

void dns_packet_read(const uint8_t *bytes, size_t len, enum dns_type type, struct arena *arena, struct dns_packet_reading *out)
{
    struct packet p = {.bytes = bytes, .len = len, .type = type};
    *out = (struct dns_packet_reading){.alias = SLICE("")};
    const char *why = read_packet(&p, arena, out);
    if (why)
        *out = (struct dns_packet_reading){.answer = {.status = DNS_FAILURE, .why = why}, .alias = SLICE("")};
}

const char *dns_packet_rcode_name(unsigned rcode)
{
    static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
    return rcode < sizeof names / sizeof names[0] ? names[rcode] : "unknown response code";
}
