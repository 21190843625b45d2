/* header_hash: see header_hash.h. */
#include "filters/signature/header_hash.h"

#include "filters/signature/field_canon.h"

void header_hash_add(struct digest *digest, struct header_fields *fields, size_t index, bool relaxed)
{
    digest_add(digest, relaxed ? header_fields_relaxed(fields, index) : fields->fields[index].raw);
    digest_add(digest, SLICE("\r\n"));
}

void header_hash_add_own(struct digest *digest, struct header_fields *fields, const struct header_signature *signature)
{
    const struct header_field *field = &fields->fields[signature->field];
    if (signature->relaxed)
        digest_add(digest, field_canon_relaxed(field->name, field_canon_without(field->value, signature->b, fields->arena), fields->arena));
    else
        digest_add(digest, field_canon_without(field->raw, signature->b, fields->arena));
}

bool header_hash_add_signed(struct digest *digest, struct header_fields *fields, const struct header_signature *signature)
{
    struct slice h = signature->h, name;
    header_fields_choose_none(fields);
    for (size_t names = 0; slice_split(&h, ':', &name); names++) {
        size_t index;
        if (names == HEADER_HASH_NAMES_MAX)
            return false;
        do
            index = header_fields_choose(fields, slice_trim(name));
        while (index == signature->field);
        if (index < fields->count)
            header_hash_add(digest, fields, index, signature->relaxed);
    }
    header_hash_add_own(digest, fields, signature);
    return true;
}
