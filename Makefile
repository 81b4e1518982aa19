# Everything a newcomer needs. Python 3.11 or newer is all that has to be there: `make demo PYTHON=python3.12`.

PYTHON ?= $(firstword $(foreach name,python3 python3.11 python3.12 python3.13,$(shell \
	command -v $(name) >/dev/null 2>&1 && $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))) \
	python3)
LOCAL := .venv/bin/python -m deploy.local
# mypy reads the models through the settings; these are addresses of nothing.
LINT_SETTINGS := DECOMMERCE_SECRET_KEY=lint REDIS_URL=redis://127.0.0.1:1/0 \
	RUNTIME_DATABASE_URL=postgresql://lint@127.0.0.1:1/lint SCHEDULER_DATABASE_URL=postgresql://lint@127.0.0.1:1/lint

.DEFAULT_GOAL := help
.PHONY: help setup demo up down status remove reset test bench eval faults fuzz schemathesis conformance docs screenshots lint

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## The virtual environment with the locked dependencies; every other target does it by itself
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Python 3.11 or newer is needed and there is no $(PYTHON): install it, or name it: make demo PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) deploy/local/install.py

demo: setup ## The whole system with a demo community, in the foreground; Ctrl-C stops all of it
	@$(LOCAL) demo

up: setup ## The same in the background
	@$(LOCAL) up

down: setup ## Stop it; the data is kept
	@$(LOCAL) down

status: setup ## Where it runs, with logins and keys
	@$(LOCAL) status

remove: setup ## Stop it and delete its data
	@$(LOCAL) remove

reset: setup ## Delete the demo's data and start anew
	@$(LOCAL) reset

test: setup ## All tests; one part: make test ARGS="tests/deploy -x"
	@.venv/bin/python -m pytest -n 2 $(ARGS)

bench: setup ## What the engine costs, as ratios to floors measured in the same run; one part: make bench ARGS=loops
	@.venv/bin/python -m tests.benchmarks $(ARGS)

fuzz: setup ## A million random templates, each in 100 ms and 32 MiB; fewer: make fuzz ARGS="--cases 50000"
	@.venv/bin/python -m tests.fuzz $(ARGS)

conformance: setup ## The official suite of MCP in both protocol eras; needs npm
	@.venv/bin/python -m tests.conformance

eval: setup ## What the chat makes of 132 requests, and the share of it that is right
	@.venv/bin/python -m tests.evaluation $(ARGS)

schemathesis: setup ## Five minutes of random requests to every operation of the API; longer: make schemathesis SECONDS=3600
	@CONTRACT_SECONDS=$(or $(SECONDS),300) .venv/bin/python -m pytest -n 0 -s tests/contract $(ARGS)

faults: setup ## All that may go wrong, done to a whole system; less: make faults ARGS="--short", or a name of --list
	@.venv/bin/python -m tests.faults $(ARGS)

docs: setup ## Write the pages of docs that follow from the code
	@$(LINT_SETTINGS) .venv/bin/python manage.py document

screenshots: setup ## The pages with a demo community, as pictures in docs/screenshots; needs Chromium
	@.venv/bin/python -m tests.screenshots $(ARGS)

lint: setup ## Style, types and layers
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(LINT_SETTINGS) .venv/bin/mypy apps_engine
	@.venv/bin/lint-imports
