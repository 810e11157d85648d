# `make synth` and `make test` are all that a newcomer needs; both install what they need inside this folder.

PYTHON ?= python3
PIPENV_VERSION := 2026.10.3

VENV := .venv
BIN := $(VENV)/bin
PIPENV := .tools/bin/pipenv
CDKTF := node_modules/.bin/cdktf
SYNTHESIZED := cdktf.out/stacks/rancher/cdk.tf.json

COUNT := 500

# Of the tests with an engine those that show it the provider's bindings. That either flavour writes the same JSON for the
# same inputs is held by tests/cdk, and for the examples by tests/app, which has CDKTF make them as well; what an engine makes
# of that, by the run with CDKTF. The benchmark is of CDKTF alone, and settings are read before either is asked.
ENGINE_WITH_CDK := $(addprefix tests/engine/test_,moving_to_cdktn.py schema.py)

# Environments of their own, each for the Pipfile in tools/ of that name. checkov has a hundred dependencies, which are to
# have no say in the versions of ours, no more than those of Sphinx; CDK Terrain shares no environment with CDKTF.
SCAN := .tools/scan
CDKTN := .tools/cdktn
SITE := .tools/site
SPHINX := $(SITE)/bin/python -m sphinx --quiet --fail-on-warning --fresh-env --doctree-dir build/doctrees --conf-dir tools/site
pipenv_of = PIPENV_PIPFILE=tools/$(1)/Pipfile PIPENV_VENV_IN_PROJECT=0 WORKON_HOME="$(CURDIR)/.tools" \
	PIPENV_CUSTOM_VENV_NAME=$(1) $(PIPENV)

# Without compiled modules Python needs three times as long to load the provider's bindings.
unexport PYTHONDONTWRITEBYTECODE
export PIPENV_VENV_IN_PROJECT := 1
export PIPENV_IGNORE_VIRTUALENVS := 1
export PIPENV_VERBOSITY := -1
export CHECKPOINT_DISABLE := 1
# jsii has stopped supporting Node 20, works with it, and says so in eleven lines at every start.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install synth test test-cdktn test-fast engine faults packets browser coverage bench scan site site-links lint format types imports rewrite modules build lock clean

help: ## list what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.installed node_modules/.installed ## install Python and Node packages into this folder

synth: install ## write the Terraform JSON, and say what is in it
	CI=1 $(CDKTF) synth

# A file's tests are one worker's, which shares what takes long to make.
test: install ## run all tests
	$(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadfile

test-cdktn: $(CDKTN)/.installed install ## run the tests that touch the CDK with CDK Terrain, CDKTF's successor
	$(CDKTN)/bin/python -m pytest tests/cdk tests/app tests/lazy $(ENGINE_WITH_CDK) -k "not benchmark and not bad_setting_ends"

test-fast: $(VENV)/.installed ## run the tests that need no CDK
	$(BIN)/pytest tests/unit

# Without laws, which reach what no example does by chance alone; and without thousands of tables that are read to be
# refused, which take a minute while coverage looks on.
coverage: $(VENV)/.installed ## the same, with branch coverage of the parts that know no CDK
	$(BIN)/pytest tests/unit --cov --cov-report=term-missing:skip-covered -k "not changed_digit" -m "not hypothesis"

engine: install ## run the tests with a real Terraform or OpenTofu
	$(BIN)/pytest tests/engine

faults: $(VENV)/.installed ## break 500 applies off, and have each converge; COUNT=100 for fewer
	$(BIN)/python -m tests.engine.faults --count $(COUNT)

packets: $(VENV)/.installed ## run the tests that send packets; as root on Linux, with ip and nft
	$(BIN)/pytest tests/packets

browser: install ## run the tests that look at the page; with the system's Chromium
	$(BIN)/pytest tests/browser

bench: install ## measure what synthesizing costs, and write docs/performance.md; takes a quarter of an hour
	$(BIN)/python -m bench

scan: install $(SCAN)/.installed $(SYNTHESIZED) ## have checkov look at what is synthesized
	$(BIN)/python tools/scan/scan.py --checkov $(SCAN)/bin/checkov \
		$(SYNTHESIZED) $(filter-out tests/goldens/bad-input.json,$(wildcard tests/goldens/*.json)) \
		$(filter-out examples/fleet.py,$(wildcard examples/*.py))

# All warnings at once, and none of them passes: a link that leads nowhere, a page in no part, a name that is not there.
site: $(SITE)/.installed node_modules/.installed ## make a site of docs/ in build/site, and check its links
	rm -rf build/site
	$(SPHINX) . build/site
	$(SITE)/bin/python tools/site/check_site.py build/site

site-links: $(SITE)/.installed node_modules/.installed ## try the links of the site that lead to other hosts
	$(SPHINX) --builder linkcheck . build/links

lint: $(VENV)/.installed ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.installed ## mend style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.installed ## check types
	$(BIN)/mypy

imports: $(VENV)/.installed ## check that imports run one way
	$(BIN)/lint-imports

rewrite: install ## write goldens and generated parts of documents anew
	$(BIN)/pytest -q --rewrite tests/unit tests/cdk

modules: $(VENV)/.installed ## write the modules anew
	$(BIN)/pytest -q --rewrite tests/unit/test_modules.py

build: $(VENV)/.installed ## build the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --wheel

lock: $(PIPENV) ## resolve Pipfile and package.json anew
	$(PIPENV) lock --dev
	$(BIN)/python tools/plain_lock.py Pipfile.lock
	$(call pipenv_of,cdktn) lock --dev
	$(BIN)/python tools/plain_lock.py tools/cdktn/Pipfile.lock
	$(call pipenv_of,scan) lock
	$(BIN)/python tools/plain_lock.py tools/scan/Pipfile.lock
	$(call pipenv_of,site) lock
	$(BIN)/python tools/plain_lock.py tools/site/Pipfile.lock
	npm install --package-lock-only

clean: ## remove everything that was installed or made here, but no state
	rm -rf $(VENV) .tools node_modules cdktf.out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(PIPENV):
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet pipenv==$(PIPENV_VERSION)

$(VENV)/.installed: Pipfile.lock | $(PIPENV)
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(PIPENV) sync --dev
	touch $@

.tools/%/.installed: tools/%/Pipfile.lock | $(PIPENV)
	$(call pipenv_of,$*) sync --dev
	touch $@

$(SYNTHESIZED): cdktf.json main.py $(shell find rancher_ports -name '*.py' -o -name '*.toml') | install
	CI=1 $(CDKTF) synth

node_modules/.installed: package-lock.json package.json .npmrc
	npm ci --no-progress
	touch $@
