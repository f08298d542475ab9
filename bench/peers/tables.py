"""Makes one table of several files, with the truth as a column.

    tables.py senzing FOLDER OUT.csv     the truth set's three sources and its key
    tables.py children FOLDER OUT.csv    the child rows of a generated population's feeds and its truth file
"""
import csv
import os
import sys

SENZING = ("customers.csv", "reference.csv", "watchlist.csv")
CHILD_FILES = ("child_benefit", "health", "education", "social_care", "youth_justice")
CHILD_COLUMNS = ("family", "given", "other", "known_as", "sex", "birth_date", "nhs_number", "upn", "uln", "address_1",
                 "address_2", "town", "postcode", "carer1_family", "carer1_given", "carer1_phone")


def rows_of(path, skip=0):
    with open(path, newline="", encoding="utf-8-sig") as file:
        for _ in range(skip):
            file.readline()
        yield from csv.DictReader(file)


def senzing(folder, out):
    key = {(row["DATA_SOURCE"], row["RECORD_ID"]): row["CLUSTER_ID"]
           for row in rows_of(os.path.join(folder, "actual_truthset_key.csv"))}
    rows, columns = [], ["RECORD", "CLUSTER_ID"]
    for name in SENZING:
        for row in rows_of(os.path.join(folder, name)):
            source, number = row.pop("DATA_SOURCE"), row.pop("RECORD_ID")
            columns += [column for column in row if column not in columns]
            rows.append({"RECORD": f"{source}-{number}", "CLUSTER_ID": key[(source, number)], **row})
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def children(folder, out):
    truth = {(row["source"], row["record"]): row["child"] for row in rows_of(os.path.join(folder, "truth.csv"))}
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("record", "child") + CHILD_COLUMNS)
    for source in CHILD_FILES:
        for row in rows_of(os.path.join(folder, source + ".csv"), skip=1):
            if row["type"] == "child":
                writer.writerow([row["record"], truth[(source, row["record"])]] + [row[name] for name in CHILD_COLUMNS])


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("senzing", "children"):
        sys.exit(__doc__)
    with open(sys.argv[3], "w", newline="", encoding="utf-8") as out:
        {"senzing": senzing, "children": children}[sys.argv[1]](sys.argv[2], out)


main()
