/* fuzz_auth_results: any bytes as the value of a field, and as a value inside our own field. Our field must stay one field. */
#include "filters/auth_results.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_one_field(struct slice field)
{
    for (size_t i = 0; i < field.len; i++) {
        bool fold = i + 2 < field.len && field.ptr[i] == '\r' && field.ptr[i + 1] == '\n' && field.ptr[i + 2] == '\t';
        if (fold)
            i += 2;
        else if (i + 2 < field.len && (field.ptr[i] < ' ' || field.ptr[i] > '~'))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_make((const char *)data, size);
    struct arena *arena = arena_new();
    struct auth_results results;
    struct buf out = {0};
    struct auth_property property = {"smtp", "mailfrom", input};
    auth_results_claims(input, "mx.example.com");
    auth_results_init(&results, arena);
    auth_results_add(
        &results, &(struct auth_result){
                      .method = "spf", .result = "pass", .reason = input, .comment = input, .properties = &property, .property_count = 1});
    auth_results_format(&results, "mx.example.com", &out);
    check_one_field(buf_slice(&out));
    buf_release(&out);
    arena_free(&arena);
    return 0;
}
