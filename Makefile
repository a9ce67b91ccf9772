# make demo: try shinbox · make test: everything, with real mail servers when root · see README.md
# Each target sets up what it needs; .venv/ready-* are stamps, so the second run starts at once.

PYTHON ?= python3
PY := .venv/bin/python
# One more than CI has cores: a test of a terminal waits for a third of its time. A file stays with one worker, so
# what a test finds at a desk that its file shares is the same in every run.
WORKERS ?= 3

.DELETE_ON_ERROR:
.PHONY: demo test lint bench torture unrest clean

demo: .venv/ready-run
	@.venv/bin/shinbox demo

test: .venv/ready-dev
	@tools/test-servers.sh
	@[ "$$(id -u)" = 0 ] || echo "make: not root: the tests that need their own mail servers and Unix users are skipped"
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --durations=15 $(TESTS)

lint: .venv/ready-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

bench: .venv/ready-dev
	@tools/test-servers.sh
	$(PY) -m benchmarks

torture: .venv/ready-dev
	@tools/test-servers.sh
	HYPOTHESIS_PROFILE=torture $(PY) -m pytest -n $(WORKERS) --dist loadfile -o timeout=3600 $(TESTS)
	@$(PY) -m pip install -qq --require-hashes -r requirements-torture.txt || echo "make: there is no atheris for this Python"
	@if $(PY) -c 'import atheris' 2>/dev/null; then $(PY) -m tools.fuzz -max_total_time=60 -verbosity=0; \
	else echo "make: fuzzing is left out"; fi

# The tests, with what a busy machine does happening often: another SEED, other delays.
unrest: .venv/ready-dev
	@tools/test-servers.sh
	PYTHONPATH=$(CURDIR)/tools/unrest SHINBOX_UNREST=$${SEED:-1} \
	$(PY) -m pytest -n $(WORKERS) --dist loadfile -o timeout=900 $(TESTS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find src tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.venv/ready-run: requirements.txt tools/setup.sh tools/link_project.py
	@PYTHON="$(PYTHON)" tools/setup.sh requirements.txt
	@touch $@

.venv/ready-dev: requirements-dev.txt tools/setup.sh tools/link_project.py
	@PYTHON="$(PYTHON)" tools/setup.sh requirements-dev.txt
	@touch $@ .venv/ready-run
