/* A request for keys and sealed keys as text.  Only src/vault/ includes this.
 *
 *     -----BEGIN CONTACTPOINT KEY REQUEST-----        -----BEGIN CONTACTPOINT SEALED KEYS-----
 *     version 1                                       version 1
 *     made SECONDS since 1970                         request HEX, BLAKE2b-256 of the request's text
 *     public HEX, the X25519 key                      base64 of the box, in lines of 64
 *     check HEX                                       check HEX
 *     -----END CONTACTPOINT KEY REQUEST-----          -----END CONTACTPOINT SEALED KEYS-----
 *
 * HEX are 64 hexadecimal digits; `check` is BLAKE2b-256 of all lines before its own.  There is one way to
 * write each: what is read is written again and compared. */
#ifndef VAULT_TRANSFER_TEXT_H
#define VAULT_TRANSFER_TEXT_H

#include "base/buffer.h"
#include "base/time.h"
#include "vault/transfer.h"

enum { HASH_BYTES = 32, HEX_BYTES = 2 * HASH_BYTES, BOX_BYTES_MAX = TRANSFER_BYTES_MAX / 4 * 3 };

#define TRANSFER_VERSION_LINE "version 1\n"

/* The clear text of a box: which request it answers, then the key file as it is. */
#define TRANSFER_INNER_HEAD "ContactPoint keys for a request\n"
enum {
    INNER_BYTES = sizeof TRANSFER_INNER_HEAD - 1 + sizeof TRANSFER_VERSION_LINE - 1 + sizeof "request " - 1 +
                  HEX_BYTES + 1,
    BOX_CLEAR_BYTES_MAX = INNER_BYTES + 4096, /* KEY_FILE_BYTES_MAX */
};

/* Its first INNER_BYTES, written with a NUL behind them; how long they are. */
size_t transfer_inner_put(const uint8_t request[HASH_BYTES], char *at);

struct transfer_request {
    int64_t made_s;
    uint8_t public[HASH_BYTES];
};

void transfer_text_hash(struct str text, uint8_t ret_hash[HASH_BYTES]);

/* Take from the front of *text: literal text; a name, then a hash or a number, and the end of the line. False
 * where something else stands there. */
bool transfer_text_take(struct str *text, struct str expected);
bool transfer_text_take_hash(struct str *text, struct str name, uint8_t ret_hash[HASH_BYTES]);
bool transfer_text_take_seconds(struct str *text, struct str name, int64_t *ret_seconds);

void transfer_request_put(struct buffer *buffer, const struct transfer_request *request);

/* FAULT_INVALID with a note; FAULT_MEMORY. */
MUST_USE enum fault transfer_request_read(struct str text, struct transfer_request *ret_request);

/* The hash of its text names a request.  FAULT_MEMORY. */
MUST_USE enum fault transfer_request_name(const struct transfer_request *request,
                                          uint8_t ret_hash[HASH_BYTES]);

/* FAULT_INVALID with a note where it is too old, or from the future. */
MUST_USE enum fault transfer_request_age(const struct transfer_request *request, struct instant now);

void transfer_sealed_put(struct buffer *buffer, const uint8_t request[HASH_BYTES], struct bytes box);

/* The name of the request that is answered, and the box.  FAULT_INVALID with a note; FAULT_MEMORY. */
MUST_USE enum fault transfer_sealed_read(struct str text, uint8_t ret_request[HASH_BYTES],
                                         uint8_t ret_box[BOX_BYTES_MAX], size_t *ret_len);

/* FAULT_INVALID with a note where `typed` is not the fingerprint of the text. */
MUST_USE enum fault transfer_typed_check(struct str text, struct str typed);

/* FAULT_INVALID with the note about what arrived broken. */
enum fault transfer_request_broken(void);
enum fault transfer_sealed_broken(void);

#endif
