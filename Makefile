# Everything runs in .venv, which the first command creates from the pins in requirements.txt.
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
SUPPORTED := 3.11 3.12 3.13
BENCH_READY := .venv-bench/.ready
OLD_READY := .venv-duckdb-1.4/.ready
BI_PYTHON := .venv-bi/bin/python
BI_READY := .venv-bi/.ready
BI_TEST_READY := .venv-bi/.ready-test

# The variables of each target. Others are refused, because make would ignore them: DATADIR=my_data instead of
# DATA_DIR would build the shipped data.
BUILD_VARIABLES := DATA_DIR VARS FULL_REFRESH
VARIABLES_check := DATA_DIR VARS
VARIABLES_build := $(BUILD_VARIABLES) PARTS
VARIABLES_publish := $(BUILD_VARIABLES)
VARIABLES_day := $(BUILD_VARIABLES) AS_OF
VARIABLES_what-if := RULE THRESHOLDS
VARIABLES_erase-alerts := KEY
VARIABLES_rollback := BUILD
VARIABLES_verify := NOTED
VARIABLES_bi := PORT
VARIABLES_ahp-sheet := INDEX EXPERT OUT DATA_DIR
VARIABLES_ingest := FROM TO YEARS ENCODING
VARIABLES_tables := OUT
VARIABLES_workbook := OUT
SETTINGS := $(addprefix CREDIT_INDICES_,DB DATA_DIR AS_OF WARNING_STATE PARTS VARS DATA_DOCS MEMORY_LIMIT TEMP_DIRECTORY THREADS PSEUDONYM_KEY \
	PUBLISHED BI_STATE BI_SECONDS REAL_PANEL)
KNOWN := $(foreach goal,$(MAKECMDGOALS),$(VARIABLES_$(goal))) PYTHON
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(KNOWN) $(SETTINGS),$(GIVEN))
# Make calls itself for environments, with all given variables.
ifneq ($(filter-out .venv%,$(MAKECMDGOALS)),)
ifneq ($(UNKNOWN),)
$(error make $(MAKECMDGOALS) does not know $(UNKNOWN). It knows $(KNOWN) and the CREDIT_INDICES_ settings of docs/settings.md. \
	Nothing was done)
endif
endif

ifdef DATA_DIR
export CREDIT_INDICES_DATA_DIR := $(DATA_DIR)
endif
ifdef VARS
export CREDIT_INDICES_VARS := $(VARS)
endif
ifdef PARTS
export CREDIT_INDICES_PARTS := $(PARTS)
endif
ifdef FULL_REFRESH
export FULL_REFRESH
endif
ifdef AS_OF
export CREDIT_INDICES_AS_OF := $(AS_OF)
endif
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help check build day what-if erase-alerts publish rollback verify bi bi-test test test-fast docs bench reliability seeds ahp-sheet tables workbook audit lint clean ingest

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'
	@echo
	@echo "  DATA_DIR=folder       your data instead of the shipped ones (see README.md)"
	@echo "  PARTS=panel,policy    the parts to build, instead of those that your data select"
	@echo "  VARS='{name: value}'  variables of the dbt project instead of those in dbt_project.yml"
	@echo "  FULL_REFRESH=1        delete the events of earlier builds of the folder"
	@echo "  CREDIT_INDICES_DB=f   the warehouse file (default warehouse/credit_indices.duckdb)"
	@echo "  CREDIT_INDICES_MEMORY_LIMIT, CREDIT_INDICES_TEMP_DIRECTORY, CREDIT_INDICES_THREADS: DuckDB's settings"

check: $(READY) ## Check the input tables for faults, in seconds (DATA_DIR=folder)
	@$(RUN) -m credit_indices check

build: $(READY) ## Build the warehouse (DATA_DIR=folder for your data)
	@$(RUN) -m credit_indices build

day: $(READY) ## Load a day of events into the early warning and write its new alerts (AS_OF=2026-01-31)
	@$(RUN) -m credit_indices day

what-if: $(READY) ## Compare thresholds of a rule on the kept events (RULE=lawsuit THRESHOLDS=1,2,3)
	@$(RUN) -m credit_indices what-if --rule="$(RULE)" --thresholds="$(THRESHOLDS)"

erase-alerts: $(READY) ## Erase the alerts of an enterprise whose consents have ended (KEY=its enterprise_key)
	@$(RUN) -m credit_indices erase-alerts --key "$(KEY)"

publish: $(READY) ## Build all parts, test the data and publish the result in published/
	@$(RUN) -m credit_indices publish

rollback: $(READY) ## Publish the previous build again (BUILD=id for another of warehouse/builds)
	@$(RUN) -m credit_indices rollback --build "$(BUILD)"

verify: $(READY) ## Check published files and row counts against the manifests (NOTED=SHA-256 of one)
	@$(RUN) -m credit_indices verify --noted "$(NOTED)"

# In a separate environment of about 1 GB.
bi: ## Dashboards of the published build, on 127.0.0.1 (PORT=8088)
	@test -f published/credit_indices.duckdb || \
		{ echo "published/credit_indices.duckdb does not exist. Run make publish first."; exit 1; }
	@python3 bi/alone.py $(MAKE) --no-print-directory $(BI_READY)
	@$(BI_PYTHON) bi/serve.py --port $(or $(PORT),8088)

bi-test: $(BI_TEST_READY) ## Test the dashboards in a browser (needs chromium); not part of make test
	PYTHONPATH=src $(BI_PYTHON) -m pytest -c tests/bi/pytest.ini tests/bi

