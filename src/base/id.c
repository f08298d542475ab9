#include "base/id.h"

#include <string.h>

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct id id_new(struct entropy entropy)
{
    struct id id;
    entropy.fill(entropy.context, id.byte, sizeof id.byte);
    return id;
}

bool id_equal(struct id a, struct id b)
{
    return id_compare(a, b) == 0;
}

bool id_is_zero(struct id id)
{
    return id_equal(id, (struct id){{0}});
}

int id_compare(struct id a, struct id b)
{
    return memcmp(a.byte, b.byte, sizeof a.byte);
}

struct bytes id_bytes(const struct id *id)
{
    return (struct bytes){id->byte, sizeof id->byte};
}

bool id_of_bytes(struct bytes bytes, struct id *ret_id)
{
    if (bytes.len != sizeof ret_id->byte)
        return false;
    memcpy(ret_id->byte, bytes.at, sizeof ret_id->byte);
    return true;
}

/* 26 × 5 = 130 bits: the two highest of the first character are always 0. */
void id_put(struct buffer *buffer, struct id id)
{
    unsigned __int128 value = 0;
    for (size_t i = 0; i < sizeof id.byte; i++)
        value = value << 8 | id.byte[i];
    char text[ID_TEXT_LEN];
    for (size_t i = ID_TEXT_LEN; i-- > 0; value >>= 5)
        text[i] = alphabet[value & 31];
    buffer_put(buffer, (struct str){text, sizeof text});
}

bool id_parse(struct str text, struct id *ret_id)
{
    if (text.len != ID_TEXT_LEN || text.at[0] > '7')
        return false;
    unsigned __int128 value = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *found = text.at[i] == '\0' ? NULL : strchr(alphabet, text.at[i]);
        if (found == NULL)
            return false;
        value = value << 5 | (unsigned)(found - alphabet);
    }
    for (size_t i = sizeof ret_id->byte; i-- > 0; value >>= 8)
        ret_id->byte[i] = (uint8_t)value;
    return true;
}
