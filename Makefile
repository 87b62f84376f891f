# The front door: `make` alone explains each target.
#
# Every target sets up what it needs, once: stamp files in .venv remember what was installed from which lock file
# and what was built from which sources. The only needs are make, Python 3.11+, a C linker and Rust.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test lint fmt bench second-opinion build wasm fuzz parity lock clean

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --no-compile --only-binary :all: --require-hashes
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

# Other people's engines, apart from ours.
PEERS := build/second-opinion

RUST := Cargo.toml Cargo.lock kernel/Cargo.toml kernel/python/Cargo.toml \
	$(shell find kernel/src kernel/python/src -name '*.rs')

# An environment that was moved or copied here still points there, and one whose Python has gone points nowhere.
STALE := $(shell [ -e $(VENV)/.made-in ] && \
	! { [ -x $(PY) ] && [ "$$(cat $(VENV)/.made-in)" = '$(CURDIR)' ]; } && rm -rf $(VENV) && echo yes)

help: ## Explain each target
	@echo 'eyas: write a trading strategy once, backtest it on an exact Rust kernel.'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s  %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.built ## Backtest a strategy on real market data and write an HTML report
	@$(PY) examples/demo.py

test: $(VENV)/.dev $(VENV)/.built ## Run every test: Rust, wasm, Python, docs, types, lint, architecture
	@$(PY) -m tools.run_tests

lint: $(VENV)/.dev $(VENV)/.built ## Run the checks of style and types alone
	@$(PY) -m tools.run_tests lint

fmt: $(VENV)/.dev ## Format the Rust and the Python code, and mend what ruff can
	cargo fmt
	cargo fmt --manifest-path kernel/wasm/Cargo.toml
	ruff format
	ruff check --fix

bench: $(VENV)/.dev $(VENV)/.built ## Measure speed and memory, beside a peer doing the same work
	@$(PY) -m bench

second-opinion: $(PEERS)/.made $(VENV)/.built ## Run the same scenarios in backtesting.py, vectorbt and backtrader, and compare
	@$(PEERS)/bin/python -m pytest -q tests/second_opinion

build: $(VENV)/.built ## Build the Rust extension, and eyas with it, into .venv

wasm: $(VENV)/.made-in ## Build the kernel for the browser: build/kernel.wasm
	@$(PY) -m tools.wasm

parity: $(VENV)/.dev $(VENV)/.built wasm ## Run hundreds of drawn strategies in every way, in wasm too, and compare all bytes
	EYAS_PARITY=all pytest -q tests/parity

fuzz: $(VENV)/.dev $(VENV)/.built ## Hunt for broken laws with random inputs for many minutes
	PROPTEST_CASES=200000 cargo test --locked --package eyas-kernel --no-fail-fast
	pytest -m hypothesis --hypothesis-profile=fuzz

lock: $(VENV)/.made-in ## Pin the newest versions of the Python packages: requirements/*.lock
	@$(PIP) install --quiet uv && tools/lock --upgrade && $(PIP) uninstall --quiet --yes uv

clean: ## Remove everything that make made
	rm -rf $(VENV) target build dist kernel/wasm/target eyas/_kernel*.so
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment that somebody made here is taken as it is, if it can be used.
$(VENV)/.made-in:
	@$(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { rm -rf $(VENV) && \
		python=$$(tools/find-python) && echo "Making $(VENV) with $$python" && "$$python" -m venv $(VENV); }
	@echo '$(CURDIR)' > $@

$(VENV)/.run: requirements/run.lock requirements/build.lock | $(VENV)/.made-in
	@echo 'Installing the pinned packages'
	@$(INSTALL) -r requirements/run.lock -r requirements/build.lock
	@touch $@

$(VENV)/.dev: requirements/dev.lock | $(VENV)/.run
	@echo 'Installing the pinned tools of development'
	@$(INSTALL) -r requirements/dev.lock
	@touch $@

$(PEERS)/.made: requirements/second-opinion.lock | $(VENV)/.made-in
	@echo 'Installing the pinned engines into $(PEERS) (1 GB)'
	@$(PY) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --no-compile --only-binary :all: \
		--no-binary peewee --require-hashes -r requirements/second-opinion.lock
	@touch $@

$(VENV)/.built: $(VENV)/.run pyproject.toml $(RUST)
	@tools/check-compilers
	@echo 'Building the Rust extension (a minute the first time)'
	@$(PIP) install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@
