# Two commands matter: `make run` starts the service, `make test` runs every check.
# Both make what they need in .venv from a lock file; Python 3.11 or newer, make and git are enough.

# The first Python on this machine that is new enough; python3 itself when none is, to be told so by name.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; exit; }; \
  done; echo python3)
VENV ?= .venv
BIN = $(VENV)/bin
RUN_STAMP = $(VENV)/.run-stamp
DEV_STAMP = $(VENV)/.dev-stamp
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help run test venv format lint types contracts spelling search bench audit guideline-docs lock clean

help: ## Say what can be made
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | sort

run: $(RUN_STAMP) ## Start the service on 127.0.0.1:8080 and print a call to try
	@exec $(BIN)/cds-service serve --demo fixtures/hook_requests/red-flag-crp.json

test: venv ## Run every check: format, lint, types, imports, spelling, tests, coverage
	@$(BIN)/python tools/check.py

venv: $(DEV_STAMP) ## Make the environment for development

$(RUN_STAMP): requirements.lock requirements-install.lock pyproject.toml tools/bootstrap.py
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "No $(PYTHON) on this machine: install Python 3.11 or newer, then run make again." >&2; exit 1; }
	@$(PYTHON) tools/bootstrap.py $(VENV) requirements.lock $(RUN_STAMP) run

$(DEV_STAMP): requirements-dev.lock requirements-install.lock pyproject.toml tools/bootstrap.py
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "No $(PYTHON) on this machine: install Python 3.11 or newer, then run make again." >&2; exit 1; }
	@$(PYTHON) tools/bootstrap.py $(VENV) requirements-dev.lock $(DEV_STAMP) test
	@touch $(RUN_STAMP)

format: venv ## Format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

search: venv ## Draw twenty times as many examples for the properties as `make test` does
	@EXAMPLES_TIMES=20 $(BIN)/pytest -q -n 2 tests/properties

bench: venv ## Measure CPU per request against the bare floor
	@$(BIN)/python -m benchmarks.request_cost

audit: venv ## Look for known weaknesses in the packages that run, and list them (build/sbom.json)
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements requirements.lock --output-reproducible --output-file build/sbom.json
	@$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip

guideline-docs: venv ## Write the tables of docs/guideline.md and docs/orders.md from the guideline data
	@$(BIN)/python -m tools.guideline_docs && $(BIN)/python -m tools.order_docs

lock: ## Pin every dependency again, with hashes (needs a package index)
	@$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv
	@echo uv | build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-header --no-annotate --no-emit-index-url - --output-file requirements-install.lock
	@for extra in "--extra dev:requirements-dev.lock" ":requirements.lock"; do \
	  build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-header --no-annotate --no-emit-index-url --extra build $${extra%%:*} \
	    $$(test -z "$${extra%%:*}" && echo --constraint requirements-dev.lock) \
	    pyproject.toml --output-file $${extra##*:} || exit 1; \
	done

clean: ## Remove the environment and everything built
	@rm -rf $(VENV) build dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
