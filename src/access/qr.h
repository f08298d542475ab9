/* QR codes (ISO/IEC 18004), drawn by libqrencode, for enrolling an authenticator app. */
#ifndef ACCESS_QR_H
#define ACCESS_QR_H

#include "base/buffer.h"

enum { QR_TEXT_BYTES_MAX = 512 };

/* Appends an SVG image with nothing in it that a strict content policy refuses.
 * FAULT_TOO_LARGE above QR_TEXT_BYTES_MAX; FAULT_INVALID for text with NUL; FAULT_MEMORY. */
MUST_USE enum fault access_qr_put(struct buffer *svg, struct str uri);

/* Appends the path that draws the dark modules, for a page that draws the image itself; *ret_width is the
 * image's side in modules, the quiet zone included. */
MUST_USE enum fault access_qr_path(struct buffer *path, struct str uri, int *ret_width);

#endif
