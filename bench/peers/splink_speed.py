"""De-duplicates a table of children with Splink: splink_speed.py CHILDREN.csv OUT

Prints `seconds N` from the file to clusters, training included, `processor N`, the seconds of all processors, and `pairs N`, those that were scored; writes OUT.rows
and OUT.pairs for judge_table.  The set-up is children's in splink_sets.py.
"""
import logging
import sys
import time

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator

from splink_sets import SETS

THRESHOLD = 0.95


def main():
    path, out = sys.argv[1:]
    logging.disable(logging.WARNING)
    began, spent = time.monotonic(), time.process_time()
    database = duckdb.connect()
    database.execute(
        "CREATE TABLE people AS SELECT row_number() OVER () - 1 AS unique_id, lower(record) AS record, child, "
        "lower(family) AS family, lower(given) AS given, lower(given) || ' ' || lower(family) AS name_concat, sex, birth_date, "
        "nhs_number, upn, postcode, carer1_phone FROM read_csv(?, all_varchar = true, header = true)", [path])
    made = SETS["children"](set())
    settings = SettingsCreator(link_type="dedupe_only", comparisons=made["comparisons"],
                               blocking_rules_to_generate_predictions=made["blocking"])
    linker = Linker("people", settings, DuckDBAPI(connection=database))
    linker.training.estimate_probability_two_random_records_match(made["deterministic"], recall=made["recall"])
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in made["training"]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=THRESHOLD)
    label = database.execute(f"SELECT count(DISTINCT cluster_id) FROM {clusters.physical_name}").fetchone()
    print(f"seconds {time.monotonic() - began:.3f}\nprocessor {time.process_time() - spent:.3f}")
    scored = database.execute(f"SELECT count(*) FROM {predicted.physical_name}").fetchone()[0]
    print(f"pairs {scored}\nclusters {label[0]}")
    database.execute(
        "COPY (SELECT 1, CAST(people.child AS BIGINT), dense_rank() OVER (ORDER BY found.cluster_id) - 1 "
        f"FROM {clusters.physical_name} AS found JOIN people USING (unique_id) ORDER BY unique_id) "
        f"TO '{out}.rows' (DELIMITER ' ', HEADER false)")
    database.execute(
        "COPY (SELECT least(unique_id_l, unique_id_r), greatest(unique_id_l, unique_id_r), "
        "CAST(round(1024 * least(greatest(match_weight, -100), 100)) AS INTEGER) "
        f"FROM {predicted.physical_name} WHERE match_weight > -7) TO '{out}.pairs' (DELIMITER ' ', HEADER false)")


main()
