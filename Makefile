# Two targets set everything up by themselves: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin

DEMO    := demo
AS_OF   := 2025-12-31
BRANCH  := B001
SEGMENT  = SEGMENT_WORKSPACE=$(DEMO)/workspace $(BIN)/segment

# pip would otherwise look for newer versions of itself over the network at each call
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Threads that wait must not spin: tests run side by side.
export OMP_WAIT_POLICY := passive

# The long tests run in CI; `make test-all` runs them anywhere.
ifdef CI
SELECT :=
else
SELECT := -m "not slow"
endif

.PHONY: demo test test-all check lint types imports unit format docs site card requirements wheel clean

# Each step leaves a mark, so that a second `make demo` goes straight to the tables.
demo: $(DEMO)/.refreshed
	$(SEGMENT) tiers --as-of $(AS_OF)
	$(SEGMENT) tiers --as-of $(AS_OF) --branch $(BRANCH)
	$(SEGMENT) upgrade-list --as-of $(AS_OF) --out $(DEMO)/upgrade-list.xlsx
	@echo
	@echo "The page: SEGMENT_WORKSPACE=$(DEMO)/workspace $(BIN)/segment serve, then http://127.0.0.1:8765;"
	@echo "it prints a one-time link by which you sign in as its administrator and give others access."

$(DEMO)/.simulated: $(VENV)/.run
	$(BIN)/segment simulate $(DEMO)/bank --customers 4000 --months 36 --seed 7
	touch $@

$(DEMO)/.trained: $(DEMO)/.simulated
	$(SEGMENT) train $(DEMO)/bank/ledger --as-of $(AS_OF)
	touch $@

$(DEMO)/.refreshed: $(DEMO)/.trained
	$(SEGMENT) refresh $(DEMO)/bank/ledger --as-of $(AS_OF)
	touch $@

test: $(VENV)/.dev
	$(MAKE) --no-print-directory check

test-all: $(VENV)/.dev
	$(MAKE) --no-print-directory check SELECT=

check: lint types imports unit

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	OMP_NUM_THREADS=1 SCIPY_ARRAY_API=1 $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(SELECT)

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py

# Every page as a site, in build/site. The notebooks are those that the long tests have run; what they have not, is run here.
NOTEBOOKS := $(patsubst notebooks/%.py,build/notebooks/%.ipynb,$(wildcard notebooks/*.py))

site: $(VENV)/.dev $(NOTEBOOKS)
	$(BIN)/python -m docs.stage build/pages
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	$(BIN)/python docs/check_site.py build/site

build/notebooks/%.ipynb: notebooks/%.py docs/gallery.py | $(VENV)/.dev
	rm -rf build/run/$* && mkdir -p build/run/$*
	cd build/run/$* && OMP_NUM_THREADS=1 "$(CURDIR)/$(BIN)/python" "$(CURDIR)/docs/gallery.py" "$(CURDIR)/$<" "$(CURDIR)/build/notebooks"
	rm -rf build/run/$*

# $(1): requirements file without its ending. It is complete, so pip has nothing to resolve (and would stumble over
# extras, which a pinned file does not name).
define install
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-compile --no-deps --require-hashes -r requirements/$(1).txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
endef

$(VENV)/.run: requirements/run.txt pyproject.toml
	$(call install,run)
	touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml
	$(call install,dev)
	touch $(VENV)/.run $@

# The example card: of the demo's bank, trained by the default spec.
card: $(DEMO)/.refreshed
	SEGMENT_USER_FROM_ENVIRONMENT=1 SEGMENT_USER=demo $(SEGMENT) train --as-of $(AS_OF) --spec models/retail-default.toml
	$(SEGMENT) card challenger --out models/cards

requirements:
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make requirements" \
		pyproject.toml requirements/build.in --output-file requirements/run.txt
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make requirements" \
		--extra dev --extra docs --extra search --extra spark pyproject.toml requirements/build.in --output-file requirements/dev.txt

# As somebody installs it: a wheel in an environment of its own, away from the source.
WHEEL := build/wheel
wheel: $(VENV)/.dev
	rm -rf $(WHEEL)
	$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir $(WHEEL) .
	$(PYTHON) -m venv $(WHEEL)/env
	$(WHEEL)/env/bin/pip install --quiet --no-compile --no-deps --require-hashes -r requirements/run.txt
	$(WHEEL)/env/bin/pip install --quiet --no-deps $(WHEEL)/*.whl
	cd $(WHEEL) && env/bin/segment --version && env/bin/segment init tried --jurisdiction eu \
	  && cp tried/examples/*.csv tried/ledger && cd tried && ../env/bin/segment check && ../env/bin/segment law

clean:
	rm -rf $(DEMO) build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
