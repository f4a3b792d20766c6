# make letter    the letter, officially, in every language and format, into output/
# make test      every check and test
# make unit      the unit tests alone, within a minute
# make help      all targets

.NOTPARALLEL:
.PHONY: letter test unit test-ua coverage format lock ready clean help
.DEFAULT_GOAL := help

LETTER ?= 2018-06-06-dprk

letter: ## build the letter officially, in every language, into output/
	@scripts/bootstrap letter
	@.venv/bin/engross build $(LETTER) --official

test: ## ruff, mypy, import contract, pytest; PYTEST="-k fax" for some
	@scripts/bootstrap test
	@scripts/test $(PYTEST)

unit: ready ## only the tests that start no other program, within a minute
	@.venv/bin/pytest -n 2 -m "not real" --durations=5 $(PYTEST)

test-ua: ## outloud's opinion of the official PDFs, in an environment of its own (400 MB)
	@scripts/bootstrap letter
	@scripts/test-ua $(LETTER)

ready: ## only install what letters and tests need
	@scripts/bootstrap test

test-fax-call: ready ## calls between two software modems over a real fax server; as root, nine minutes
	@unshare --mount --net .venv/bin/python -m tests.fax_calls.two_modems

coverage: ready ## which lines no test reaches
	@.venv/bin/coverage erase
	@.venv/bin/coverage run -m pytest -q
	@.venv/bin/coverage combine -q
	@.venv/bin/coverage report

format: ready ## let ruff lay out the sources
	@.venv/bin/ruff check --fix --select I src tests scripts
	@.venv/bin/ruff format

lock: ready ## renew the locks; UPGRADE=--upgrade takes the newest versions
	@scripts/lock $(UPGRADE)

clean: ## remove what make made, except output/
	rm -rf .venv .venv-ua .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* tests/tools/node_modules

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
