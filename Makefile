# Needs Python 3.11 or newer, node and npm; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODULES := labextension/node_modules/.package-lock.json
SOURCES := pyproject.toml install.json \
	$(filter-out %/package-lock.json,$(wildcard labextension/*.json)) \
	$(shell find labextension/src labextension/schema labextension/style -type f 2>/dev/null)

.PHONY: help demo test fuzz check format docs build clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    run an example notebook as a pipeline on this machine"
	@echo "make test    check the code and run the tests"
	@echo "make fuzz    run random programs both ways: FUZZ=20000 of them, of SEED=..."
	@echo "make corpus  verify notebooks of other projects; ARGS=--help tells more"
	@echo "make check   formatting, lint, types, imports, spelling"
	@echo "make format  format everything"
	@echo "make docs    write the generated pages of docs/ anew"
	@echo "make build   make a wheel in dist/"
	@echo "make clean   remove everything that make has made"

demo: $(VENV)/.demo
	@mkdir -p .demo
	$(BIN)/jupyter kfx run example_notebooks/compare_models.ipynb -o .demo/compare_models.ipynb
	@echo
	@echo "Open the executed notebook in JupyterLab: $(BIN)/jupyter lab .demo/compare_models.ipynb"

# Most tests wait for processes of their own; two side by side take half the time.
JOBS ?= 2
# A busy machine may upset a test of processes or of a browser. One that fails is run
# once more, and listed with what it failed of; RERUNS=0 shows which ones need that.
RERUNS ?= 1
FLAKY := --reruns $(RERUNS) --max-suite-reruns 5 --rerun-show-tracebacks
test: check
	$(BIN)/python -m pytest $(FLAKY) --numprocesses $(JOBS) --dist loadfile --ignore tests/ui --cov --cov-report=
	$(BIN)/python -m pytest $(FLAKY) tests/ui --cov --cov-append --cov-report=term

# The whole takes some hours: it is meant for the night.
FUZZ ?= 20000
fuzz: $(VENV)/.test
	$(BIN)/python -m tests.equivalence.fuzz --programs $(FUZZ) $(if $(SEED),--seed $(SEED))

corpus: $(VENV)/.test
	nice $(BIN)/python -m tests.corpus $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/validate-pyproject pyproject.toml
	npm --prefix labextension run --silent check

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	npm --prefix labextension run --silent format

docs: $(VENV)/.demo
	$(BIN)/python -m jupyter_kfx.cli.reference > $(VENV)/page
	mv $(VENV)/page docs/cli.md
	$(BIN)/python -m jupyter_kfx.pipeline.schema > $(VENV)/page
	mv $(VENV)/page docs/pipeline.schema.json

# The hook of an existing bundle does not build it again.
build: $(VENV)/.demo
	rm -rf dist jupyter_kfx/labextension jupyter_kfx/static
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:
	rm -rf $(VENV) .demo dist labextension/lib labextension/node_modules \
		labextension/tsconfig.tsbuildinfo jupyter_kfx/labextension jupyter_kfx/static jupyter_kfx/_version.py \
		.coverage.d .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(VENV)/.demo: EXTRAS := demo
$(VENV)/.test: EXTRAS := demo,test,check
$(VENV)/.demo $(VENV)/.test: $(VENV)/pyvenv.cfg $(MODULES) $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is missing or older than 3.11: install a newer one, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

$(MODULES): labextension/package.json labextension/package-lock.json
	@node --version >/dev/null 2>&1 && npm --version >/dev/null 2>&1 || { \
		echo "The JupyterLab extension is built with node and npm: install node 20 or newer, then run make again." >&2; \
		exit 1; }
	npm --prefix labextension ci --no-audit --no-fund
	@touch $@
