/* places: see places.h. */
#include "filters/state/places.h"

#include <string.h>

void places_read(struct slice value, int64_t now_ms, struct places *out)
{
    out->count = 0;
    if (value.len % PLACES_ROW_BYTES != 0 || value.len > PLACES_BYTES)
        return;
    for (size_t at = 0; at < value.len; at += PLACES_ROW_BYTES) {
        struct places_row *row = &out->rows[out->count];
        memcpy(&row->holder, value.ptr + at, 8);
        memcpy(&row->lapses_ms, value.ptr + at + 8, 8);
        memcpy(&row->count, value.ptr + at + 16, 4);
        out->count += row->lapses_ms > now_ms && row->count > 0;
    }
}

size_t places_write(const struct places *p, char out[PLACES_BYTES])
{
    for (size_t i = 0; i < p->count; i++) {
        char *at = out + i * PLACES_ROW_BYTES;
        memcpy(at, &p->rows[i].holder, 8);
        memcpy(at + 8, &p->rows[i].lapses_ms, 8);
        memcpy(at + 16, &p->rows[i].count, 4);
    }
    return p->count * PLACES_ROW_BYTES;
}

int64_t places_total(const struct places *p)
{
    int64_t total = 0;
    for (size_t i = 0; i < p->count; i++)
        total += p->rows[i].count;
    return total;
}

int64_t places_lapse_ms(const struct places *p)
{
    int64_t last = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->rows[i].lapses_ms > last)
            last = p->rows[i].lapses_ms;
    return last;
}

static struct places_row *find(struct places *p, uint64_t holder)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->rows[i].holder == holder)
            return &p->rows[i];
    return NULL;
}

bool places_enter(struct places *p, uint64_t holder, int64_t most, int64_t lapses_ms)
{
    struct places_row *row = find(p, holder);
    if (places_total(p) >= most)
        return false;
    if (!row && p->count < PLACES_ROWS) {
        row = &p->rows[p->count++];
        *row = (struct places_row){.holder = holder};
    }
    if (row) {
        row->count++;
        row->lapses_ms = lapses_ms;
    }
    return true;
}

void places_renew(struct places *p, uint64_t holder, int64_t lapses_ms)
{
    struct places_row *row = find(p, holder);
    if (row)
        row->lapses_ms = lapses_ms;
}

void places_leave(struct places *p, uint64_t holder)
{
    struct places_row *row = find(p, holder);
    if (row && --row->count == 0)
        *row = p->rows[--p->count];
}
