/* Memory for large arrays.
 *
 * A table's linking takes and gives back the same hundreds of megabytes many times over, and fresh memory
 * costs more than the work that is done in it: the system has to find and clear it.  So what is given back is
 * kept for the next array, until nothing is in use. */
#ifndef LINKAGE_ROOM_H
#define LINKAGE_ROOM_H

#include <stddef.h>

/* Memory for `count` things, not set to anything, where the processor reaches it by large pages once it is
 * large; NULL where there is none.  Any thread may take and give back. */
void *room_take(size_t count, size_t size_bytes);

/* The same, to be freed with free(). */
void *room_lasting(size_t count, size_t size_bytes);

/* Gives back what room_take gave.  What held something of people is wiped before by whoever put it there.
 * room_give(NULL) does nothing. */
void room_give(void *room);

/* As realloc: what was in the first `used_bytes` stays, the rest is not set.  NULL: nothing was moved. */
void *room_larger(void *room, size_t used_bytes, size_t count, size_t size_bytes);

#endif
