/* Model files: whatever comes, what is taken writes and reads back the same, and what is refused says where.
 */
#include "fuzz.h"
#include "match/model_file.h"

#define HEAD               "contactpoint model 1\nmade 2026-11-21 by hand\n"
#define WEIGHT(name, bits) "weight " #name " " #bits "\n"

const char *const fuzz_seeds[] = {HEAD
#include "match/model.def"
                                  "end\n",
                                  HEAD "# a remark\nrecords 912910\npairs 5000000\nseed 1\n"
#include "match/model.def"
                                       "share family smith 6.4000\nend\n",
                                  HEAD
#include "match/model.def"
                                  "share de_souza 11.7188 0.0000\nshare smith 6.4004 14.6484\nend\n",
                                  HEAD "weight birth_exact 12.5996 m 0.931200 u 0.000151\nend\n",
                                  "contactpoint model 2\n",
                                  NULL};

#undef WEIGHT

static void read_again(const struct model_file *file)
{
    struct buffer text = buffer_open(MODEL_TEXT_BYTES_MAX), again = buffer_open(MODEL_TEXT_BYTES_MAX);
    struct model_file read;
    uint32_t line;
    model_file_write(&text, file);
    must(buffer_fault(&text) == FAULT_NONE);
    must(model_file_read(buffer_str(&text), &read, &line) == FAULT_NONE);
    model_file_write(&again, &read);
    must(buffer_fault(&again) == FAULT_NONE && str_equal(buffer_str(&text), buffer_str(&again)));
    model_file_close(&read);
    buffer_close(&text);
    buffer_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model_file file = {.seed = 77};
    uint32_t line = 0;
    enum fault fault = model_file_read((struct str){(const char *)data, size}, &file, &line);
    must(fault == FAULT_NONE || fault == FAULT_MALFORMED || fault == FAULT_MEMORY);
    if (fault != FAULT_NONE) {
        must(file.seed == 77 && file.shares == NULL); /* untouched */
        must(line <= size + 1);
        must(fault != FAULT_MALFORMED || fault_last_note()[0] != '\0');
        return 0;
    }
    must(memchr(file.made, '\0', sizeof file.made) != NULL);
    must(file.share_count <= MODEL_SHARES_MAX);
    for (size_t i = 0; i < file.share_count; i++)
        must(file.shares[i].text + (size_t)file.shares[i].len <= file.texts_len);
    read_again(&file);
    model_file_close(&file);
    return 0;
}