test: $(READY) lint ## Run all checks of CI: linters and pytest, with dbt's unit and data tests
	$(RUN) -m pytest

test-fast: $(READY) ## Run ruff and the tests that are not slow
	$(VENV)/bin/ruff check --quiet .
	$(RUN) -m pytest --quiet --durations=5 -m "not slow"

lint: $(READY)
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/ruff format --quiet --check .
	$(VENV)/bin/sqlfluff lint --disable-progress-bar --processes 2 models tests/singular

docs: $(READY) ## Generate the documentation site of models and columns, target/static_index.html
	$(VENV)/bin/dbt docs generate --static --quiet
	@echo "Open target/static_index.html"

# If pyfixest and polars cannot be installed, they are left out.
bench: $(READY) ## Time builds; compare indices, panels, credit models, early warning with others
	-@$(MAKE) --no-print-directory $(BENCH_READY)
	$(RUN) benchmarks/builds.py
	$(RUN) benchmarks/index_engine.py
	$(RUN) benchmarks/panel_regressions.py
	$(RUN) benchmarks/credit_models.py --profile
	$(RUN) benchmarks/early_warning.py

# If DuckDB 1.4 cannot be installed, its reader is left out.
reliability: $(READY) ## Publish under kills, reads and a lack of space; count what readers got
	-@$(MAKE) --no-print-directory $(OLD_READY)
	$(RUN) benchmarks/reliability.py

seeds: $(READY) ## Generate the synthetic seeds again (the same bytes each time)
	$(RUN) -m synthetic.provinces --out seeds/raw
	$(RUN) -m synthetic.cities --out-raw seeds/raw --out-catalog seeds/catalog
	$(RUN) -m synthetic.enterprises --out seeds/enterprises
	$(RUN) -m synthetic.coverage --out seeds/enterprises
	$(RUN) -m synthetic.links --out seeds/enterprises
	$(RUN) -m synthetic.loans --out seeds/loans --out-catalog seeds/catalog

ahp-sheet: $(READY) ## Write the questions of an AHP survey as CSV (INDEX=code EXPERT=name OUT=file)
	@$(RUN) -m credit_indices ahp-sheet --index "$(INDEX)" --expert "$(EXPERT)" --out "$(OUT)"

ingest: $(READY) ## Convert spreadsheets and exports to input tables (FROM=path TO=folder YEARS=2011-2020)
	@$(RUN) -m credit_indices ingest --from "$(FROM)" --to "$(TO)" --years "$(YEARS)" \
		--encoding "$(ENCODING)"

tables: $(READY) ## Write tables for papers: LaTeX, HTML, Markdown, CSV (OUT=folder, default tables)
	@$(RUN) -m credit_indices tables --out "$(or $(OUT),tables)"

workbook: $(READY) ## Write the published tables for Excel (OUT=file, default credit_indices.xlsx)
	@$(RUN) -m credit_indices workbook --out "$(or $(OUT),credit_indices.xlsx)"

audit: $(READY) ## Write the audit of the published claims, docs/methods/audit.md
	@$(RUN) -m credit_indices audit --out docs/methods/audit.md

clean: ## Remove build files except the warehouse
	rm -rf target logs warehouse/candidate

# A virtual environment in the folder $(1), with the first supported Python. It is rebuilt if its installation was
# incomplete or its Python is gone.
define environment
@python=; for name in $(or $(PYTHON),python3 $(addprefix python,$(SUPPORTED))); do \
	$$name -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in "$(SUPPORTED)".split())' 2>/dev/null \
		&& python=$$name && break; done; \
if [ -z "$$python" ]; then \
	echo "The project needs Python 3.11, 3.12 or 3.13, and $(or $(PYTHON),python3) is" \
		"$$($(or $(PYTHON),python3) --version 2>/dev/null || echo not installed)." \
		"Install one, or name it: make $(or $(filter-out .venv%,$(MAKECMDGOALS)),build) PYTHON=/path/to/python3.12"; exit 1; fi; \
if ! [ -e $(1)/.ready ] || ! $(1)/bin/python -c '' 2>/dev/null; then $$python -m venv --clear $(1); fi
endef

# Rebuild environments whose Python is gone.
$(foreach ready,$(wildcard .venv*/.ready),$(shell $(dir $(ready))bin/python -c '' 2>/dev/null || rm -f $(ready)))

# pip shows a progress bar on a terminal, and is quiet in a log.
PIP := -m pip install --disable-pip-version-check $$(test -t 1 || echo --quiet)

$(READY): requirements.txt pyproject.toml
	$(call environment,$(VENV))
	@echo "Installing the pinned packages into $(VENV) (about 1 GB; a few minutes the first time)."
	@began=$$(date +%s); \
		$(RUN) $(PIP) --requirement requirements.txt && $(RUN) $(PIP) --no-deps --editable . \
		&& echo "Installed them ($$(( $$(date +%s) - began )) s)."
	@touch $@

$(OLD_READY):
	$(call environment,.venv-duckdb-1.4)
	.venv-duckdb-1.4/bin/python -m pip install --quiet --disable-pip-version-check "duckdb==1.4.*"
	@touch $@

$(BI_READY): bi/requirements.txt
	$(call environment,.venv-bi)
	$(BI_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(BI_TEST_READY): tests/bi/requirements.txt $(BI_READY)
	$(BI_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(BENCH_READY): benchmarks/requirements.txt
	$(call environment,.venv-bench)
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
