/* Specs of tables: whatever comes, what is taken has columns of known kinds, and what is refused says why. */
#include "fuzz.h"
#include "linkage/spec.h"

const char *const fuzz_seeds[] = {
    "[table]\nid = rec_id\ntruth = rec_id digits\n[columns]\ngiven_name = given\nsurname = family\n"
    "date_of_birth = birth\nsoc_sec_id = identifier\n",
    "# a\n[table]\ndelimiter = tab\nheader = no\nid = 2\ntruth = 2\n[columns]\n3 = family\n4 = given\n7 = "
    "address\n",
    "[columns]\nname = name\nborn = birth DD/MM/YYYY optional\nmobile = phone\njob = token optional\n", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct linkage_spec spec;
    struct linkage_error error = {0};
    enum fault fault = linkage_spec_parse((struct str){(const char *)data, size}, &spec, &error);
    must(fault == FAULT_NONE || fault == FAULT_INVALID || fault == FAULT_MEMORY);
    must(fault != FAULT_INVALID || error.message != NULL);
    if (fault != FAULT_NONE)
        return 0;
    must(spec.column_count > 0 && spec.column_count <= LINKAGE_COLUMNS_MAX);
    must(spec.delimiter == ',' || spec.delimiter == '\t');
    for (size_t i = 0; i < spec.column_count; i++) {
        must(spec.columns[i].kind > LINKAGE_NONE && spec.columns[i].kind < LINKAGE_KINDS_END);
        must(memchr(spec.columns[i].name, '\0', sizeof spec.columns[i].name) != NULL);
    }
    fault = linkage_spec_ignore(&spec, str_of(spec.columns[0].name), &error);
    must(fault == FAULT_NONE || (fault == FAULT_INVALID && error.message != NULL));
    return 0;
}
