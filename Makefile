# Everything runs in .venv, which the first command makes from the pins in requirements.txt.
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
SUPPORTED := 3.11 3.12 3.13
BENCH_READY := .venv-bench/.ready
OLD_READY := .venv-duckdb-1.4/.ready
BI_PYTHON := .venv-bi/bin/python
BI_READY := .venv-bi/.ready
BI_TEST_READY := .venv-bi/.ready-test

# The variables of each target. One that is mistyped, or that the target does not read, is refused: make would
# ignore it, and build the shipped data when someone types DATADIR=my_data.
BUILD_VARIABLES := DATA_DIR VARS FULL_REFRESH
VARIABLES_check := DATA_DIR VARS
VARIABLES_build := $(BUILD_VARIABLES) PARTS
VARIABLES_publish := $(BUILD_VARIABLES)
VARIABLES_rollback := BUILD
VARIABLES_verify := NOTED
VARIABLES_bi := PORT
VARIABLES_ahp-sheet := INDEX EXPERT OUT DATA_DIR
VARIABLES_ingest := FROM TO YEARS ENCODING
VARIABLES_tables := OUT
VARIABLES_workbook := OUT
SETTINGS := $(addprefix CREDIT_INDICES_,DB DATA_DIR PARTS VARS DATA_DOCS MEMORY_LIMIT TEMP_DIRECTORY THREADS PSEUDONYM_KEY \
	PUBLISHED BI_STATE BI_SECONDS REAL_PANEL)
KNOWN := $(foreach goal,$(MAKECMDGOALS),$(VARIABLES_$(goal))) PYTHON
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(KNOWN) $(SETTINGS),$(GIVEN))
# Make calls itself for environments, with all that it was given.
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
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help check build publish rollback verify bi bi-test test test-fast docs bench reliability seeds ahp-sheet tables workbook audit lint clean ingest

help: ## What there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'
	@echo
	@echo "  DATA_DIR=folder       your own figures instead of the shipped ones (see README.md)"
	@echo "  PARTS=panel,policy    the parts of the build, in place of those that your figures ask for"
	@echo "  VARS='{name: value}'  variables of the dbt project instead of those in dbt_project.yml"
	@echo "  FULL_REFRESH=1        forget the events of earlier builds from the folder"
	@echo "  CREDIT_INDICES_DB=f   the warehouse file (default warehouse/credit_indices.duckdb)"
	@echo "  CREDIT_INDICES_MEMORY_LIMIT, CREDIT_INDICES_TEMP_DIRECTORY, CREDIT_INDICES_THREADS: DuckDB's settings"

check: $(READY) ## Look for faults of the input tables, in seconds (DATA_DIR=folder)
	@$(RUN) -m credit_indices check

build: $(READY) ## Build the warehouse (DATA_DIR=folder for your own figures)
	@$(RUN) -m credit_indices build

publish: $(READY) ## Build every part, test the data, and make it what readers open in published/
	@$(RUN) -m credit_indices publish

rollback: $(READY) ## Publish the build before (BUILD=id for another of warehouse/builds)
	@$(RUN) -m credit_indices rollback --build "$(BUILD)"

verify: $(READY) ## Check published files and row counts against the manifests (NOTED=SHA-256 of one)
	@$(RUN) -m credit_indices verify --noted "$(NOTED)"

# In an environment of their own, of about 1 GB, that nothing else needs.
bi: ## Dashboards of what is published, on 127.0.0.1 (PORT=8088)
	@test -f published/credit_indices.duckdb || \
		{ echo "published/credit_indices.duckdb is not there. Run make publish first."; exit 1; }
	@python3 bi/alone.py $(MAKE) --no-print-directory $(BI_READY)
	@$(BI_PYTHON) bi/serve.py --port $(or $(PORT),8088)

bi-test: $(BI_TEST_READY) ## The dashboards in a browser (needs chromium); not part of make test
	PYTHONPATH=src $(BI_PYTHON) -m pytest -c tests/bi/pytest.ini tests/bi

test: $(READY) lint ## Everything that CI runs: linters, and pytest, which runs dbt's unit and data tests too
	$(RUN) -m pytest

