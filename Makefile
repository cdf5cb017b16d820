# NN4 Lab. `make` alone lists what can be made. Everything is installed into .venv, once;
# a second `make` installs again only where pyproject.toml has changed.

PYTHON ?= python3
VENV   ?= .venv
DATA   ?= digits
ARGS   ?=

BIN      := $(VENV)/bin
RUN      := $(BIN)/python
CHROMIUM := $(or $(LAB_CHROMIUM),$(shell command -v chromium || command -v chromium-browser || command -v google-chrome))
NO_CHROMIUM = No Chromium is found. Get it with: apt-get install chromium; or name one: make test LAB_CHROMIUM=...
# Two files of tests at a time: each process has kernels and pages of its own. (PARALLEL= for one after the other.)
PARALLEL ?= -n 2 --dist loadfile
NOTEBOOKS = $(wildcard notebooks/*.ipynb)
# JupyterLab refuses root unless told otherwise (a container's only user).
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# The lab's own JupyterLab asks no questions about news before the first page.
SETTINGS := $(VENV)/share/jupyter/lab/settings
# An editable install leaves out what a wheel puts there: the server's extension (widgets/server).
SERVER   := $(VENV)/etc/jupyter/jupyter_server_config.d
QUIET    := {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}
# Outputs go, except of cells tagged keep_output; nbval takes a cell without its count for one that was never run.
STRIP = $(BIN)/nbstripout --keep-count --keep-id --extra-keys metadata.language_info.version $(NOTEBOOKS)

unexport VIRTUAL_ENV # of another environment that is active in this shell: IPython would add its packages
unexport PYTHONDONTWRITEBYTECODE # without .pyc files every start would compile all packages again

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lab train test bench wheel clean lint format types contracts unit notebooks browser chromium colab figures soak gallery

help: ## this list
	@echo "NN4 Lab. First commands: make lab, or make train"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- What a learner asks for ----

lab: $(VENV)/.warm ## set up, warm the kernels, open JupyterLab on the start notebook (ARGS="--port 9000 --no-browser")
	$(BIN)/jupyter lab --ip=127.0.0.1 $(ROOT) --LabApp.default_url=/lab/tree/notebooks/00_start.ipynb $(ARGS)

train: $(VENV)/.core ## train NN4 on the embedded digits (DATA=mnist for MNIST; ARGS="--epochs 3 --seed 1")
	$(RUN) -m lab train --data $(DATA) $(ARGS)

bench: $(VENV)/.core ## time training beside NumPy, and torch and JAX where installed (--quick: a minute)
	$(RUN) -m lab bench $(ARGS)

# ---- Every check ----

test: lint types contracts unit notebooks browser ## set up, then every check
	@echo "All checks passed.$(if $(CHROMIUM),, SKIPPED: the browser tests. $(NO_CHROMIUM))"

lint: $(VENV)/.test ## ruff, and notebooks without stray outputs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(STRIP) --verify

format: $(VENV)/.test ## lay out code and notebooks as `make lint` wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(STRIP)

types: $(VENV)/.test ## mypy
	$(BIN)/mypy

contracts: $(VENV)/.test ## import-linter: imports go down the list
	$(BIN)/lint-imports --no-logo

unit: $(VENV)/.test ## unit tests
	$(RUN) -m pytest tests --ignore=tests/browser --ignore=tests/benchmarks $(PARALLEL) $(ARGS)

notebooks: $(VENV)/.test ## run every notebook; the checked summaries must come out as stored
	$(RUN) -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=120 $(PARALLEL) notebooks

browser: $(VENV)/.test ## tests on real pages, in Chromium
	@if [ -z "$(wildcard tests/browser/test_*.py)" ]; then echo "No browser tests yet."; \
	elif [ -n "$(CHROMIUM)" ]; then LAB_CHROMIUM="$(CHROMIUM)" $(RUN) -m pytest tests/browser $(PARALLEL); \
	else echo "SKIPPED: the browser tests. $(NO_CHROMIUM)"; [ "$$CI" != true ]; fi

colab: $(VENV)/.test ## the notebook with Colab's packages, in an environment of its own (minutes)
	LAB_COLAB="$(VENV)-colab" LAB_CHROMIUM="$(CHROMIUM)" $(RUN) -m pytest tests/browser/test_colab.py

figures: $(VENV)/.test ## what a board costs, measured on a real page (MNIST where LAB_DATA is set)
	LAB_CHROMIUM="$(CHROMIUM)" $(RUN) -m tests.benchmarks.board $(ARGS)

gallery: $(VENV)/.test ## the pictures of README, taken anew
	LAB_CHROMIUM="$(CHROMIUM)" $(RUN) -m tests.benchmarks.gallery $(ARGS)

soak: $(VENV)/.test ## ten minutes of play, and what they cost in memory
	LAB_CHROMIUM="$(CHROMIUM)" $(RUN) -m tests.benchmarks.soak $(ARGS)

chromium: # whether there is one, for .ci/run and the tests
	@[ -n "$(CHROMIUM)" ] || { echo "$(NO_CHROMIUM)"; exit 1; }

# ---- Set-up: the environment, then one stamp for each set of packages ----

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "The lab needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1 || true)."; \
	  echo "Name a newer one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu:"; \
	  echo "apt-get install python$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

define install
	@echo "Installing the lab$(if $(1), with $(1)) into $(VENV) (once; some minutes)"
	@$(RUN) -m pip install --quiet --disable-pip-version-check -e ".$(if $(1),[$(1)])"
	@touch $(2)
endef

define settle
	@mkdir -p $(SETTINGS) $(SERVER)
	@echo '$(QUIET)' > $(SETTINGS)/overrides.json
	@cp widgets/server/nn4_lab.json $(SERVER)
endef

$(VENV)/.core: pyproject.toml $(VENV)/.python
	$(call install,,$@)

$(VENV)/.lab: pyproject.toml $(VENV)/.python
	$(call install,lab,$(VENV)/.core $@)
	$(settle)

$(VENV)/.test: pyproject.toml $(VENV)/.python
	$(call install,test,$(VENV)/.core $(VENV)/.lab $@)
	$(settle)

# Kernels are compiled once and kept on disk: a later process is ready in half a second.
$(VENV)/.warm: $(VENV)/.lab $(wildcard lab/kernels/*.py lab/kernels/*/*.py)
	$(RUN) -m lab warmup
	@touch $@

wheel: $(VENV)/.python ## dist/nn4_lab-*.whl, to upload where there is no copy of the project
	@rm -rf build
	$(RUN) -m pip wheel --quiet --disable-pip-version-check --no-deps -w dist .
	@rm -rf build; ls dist/*.whl

clean: ## remove .venv and everything made
	rm -rf $(VENV) $(VENV)-colab build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find lab widgets tests -name __pycache__ -type d -prune -exec rm -rf {} +
