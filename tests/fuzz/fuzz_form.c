/* Forms: whatever comes, a field that is let in is declared, given once, and UTF-8. */
#include "fuzz.h"
#include "web/form.h"

const char *const fuzz_seeds[] = {"family=O%27Neill&given=Mair+Non&form_token=0a1b&sex=&reason_text=a%0D%0Ab",
                                  "reason=working&birth_day=27&birth_month=3&birth_year=2007&similar=yes",
                                  "family=%C5%81ukasz%2b%f0%9f%98%80", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct form form;
    if (arena == NULL)
        must(arena_open(1024 * 1024, &arena) == FAULT_NONE);
    arena_reset(arena);
    int status = form_read(OP_child_find, STR("application/x-www-form-urlencoded"),
                           (struct str){(const char *)data, size}, arena, &form);
    must(status == 0 || status == 400 || status == 413);
    for (size_t i = 0; status == 0 && i < form.field_count; i++) {
        must(str_is_utf8(form.fields[i].value));
        must(form.fields[i].value.len <= size);
        for (size_t other = 0; other < i; other++)
            must(!str_equal(form.fields[i].name, form.fields[other].name));
    }
    return 0;
}
