/* Records of a comma- or tab-separated file, one after the other. */
#ifndef LINKAGE_READER_H
#define LINKAGE_READER_H

#include "base/csv.h"
#include "linkage/rows.h"

/* Calls back with every record of `file` (base/csv.h).  Tab-separated files have no quotes; blanks around
 * their fields, and empty lines, are dropped.  A fault from the callback ends reading.  FAULT_STORAGE where
 * the file cannot be read; FAULT_MALFORMED for quotes beyond going on, after the callback had CSV_QUOTES. */
MUST_USE enum fault reader_run(const struct linkage_file *file, char delimiter, csv_on_record on_record,
                               void *context);

#endif
