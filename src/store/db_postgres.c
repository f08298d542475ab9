/* Opening and closing a PostgreSQL database. */
#include "store/driver.h"

enum fault postgres_open(const char *uri, const struct db_settings *settings, struct db **ret_db)
{
    (void)uri;
    (void)settings;
    (void)ret_db;
    return fault_note(FAULT_INVALID, "PostgreSQL is not built in yet");
}
