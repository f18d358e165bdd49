# Everything that one does with this repository. Each target does its own set-up from a fresh clone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
NODE_READY := schema/node_modules/.ready
EXPLORER := gateway/web/node_modules/.ready
CLIENTS := tests/clients/node_modules/.ready
SOURCES := vereda gateway services facades tests bench audit

.DEFAULT_GOAL := help
.PHONY: help setup run test chaos test-fast lint format schema bench lock clean

help: ## Say what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## Install everything into .venv; start nothing

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Vereda needs Python 3.11 or later: set PYTHON to one, as in 'make PYTHON=python3.12 run'."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE_READY): schema/package-lock.json
	@command -v npm >/dev/null || { echo "Composing the supergraph needs Node 20 or later with npm."; exit 1; }
	@cd schema && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(EXPLORER): gateway/web/package-lock.json
	@echo "Installing GraphiQL"
	@cd gateway/web && npm ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

.PHONY: explorer
explorer: $(EXPLORER) ## Install GraphiQL for http://127.0.0.1:4000/graphql (needs Node)

run: $(READY) ## Start the whole network on this machine, with the demo network
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory explorer || echo "GraphiQL is left out."; fi
	@exec $(BIN)/vereda up

$(CLIENTS): tests/clients/package-lock.json
	@cd tests/clients && npm ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

.PHONY: clients
clients: $(CLIENTS) ## Install the clients and audits of others that tests run (needs Node)

test: $(READY) ## The whole test suite, then lint
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory clients || echo "The clients of others are left out."; fi
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder
	@$(MAKE) --no-print-directory lint

chaos: $(READY) ## Kill, stop and cut off everything for ten minutes; nothing acknowledged may be lost (or SECONDS=60)
	@$(BIN)/python -m tests.chaos --seconds $(or $(SECONDS),600)

test-fast: $(READY) ## Tests that start no processes, browser or federations, and draw no graphs
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not processes and not browser and not servers and not oracle"

lint: $(READY) ## Format, style, types, directions of dependence, schema/
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check --quiet $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/vereda schema check

.PHONY: audit
audit: $(READY) ## Look for known mistakes, known holes, secrets; run the security tests (or PART=secrets)
	@$(BIN)/python -m audit $(foreach part,$(PART),--part $(part))

format: $(READY) ## Put the sources into the house's form
	@$(BIN)/ruff check --quiet --fix $(SOURCES)
	@$(BIN)/ruff format --quiet $(SOURCES)

schema: $(READY) $(NODE_READY) ## Print the services' SDL and compose the supergraph, and those of tests/federation (needs Node)
	@$(BIN)/vereda schema compose
	@$(BIN)/python -m tests.federation.compose

PEERS_READY := bench/peers/node_modules/.ready

$(PEERS_READY): bench/peers/package-lock.json
	@echo "Installing the gateways that ours is measured beside"
	@cd bench/peers && npm ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

.PHONY: peers
peers: $(PEERS_READY)

bench: $(READY) ## Measure beside other gateways; writes docs/benchmarks.md (or QUICK=1, or PART=engines)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory peers || echo "The peers are left out."; fi
	@$(BIN)/python -m bench $(if $(QUICK),--quick) $(foreach part,$(PART),--part $(part))

lock: ## Write the locks anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command 'make lock' -q -o requirements/run.txt
	uv pip compile pyproject.toml --group dev -c requirements/run.txt --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --custom-compile-command 'make lock' -q -o requirements/dev.txt

clean: ## Remove what was installed; the state in .vereda stays
	rm -rf $(VENV) schema/node_modules gateway/web/node_modules bench/peers/node_modules tests/clients/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
