# Everything a newcomer needs: `make demo`, `make test`. PYTHON is any Python from 3.11 on.
PYTHON ?= python3
BIN := .venv/bin
# uv is installed into .venv from the lock; INSTALLER=pip does without it.
INSTALLER ?= uv
RUN := .venv/installed-run
DEV := .venv/installed-dev
DOCS := .venv/installed-docs
LOCK := pyproject.toml $(wildcard requirements/*.txt) requirements/install.py

export OMP_NUM_THREADS ?= 1
# Without bytecode each of a hundred processes compiles Prefect and torch anew: a batch takes 3.4 times as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test slow check docs audit format bench lock licences extra wheel clean

help:  ## show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup: $(RUN)  ## make .venv and install what runs from the lock

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON")'
	$(PYTHON) -m venv .venv

$(RUN): $(LOCK) | $(BIN)/python
	$(BIN)/python requirements/install.py --installer $(INSTALLER) run
	touch $@

$(DEV): $(LOCK) | $(BIN)/python
	$(BIN)/python requirements/install.py --installer $(INSTALLER) run dev
	touch $@ $(RUN)

$(DOCS): $(LOCK) | $(BIN)/python
	$(BIN)/python requirements/install.py --installer $(INSTALLER) docs
	touch $@

demo: $(RUN)  ## forget three concepts of the embedded model, with a report
	$(BIN)/siu demo

test: $(DEV)  ## the whole suite, slow tests left out
	$(BIN)/python -m pytest -m "not slow and not gpu" -n 2 --dist loadfile --no-loadscope-reorder

slow: $(DEV)  ## the tests that take minutes
	$(BIN)/python -m pytest -m slow

check: $(DEV) audit docs  ## lint, format, types, security, links of the docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive siu tasks flows benchmarks requirements

docs: $(DOCS)  ## build the docs into site/; a broken link fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

audit: $(DEV)  ## ask whether a locked version has a known vulnerability; says so where the service can't be asked
	$(BIN)/python -m requirements.audit

format: $(DEV)  ## mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(RUN)  ## measure what the shortcuts are worth (about half an hour)
	$(BIN)/python -m benchmarks

lock: $(DEV)  ## resolve pyproject.toml anew; UPGRADE=--upgrade also takes newer versions
	$(BIN)/python -m requirements.lock $(UPGRADE)

licences: $(DEV)  ## write docs/reference/licences.md
	$(BIN)/python -m requirements.licences

extra: $(RUN)  ## install an extra from the lock: make extra EXTRA=ray (world-logos, dask, ray, s3, s3-server, signing)
	$(BIN)/python requirements/install.py --installer $(INSTALLER) $(EXTRA)

wheel: $(RUN)  ## build wheel and sdist into dist/
	$(BIN)/python -m uv build --quiet --no-build-isolation --python $(BIN)/python

clean:  ## remove the demo's workspace and caches
	rm -rf demo-workspace site dist build .pytest_cache .mypy_cache .ruff_cache
