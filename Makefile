# Everything runs in .venv, which the first command makes from the pins in requirements.txt.
VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
BENCH_READY := .venv-bench/.ready
OLD_READY := .venv-duckdb-1.4/.ready
BI_PYTHON := .venv-bi/bin/python
BI_READY := .venv-bi/.ready
BI_TEST_READY := .venv-bi/.ready-test

ifdef DATA_DIR
export CREDIT_INDICES_DATA_DIR := $(DATA_DIR)
endif
ifdef VARS
export CREDIT_INDICES_VARS := $(VARS)
endif
ifdef FULL_REFRESH
export FULL_REFRESH
endif
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help build publish rollback bi bi-test test docs bench reliability seeds ahp-sheet tables workbook audit lint clean ingest

help: ## What there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'
	@echo
	@echo "  DATA_DIR=folder       your own figures instead of the shipped ones (see README.md)"
	@echo "  VARS='{name: value}'  variables of the dbt project instead of those in dbt_project.yml"
	@echo "  FULL_REFRESH=1        forget the events of earlier builds from the folder"
	@echo "  CREDIT_INDICES_DB=f   the warehouse file (default warehouse/credit_indices.duckdb)"
	@echo "  CREDIT_INDICES_MEMORY_LIMIT, CREDIT_INDICES_TEMP_DIRECTORY, CREDIT_INDICES_THREADS: DuckDB's settings"

build: $(READY) ## Build the warehouse (DATA_DIR=folder for your own figures)
	@$(PYTHON) -m credit_indices build

publish: $(READY) ## Build, run every test, and make it what readers open in published/
	@$(PYTHON) -m credit_indices publish

rollback: $(READY) ## Publish the build before (BUILD=id for another of warehouse/builds)
	@$(PYTHON) -m credit_indices rollback --build "$(BUILD)"

# In an environment of their own, of about 1 GB, that nothing else needs.
bi: ## Dashboards of what is published, on 127.0.0.1 (PORT=8088)
	@test -f published/credit_indices.duckdb || \
		{ echo "published/credit_indices.duckdb is not there. Run make publish first."; exit 1; }
	@python3 bi/alone.py $(MAKE) --no-print-directory $(BI_READY)
	@$(BI_PYTHON) bi/serve.py --port $(or $(PORT),8088)

bi-test: $(BI_TEST_READY) ## The dashboards in a browser (needs chromium); not part of make test
	PYTHONPATH=src $(BI_PYTHON) -m pytest -c tests/bi/pytest.ini tests/bi

# In a warehouse of its own and on the shipped data, so that a test run changes nobody's warehouse.
test: $(READY) lint ## Everything that CI runs: linters, dbt's unit and data tests, pytest
	@mkdir -p warehouse/test
	CREDIT_INDICES_DB=warehouse/test/credit_indices.duckdb CREDIT_INDICES_DATA_DIR= \
		CREDIT_INDICES_DATA_DOCS=target/test/data_docs \
		$(VENV)/bin/dbt build --target-path target/test --log-level warn
	$(PYTHON) -m pytest

lint: $(READY)
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/ruff format --quiet --check .
	$(VENV)/bin/sqlfluff lint --disable-progress-bar --processes 2 models tests/singular

docs: $(READY) ## The documentation site of all models and columns, in target/static_index.html
	$(VENV)/bin/dbt docs generate --static --quiet
	@echo "Open target/static_index.html"

# Where pyfixest cannot be installed, the others are compared without it.
bench: $(READY) ## Time the index engine and the panel regressions beside other packages
	-@$(MAKE) --no-print-directory $(BENCH_READY)
	$(PYTHON) benchmarks/index_engine.py
	$(PYTHON) benchmarks/panel_regressions.py

# Where DuckDB 1.4 cannot be installed, its reader is left out.
reliability: $(READY) ## Publish while killed, read and short of space; count what readers saw
	-@$(MAKE) --no-print-directory $(OLD_READY)
	$(PYTHON) benchmarks/reliability.py

seeds: $(READY) ## Make the synthetic raw seeds anew (the same bytes each time)
	$(PYTHON) -m credit_indices.synthetic_data --out seeds/raw
	$(PYTHON) -m credit_indices.synthetic_cei --out-raw seeds/raw --out-catalog seeds/catalog
	$(PYTHON) -m credit_indices.synthetic_enterprises --out seeds/enterprises

ahp-sheet: $(READY) ## The questions of an AHP survey as CSV (INDEX=code EXPERT=name OUT=file)
	@$(PYTHON) -m credit_indices ahp-sheet --index "$(INDEX)" --expert "$(EXPERT)" --out "$(OUT)"

ingest: $(READY) ## Files as people have them into a data folder (FROM=path TO=folder YEARS=2011-2020)
	@$(PYTHON) -m credit_indices ingest --from "$(FROM)" --to "$(TO)" --years "$(YEARS)" \
		--encoding "$(ENCODING)"

tables: $(READY) ## Tables for papers: LaTeX, HTML, Markdown, CSV (OUT=folder, default tables)
	@$(PYTHON) -m credit_indices tables --out "$(or $(OUT),tables)"

workbook: $(READY) ## The published tables for Excel (OUT=file, default credit_indices.xlsx)
	@$(PYTHON) -m credit_indices workbook --out "$(or $(OUT),credit_indices.xlsx)"

audit: $(READY) ## The audit of the published claims from the warehouse, docs/methods/audit.md
	@$(PYTHON) -m credit_indices audit --out docs/methods/audit.md

clean: ## Remove what builds leave behind, the warehouse excepted
	rm -rf target logs warehouse/candidate warehouse/test

$(READY): requirements.txt pyproject.toml
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(OLD_READY):
	python3 -m venv .venv-duckdb-1.4
	.venv-duckdb-1.4/bin/python -m pip install --quiet --disable-pip-version-check "duckdb==1.4.*"
	@touch $@

$(BI_READY): bi/requirements.txt
	python3 -m venv .venv-bi
	$(BI_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(BI_TEST_READY): tests/bi/requirements.txt $(BI_READY)
	$(BI_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(BENCH_READY): benchmarks/requirements.txt
	python3 -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
