# make run      everything on http://127.0.0.1:8080, from nothing but Python 3.11 (the second time at once)
# make test     the tests, on all cores · make check  all that a change must pass · make format  what can be put right by itself
# make drill    plays the reference incident: make drill SCENARIO=scenarios/other.toml SPEED=max
# make bench    the figures · make screenshots docs  the pictures and the reference in docs/, made from the code
# make lock     both lock files again, pins kept: make lock UPGRADE=--upgrade renews them
PYTHON ?= python3
SCENARIO ?= scenarios/2026-04-20.toml
SPEED ?= 60
TESTERS ?= auto

SHELL := /bin/bash
bin := .venv/bin
lock := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header $(UPGRADE)

.PHONY: run test check drill bench lock format screenshots docs

run: .venv/run.stamp
	@exec $(bin)/foghorn run

drill: .venv/run.stamp
	@exec $(bin)/foghorn drill $(SCENARIO) --speed $(SPEED)

test: .venv/dev.stamp
	$(bin)/pytest -n $(TESTERS)

check: .venv/dev.stamp
	$(bin)/ruff format --check
	$(bin)/ruff check
	$(bin)/mypy --strict bot
	$(bin)/lint-imports --no-logo
	$(bin)/pytest -n $(TESTERS)

format: .venv/dev.stamp
	$(bin)/ruff format
	$(bin)/ruff check --fix

bench: .venv/dev.stamp
	$(bin)/python -m benchmarks

screenshots: .venv/dev.stamp
	$(bin)/python docs/screenshots.py

docs: .venv/dev.stamp
	$(bin)/python docs/reference.py

# The second lock holds the first; the build backend stands in both. No address may stand in either.
lock: .venv/dev.stamp
	PATH="$$PATH:$(bin)" $(lock) --extra build -o requirements.lock
	PATH="$$PATH:$(bin)" $(lock) --extra build --extra dev -c requirements.lock -o requirements-dev.lock
	@! grep -n '://' requirements.lock requirements-dev.lock

# One environment for running and testing: what tests also runs.
.venv/run.stamp: requirements.lock pyproject.toml | $(bin)/python
	$(call install,requirements.lock)
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | $(bin)/python
	$(call install,requirements-dev.lock)
	@touch .venv/run.stamp $@

# pip refuses `-e .` beside hashes, so there are two steps; the second fetches nothing.
here := --no-deps --no-build-isolation --no-index -e .
define install
@echo "Installing what $(1) names into .venv:"
@if command -v uv >/dev/null; then \
  uv pip install --python $(bin)/python --require-hashes -r $(1) && uv pip install --quiet --python $(bin)/python $(here); \
else \
  set -o pipefail; export PIP_DISABLE_PIP_VERSION_CHECK=1; \
  $(bin)/python -m pip install --require-hashes -r $(1) | awk '/^Collecting/ { printf "%s ", $$2; fflush() } END { print "" }' && \
  $(bin)/python -m pip install --quiet $(here); \
fi
endef

$(bin)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Foghorn needs Python 3.11 or newer. If you have one under another name: make PYTHON=python3.12"; exit 1; }
	@if command -v uv >/dev/null; then exec uv venv --quiet --allow-existing --python $(PYTHON) .venv; fi; \
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "Python's venv is missing. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }; \
	$(PYTHON) -m venv .venv
