# The two main commands: `make demo` shows offline what Dragoman does; `make test` checks that it works.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# Two workers per core: many tests wait for a service that stalls, or for a process.
WORKERS = $(shell $(BIN)/python -c "import os; print(2 * len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count())")
PIP := pip==26.3
# An upgrade of an extraction library changes which recordings match, so every version is pinned, also of build tools.
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test torture lint constraints clean

demo: $(VENV)/.core
	$(BIN)/dragoman run samples/articles -o out-demo --provider replay --recordings samples/recordings \
		--task summary --task translation

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) -q --cov --cov-report=term

# Every fault: more than 350 kills, outages of up to a minute, planted secrets, a loss of power at every step, and many
# concurrent runs. `make test` tries a sample. TORTURE_SEED=N changes the random seeds. Also every property test, with
# new random examples.
torture: $(VENV)/.dev
	TORTURE=all $(BIN)/python -m pytest -n auto -q tests/torture
	TORTURE=all $(BIN)/python -m pytest -n auto -q -m hypothesis tests

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests benchmarks tools
	$(BIN)/ruff format --check src tests benchmarks tools
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# pip 23.2, which comes with Python 3.11, mistakes `lxml[html_clean]` of jusText and `html-clean` of lxml for two
# different extras, and warns.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q $(PIP)

$(VENV)/.core: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install -q -e .
	touch $@

$(VENV)/.dev: $(VENV)/.core
	$(BIN)/pip install -q -e '.[dev]'
	touch $@

# Pins all versions again from a fresh environment. Afterwards check what `make test` says about extraction.
constraints:
	rm -rf $(VENV)-fresh && $(PYTHON) -m venv $(VENV)-fresh
	PIP_CONSTRAINT= $(VENV)-fresh/bin/pip install -q -e '.[dev]' hatchling editables
	$(VENV)-fresh/bin/pip freeze --exclude-editable | grep -v '^-e' > constraints.new
	mv constraints.new constraints.txt && rm -rf $(VENV)-fresh

clean:
	rm -rf $(VENV) $(VENV)-fresh out-demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage .hypothesis
