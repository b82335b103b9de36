# make run      installs and starts everything on http://127.0.0.1:8080; needs only Python 3.11
# make test     runs the tests on all cores · make check  runs everything that a change must pass · make format  formats the code
# make package installs Foghorn from a wheel with uv and pipx and builds the Docker image, where the tools are there
# make drill    plays the reference incident, or another: make drill SCENARIO=scenarios/other.toml SPEED=max
# make chaos    kills processes, breaks databases, and moves clocks for an hour, and checks that nobody can tell
# make bench    runs the benchmarks · make screenshots docs  makes the pictures and the reference pages in docs/ from the code
# make lock     rewrites both lock files and keeps the pinned versions; make lock UPGRADE=--upgrade updates them
PYTHON ?= python3
SCENARIO ?= scenarios/2026-04-20.toml
SPEED ?= 60
# one more than cores, because tests also wait
TESTERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

SHELL := /bin/bash
unexport PYTHONDONTWRITEBYTECODE # otherwise, every process that a test starts would compile everything again
bin := .venv/bin
lock := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header $(UPGRADE)

.PHONY: run test check package chaos drill bench lock format screenshots docs

run: .venv/run.stamp
	@exec $(bin)/foghorn run

drill: .venv/run.stamp
	@exec $(bin)/foghorn drill $(SCENARIO) --speed $(SPEED)

test: .venv/dev.stamp
	$(bin)/pytest -n $(TESTERS) --dist worksteal

check: .venv/dev.stamp
	$(bin)/ruff format --check
	$(bin)/ruff check
	$(bin)/mypy --strict bot
	$(bin)/lint-imports --no-logo
	$(bin)/pytest -n $(TESTERS) --dist worksteal

package: .venv/dev.stamp
	$(bin)/pytest -m package tests/package

chaos: .venv/dev.stamp
	$(bin)/pytest -n $(TESTERS) --dist worksteal -m chaos tests/chaos

format: .venv/dev.stamp
	$(bin)/ruff format
	$(bin)/ruff check --fix

bench: .venv/dev.stamp
	$(bin)/python -m benchmarks

screenshots: .venv/dev.stamp
	$(bin)/python -m docs.screenshots

docs: .venv/dev.stamp
	$(bin)/python docs/reference.py

# The second lock includes the first, and both include the build backend. Neither may contain an address.
lock: .venv/dev.stamp
	PATH="$$PATH:$(bin)" $(lock) --extra build -o requirements.lock
	PATH="$$PATH:$(bin)" $(lock) --extra build --extra dev -c requirements.lock -o requirements-dev.lock
	@! grep -n '://' requirements.lock requirements-dev.lock

# One environment for both running and testing.
.venv/run.stamp: requirements.lock pyproject.toml | $(bin)/python
	$(call install,requirements.lock)
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | $(bin)/python
	$(call install,requirements-dev.lock)
	@touch .venv/run.stamp $@

# pip refuses `-e .` together with hashes, so there are two steps. The second one downloads nothing.
here := --no-deps --no-build-isolation --no-index -e .
define install
@echo "Installing the packages of $(1) into .venv:"
@if command -v uv >/dev/null; then \
  uv pip install --compile-bytecode --python $(bin)/python --require-hashes -r $(1) && uv pip install --quiet --python $(bin)/python $(here); \
else \
  set -o pipefail; export PIP_DISABLE_PIP_VERSION_CHECK=1; \
  $(bin)/python -m pip install --require-hashes -r $(1) | awk '/^Collecting/ { printf "%s ", $$2; fflush() } END { print "" }' && \
  $(bin)/python -m pip install --quiet $(here); \
fi
endef

$(bin)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Foghorn needs Python 3.11 or newer. If it has another name on this machine, run for example: make PYTHON=python3.12"; exit 1; }
	@if command -v uv >/dev/null; then exec uv venv --quiet --allow-existing --python $(PYTHON) .venv; fi; \
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian or Ubuntu, run: sudo apt install python3-venv"; exit 1; }; \
	$(PYTHON) -m venv .venv
