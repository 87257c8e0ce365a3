# Two commands do it all on a machine with Python >= 3.11: `make chat` and `make test`.
# Another interpreter: `make test PYTHON=python3.13`.

PYTHON ?= python3
GENERATION ?= classic
SEED ?= 1
UPDATE ?=
SECONDS ?= 60
ARGS ?=
MODULE ?= _
AREA ?=
QUESTIONS ?= "What is 17 * 23?" "And what did I ask you before?"

# A fresh machine's own pip may be too old for dependency groups.
PIP := pip==26.3
UV := uv==0.13.9

# Tests that other environments run.
ELSEWHERE := --ignore=tests/differential --ignore=tests/peers --ignore=tests/docs --ignore=tests/notebooks --ignore=tests/dist

# The stamp's name holds Python's version, so that another PYTHON makes the environment anew.
PYTHON_VERSION := $(shell $(PYTHON) -c 'import platform; print(platform.python_version())')
DEV := .venv/made-$(PYTHON_VERSION)
CHAT := .venv-chat/made-$(PYTHON_VERSION)
LOWEST := .venv-lowest/made-$(PYTHON_VERSION)
LOCK := .venv-lock/made-$(PYTHON_VERSION)
ORACLE := .venv-oracle/made-$(PYTHON_VERSION)
FUZZ := .venv-fuzz/made-$(PYTHON_VERSION)
MUTATION := .venv-mutation/made-$(PYTHON_VERSION)
PEERS := .venv-peers/made-$(PYTHON_VERSION)
DOCS := .venv-docs/made-$(PYTHON_VERSION)
DIST := .venv-dist/made-$(PYTHON_VERSION)
WHEEL := .venv-wheel/made-$(PYTHON_VERSION)
GRAPHS := .venv-graphs/made-$(PYTHON_VERSION)
CLUSTER := .venv-cluster/made-$(PYTHON_VERSION)
CASES := .venv-cases/made-$(PYTHON_VERSION)
PROJECT := pyproject.toml langchain_foundry_agents/_version.py Makefile

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help chat test check format cases differential test-lowest docs notebooks dist test-wheel oracle parity fidelity simulate sweep soak fuzz mutate pictures bench cluster peers traces clients clients-js lock clean
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

chat: $(CHAT) ## Ask an agent two questions in one thread, on a local emulator
	@.venv-chat/bin/foundry-agents chat --emulator --generation $(GENERATION) $(QUESTIONS)

test: $(DEV) ## Lint, types, the whole test suite, and every branch of the flow
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy --strict
	.venv/bin/coverage run -m pytest tests/flow
	.venv/bin/coverage report --include='langchain_foundry_agents/_flow/*' --fail-under=100
	.venv/bin/pytest --numprocesses=auto --ignore=tests/flow $(ELSEWHERE)
	.venv/bin/pytest tests/peers/test_litellm.py

check: format ## What to run before a commit: format, lint, types, the fast tests
	.venv/bin/mypy --strict
	.venv/bin/pytest --numprocesses=auto -m 'not slow' $(ELSEWHERE)

format: $(DEV) ## Format the code and mend what ruff can mend
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

cases: $(CASES) ## What people met, one script each, beside LangChain's own packages: AREA=service
	.venv-cases/bin/python tests/cases $(AREA)

differential: $(CASES) ## Programs through ChatOpenAI and through both generations: what the model reads
	.venv-cases/bin/pytest --numprocesses=auto tests/differential

test-lowest: $(LOWEST) ## The test suite, but for foreign clients, on the lowest versions allowed
	.venv-lowest/bin/pytest --numprocesses=auto $(ELSEWHERE) --ignore-glob='*/test_official_*'

docs: $(DOCS) ## Build the documentation into site/, strictly, and run its code
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict --quiet
	.venv-docs/bin/pytest tests/docs

notebooks: $(DOCS) ## Run the notebooks on the emulator; UPDATE=1 keeps what they say now
	UPDATE=$(UPDATE) .venv-docs/bin/pytest tests/notebooks

dist: $(DIST) ## Build the wheel and the sdist into dist/, and look at what is in them
	rm -rf dist
	.venv-dist/bin/python -m build --no-isolation --outdir dist
	.venv-dist/bin/pytest tests/dist

