# Every target sets up what it needs, once: a stamp file in .venv records what is installed.
# Nothing here needs root, except installing Chromium for the browser tests (scripts/test-tools.sh prints what to run).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install install-dev demo run test bench check mutate format references warnings-page lock clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALLED := $(VENV)/.installed
DEV_INSTALLED := $(VENV)/.dev-installed
REFERENCES_VENV := .venv-references
REFERENCES_TORCH := torch==2.13.0

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

install: $(INSTALLED) ## Install Feedforward into .venv, from the hashed lock
install-dev: $(DEV_INSTALLED) ## Also install what the tests and checks need

demo: $(INSTALLED) ## Train, predict and look around: leaves the service running until Ctrl-C
	@$(BIN)/python scripts/demo

run: $(INSTALLED) ## Start the service on ./feedforward-data
	@$(BIN)/feedforward up

# Two processes with separate servers share the files, in their order, because the slowest files come first.
test: $(DEV_INSTALLED) ## Run every test; sets up its own PostgreSQL and Chromium
	@scripts/test-tools.sh
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(TESTS)

bench: $(DEV_INSTALLED) ## Measure against the peers; figures are ratios
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

check: $(DEV_INSTALLED) ## Check format, lint, types and import contracts, in seconds
	@$(BIN)/ruff format --check --quiet . || { echo "Run 'make format'."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary && $(BIN)/mypy --no-error-summary scripts/demo && $(BIN)/mypy --no-error-summary scripts/mutate.py
	@$(BIN)/lint-imports --no-logo > .import_linter.log || { cat .import_linter.log; exit 1; }
	@echo "Format, lint, types and import contracts hold."

mutate: $(DEV_INSTALLED) ## Plant faults, and count those that tests notice: FILES="a.py b.py" SEED=1 COUNT=20
	@$(BIN)/python scripts/mutate.py $(FILES) $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT))

format: $(DEV_INSTALLED) ## Format the code and fix lint automatically
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

references: $(REFERENCES_VENV)/.installed ## Recompute PyTorch's reference figures: there must be no difference
	@$(REFERENCES_VENV)/bin/python tests/support/references/make.py

warnings-page: $(INSTALLED) ## Make docs/reference/warnings.md from the codes in models/coded_warnings.py
	@PYTHONPATH=. $(BIN)/python scripts/warnings_page.py > docs/reference/warnings.md

lock: $(DEV_INSTALLED) ## Lock the newest versions of all dependencies, with their hashes
	@scripts/lock.sh

clean: ## Remove everything these targets created, except data
	rm -rf $(VENV) $(REFERENCES_VENV) demo-data build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .import_linter.log

$(BIN)/python: | scripts/find-python.sh
	@python="$$(scripts/find-python.sh)" && "$$python" -m venv $(VENV)

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing Feedforward into $(VENV)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@

$(DEV_INSTALLED): requirements-dev.lock $(INSTALLED)
	@echo "Installing what the tests and checks need"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(REFERENCES_VENV)/.installed: requirements-dev.lock
	@python="$$(scripts/find-python.sh)" && "$$python" -m venv $(REFERENCES_VENV)
	@$(REFERENCES_VENV)/bin/python -m pip --quiet install --require-hashes -r requirements.lock
	@$(REFERENCES_VENV)/bin/python -m pip --quiet install "$(REFERENCES_TORCH)"
	@touch $@
