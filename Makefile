# make run    model the Abilene campus: headline table, out/abilene/abilene.xlsx, .html and .json
# make test   the whole test suite; a skipped test is a failure
# make lint   style, formatting and types
# make bench  timings, as ratios
# make docs   the generated parts of the pages in docs/
# make clean  remove what runs, builds and tools leave; the environment stays

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint bench docs clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

run: $(VENV)/.installed
	$(BIN)/spvmodel run abilene

test: $(VENV)/.installed-fast,test
	tests/setup-system.sh
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-skips

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-fast,test
	$(BIN)/python -m tests.bench

docs: $(VENV)/.installed
	$(BIN)/python -m docs

clean:
	rm -rf out build dist spvmodel.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# Installed as editable, and again only when the dependencies change.
$(VENV)/.installed: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-%: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	touch '$@'

# Debian keeps the module that makes environments in a package of its own.
$(BIN)/python:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/install-debian python3-venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Python 3.11 or newer is needed; name one with: make PYTHON=python3.x" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
