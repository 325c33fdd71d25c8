# The project's own commands. `make` alone lists them.

SHELL := /bin/sh
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing and build .venv (then .venv/bin/exectop works)
	@.ci/setup run

run: ## set up, then open the dashboard (with a demo container where the host has none)
	@.ci/setup run
	@$(BIN)/exectop demo --run

test: ## install the test engines too, then run all tests (ARGS="-k word" for some)
	@.ci/setup test
	@$(BIN)/python -m pytest -n 2 --dist loadscope $(ARGS)

check: ## formatting, lint, types, architecture
	@.ci/setup check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: ## measure the layer beside the bare OCI runtime
	@.ci/setup test
	@$(BIN)/python -m tests.bench $(ARGS)

clean: ## remove .venv, caches and build products
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache snapshot_report.html
	find app widgets runtime themes tests -type d -name __pycache__ -prune -exec rm -rf {} +
