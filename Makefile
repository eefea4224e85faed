# make run, make test: each sets up what it needs by itself.
PYTHON ?= python3
BIN := .venv/bin
DEMO ?= 1
export LIANXI_DATA ?= var
TOGETHER := -n 2 --dist loadscope --no-loadscope-reorder

.PHONY: run test test-slow check bench pictures setup setup-dev lock i18n clean

# The virtual environment for running; made again when the lock changes.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lianxi needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Compiled catalogues are made, never committed.
translations/ready: .venv/ready $(wildcard translations/*/LC_MESSAGES/messages.po)
	$(BIN)/pybabel --quiet compile -d translations
	touch $@

setup: .venv/ready translations/ready

# What developing needs on top: tests, linters, types.
.venv/ready-dev: .venv/ready requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

setup-dev: setup .venv/ready-dev
	@bash .ci/need

# The demo estate has telephones; an empty portal shows none until they are set.
run: export LIANXI_PHONE_DAY ?= $(if $(filter 1,$(DEMO)),0755-55501000,)
run: export LIANXI_PHONE_NIGHT ?= $(if $(filter 1,$(DEMO)),0755-55501024,)
run: setup
	@if [ "$(DEMO)" = 1 ]; then $(BIN)/lianxi demo --if-empty; else $(BIN)/lianxi init; fi
	$(BIN)/lianxi serve

# Both cores; the tests of one file, and all that need the browser, stay together. The browser's come first.
test: setup-dev
	$(BIN)/pytest $(TOGETHER)

test-slow: setup-dev
	$(BIN)/pytest -m slow $(TOGETHER)

check: setup .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: setup
	$(BIN)/python -m bench

# The pictures of the README, taken from the demo.
pictures: setup-dev
	$(BIN)/python docs/take_pictures.py

# The lock holds versions and hashes and names no host.
lock:
	@bash .ci/lock

i18n: setup
	$(BIN)/pybabel --quiet extract -F pyproject.toml -k N_ -k _l --no-location --sort-output -o translations/messages.pot content portal admin
	$(BIN)/pybabel --quiet update -i translations/messages.pot -d translations --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	$(BIN)/pybabel --quiet compile -d translations

clean:
	rm -rf .venv build *.egg-info translations/ready
