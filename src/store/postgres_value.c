/* Values as PostgreSQL sends them in binary, checked against what the block declares. */
#include "store/postgres.h"

#include <endian.h>
#include <string.h>

/* src/include/catalog/pg_type.dat of PostgreSQL: these numbers never change. */
enum { TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25 };

Oid postgres_type(enum value_kind kind)
{
    switch (kind) {
    case VALUE_INT:
        return TYPE_INT8;
    case VALUE_BYTES:
        return TYPE_BYTEA;
    case VALUE_TEXT:
        return TYPE_TEXT;
    case VALUE_UNSET:
    case VALUE_NULL:
        break;
    }
    must(!"a kind of column");
    return 0;
}

static enum fault damaged(void)
{
    return fault_note(FAULT_CORRUPT,
                      "a stored value is of another kind than its column: restore the last backup");
}

static enum fault value_of(const struct sql_field *field, const char *at, size_t len, struct value *ret_value)
{
    if (at == NULL) {
        if (!field->nullable)
            return damaged();
        *ret_value = value_null();
    } else if (field->kind == VALUE_INT) {
        uint64_t number;
        if (len != sizeof number)
            return damaged();
        memcpy(&number, at, sizeof number);
        *ret_value = value_int((int64_t)be64toh(number));
    } else {
        *ret_value = (struct value){.kind = field->kind, .bytes = {(const uint8_t *)at, len}};
    }
    return FAULT_NONE;
}

enum fault row_of_result(const PGresult *result, enum statement statement, struct value *out)
{
    const struct sql_statement *packed = &sql_statements[statement];
    if (PQnfields(result) != (int)packed->give_count)
        return fault_note(FAULT_SCHEMA, "a table was changed while the program ran: start it again");
    for (size_t i = 0; i < packed->give_count; i++) {
        const char *at = PQgetisnull(result, 0, (int)i) ? NULL : PQgetvalue(result, 0, (int)i);
        enum fault fault = value_of(&packed->gives[i], at, (size_t)PQgetlength(result, 0, (int)i), &out[i]);
        if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}

enum fault row_of_tuple(struct bytes *tuples, enum statement statement, struct value *out)
{
    const struct sql_statement *packed = &sql_statements[statement];
    struct reader reader = reader_of(*tuples);
    if (reader_take_u16(&reader) != packed->give_count)
        return fault_note(FAULT_SCHEMA, "a table was changed while the program ran: start it again");
    for (size_t i = 0; i < packed->give_count; i++) {
        uint32_t len = reader_take_u32(&reader);
        struct bytes bytes = {.at = NULL};
        if (len != UINT32_MAX) /* NULL */
            bytes = reader_take_bytes(&reader, len);
        if (!reader.ok)
            return damaged();
        enum fault fault = value_of(&packed->gives[i], (const char *)bytes.at, bytes.len, &out[i]);
        if (fault != FAULT_NONE)
            return fault;
    }
    *tuples = reader.rest;
    return FAULT_NONE;
}

void tuple_put(struct buffer *buffer, const PGresult *result)
{
    int columns = PQnfields(result);
    buffer_put_u16(buffer, (uint16_t)columns);
    for (int i = 0; i < columns; i++) {
        if (PQgetisnull(result, 0, i))
            buffer_put_u32(buffer, UINT32_MAX);
        else
            buffer_put_field(buffer, (struct bytes){(const uint8_t *)PQgetvalue(result, 0, i),
                                                    (size_t)PQgetlength(result, 0, i)});
    }
}
