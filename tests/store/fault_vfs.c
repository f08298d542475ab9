#include "fault_vfs.h"

#include <sqlite3.h>
#include <stdlib.h>

static sqlite3_vfs *system_vfs;
static int writes_left; /* before the disk is full; 0: never */
static int syncs_left;  /* before one fails; 0: never */
static int failures;

void fault_vfs_full_at_write(int nth)
{
    failures = 0;
    __atomic_store_n(&writes_left, nth, __ATOMIC_SEQ_CST);
}

void fault_vfs_fail_sync(int nth)
{
    failures = 0;
    __atomic_store_n(&syncs_left, nth, __ATOMIC_SEQ_CST);
}

int fault_vfs_failures(void)
{
    return __atomic_load_n(&failures, __ATOMIC_SEQ_CST);
}

struct shim {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct shim *)(void *)file)->real;
}

static int shim_close(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    int code = real->pMethods == NULL ? SQLITE_OK : real->pMethods->xClose(real);
    free(real);
    return code;
}

static int shim_read(sqlite3_file *file, void *memory, int size, sqlite3_int64 offset)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xRead(real, memory, size, offset);
}

static int shim_write(sqlite3_file *file, const void *memory, int size, sqlite3_int64 offset)
{
    sqlite3_file *real = real_of(file);
    int left = __atomic_load_n(&writes_left, __ATOMIC_SEQ_CST);
    if (left == 1) {
        failures++;
        return SQLITE_FULL;
    }
    if (left > 1)
        __atomic_store_n(&writes_left, left - 1, __ATOMIC_SEQ_CST);
    return real->pMethods->xWrite(real, memory, size, offset);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xTruncate(real, size);
}

static int shim_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = real_of(file);
    int left = __atomic_load_n(&syncs_left, __ATOMIC_SEQ_CST);
    if (left > 0)
        __atomic_store_n(&syncs_left, left - 1, __ATOMIC_SEQ_CST);
    if (left == 1) {
        failures++;
        return SQLITE_IOERR_FSYNC;
    }
    return real->pMethods->xSync(real, flags);
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xFileSize(real, ret_size);
}

static int shim_lock(sqlite3_file *file, int level)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xLock(real, level);
}

static int shim_unlock(sqlite3_file *file, int level)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xUnlock(real, level);
}

static int shim_check_reserved(sqlite3_file *file, int *ret_reserved)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xCheckReservedLock(real, ret_reserved);
}

static int shim_control(sqlite3_file *file, int operation, void *argument)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xFileControl(real, operation, argument);
}

static int shim_sector_size(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xSectorSize(real);
}

static int shim_characteristics(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xDeviceCharacteristics(real);
}

static int shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret_memory)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xShmMap(real, page, size, extend, ret_memory);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xShmLock(real, offset, count, flags);
}

static void shim_shm_barrier(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    real->pMethods->xShmBarrier(real);
}

static int shim_shm_unmap(sqlite3_file *file, int remove)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xShmUnmap(real, remove);
}

static const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_check_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector_size,
    .xDeviceCharacteristics = shim_characteristics,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    (void)vfs;
    struct shim *shim = (struct shim *)(void *)file;
    shim->base.pMethods = NULL;
    shim->real = calloc(1, (size_t)system_vfs->szOsFile);
    if (shim->real == NULL)
        return SQLITE_NOMEM;
    int code = system_vfs->xOpen(system_vfs, name, shim->real, flags, ret_flags);
    if (code != SQLITE_OK) {
        free(shim->real);
        return code;
    }
    shim->base.pMethods = &shim_methods;
    return SQLITE_OK;
}

void fault_vfs_register(void)
{
    static sqlite3_vfs shim;
    system_vfs = sqlite3_vfs_find(NULL);
    shim = *system_vfs;
    shim.zName = "fault";
    shim.szOsFile = (int)sizeof(struct shim);
    shim.xOpen = shim_open;
    sqlite3_vfs_register(&shim, 1);
}