test-fast: $(READY) ## What to run while working: ruff, and the tests that are not slow
	$(VENV)/bin/ruff check --quiet .
	$(RUN) -m pytest --quiet --durations=5 -m "not slow"

lint: $(READY)
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/ruff format --quiet --check .
	$(VENV)/bin/sqlfluff lint --disable-progress-bar --processes 2 models tests/singular

docs: $(READY) ## The documentation site of all models and columns, in target/static_index.html
	$(VENV)/bin/dbt docs generate --static --quiet
	@echo "Open target/static_index.html"

# Where pyfixest cannot be installed, the others are compared without it.
bench: $(READY) ## Time builds, and the index engine and the panel regressions beside other packages
	-@$(MAKE) --no-print-directory $(BENCH_READY)
	$(RUN) benchmarks/builds.py
	$(RUN) benchmarks/index_engine.py
	$(RUN) benchmarks/panel_regressions.py

# Where DuckDB 1.4 cannot be installed, its reader is left out.
reliability: $(READY) ## Publish while killed, read and short of space; count what readers saw
	-@$(MAKE) --no-print-directory $(OLD_READY)
	$(RUN) benchmarks/reliability.py

seeds: $(READY) ## Make the synthetic raw seeds anew (the same bytes each time)
	$(RUN) -m credit_indices.synthetic_data --out seeds/raw
	$(RUN) -m credit_indices.synthetic_cei --out-raw seeds/raw --out-catalog seeds/catalog
	$(RUN) -m credit_indices.synthetic_enterprises --out seeds/enterprises

ahp-sheet: $(READY) ## The questions of an AHP survey as CSV (INDEX=code EXPERT=name OUT=file)
	@$(RUN) -m credit_indices ahp-sheet --index "$(INDEX)" --expert "$(EXPERT)" --out "$(OUT)"

ingest: $(READY) ## Files as people have them into a data folder (FROM=path TO=folder YEARS=2011-2020)
	@$(RUN) -m credit_indices ingest --from "$(FROM)" --to "$(TO)" --years "$(YEARS)" \
		--encoding "$(ENCODING)"

tables: $(READY) ## Tables for papers: LaTeX, HTML, Markdown, CSV (OUT=folder, default tables)
	@$(RUN) -m credit_indices tables --out "$(or $(OUT),tables)"

workbook: $(READY) ## The published tables for Excel (OUT=file, default credit_indices.xlsx)
	@$(RUN) -m credit_indices workbook --out "$(or $(OUT),credit_indices.xlsx)"

audit: $(READY) ## The audit of the published claims from the warehouse, docs/methods/audit.md
	@$(RUN) -m credit_indices audit --out docs/methods/audit.md

clean: ## Remove what builds leave behind, the warehouse excepted
	rm -rf target logs warehouse/candidate

# A virtual environment in the folder $(1), of the first Python that the project supports. One whose packages were
# never all installed, or whose Python has gone, is made anew.
define environment
@python=; for name in $(or $(PYTHON),python3 $(addprefix python,$(SUPPORTED))); do \
	$$name -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in "$(SUPPORTED)".split())' 2>/dev/null \
		&& python=$$name && break; done; \
if [ -z "$$python" ]; then \
	echo "The project needs Python 3.11, 3.12 or 3.13, and $(or $(PYTHON),python3) is" \
		"$$($(or $(PYTHON),python3) --version 2>/dev/null || echo not there)." \
		"Install one, or name it: make $(or $(filter-out .venv%,$(MAKECMDGOALS)),build) PYTHON=/path/to/python3.12"; exit 1; fi; \
if ! [ -e $(1)/.ready ] || ! $(1)/bin/python -c '' 2>/dev/null; then $$python -m venv --clear $(1); fi
endef

# Where the Python of an environment has gone, the environment is made anew.
$(foreach ready,$(wildcard .venv*/.ready),$(shell $(dir $(ready))bin/python -c '' 2>/dev/null || rm -f $(ready)))

# pip shows its own bar on a terminal, and is quiet in a log.
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
