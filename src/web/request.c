#include <strings.h>

#include "web/http.h"

bool http_name_equal(struct str name, const char *other)
{
    return name.len == strlen(other) && strncasecmp(name.at, other, name.len) == 0;
}

static size_t kept(const struct http_request *request)
{
    return request->header_count < HTTP_HEADERS_MAX ? request->header_count : HTTP_HEADERS_MAX;
}

size_t http_header_count(const struct http_request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < kept(request); i++)
        count += http_name_equal(request->headers[i].name, name);
    return count;
}

struct str http_header_one(const struct http_request *request, const char *name)
{
    struct str found = {NULL, 0};
    for (size_t i = 0; i < kept(request); i++) {
        if (!http_name_equal(request->headers[i].name, name))
            continue;
        if (found.at != NULL)
            return (struct str){NULL, 0};
        found = request->headers[i].value;
        if (found.at == NULL)
            found = STR("");
    }
    return found;
}

void http_put(struct http_response *response, const char *name, const char *value)
{
    must(response->field_count < HTTP_FIELDS_MAX);
    response->fields[response->field_count++] = (struct http_field){name, value};
}
