# make lab: the course in JupyterLab.  make test: what is checked at every change.  See README.md.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
NOTEBOOKS := notebooks/[0-9]*.ipynb notebooks/solutions/[0-9]*.ipynb
# It writes the formulas of the site and the slides; reveal.js comes with it.
TEMML := tools/site/node_modules/temml/package.json
PYTEST := $(BIN)/pytest -q -n 2
# JupyterLab would ask for news in front of the lecture hall, and look for them in the network.
NEWS := @jupyterlab/apputils-extension:announcements
# Its last line is the address to open.  Root, as in a container, has to ask for its rights and
# has no browser that would start.
LAB := --LanguageServerManager.autodetect=False --LabApp.default_url=/lab/tree/01_heartbeats.ipynb
LAB += --notebook-dir=notebooks
# Reopened without its kernel a saved widget is "not found": its picture is saved instead.
LAB += --ContentsManager.pre_save_hook=ecgae_lib.saving.keep_pictures
LAB += $(if $(filter 0,$(shell id -u)),--allow-root --no-browser)

ifeq ($(filter lab,$(MAKECMDGOALS)),)
export TQDM_DISABLE = 1
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
endif

.PHONY: lab test test-all lint record figures site slides bench alarms mutants clean

lab: $(READY)
	$(BIN)/jupyter lab $(LAB) $(LAB_OPTIONS)

test: lint
	$(PYTEST) ecgae_lib notebooks tests/unit tests/node $(PYTEST_OPTIONS)

test-all: lint $(TEMML)
	$(PYTEST) $(PYTEST_OPTIONS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	test ! -e $(BIN)/biome || $(BIN)/biome ci .
	$(BIN)/lint-imports

record: $(READY)
	$(BIN)/python -m tools.record $(NOTEBOOKS)

figures: $(READY)
	$(BIN)/python -m tools.figures figures

site: $(READY) $(TEMML)
	$(BIN)/python -m tools.site.build

slides: $(READY) $(TEMML)
	$(BIN)/python -m tools.slides.build

$(TEMML): tools/site/package-lock.json
	npm ci --silent --prefix tools/site
	touch $@

bench: $(READY) $(TEMML)
	$(BIN)/python -m tools.bench.models
	$(BIN)/python -m tools.bench.drag
	$(BIN)/python -m tools.bench.phone

alarms: $(READY)
	$(BIN)/python -m tools.alarms

mutants: $(READY)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[mutants]'
	$(BIN)/python -m tools.mutants $(MUTANTS)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) tools/check_python.py
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[lab,test]'
	$(BIN)/jupyter labextension disable --level sys_prefix $(NEWS) 2>/dev/null
	touch $@

clean:
	rm -rf .venv build site tools/site/node_modules *.egg-info .pytest_cache .ruff_cache .hypothesis \
		notebooks/generated-signals.svg
