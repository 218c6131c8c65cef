# make lab: the course in JupyterLab.  make test: everything that is checked.  See README.md.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
# JupyterLab would ask for news in front of the lecture hall, and look for them in the network.
NEWS := @jupyterlab/apputils-extension:announcements
NOTEBOOKS := notebooks/0*.ipynb notebooks/solutions/0*.ipynb

ifeq ($(filter lab,$(MAKECMDGOALS)),)
export TQDM_DISABLE = 1
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
endif

.PHONY: lab test record figures site bench clean

lab: $(READY)
	$(BIN)/jupyter lab notebooks/01_heartbeats.ipynb $(LAB_OPTIONS)

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest -q -n 2 $(PYTEST_OPTIONS)

record: $(READY)
	$(BIN)/python -m tools.record $(NOTEBOOKS)

figures: $(READY)
	$(BIN)/python -m tools.figures figures

site: $(READY)
	$(BIN)/python -m tools.site.build

bench: $(READY)
	$(BIN)/python -m tools.bench.models
	$(BIN)/python -m tools.bench.drag

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed, this is ' + sys.version)"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[lab,test]'
	$(BIN)/jupyter labextension disable --level sys_prefix $(NEWS) 2>/dev/null
	touch $@

clean:
	rm -rf .venv build site *.egg-info .pytest_cache .ruff_cache .hypothesis