test-wheel: dist $(WHEEL) ## The fast tests on the wheel as users install it
	.venv-wheel/bin/python -m pip install --quiet --no-deps --force-reinstall dist/*.whl
	.venv-wheel/bin/python -Ic 'import langchain_foundry_agents as it; assert "site-packages" in it.__file__'
	.venv-wheel/bin/pytest --numprocesses=auto -m 'not slow' $(ELSEWHERE) --ignore=tests/test_house.py --ignore=tests/test_benchmark_counts.py

oracle: $(ORACLE) ## Our client against Microsoft's own server library
	.venv-oracle/bin/pytest tests/oracle

parity: $(DEV) ## Wire cases and recordings; ARGS=--azure asks your project, too, and costs money
	.venv/bin/pytest tests/parity $(ARGS)

fidelity: $(DEV) ## Make the emulator's FIDELITY.md anew of its evidence
	.venv/bin/python -m langchain_foundry_agents._parity

simulate: TURNS ?= 100000
simulate: $(DEV) ## Clients at once, in virtual time, with faults: SEED=1 TURNS=100000
	.venv/bin/python -m tests.simulation $(SEED) $(TURNS)

sweep: $(DEV) ## Turns that are cancelled at every await point, in every way: what they leave behind
	.venv/bin/python -m tests.sweep

soak: TURNS ?= 10000
soak: $(DEV) ## Turns over real sockets, 64 at a time, with faults: SEED=1 TURNS=10000
	.venv/bin/python -m tests.soak $(SEED) $(TURNS)

fuzz: $(FUZZ) ## Any bytes for what reads the service, guided by the code they reach: SECONDS=60
	cd tests && ../.venv-fuzz/bin/python -m fuzz $(SECONDS)

mutate: $(MUTATION) ## Changes to the code that no test notices, in tests/MUTANTS.md: MODULE=_flow.retry
	rm -f mutants/mutmut-stats.json  # it names tests that may be gone
	.venv-mutation/bin/mutmut run 'langchain_foundry_agents._flow.statuses*'  # makes them all
	.venv-mutation/bin/python tests/mutating.py $(MODULE)
	.venv-mutation/bin/python tests/mutants.py

pictures: $(DEV) $(DOCS) ## Shown messages in a real browser (chromium), and pictures of them in docs/pictures
	PICTURES=docs/pictures .venv/bin/pytest tests/browser
	PICTURES=docs/pictures .venv-docs/bin/pytest tests/notebooks/test_pictures.py

bench: $(DEV) $(PEERS) ## Speed, beside the other clients and two floors: benchmarks/RESULTS.md
	.venv-peers/bin/python -m benchmarks $(ARGS)
	.venv/bin/python benchmarks/emulator_streams.py

cluster: $(CLUSTER) ## 500 prompts over the processes of a Dask cluster
	.venv-cluster/bin/pytest tests/cluster

peers: $(PEERS) ## Other clients and ours through the same scenarios: benchmarks/PEERS.md
	.venv-peers/bin/python -m benchmarks.peers

traces: $(PEERS) ## Our turns under OpenTelemetry, by langchain-azure-ai's tracer
	.venv-peers/bin/pytest tests/peers/test_opentelemetry.py

clients: $(DEV) $(PEERS) $(GRAPHS) ## Official clients, operation by operation: emulator/CLIENTS.md
	.venv/bin/python -m tests.clients peers=.venv-peers/bin/python graphs=.venv-graphs/bin/python

clients-js: $(DEV) ## The official JavaScript clients, over TLS (needs Node and npm)
	.venv/bin/python -m pip install --quiet trustme
	cd tests/clients/javascript && npm install --no-audit --no-fund --silent
	.venv/bin/python tests/clients/javascript/run.py

lock: $(LOCK) ## Compute requirements/ anew from pyproject.toml and the newest releases
	$(COMPILE) --group dev --output-file requirements/dev.txt
	grep --invert-match '^wrapt==' requirements/dev.txt >.venv-lock/others.txt
	$(COMPILE) --group oracle --group test --constraint .venv-lock/others.txt \
		--output-file requirements/oracle.txt
	$(COMPILE) --group fuzz --group test --constraint requirements/dev.txt \
		--output-file requirements/fuzz.txt
	$(COMPILE) --group graphs --constraint requirements/dev.txt --output-file requirements/graphs.txt
	grep --invert-match --extended-regexp '^azure-ai-(agents|projects)==' requirements/dev.txt >.venv-lock/others.txt
	echo 'azure-ai-projects<2' >.venv-lock/override.txt
	$(COMPILE) --group bench --group test --constraint .venv-lock/others.txt \
		--override .venv-lock/override.txt --output-file requirements/peers.txt
	$(COMPILE) --group mutation --group test --constraint requirements/dev.txt \
		--output-file requirements/mutation.txt
	$(COMPILE) --group docs --group notebooks --group recipes --group dist --group test \
		--constraint requirements/dev.txt --output-file requirements/docs.txt
	$(COMPILE) --group cluster --group test --constraint requirements/dev.txt \
		--output-file requirements/cluster.txt
	echo "langchain-google-genai; python_version < '3'" >.venv-lock/override.txt
	$(COMPILE) --group cases --group test --group lint --constraint requirements/dev.txt \
		--override .venv-lock/override.txt --output-file requirements/cases.txt
	grep --invert-match --extended-regexp '^($(RUN_TIME))==' requirements/dev.txt >.venv-lock/tools.txt
	$(COMPILE) --group test --resolution lowest-direct --constraint .venv-lock/tools.txt \
		--output-file requirements/lowest.txt

# One file for all systems and Pythons; lowest.txt differs from dev.txt in what users install only.
COMPILE := .venv-lock/bin/uv pip compile pyproject.toml --all-extras --universal --upgrade --quiet \
	--python-version 3.11 --annotation-style line --custom-compile-command 'make lock'
RUN_TIME := azure-identity|httpx|langchain|langchain-core|langgraph|markdown-it-py|pydantic|pydantic-core|rich|starlette|uvicorn

clean: ## Remove environments, caches and build results
	rm -rf .venv .venv-* .benchmarks .coverage .fuzz .*_cache .hypothesis dist mutants site
	find . -name __pycache__ -prune -exec rm -rf {} +

# All extras that users may ask for.
ALL := display,emulator-tls

# $(call environment,<folder>,<what to install>); a comma in there would end it.
define environment
	@echo 'Making $(1) with Python $(PYTHON_VERSION); this takes a minute.'
	@$(PYTHON) -m venv --clear $(1)
	@$(1)/bin/python -m pip install --quiet $(PIP)
	@$(1)/bin/python -m pip install --quiet $(2)
	@touch $@
endef

$(DEV): $(PROJECT) requirements/dev.txt
	$(call environment,.venv,--constraint requirements/dev.txt --group dev --editable '.[$(ALL)]')

$(CHAT): $(PROJECT) requirements/dev.txt
	$(call environment,.venv-chat,--constraint requirements/dev.txt --editable '.[emulator]')

$(LOWEST): $(PROJECT) requirements/lowest.txt
	$(call environment,.venv-lowest,--constraint requirements/lowest.txt --group test --editable '.[$(ALL)]')

$(FUZZ): $(PROJECT) requirements/fuzz.txt
	$(call environment,.venv-fuzz,--constraint requirements/fuzz.txt --group fuzz --group test --editable '.[emulator]')

$(MUTATION): $(PROJECT) requirements/mutation.txt
	$(call environment,.venv-mutation,--constraint requirements/mutation.txt --group mutation --group test --editable '.[emulator]')

$(ORACLE): $(PROJECT) requirements/oracle.txt
	$(call environment,.venv-oracle,--constraint requirements/oracle.txt --group oracle --group test --editable '.[emulator]')

# langchain-azure-ai asks for azure-ai-projects>=2.2, with which its agents.v1 refuse to be imported.
# `make lock` overrides that; pip, which cannot, installs the whole list with --no-deps.
$(PEERS): $(PROJECT) requirements/peers.txt
	$(call environment,.venv-peers,--no-deps --requirement requirements/peers.txt --editable .)

# deepagents asks for langchain-google-genai, whose websockets are not langgraph's; `make lock` leaves
# it out, and pip, which cannot, installs the whole list with --no-deps.
$(CASES): $(PROJECT) requirements/cases.txt
	$(call environment,.venv-cases,--no-deps --requirement requirements/cases.txt --editable .)

$(GRAPHS): $(PROJECT) requirements/graphs.txt
	$(call environment,.venv-graphs,--constraint requirements/graphs.txt --group graphs --editable '.[emulator]')

$(DOCS): $(PROJECT) requirements/docs.txt
	$(call environment,.venv-docs,--constraint requirements/docs.txt --group docs --group notebooks --group recipes --group test --editable '.[$(ALL)]')

$(DIST): $(PROJECT) requirements/docs.txt
	$(call environment,.venv-dist,--constraint requirements/docs.txt --group dist --group test --editable '.[emulator]')

# Not editable: what is tested there is what users install.
$(WHEEL): $(PROJECT) requirements/dev.txt
	$(call environment,.venv-wheel,--constraint requirements/dev.txt --group test --group peers '.[$(ALL)]')

$(CLUSTER): $(PROJECT) requirements/cluster.txt
	$(call environment,.venv-cluster,--constraint requirements/cluster.txt --group cluster --group test --editable '.[emulator]')

$(LOCK): Makefile
	$(call environment,.venv-lock,$(UV))
