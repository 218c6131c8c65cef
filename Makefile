# make lab: the course in JupyterLab.  make test: what is checked at every change.  See README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
NOTEBOOKS := notebooks/[0-9]*.ipynb notebooks/solutions/[0-9]*.ipynb notebooks/appendix/*.ipynb
# It writes the formulas of the site and the slides; reveal.js comes with it.
TEMML := tools/site/node_modules/temml/package.json
PYTEST := $(BIN)/pytest -q -n 2
UNLOCKED := -k 'not test_the_lock_is_complete and not test_the_lock_can_be'
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

.PHONY: lab test test-all test-oldest test-newest compare second-reader lint record figures site slides bench alarms mutants clean

lab: $(READY)
	$(BIN)/jupyter lab $(LAB) $(LAB_OPTIONS)

test: lint compare

compare: $(READY)
	$(PYTEST) ecgae_lib notebooks tests/unit tests/node $(PYTEST_OPTIONS)

# The oldest and the newest packages that pyproject.toml allows; a formatter of another version
# would only quarrel about style.  UV_TORCH_BACKEND=cpu saves several GB of CUDA on Linux.
test-oldest:
	$(MAKE) compare VENV=build/oldest UV='--resolution lowest-direct' PYTEST_OPTIONS="$(UNLOCKED)"

test-newest:
	$(MAKE) compare VENV=build/newest UV="--upgrade 'torch>=2.2.dev0'" PYTEST_OPTIONS="$(UNLOCKED)"

build/%/ready: pyproject.toml
	$(PYTHON) -m venv build/$*
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --python $(VENV) -e '.[lab,test]' $(UV)
	touch $@

second-reader: build/second/ready
	build/second/bin/python -m tools.second_reader $(NOTEBOOKS)

# Apart from .venv: what comes with it puts buttons into JupyterLab.
build/second/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv build/second
	build/second/bin/python -m pip install --quiet -c constraints.txt -e '.[test]' pytest-notebook
	touch $@

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
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	$(BIN)/python -m tools.bench

alarms: $(READY)
	$(BIN)/python -m tools.alarms

mutants: $(READY)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[mutants]'
	$(BIN)/python -m tools.mutants $(MUTANTS)

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) tools/check_python.py
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[lab,test]'
	$(BIN)/jupyter labextension disable --level sys_prefix $(NEWS) 2>/dev/null
	touch $@

clean:
	rm -rf .venv build site tools/site/node_modules *.egg-info .pytest_cache .ruff_cache .hypothesis \
		notebooks/generated-signals.svg
