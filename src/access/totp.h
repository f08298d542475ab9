/* Time-based one-time passwords (RFC 6238: HMAC-SHA-1, 6 digits, 30 seconds) and what an authenticator app
 * needs. */
#ifndef ACCESS_TOTP_H
#define ACCESS_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/time.h"

enum { TOTP_PERIOD_SECONDS = 30, TOTP_DIGITS = 6 };

/* The step that an instant belongs to; 0 before 1970. */
int64_t totp_step(struct instant at);

/* The truncated value of RFC 4226 §5.3, of which the code is the last digits.  FAULT_MEMORY. */
MUST_USE enum fault totp_value(struct bytes secret, int64_t step, uint32_t *ret_value);

/* The code of a step, zero-padded.  FAULT_MEMORY. */
MUST_USE enum fault totp_put_code(struct buffer *buffer, struct bytes secret, int64_t step);

/* Constant-time.  Spaces inside `code` are how apps show it, and are passed over.  FAULT_MEMORY. */
MUST_USE enum fault totp_check_code(struct bytes secret, int64_t step, struct str code, bool *ret_right);

/* RFC 4648 base 32 without padding, upper case. */
void base32_put(struct buffer *buffer, struct bytes bytes);

/* otpauth://totp/…, the Key URI Format that authenticator apps read.  `user_name` is of a-z 0-9 . - only. */
void totp_put_uri(struct buffer *buffer, struct bytes secret, struct str user_name);

#endif
