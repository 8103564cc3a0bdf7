# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
# `make demo` shows the main job, `make test` runs every level; each installs what it needs.

SHELL := /bin/bash
PYTHON ?= $(firstword $(wildcard /usr/bin/python3.11) python3)
VENV := .venv
BIN := $(VENV)/bin
CACHE := .cache
HOST ?= director-01
COLLECTIONS := $(CACHE)/collections
ROOT := $(COLLECTIONS)/ansible_collections/lvs/director

# the log of a level ends with its slowest tests
SLOWEST := --durations=10 --durations-min=2

PACKAGES = $(shell cat tests/requirements/packages.txt tests/lab/packages.txt tests/daemon/*/packages.txt | sed 's/\#.*//' | sort -u)

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONPATH := $(CURDIR)/runtime:$(CURDIR)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/$(COLLECTIONS)
export ANSIBLE_HOME := $(CURDIR)/$(CACHE)/ansible

.PHONY: help demo test unit style lint types runtime coverage collection pages gates sanity netns kernel system long lab shell package changelog \
	bench clean

help:
	@echo 'make demo          two directors, two real servers, a client: provisioned, failed over, shown (root)'
	@echo 'make test          every level, and which could not run and why (root)'
	@echo 'make unit          lint, types, the pure tests and the collection tests (no root)'
	@echo 'make coverage      the pure tests, how much of each package of the daemon they run, and how much they must'
	@echo 'make gates         sanity, units, docs, lint, importer, licences, package; every Python and Ansible that is here'
	@echo 'make netns|kernel|system   one level of its own (root)'
	@echo 'make long          the tests that count, at full length: 20 starts under churn, 50,000 packets of a kind (root)'
	@echo 'make package       tarball, SBOM and sums of a release, from the last commit, in .cache/release'
	@echo 'make changelog     CHANGELOG.md, from changelogs/fragments'
	@echo 'make bench         lvsd beside keepalived in figures (root, 10 minutes); ROUNDS=n ONLY=name,name'
	@echo 'make lab           boot the lab and leave it up; make shell HOST=director-01; make clean'

demo: $(VENV)/.made $(ROOT) packages
	$(BIN)/python -m tests.demo

test:
	$(PYTHON) -m tests.levels

unit: lint types runtime collection pages

style: $(VENV)/.made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint: style $(ROOT)
	$(BIN)/python -m tests.collection.gates lint changelog reuse

gates: $(VENV)/.made $(ROOT)
	$(BIN)/python -m tests.collection.gates

sanity: $(VENV)/.made $(ROOT)
	$(BIN)/python -m tests.collection.gates sanity-2.19 sanity-2.21

types: $(VENV)/.made $(ROOT)
	$(BIN)/python -m tests.mypy

runtime: $(VENV)/.made
	$(BIN)/pytest -q $(SLOWEST) tests/daemon/pure tests/daemon/simulation tests/daemon/fuzz tests/collection/gates

# three times as long as the tests without it: not a part of `make test`
coverage: $(VENV)/.made
	$(BIN)/python -m tests.measured $(SLOWEST)

collection: $(VENV)/.made $(ROOT)
	PYTHONPATH=$(COLLECTIONS) $(BIN)/pytest -q $(SLOWEST) --import-mode=importlib tests/unit

pages: $(VENV)/.made $(ROOT)
	PYTHONPATH=$(COLLECTIONS) $(BIN)/pytest -q $(SLOWEST) --import-mode=importlib tests/collection/docs

netns: $(VENV)/.made packages
	$(BIN)/pytest -q $(SLOWEST) tests/daemon/netns

kernel: $(VENV)/.made packages
	$(BIN)/pytest -q $(SLOWEST) tests/daemon/kernel

system: $(VENV)/.made $(ROOT) packages
	$(BIN)/pytest -v $(SLOWEST) tests/system

# what the levels do a few times; each of these reads LVSD_LONG, the simulation LVS_SCHEDULES
LONG := tests/daemon/netns/test_vrrp_churn.py tests/daemon/netns/test_vrrp_flood.py
long: $(VENV)/.made packages
	LVSD_LONG=1 $(BIN)/pytest -q $(LONG)
	LVS_SCHEDULES=100000 $(BIN)/pytest -q tests/daemon/simulation
	$(BIN)/python -m tests.daemon.pure.keywords

ROUNDS ?= 5
bench: $(VENV)/.made packages
	$(BIN)/python -m tests.bench --rounds $(ROUNDS) --only '$(ONLY)'

lab: $(VENV)/.made packages
	$(BIN)/python -m tests.lab up

shell: $(VENV)/.made
	$(BIN)/python -m tests.lab shell $(HOST)

clean:
	@if test -x $(BIN)/python; then $(BIN)/python -m tests.lab clean; fi
	rm -rf $(CACHE) .hypothesis .mypy_cache .ruff_cache .pytest_cache

package: $(VENV)/.made
	$(BIN)/python -m tests.release

changelog: $(VENV)/.made
	$(BIN)/python -m tests.release.changelog

# --- what the targets need ---

.PHONY: prepare
prepare: $(VENV)/.made $(ROOT)

$(VENV)/.made: tests/requirements/dev.txt
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(MAKE) --no-print-directory packages
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# ansible finds the collection by its path: a link below ansible_collections/ leads to this tree
$(ROOT):
	@mkdir -p $(dir $@)
	@ln -sfn $(CURDIR) $@

.PHONY: packages
packages:
	@missing=$$(dpkg-query -W -f '$${Status} $${Package}\n' $(PACKAGES) 2>&1 | awk '!/^install ok installed/ {print $$NF}'); \
	if test -n "$$missing"; then \
		test $$(id -u) = 0 || { echo "make: root is needed to install:" $$missing >&2; exit 1; }; \
		echo "installing:" $$missing; \
		apt-get -qq update || true; DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $(PACKAGES) >/dev/null; \
	fi
