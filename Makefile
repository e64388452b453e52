# Folkmoot: every command makes what it needs, and a second run takes seconds. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo setup test check serve bench pictures messages lock clean

# What a person may set: FRESH=1 (demo starts over), ARGS="..." (passed on), JOBS=2 (test processes).
ARGS ?=
JOBS ?= auto
SKIPS = $(if $(filter 1,$(FOLKMOOT_NO_SKIPS)),-p tests.plugins.noskips)

help:
	@echo "make demo       Folkmoot with a sample community in it (FRESH=1 starts over)"
	@echo "make serve      Folkmoot with your own database"
	@echo "make setup      only what running needs: .venv and the browser assets"
	@echo "make test       all tests (ARGS=... goes to pytest, JOBS=2 sets the processes)"
	@echo "make check      style, types, layers, templates, migrations, documents"
	@echo "make bench      how fast it is with a million activities"
	@echo "make pictures   screenshots of the main pages into var/pictures"
	@echo "make messages   brings new texts into the translations, and compiles these"
	@echo "make lock       new lock files from pyproject.toml and package.json (needs uv)"
	@echo "make clean      remove what was made here; var/ with your data stays"

demo:
	@scripts/setup.sh
	@.venv/bin/folkmoot demo $(if $(filter 1,$(FRESH)),--fresh) $(ARGS)

serve:
	@scripts/setup.sh
	@.venv/bin/folkmoot serve $(ARGS)

setup:
	@scripts/setup.sh

test:
	@scripts/setup.sh dev
	@.venv/bin/python -m pytest -n $(JOBS) --dist worksteal $(SKIPS) $(ARGS)

check:
	@scripts/setup.sh dev
	@.venv/bin/python scripts/check.py $(ARGS)

bench:
	@scripts/setup.sh dev
	@.venv/bin/python -m pytest -p no:randomly -p no:xdist -s tests/bench $(ARGS)

pictures:
	@scripts/setup.sh dev
	@.venv/bin/python scripts/pictures.py $(ARGS)

messages:
	@scripts/setup.sh dev
	@.venv/bin/python scripts/messages.py

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: install it and run make lock again." >&2; exit 1; }
	uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --group build pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --group build --all-extras pyproject.toml --constraints requirements.lock --output-file requirements-server.lock
	uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --group dev pyproject.toml --constraints requirements-server.lock --output-file requirements-dev.lock
	npm install --package-lock-only --loglevel=error

clean:
	rm -rf .venv node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov dist build
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
