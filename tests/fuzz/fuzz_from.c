/* fuzz_from: any bytes as a From field. A domain comes out only if it is one, and no mailbox without it. */
#include "filters/dmarc/from_parser.h"
#include "filters/domain_name.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct from_author author;
    from_parse(slice_make((const char *)data, size), arena, &author);
    if (author.error ? author.domain.len || author.mailbox.len : !domain_name_is_valid(author.domain))
        abort();
    if (!author.error && !slice_ends_nocase(author.mailbox, author.domain))
        abort();
    arena_free(&arena);
    return 0;
}
