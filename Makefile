# Two commands: `make run` prints the answer, `make test` proves the tree. Each sets itself up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: bench-border bench-power run test browser islands sbom setup setup-run format lock lock-bench bench clean

run: $(VENV)/.run
	$(BIN)/birge assess --out out

# Scripts of the pages; where npm's registry is out of reach, tests that need them skip and say so.
test: $(VENV)/.dev
	-$(BIN)/python islands/bundle.py --stale-only
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pydoclint src/birge
	$(BIN)/pytest -n 3 --no-loadscope-reorder
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir build/site

# The pages in Chromium alone, with pictures of all of them in build/screenshots.
browser: $(VENV)/.dev
	-$(BIN)/python islands/bundle.py --stale-only
	$(BIN)/pytest tests/browser

islands: $(VENV)/.dev
	$(BIN)/python islands/bundle.py

# What a running Birge is made of (CycloneDX), for who has to approve it.
sbom: $(VENV)/.dev
	$(BIN)/python requirements/bill.py build/sbom

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Birge needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@ $(VENV)/.run

format: $(VENV)/.dev
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/ruff check --fix src tests benchmarks

lock: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes pyproject.toml -o requirements/run.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --extra dev pyproject.toml -o requirements/dev.lock

# Peers live in their own environment: some need other versions than ours.
bench: .bench-venv/.bench
	.bench-venv/bin/python -m pytest -q tests/peers
	OPENBLAS_NUM_THREADS=1 .bench-venv/bin/python benchmarks/trade_speed.py

.bench-venv/.bench: requirements/bench.lock pyproject.toml
	test -x .bench-venv/bin/python || $(PYTHON) -m venv .bench-venv
	.bench-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.lock
	.bench-venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

bench-border: .bench-border-venv/.bench
	.bench-border-venv/bin/python benchmarks/border_peers.py

.bench-border-venv/.bench: requirements/bench-border.lock pyproject.toml
	test -x .bench-border-venv/bin/python || $(PYTHON) -m venv .bench-border-venv
	.bench-border-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench-border.lock
	.bench-border-venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

# PyPSA builds the same programme: its objective beside ours, and the times of both.
bench-power: .bench-power-venv/.bench
	.bench-power-venv/bin/python -m pytest -q tests/peers/test_pypsa.py
	OPENBLAS_NUM_THREADS=1 .bench-power-venv/bin/python benchmarks/power_layers.py

.bench-power-venv/.bench: requirements/bench-power.lock pyproject.toml
	test -x .bench-power-venv/bin/python || $(PYTHON) -m venv .bench-power-venv
	.bench-power-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench-power.lock
	.bench-power-venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

lock-bench: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes pyproject.toml requirements/bench.in -o requirements/bench.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes pyproject.toml requirements/bench-border.in -o requirements/bench-border.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes pyproject.toml requirements/bench-power.in -o requirements/bench-power.lock

clean:
	rm -rf $(VENV) .bench-venv .bench-border-venv .bench-power-venv build out islands/node_modules src/birge/web/static/islands src/birge/web/static/fonts
