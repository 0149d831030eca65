# `make build` and `make test` each start from a clean clone and install what they miss.

PYTHON ?= python3
PYTEST_ARGS ?=
UPGRADE ?= # `make lock UPGRADE=--upgrade` takes the newest of everything

# Each Python has an environment of its own: .venv, and .venv-3.12.1 for `make test PYTHON=python3.12`.
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(shell $(PYTHON) -c 'import platform; print(platform.python_version())'))
BIN := $(VENV)/bin
# -qq: errors are shown, warnings are not. The hashes decide what is installed, whatever index pip is set up with.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq

# What the tests run, and the Debian packages that hold it.
PROGRAMS := chpst sv runsvdir strace git envdir s6-envdir systemd-analyze openssl chattr age gpg gpg-agent ssh-keygen ruby unshare nsenter
DEBIAN := runit strace git daemontools s6 systemd openssl e2fsprogs age gpg gpg-agent openssh-client ruby util-linux

# What the tests that take minutes run besides: an image is baked, and started as a machine, and generated code is compiled.
SOAK_PROGRAMS := packer debootstrap zstd setpriv ip go gofmt node
SOAK_DEBIAN := packer debootstrap zstd util-linux iproute2 golang-go nodejs

# In a checkout that is another user's, the checks keep nothing.
ifneq ($(shell test -w . || echo no),)
UNKEPT := --no-cache
export RUFF_NO_CACHE := true
export MYPY_CACHE_DIR := /dev/null
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help build test check soak bench dist format lock audit clean programs soak-programs

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /  \1\t/p' Makefile | expand -t 12

build: $(BIN)/envtree  ## set up an environment, then validate and compile this repository's own tree into build/
	@$(BIN)/envtree validate
	@$(BIN)/envtree build --out build

test: programs check  ## everything CI runs: the checks, then the tests (PYTEST_ARGS=...)
	@$(BIN)/pytest -q -n auto --dist worksteal $(PYTEST_ARGS)

check: $(VENV)/dev $(BIN)/envtree  ## formatting, lints, types and the floors
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo 'to mend it: make format' >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@kept=$$($(BIN)/lint-imports --no-logo $(UNKEPT) 2>&1) || { echo "$$kept" >&2; exit 1; }

soak: programs soak-programs $(VENV)/dev $(BIN)/envtree  ## the tests that take minutes
	@$(BIN)/pytest -q -m "soak or hypothesis" --hypothesis-profile soak --timeout 0 $(PYTEST_ARGS)

bench:  ## the benchmarks
	@$(PYTHON) benchmarks/run.py

dist: $(VENV)/runtime  ## the sdist and the wheel of what is committed, in dist/
	@.ci/dist $(CURDIR)/$(BIN)/python $(CURDIR)/dist

format: $(VENV)/dev  ## format, and mend what can be mended
	@$(BIN)/ruff check --fix --quiet; $(BIN)/ruff format --quiet

clean:  ## remove all that is made
	@rm -rf .venv .venv-* build dist .*_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

# An environment whose Python is gone, or that was copied here from another checkout (whose code it would run), is no use.
$(shell test -x $(BIN)/python && grep -qsF ' $(CURDIR)/$(VENV)' $(VENV)/pyvenv.cfg || rm -rf $(VENV))

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "envtree needs Python 3.11 or newer, and $(PYTHON) is not: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/packages "$(PYTHON) cannot make virtual environments" \
		$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
	@$(PYTHON) -m venv --clear $(VENV)

# Stamps: which requirements the environment holds.
$(VENV)/runtime: requirements.txt | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# Editable, so only what ends up in the package's metadata asks for another install.
$(BIN)/envtree: pyproject.toml envtree/__init__.py $(VENV)/runtime
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# Programs, and the packages that hold them.
define need
@missing=; for program in $(1); do command -v $$program >/dev/null || missing="$$missing $$program"; done; \
	test -z "$$missing" || .ci/packages "the tests need$$missing" $(2)
endef

programs:
	$(call need,$(PROGRAMS),$(DEBIAN))

soak-programs:
	$(call need,$(SOAK_PROGRAMS),$(SOAK_DEBIAN))

COMPILE_ALONE = .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(UPGRADE)
COMPILE = $(COMPILE_ALONE) pyproject.toml --extra secrets

lock: .venv-lock/bin/uv  ## pin what pyproject.toml asks for, with hashes
	@$(COMPILE) --group build --output-file requirements.txt
	@$(COMPILE) --group dev --constraint requirements.txt --output-file requirements-dev.txt
	@$(COMPILE_ALONE) --group audit --constraint requirements-dev.txt --output-file requirements-audit.txt
	@$(PYTHON) .ci/pins.py

# Never fails for want of a network: then the versions are listed.
audit:  ## ask an advisory service about all that is pinned; without one, list the versions
	@test .venv-audit/bin/pip-audit -nt requirements-audit.txt || { rm -rf .venv-audit && $(PYTHON) -m venv .venv-audit && \
		.venv-audit/bin/python -m pip --disable-pip-version-check --no-input -qq install --require-hashes -r requirements-audit.txt && \
		touch .venv-audit/bin/pip-audit; } || echo 'pip-audit cannot be installed' >&2
	@$(PYTHON) .ci/audit.py .venv-audit/bin/pip-audit requirements.txt requirements-dev.txt requirements-audit.txt

.venv-lock/bin/uv:
	@$(PYTHON) -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip --disable-pip-version-check -qq install uv
