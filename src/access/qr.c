#include "access/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <sodium.h>

/* ISO/IEC 18004 §5.3.8: four light modules on each side. */
enum { QUIET = 4 };

static enum fault encode(struct str text, QRcode **ret_code)
{
    char copy[QR_TEXT_BYTES_MAX + 1] = {0};
    if (text.len > QR_TEXT_BYTES_MAX)
        return fault_note(FAULT_TOO_LARGE, "text is too long for a QR code");
    if (text.len == 0 || memchr(text.at, 0, text.len) != NULL)
        return fault_note(FAULT_INVALID, "text cannot stand in a QR code");
    memcpy(copy, text.at, text.len);
    QRcode *code = QRcode_encodeString8bit(copy, 0, QR_ECLEVEL_M);
    sodium_memzero(copy, sizeof copy);
    if (code == NULL)
        return FAULT_MEMORY;
    *ret_code = code;
    return FAULT_NONE;
}

static bool is_dark(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width)
        return false;
    return (code->data[y * code->width + x] & 1) != 0;
}

/* The code holds a secret, and libqrencode does not wipe. */
static void forget(QRcode *code)
{
    sodium_memzero(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
}

static void put_row(struct buffer *svg, const QRcode *code, int y)
{
    for (int x = 0; x < code->width;) {
        int from = x;
        while (is_dark(code, x, y))
            x += 1;
        if (x == from) {
            x += 1;
            continue;
        }
        buffer_put_char(svg, 'M');
        buffer_put_int(svg, from + QUIET);
        buffer_put_char(svg, ' ');
        buffer_put_int(svg, y + QUIET);
        buffer_put_char(svg, 'h');
        buffer_put_int(svg, x - from);
        buffer_put(svg, STR("v1h-"));
        buffer_put_int(svg, x - from);
        buffer_put_char(svg, 'z');
    }
}

enum fault access_qr_put(struct buffer *svg, struct str uri)
{
    QRcode *code = NULL;
    enum fault fault = encode(uri, &code);
    if (fault != FAULT_NONE)
        return fault;
    must(code != NULL);
    buffer_put(svg, STR("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 "));
    buffer_put_int(svg, code->width + 2 * QUIET);
    buffer_put_char(svg, ' ');
    buffer_put_int(svg, code->width + 2 * QUIET);
    buffer_put(svg, STR("\" width=\"240\" height=\"240\" shape-rendering=\"crispEdges\">"
                        "<title>QR code for your authenticator app</title>"
                        "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
                        "<path fill=\"#000000\" d=\""));
    for (int y = 0; y < code->width; y++)
        put_row(svg, code, y);
    buffer_put(svg, STR("\"/></svg>"));
    forget(code);
    return buffer_fault(svg);
}

enum fault access_qr_path(struct buffer *path, struct str uri, int *ret_width)
{
    QRcode *code = NULL;
    enum fault fault = encode(uri, &code);
    if (fault != FAULT_NONE)
        return fault;
    must(code != NULL);
    for (int y = 0; y < code->width; y++)
        put_row(path, code, y);
    *ret_width = code->width + 2 * QUIET;
    forget(code);
    return buffer_fault(path);
}
