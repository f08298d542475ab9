#include "web/assets.h"

#include "web/assets_packed.h"
#include "web_assets.h"

const struct asset *assets_all(size_t *ret_count)
{
    *ret_count = assets_packed_count;
    return assets_packed;
}

const struct asset *asset_at(struct str path)
{
    for (size_t i = 0; i < assets_packed_count; i++)
        if (str_equal(path, str_of(assets_packed[i].path)))
            return &assets_packed[i];
    return NULL;
}

const char *asset_path(const char *name)
{
    const char *path = NULL;
    for (size_t i = 0; i < assets_packed_count && path == NULL; i++)
        if (strcmp(name, assets_packed[i].name) == 0)
            path = assets_packed[i].path;
    must(path != NULL);
    return path;
}

struct str assets_inline_script(void)
{
    return STR(WEB_INLINE_SCRIPT);
}

const char *assets_inline_script_hash(void)
{
    return WEB_INLINE_SCRIPT_HASH;
}
