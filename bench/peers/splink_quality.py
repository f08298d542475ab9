"""Links one set with Splink and writes what judge_table judges.

    splink_quality.py KIND OUT A.csv [B.csv] [--ignore COLUMN]

Writes OUT.pairs, and OUT.rows.P for the clusters at each threshold P of CLUSTERS; prints `name value` lines.
"""
import logging
import os
import re
import sys
import time
import warnings

import pandas

warnings.filterwarnings("ignore")
from splink import DuckDBAPI, Linker, SettingsCreator  # noqa: E402

from splink_sets import SETS  # noqa: E402

CLUSTERS = (0.5, 0.8, 0.95, 0.99, 0.999)
LEAST = 0.01


def read(kind, path):
    if kind == "census-text":
        frame = pandas.read_csv(path, sep="\t", header=None, dtype=str, keep_default_na=False,
                                names=["file", "truth", "surname", "first_name", "middle", "number", "street"])
    else:
        frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    frame.columns = [name.strip() for name in frame.columns]
    return frame.apply(lambda column: column.str.strip().str.lower()).replace("", None)


def truth_of(kind, frame):
    if kind == "febrl" and frame["rec_id"].str.startswith("rec-").any():
        return frame["rec_id"].str.extract(r"rec-(\d+)")[0]
    if kind == "febrl":
        return frame["rec_id"].str.slice(0, -1)
    return frame[{"historical": "cluster", "fake_1000": "cluster", "census-text": "truth", "senzing": "person",
                  "children": "child"}[kind]]


def iso_date(text):
    if not isinstance(text, str):
        return None
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    return f"{found[3]}-{int(found[1]):02}-{int(found[2]):02}" if found else text


def shape_senzing(frame):
    frame.columns = [name.lower() for name in frame.columns]
    def joined(*names):
        return frame[list(names)].apply(lambda row: " ".join(cell for cell in row if isinstance(cell, str)) or None, axis=1)
    def first(*names):
        return frame[list(names)].bfill(axis=1).iloc[:, 0]
    part = joined("primary_name_first", "primary_name_middle", "primary_name_last")
    whole = first("primary_name_full", "primary_name_org")
    return pandas.DataFrame({
        "person": frame["cluster_id"], "name": part.where(part.notna(), whole),
        "birth": frame["date_of_birth"].map(iso_date), "phone": frame["phone_number"], "email": frame["email_address"],
        "address": first("addr_line1", "addr_full"), "postcode": frame["addr_postal_code"],
        "number": first("passport_number", "drivers_license_number", "ssn_number", "national_id_number")})


def load(kind, paths, ignored):
    frames = []
    for path in paths:
        frame = read(kind, path)
        if kind == "senzing":
            frame = shape_senzing(frame)
        for first, last in (("first_name", "surname"), ("given", "family")):
            if first in frame and last in frame:
                frame["name_concat"] = frame[first] + " " + frame[last]
        frame["truth"] = truth_of(kind, frame)
        frames.append(frame.drop(columns=[name for name in ignored if name in frame]))
    start = 0
    for frame in frames:
        frame["unique_id"] = range(start, start + len(frame))
        start += len(frame)
    return frames


def link(kind, frames):
    made = SETS[kind](set(frames[0].columns))
    settings = SettingsCreator(
        link_type="dedupe_only" if len(frames) == 1 else "link_only", comparisons=made["comparisons"],
        blocking_rules_to_generate_predictions=made["blocking"])
    frames = [frame.drop(columns=["truth"]) for frame in frames]
    linker = Linker(frames[0] if len(frames) == 1 else frames, settings, DuckDBAPI())
    linker.training.estimate_probability_two_random_records_match(made["deterministic"], recall=made["recall"])
    linker.training.estimate_u_using_random_sampling(max_pairs=made["u_pairs"], seed=1)
    for rule in made["training"]:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        except Exception as error:  # a rule without pairs in a small set
            print(f"# training on {rule}: {type(error).__name__}", file=sys.stderr)
    return linker, linker.inference.predict(threshold_match_probability=LEAST)


def main():
    arguments, ignored = sys.argv[1:], []
    while "--ignore" in arguments:
        at = arguments.index("--ignore")
        ignored.append(arguments[at + 1])
        del arguments[at:at + 2]
    kind, out, paths = arguments[0], arguments[1], arguments[2:]
    logging.disable(logging.WARNING)
    began = time.monotonic()
    frames = load(kind, paths, ignored)
    linker, predicted = link(kind, frames)
    pairs = predicted.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_weight"]]
    print(f"seconds {time.monotonic() - began:.3f}")
    low, high = pairs[["unique_id_l", "unique_id_r"]].min(axis=1), pairs[["unique_id_l", "unique_id_r"]].max(axis=1)
    weight = (pairs["match_weight"].clip(-100, 100) * 1024).round().astype(int)
    pandas.DataFrame({"a": low, "b": high, "w": weight}).to_csv(out + ".pairs", sep=" ", header=False, index=False)
    rows = pandas.DataFrame({
        "file": [1] * len(frames[0]) + [2] * sum(len(frame) for frame in frames[1:]),
        "truth": pandas.factorize(pandas.concat([frame["truth"] for frame in frames]))[0] + 1})
    for threshold in CLUSTERS:
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=threshold).as_pandas_dataframe()
        label = pandas.factorize(found["cluster_id"])[0]
        rows["cluster"] = pandas.Series(label, index=found["unique_id"]).sort_index().to_numpy()
        rows[["file", "truth", "cluster"]].to_csv(f"{out}.rows.{threshold}", sep=" ", header=False, index=False)


os.environ.setdefault("DUCKDB_NO_PROGRESS", "1")
main()
