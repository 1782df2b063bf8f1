# Every target sets up .venv by itself; Python 3.11 or newer is all that is needed.
PYTHON ?= python3
BIN := .venv/bin
MARK := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help chat test check cover bench pictures soak image-check lock serve format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

chat: $(MARK) ## talk with the bot in this terminal
	@$(BIN)/careerbot chat

test: $(MARK) ## the whole suite, on all cores
	$(BIN)/pytest -q -n auto

check: $(MARK) ## all that CI holds: format, lint, types, imports, knowledge, tests, held-out questions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/careerbot lint
	$(BIN)/pytest -q -n auto
	CAREERBOT_DATA_DIR=.pytest_cache/d/careerbot $(BIN)/careerbot test

cover: $(MARK) ## which lines no test reaches; a quarter slower than the tests alone
	$(BIN)/pytest -q --cov=bot --cov-report=term:skip-covered

bench: $(MARK) ## speed and memory, measured here and now
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.store million
	$(BIN)/python -m benchmarks.slack
	$(BIN)/python -m benchmarks.telegram
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.growth

pictures: $(MARK) ## what people see at the width of a phone, drawn anew into docs/pictures; needs a Chromium
	$(BIN)/python -m benchmarks.pictures

soak: $(MARK) ## what is slow: the wheel built and asked, a platform down for a minute, the bot killed, ten minutes of load
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,plot]'
	$(BIN)/pytest -q -m soak
	$(BIN)/python -m benchmarks.crash
	MALLOC_ARENA_MAX=2 $(BIN)/python -m benchmarks.soak

lock: ## renew the locked libraries of the image
	PYTHON=$(PYTHON) sh deploy/lock.sh

image-check: ## the steps of the Dockerfile without an engine: size, model, nothing written; about two minutes
	$(PYTHON) deploy/image_check.py

serve: $(MARK) ## start the channels whose tokens are set
	@$(BIN)/careerbot serve

format: $(MARK) ## format all, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(MARK): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("careerbot needs Python 3.11 or newer; say make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

clean: ## remove what any target has made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist
