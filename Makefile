# `make run` brings up the whole product with demo data; `make test` proves it. Both need only Python >= 3.11.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
WORKERS ?= 4
# Compiled once, not by every process that the tests and the product start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check bench simulate lock clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(BIN)/uv: requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Sika needs Python 3.11 or newer; try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(VENV)/.installed: requirements-dev.lock $(BIN)/uv
	@echo "Installing the pinned packages into $(VENV) ..."
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements-dev.lock
	@touch $@

run: $(VENV)/.installed  ## the whole product on this machine, with demo data; Ctrl-C stops it
	@$(BIN)/python manage.py up

check: $(VENV)/.installed  ## formatting, types, import contracts, missing migrations
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy .
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/lint-imports --no-logo
	@SIKA_ENV=test $(BIN)/python manage.py makemigrations --check --dry-run

# Types and the rest of `check` take half a minute of one processor: beside the tests, which also wait.
test: $(VENV)/.installed  ## check, and every test on real engines
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@mkdir -p var; $(MAKE) --no-print-directory check > var/check.log 2>&1 & check=$$!; \
	$(BIN)/python -m pytest -n $(WORKERS); tests=$$?; \
	wait $$check || { cat var/check.log; exit 1; }; exit $$tests

bench: $(VENV)/.installed  ## measured ratios against bare SQL and stubs; writes var/bench.json
	@$(BIN)/python -m pytest -q -s tests/benchmarks --run-benchmarks

SEED  ?= $(shell date +%s)
simulate: $(VENV)/.installed  ## two years of 200 businesses, twice, and a thousand bad payments; SEED=… repeats it
	@SIKA_SEED=$(SEED) $(BIN)/python -m pytest -q -s --simulate $(SEED) \
	  tests/simulation/test_whole_town.py tests/faults/test_thousand_purchases.py

lock: $(BIN)/uv  ## pin every dependency again, with hashes
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --extra local --group dev -c requirements.lock -o requirements-dev.lock

clean:  ## forget the environment and all local data
	rm -rf $(VENV) var .mypy_cache .ruff_cache
