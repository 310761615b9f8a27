# make demo    set everything up and hand over the first lead      make test   every check and every test
# make check   the quick checks only      make lock   after a change of dependencies      make messages   after a change of words
# Other Python: make PYTHON=python3.12 test      Other folder: make VENV=/some/where demo      More: make demo ARGS="--language ja"
# make mutants  which small changes of the steps and the outbox no test notices: for hours, or: make mutants ARGS="'connector.steps.delivery*'"
# make test-servers  what takes too long for every run, as at night: Tryton on PostgreSQL, more worlds, laws tried more often
# make screenshots  the pictures of docs/pictures anew, from the sample quarter and Chromium
# make soak    whatever may happen, in any order, for ten minutes      make soak ARGS="--minutes 60 --processes 4"
PYTHON ?= python3
VENV   ?= .venv
ARGS   ?=
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
BUILD  := pyproject.toml hatch_build.py $(wildcard connector/locale/*/LC_MESSAGES/baton.po)
EXPORT := $(BIN)/python -m uv export --quiet --frozen --no-emit-project --no-annotate --no-header

# Hundreds of processes of the tests load the same modules: compiled once, they are kept.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-servers tryton screenshots soak mutants check lock messages clean

help:
	@sed -n 's/^# //p;/^PYTHON/q' Makefile

demo: $(VENV)/.ready
	@$(BIN)/baton demo $(ARGS)

test: tryton check
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

test-servers: $(VENV)/.ready-for-work
	@$(BIN)/pytest -m servers $(ARGS)
	@$(BIN)/pytest --hypothesis-profile=thorough --timeout=900 tests/property

# A real server to test against, made once under ~/.cache while the checks run; the tests that need it come last and wait for it.
tryton: $(VENV)/.ready-for-work
	@$(BIN)/python -m tests.servers.tryton.install </dev/null >$(VENV)/tryton.log 2>&1 &

screenshots: $(VENV)/.ready-for-work
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

soak: $(VENV)/.ready-for-work
	@$(BIN)/python -m tests.machine.soak $(ARGS)

mutants: $(VENV)/.ready-for-work
	@$(EXPORT) --all-extras --group mutants >$(VENV)/mutants.txt
	@$(PIP) --require-hashes --requirement $(VENV)/mutants.txt
	@CI=1 $(BIN)/mutmut run $(ARGS)

check: $(VENV)/.ready-for-work
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >$(VENV)/arrows.txt || { cat $(VENV)/arrows.txt; exit 1; }

lock: $(VENV)/.ready-for-work
	$(BIN)/python -m uv lock
	$(EXPORT) --no-dev --group build >requirements.txt
	$(EXPORT) --all-extras --group dev >requirements-dev.txt
	cd tests/servers/tryton && $(abspath $(BIN))/python -m uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header requirements.in --output-file requirements.txt

messages: $(VENV)/.ready-for-work
	@$(BIN)/python -m connector.locale update
	@$(PIP) --no-deps --no-build-isolation --editable .

clean:
	rm -rf $(VENV) mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build demo demo-ja
	find . -name __pycache__ -prune -exec rm -rf {} +

# Installing anew waits for a change of the lock; what is there already is brought up to date in place.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Baton needs Python 3.11 or newer, "$(PYTHON)" is not; try: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@echo 'Setting up $(VENV), once: about a minute ...'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.locked: requirements.txt | $(VENV)/.python
	@$(PIP) --require-hashes --requirement requirements.txt
	@touch $@

$(VENV)/.locked-for-work: requirements-dev.txt | $(VENV)/.python
	@$(PIP) --require-hashes --requirement requirements-dev.txt
	@touch $@ $(VENV)/.locked

$(VENV)/.ready: $(BUILD) $(VENV)/.locked
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-for-work: $(BUILD) $(VENV)/.locked-for-work
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.ready
