# Every command a developer or an operator's first visit needs; `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help venv venv-test venv-dev run test test-long lint format bench search-quality translations lock picture browser kannel

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: ## make .venv from the hashed runtime lock
	@.ci/venv runtime

venv-test:
	@.ci/venv test

run: venv ## start everything on this machine, with demo people (Ctrl-C ends it)
	@DEMO=$${DEMO:-1} exec $(BIN)/trader-platform run

lint: venv-test ## style, import directions and types
	ruff check .
	ruff format --check .
	lint-imports --no-logo
	mypy

test: lint browser kannel ## lint, then every test that takes seconds (PYTEST_ARGS adds to it)
	python -m pytest -n 2 --dist worksteal -m "not long" --hypothesis-profile=ci $(PYTEST_ARGS)

test-long: venv-test browser kannel ## the tests that take minutes
	python -m pytest -n 2 --dist worksteal -m long $(PYTEST_ARGS)

picture: venv-test browser ## take docs/phone.png anew, from the demo as it is
	python -m tests.web.picture docs/phone.png

browser: ## install the browser that the page tests drive (Debian's Chromium)
	@.ci/browser

kannel: ## unpack the SMS gateway that the gateway tests text through (Debian's Kannel)
	@.ci/kannel

format: venv-test ## put the code into the house format
	ruff check --fix-only .
	ruff format .

bench: ## measure us beside our peers and print the table (BENCH_ARGS="--only hops --rounds 5")
	@.ci/venv bench
	python -m benchmarks.run $(BENCH_ARGS)

search-quality: venv-test ## how right the search is, by language; SEARCH_ARGS="--set --readme --texts FILE"
	python -m benchmarks.search_quality $(SEARCH_ARGS)

translations: venv ## renew the message catalogs from the code and report on them
	trader-platform translations update
	trader-platform translations report

LOCK := pip-compile --quiet --no-header --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	--no-emit-options --strip-extras --allow-unsafe --no-annotate
lock: ## renew requirements/*.txt from requirements/*.in (needs pip-tools: pip install -r requirements/dev.txt)
	cd requirements && for name in runtime test bench dev; do $(LOCK) -o $$name.txt $$name.in || exit 1; done
