/* fuzz_sasl: whatever a first message holds, a user's name is short, is text, and has no control characters. */
#include "proxy/smtp/sasl.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char user[SASL_USER_MAX + 1];
    struct slice input = fuzz_slice(data, size);
    enum sasl_mechanism mechanism = (enum sasl_mechanism)fuzz_take_choice(&input, SASL_COUNT);
    if (!sasl_base64_valid(input) || !sasl_user(mechanism, input, user))
        return 0;
    size_t length = strnlen(user, sizeof user);
    FUZZ_CHECK(length > 0 && length <= SASL_USER_MAX);
    for (size_t i = 0; i < length; i++)
        FUZZ_CHECK((unsigned char)user[i] >= 32 && user[i] != 127);
    return 0;
}
