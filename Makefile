# `make run` and `make test` need Python 3.11 or later with venv, make and git. Nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test test-plain test-postgres15 check lint types layers contracts contracts-write sdks openapi-lint postman fuzz format requirements bench sockets load soak pushes clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(VENV)/.run: requirements.txt
	@echo "Installing dependencies into $(VENV) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/.run            ## everything on this machine, at http://localhost:8000
	@exec $(BIN)/python manage.py up

test: $(VENV)/.dev            ## the whole suite, on its own embedded server
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

test-plain: $(VENV)/.dev            ## the suite with FAST_PATH=off; ARGS=tests/ledger for a part
	FAST_PATH=off $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup $(ARGS)

test-postgres15: $(VENV)/.dev            ## the suite on Debian's PostgreSQL 15; ARGS=tests/ledger for a part
	$(BIN)/python tests/on_postgres15.py --numprocesses 2 --dist loadgroup $(ARGS)

# What goes another way with the switch off, and stays below two minutes.
PLAIN := tests/platform/test_execute.py tests/platform/test_lost_statements.py tests/ledger tests/api/test_idempotency.py \
	tests/access/test_cached_callers.py tests/architecture/test_isolation.py

check: lint types layers test            ## what CI runs
	$(MAKE) --no-print-directory test-plain ARGS="$(PLAIN)"
	$(MAKE) --no-print-directory contracts

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy
	cd sdks/python && MYPYPATH=. $(abspath $(BIN))/mypy --strict --config-file $(abspath sdks/python/mypy.ini) -p bigledger

layers: $(VENV)/.dev
	$(BIN)/lint-imports --no-cache

contracts: $(VENV)/.dev
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py write_contracts --check

contracts-write: $(VENV)/.dev            ## write openapi.json and the generated docs
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py write_contracts

sdks: contracts-write            ## write the SDKs, and build the JavaScript package (needs node)
	cd sdks/javascript && npm ci --no-audit --no-fund

openapi-lint:            ## redocly and spectral on openapi.json (needs node); 0 errors
	npx --yes @redocly/cli@2 lint --extends=recommended openapi.json
	npx --yes --package @stoplight/spectral-cli@6 spectral lint --ruleset deploy/spectral.yaml --fail-severity warn openapi.json

postman:            ## run the Postman story against BASE_URL with API_KEY (needs node)
	npx --yes newman@6 run sdks/postman/bigledger.postman_collection.json \
		--env-var base_url=$${BASE_URL:-http://localhost:8000} --env-var api_key=$$API_KEY

fuzz: $(VENV)/.dev            ## schemathesis with a larger budget, and 10,000 random operations of sales
	MODEL_STEPS=$${MODEL_STEPS:-10000} $(BIN)/python -m pytest tests/invoicing/test_any_operations.py
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-500} FUZZ_SECONDS=$${FUZZ_SECONDS:-1800} $(BIN)/python -m pytest tests/contract/test_fuzz.py

pushes: $(VENV)/.dev            ## the dashboard on 500 random pushes, compared with SQL at every event
	DASHBOARD_PUSHES=$${DASHBOARD_PUSHES:-500} $(BIN)/python -m pytest tests/dashboard/test_pushes.py

soak: $(VENV)/.dev            ## webhooks through 2,000 changes while everything is cut off
	SOAK_CHANGES=$${SOAK_CHANGES:-2000} $(BIN)/python -m pytest tests/webhooks/test_faults.py -s

format: $(VENV)/.dev            ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

requirements:            ## compile requirements.txt and requirements-dev.txt from pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

bench: $(VENV)/.run            ## how fast, as a share of the raw limit; ARGS=--write puts it into docs/performance.md
	@$(BIN)/python -m bench posting $(ARGS)
	@$(BIN)/python -m bench graphql $(ARGS)
	@$(BIN)/python -m bench limits $(ARGS)
	@$(BIN)/python -m bench webhooks $(ARGS)

sockets: $(VENV)/.run            ## 1,000 sockets of 50 tenants with 50 changes/s; ARGS=--write puts the figures into docs/performance.md
	@$(BIN)/python -m bench sockets $(ARGS)

load: $(VENV)/.run            ## mixed load with everything on, then with a child killed every 10 s; LOAD_SECONDS each
	@$(BIN)/python -m bench.stays_up

clean:            ## remove the virtual environment and caches; the books in .bigledger stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
