/* A disk that fails when told to: an SQLite VFS in front of the system's. */
#ifndef TESTS_STORE_FAULT_VFS_H
#define TESTS_STORE_FAULT_VFS_H

/* Becomes the default VFS of this process. */
void fault_vfs_register(void);

/* The nth write (from 1), of any file, and all that follow, are answered with SQLITE_FULL until 0 is given.
 */
void fault_vfs_full_at_write(int nth);

/* The nth sync (from 1) is answered with SQLITE_IOERR_FSYNC; the others are done. */
void fault_vfs_fail_sync(int nth);

/* Whether what was asked for has happened. */
int fault_vfs_failures(void);

#endif
