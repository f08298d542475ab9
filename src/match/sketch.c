#include "match/sketch.h"

enum seen_as { UNIT, AREA, LINE, PHONE };

/* Not 0. */
static uint8_t byte_of(enum seen_as as, uint32_t value)
{
    uint32_t spread = (value + ((uint32_t)as << 30)) * 2654435761u;
    return (uint8_t)(1 + (spread >> 16) % 255);
}

static void see(struct sketch *sketch, size_t *count, uint8_t byte)
{
    for (size_t i = 0; i < *count && i < sizeof(sketch->seen); i++) {
        if (sketch->seen[i] == byte)
            return;
    }
    if (*count < sizeof(sketch->seen))
        sketch->seen[*count] = byte;
    (*count)++;
}

void sketch_make(const struct description *d, struct sketch *ret_sketch)
{
    size_t count = 0;
    uint32_t facts = d->birth.year | (uint32_t)d->birth.month << 12 | (uint32_t)d->birth.day << 16 |
                     (uint32_t)d->birth.precision << 21 | (uint32_t)d->sex << 24;
    *ret_sketch = (struct sketch){0};
    for (size_t i = 0; i < d->place_count; i++) {
        if (d->places[i].postcode != 0) {
            see(ret_sketch, &count, byte_of(UNIT, d->places[i].postcode));
            see(ret_sketch, &count, byte_of(AREA, postcode_area(d->places[i].postcode)));
            facts |= SKETCH_AREAS;
        }
        if (d->places[i].line != 0)
            see(ret_sketch, &count, byte_of(LINE, d->places[i].line));
    }
    for (size_t i = 0; i < d->phone_count; i++)
        see(ret_sketch, &count, byte_of(PHONE, d->phones[i]));
    if (d->phone_count > 0)
        facts |= SKETCH_PHONES;
    if (count > sizeof(ret_sketch->seen)) {
        memset(ret_sketch->seen, 0, sizeof(ret_sketch->seen));
        facts |= SKETCH_CROWDED;
    }
    if (d->name_count == 1 && d->names[0].kind != NAME_FORMER)
        facts |= SKETCH_ONE_NAME;
    if (d->name_count > 0 && d->names[0].other.len > 0)
        facts |= SKETCH_MIDDLE;
    ret_sketch->facts = d->carer_count > 0 ? facts | SKETCH_CARERS : facts;
}

static sketch_byte everywhere(uint8_t byte)
{
    return byte - (sketch_byte){0};
}

void sketch_ask(const struct description *d, struct sketch_asked *ret_asked)
{
    ret_asked->area_count = 0;
    ret_asked->line_count = 0;
    ret_asked->phone_count = 0;
    for (size_t i = 0; i < d->place_count; i++) {
        if (d->places[i].postcode != 0) {
            ret_asked->units[ret_asked->area_count] = everywhere(byte_of(UNIT, d->places[i].postcode));
            ret_asked->areas[ret_asked->area_count++] =
                everywhere(byte_of(AREA, postcode_area(d->places[i].postcode)));
        }
        if (d->places[i].line != 0)
            ret_asked->lines[ret_asked->line_count++] = everywhere(byte_of(LINE, d->places[i].line));
    }
    for (size_t i = 0; i < d->phone_count; i++)
        ret_asked->phones[ret_asked->phone_count++] = everywhere(byte_of(PHONE, d->phones[i]));
}
