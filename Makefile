# Two commands: `make demo` shows what dragoman does, offline; `make test` shows that it works.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := pip==26.3
# Upgrades of extraction libraries change what recordings match, so every version is pinned, build tools too.
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test torture lint constraints clean

demo: $(VENV)/.core
	$(BIN)/dragoman run samples/articles -o out-demo --provider replay --recordings samples/recordings \
		--task summary --task translation

test: lint
	$(BIN)/python -m pytest -n auto -q

# Every fault, more than 350 kills, outages of up to a minute, planted secrets, a loss of power at every step, many runs at
# once; `make test` tries a sample. TORTURE_SEED=N throws other dice.
torture: $(VENV)/.dev
	TORTURE=all $(BIN)/python -m pytest -n auto -q tests/torture

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests benchmarks tools
	$(BIN)/ruff format --check src tests benchmarks tools
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# Python 3.11 brings pip 23.2, which takes `lxml[html_clean]` of jusText and `html-clean` of lxml for two extras, and warns.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q $(PIP)

$(VENV)/.core: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install -q -e .
	touch $@

$(VENV)/.dev: $(VENV)/.core
	$(BIN)/pip install -q -e '.[dev]'
	touch $@

# Pins everything anew, from a fresh environment: then look at what `make test` says about extraction.
constraints:
	rm -rf $(VENV)-fresh && $(PYTHON) -m venv $(VENV)-fresh
	PIP_CONSTRAINT= $(VENV)-fresh/bin/pip install -q -e '.[dev]' hatchling editables
	$(VENV)-fresh/bin/pip freeze --exclude-editable | grep -v '^-e' > constraints.new
	mv constraints.new constraints.txt && rm -rf $(VENV)-fresh

clean:
	rm -rf $(VENV) $(VENV)-fresh out-demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
