/* Tables: whatever bytes come as a CSV or tab-separated file under a spec that has every kind of column, they
 * are refused with a reason, or every row can be read. */
#include "fuzz.h"
#include "linkage/rows.h"

const char *const fuzz_seeds[] = {
    "id,who,given,family,other,name,born,age,sex,postcode,town,no,street,tel,mail,nhs,job,note\n"
    "1,7,Mair,O'Neill,Non,,2007-03-27,18,F,CF10 3NB,Caerdydd,12,\"1, Heol Fawr\",01632 "
    "960001,m@x.example,9434765919,"
    "clerk,a\n"
    "2,7,mary,oneill,,,27/03/2007,,f,CF103NB,Cardiff,,Heol Fawr,01632960001,,943 476 5919,,\n",
    "id,who,given,family,other,name,born,age,sex,postcode,town,no,street,tel,mail,nhs,job,note\n"
    "3,8,,,,\"Smith, John\",1900,200,x,,\xc3\x9f,,,,@,,,\"\"\"\"\n",
    "id,given\n1,a\n", NULL};

static const char spec_text[] =
    "[table]\nid = id\ntruth = who\n[columns]\ngiven = given\nfamily = family\nother = other\nname = name\n"
    "born = birth DD/MM/YYYY\nage = age\nsex = sex\npostcode = postcode\ntown = locality\nno = number\n"
    "street = address\ntel = phone\nmail = email\nnhs = identifier\njob = token optional\nnote = text "
    "optional\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct linkage_spec spec;
    struct linkage_rows *rows = NULL;
    struct linkage_error error = {0};
    struct linkage_file file = {.text = {(const char *)data, size}};
    must(linkage_spec_parse(str_of(spec_text), &spec, &error) == FAULT_NONE);
    enum fault fault = linkage_rows_load(&spec, &file, 1, &rows, &error);
    must(fault == FAULT_NONE || fault == FAULT_INVALID || fault == FAULT_MEMORY);
    must(fault != FAULT_INVALID || error.message != NULL);
    if (fault != FAULT_NONE)
        return 0;
    must(linkage_rows_first(rows) == linkage_rows_count(rows));
    for (uint32_t i = 0; i < linkage_rows_count(rows); i++) {
        must(linkage_rows_id(rows, i).len <= size);
        must(linkage_rows_key(rows, i) == linkage_rows_key(rows, i));
    }
    linkage_rows_close(rows);
    return 0;
}
