# The face of the build: Meson and ninja do the work.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup setup-build build build-check demo demo-reset check test bench bench-postgres bench-match bench-peers bench-quality bench-timing charts soak reach schema schema-check clean

CHILDREN ?= 20000
# Two hundred programs are linked: gold takes half the time where it is there, and lines are enough for a report.
MESON_CHECK := --buildtype=debugoptimized -Db_sanitize=address,undefined -Dc_args=-g1 \
    $(if $(shell command -v ld.gold),-Dc_link_args=-fuse-ld=gold)

help:
	@echo 'make setup         install missing Debian packages and npm modules'
	@echo 'make build         build/contactpoint'
	@echo 'make demo          a synthetic population, served on http://localhost:8080'
	@echo 'make demo-reset    the same, begun anew'
	@echo 'make check         the fast tests, with sanitizers and without a browser'
	@echo 'make test          every test'
	@echo 'make bench         figures, as "name value unit" (CHILDREN=200000 for the goals)'
	@echo 'make bench-postgres  the same on PostgreSQL (INDEX_CHILDREN=1000000)'
	@echo 'make bench-match   figures of the matching engine, on 1,000,000 (CHILDREN=11000000 for the nation)'
	@echo 'make bench-peers   other programs on the same people beside ours'
	@echo 'make bench-quality how well tables are linked, beside Splink (CONTACTPOINT_LINKAGE_DATA=DIR for the public sets)'
	@echo 'make bench-timing  what a stopwatch tells of what may not be seen'
	@echo 'make soak          the long runs; adds to the ledger docs/soak.md (KILLS=10000)'
	@echo 'make reach         write docs/reach/ anew after a change of the policy tables'
	@echo 'make schema        write the committed database and feed schemas anew'
	@echo 'make schema-check  compare the database schema with what may be stored in clear'
	@echo 'make clean         remove what was built; the demonstration stays'

setup:
	@tools/setup

setup-build:
	@tools/setup build

build/build.ninja:
	meson setup build

build: setup-build build/build.ninja
	ninja -C build

build-check/build.ninja:
	meson setup build-check $(MESON_CHECK)

build-check: setup-build build-check/build.ninja
	ninja -C build-check

demo: build
	tools/demo

demo-reset: build
	tools/demo reset

check: build-check
	@tools/run-tests check

test: setup
	@tools/run-tests all

bench: build
	CHILDREN=$(CHILDREN) bench/run

bench-postgres: build
	CHILDREN=$(CHILDREN) bench/run-postgres

# CHILDREN has a smaller default of its own: these have theirs, of a million.
bench-match: build
	$(if $(filter command% environment%,$(origin CHILDREN)),CHILDREN=$(CHILDREN)) bench/match

bench-peers: build
	$(if $(filter command% environment%,$(origin CHILDREN)),CHILDREN=$(CHILDREN)) bench/peers/run

bench-quality: build
	$(if $(filter command% environment%,$(origin CHILDREN)),CHILDREN=$(CHILDREN)) bench/quality

bench-timing: build
	build/bench/timing

charts:
	bench/chart

soak: build
	tools/soak

reach: build-check
	build-check/tests/policy/test_policy_reach write docs/reach

schema: build-check
	ninja -C build-check schema
	tools/copy-sql
	build-check/tests/generate/test_generate_schema print >docs/feeds.schema.csv

schema-check: build-check
	meson test -C build-check --no-rebuild --print-errorlogs store-schema store-pack_sql

clean:
	rm -rf build build-check
