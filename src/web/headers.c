#include "web/headers.h"

#include "web_assets.h"

/* No page of ours is framed, embeds anything of others, or runs a script that is not a file of ours, but for
 * govuk-frontend's one line, whose hash the build computes. */
#define CONTENT_SECURITY_POLICY                                                                              \
    "default-src 'none'; script-src 'self' '" WEB_INLINE_SCRIPT_HASH "'; style-src 'self'; "                 \
    "img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "             \
    "frame-ancestors 'none'"

static void put_common(struct http_response *response)
{
    http_put(response, "Strict-Transport-Security", "max-age=31536000");
    http_put(response, "X-Content-Type-Options", "nosniff");
    http_put(response, "Cross-Origin-Opener-Policy", "same-origin");
    http_put(response, "Cross-Origin-Resource-Policy", "same-origin");
    http_put(response, "Content-Security-Policy", CONTENT_SECURITY_POLICY);
    http_put(
        response, "Permissions-Policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=(), publickey-credentials-get=(self), "
        "publickey-credentials-create=(self)");
    /* Not no-referrer: browsers would then send "Origin: null" with our forms. */
    http_put(response, "Referrer-Policy", "same-origin");
    http_put(response, "X-Frame-Options", "DENY");
}

void headers_page(struct http_response *response)
{
    http_put(response, "Content-Type", "text/html; charset=utf-8");
    http_put(response, "Cache-Control", "no-store");
    put_common(response);
}

void headers_asset(struct http_response *response, const char *content_type)
{
    http_put(response, "Content-Type", content_type);
    http_put(response, "Cache-Control", "public, max-age=31536000, immutable");
    put_common(response);
}

void headers_signed_out(struct http_response *response)
{
    http_put(response, "Clear-Site-Data", "\"cache\", \"cookies\", \"storage\"");
}
