# `make demo`, `make up`, `make test`, `make bench` set up what they need; `make setup` installs into .venv and nothing else.
PYTHON ?= python3
BIN := .venv/bin
# Tests wait for engines and processes: one more at a time than there are processors keeps those busy.
AT_ONCE ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

.PHONY: help setup demo up test lint bench pictures histories clean
help:            ## show this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/ready   ## install everything into .venv

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed; say which: make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "error: the venv module is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup      ## set up, start everything, play a story, stay up until Ctrl-C
	@$(BIN)/servanda demo

up: setup        ## start everything and stay up until Ctrl-C
	@$(BIN)/servanda up

lint: setup      ## formatting, lint, types, import directions
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .

test: lint       ## everything a change must pass
	@$(BIN)/pytest --numprocesses $(AT_ONCE) --dist worksteal

bench: setup     ## measure side by side, write benchmarks/latest.json
	@$(BIN)/python -m benchmarks

pictures: setup  ## take the pictures of the README
	@mkdir -p docs/pictures && SERVANDA_PICTURES=$(CURDIR)/docs/pictures $(BIN)/pytest -q tests/commands/test_demo_command.py

histories: setup ## record the workflow histories that the tests replay
	@$(BIN)/python -m tests.record_histories

clean:           ## remove what make and servanda made
	rm -rf .venv .servanda .mypy_cache .ruff_cache .pytest_cache *.egg-info
