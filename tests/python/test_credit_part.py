"""The part credit_models runs only if it is named, and publishes nothing about a single loan."""

import os
import shutil
import subprocess
import sys

import credit_folder as folder
import duckdb
import pytest
from conftest import PROJECT, DataDir
from credit_folder import KEY, Warehouses

from credit_indices.pipeline import enterprise_codes, parts, publish, published_file

LOAN_TABLES = {"loans", "loan_features", "loan_features_wide", "credit_features", "credit_models"}


def is_credit(node) -> bool:
    """Whether a node belongs to the part, by its place or name."""
    words = {*node.fqn, node.name}
    return bool(words & {"credit", "loans"}) or any(
        table in node.name for table in (*LOAN_TABLES, "scorecard")
    )


@pytest.fixture(scope="module")
def manifest(project):
    return project.parse()


@pytest.fixture(scope="module")
def nodes(manifest):
    def of(chosen, tables=frozenset()):
        found = parts.nodes(manifest, parts.with_needed(manifest, chosen), set(tables))
        return {manifest.nodes[code].name for code in found if is_credit(manifest.nodes[code])}

    return of


def test_part_runs_only_if_named(nodes):
    known = parts.known()
    named = nodes(["credit_models"])
    assert {"credit_model_results", "credit_scores", "int_credit__gate", "synthetic_loans"} <= named
    assert len(named) > 25
    folders = ((), LOAN_TABLES, {"observations", "loans"}, {"enterprises"})
    for tables in folders:
        chosen = parts.selected(known, set(tables))
        assert "credit_models" not in chosen
        # Marts that always run may read the part: then they read the empty marts.
        assert nodes(chosen, tables) == set(), tables


def test_no_other_part_needs_it(manifest):
    for part in set(parts.known()) - {"credit_models", "replication"}:
        assert "credit_models" not in parts.with_needed(manifest, [part])


IMPORT_ALL = """
import importlib, pkgutil, sys, warnings
warnings.simplefilter("ignore")
import credit_indices
for module in pkgutil.walk_packages(credit_indices.__path__, "credit_indices."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
assert "credit_indices.stats.credit.results" in sys.modules
print([name for name in ("lightgbm", "statsmodels", "sklearn") if name in sys.modules])
"""


def test_no_module_imports_the_learners():
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr


@pytest.fixture(scope="module")
def data():
    made = folder.planted(1_500)
    for table in (made.loans, made.features):
        table["loan_id"] = "PERSON" + table.loan_id
    models = [
        {"model_code": "card", "learner": "scorecard"},
        {"model_code": "few", "train_until": "2015-02-28", "learner": "scorecard"},
        {"model_code": "leak", "features": "debt future", "learner": "scorecard"},
    ]
    tables = folder.index_tables() | made.tables(models)
    tables["loan_features"] += [
        row | {"feature": "future", "known_at": "2030-01-01"} for row in tables["loan_features"][:9]
    ]
    tables["loans"][5]["amount"] = "0"
    tables["loan_features"][7]["source"] = "PERSONAL"
    return DataDir(tables)


SHIM = "raise ImportError('lightgbm was imported')\n"


@pytest.fixture(scope="module")
def command(tmp_path_factory, data):
    """Run a command on the folder with a lightgbm that cannot be imported."""
    place = tmp_path_factory.mktemp("command")
    (place / "shim").mkdir()
    (place / "shim" / "lightgbm.py").write_text(SHIM)
    written = data.write(place / "data")
    python_path = os.pathsep.join([str(place / "shim"), os.environ.get("PYTHONPATH", "")])

    def run(*arguments):
        environment = os.environ | {
            "PYTHONPATH": python_path,
            "CREDIT_INDICES_DB": str(place / "credit_indices.duckdb"),
            "DBT_TARGET_PATH": str(place / "target"),
            "DBT_LOG_PATH": str(place / "logs"),
            enterprise_codes.KEY_VARIABLE: KEY,
        }
        for name in ("CREDIT_INDICES_DATA_DIR", "CREDIT_INDICES_PARTS"):
            environment.pop(name, None)
        return subprocess.run(
            [sys.executable, "-m", "credit_indices", *arguments, "--data-dir", str(written)],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
        )

    run.warehouse = place / "credit_indices.duckdb"
    return run


@pytest.mark.slow
def test_check_of_loans_imports_no_learner(command):
    done = command("check")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_build_leaves_the_marts_empty_with_their_types(command, manifest):
    done = command("build")
    assert done.returncode == 0, done.stderr
    assert "Left empty: coverage, credit_models" in done.stdout
    marts = [
        node
        for node in manifest.nodes.values()
        if node.resource_type == "model" and "credit_models" in node.tags
    ]
    assert len(marts) > 10
    with duckdb.connect(str(command.warehouse), read_only=True) as connection:
        for node in marts:
            relation = f'"{node.schema}"."{node.name}"'
            columns = connection.execute(f"describe {relation}").fetchall()
            assert [(name, kind.lower()) for name, kind, *_ in columns] == [
                (column.name, column.data_type) for column in node.columns.values()
            ]
            assert connection.execute(f"select count(*) from {relation}").fetchone() == (0,)
        made = connection.execute(
            "select table_name from duckdb_tables() where table_name like 'int_credit%' "
            "or table_name like 'synthetic_loan%'"
        ).fetchall()
    assert made == []


@pytest.fixture(scope="module")
def built(runner, seeded_warehouse, tmp_path_factory, data):
    warehouses = Warehouses(runner, seeded_warehouse, tmp_path_factory.mktemp("credit"))
    built = warehouses.build(data)
    assert built.succeeded, built.message
    return built


def texts_outside(connection, hidden):
    """Yield every column of text outside the schemas `hidden`, as a relation and an expression."""
    columns = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where data_type = 'VARCHAR' and not internal and schema_name not in "
        f"({', '.join(repr(name) for name in hidden)})"
    ).fetchall()
    for schema, table, column in columns:
        yield f'"{schema}"."{table}"', f'"{column}"'


def test_loan_ids_stay_in_the_schema_restricted(built):
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        inside = "select count(*) from restricted.int_credit__loans where loan_id like 'PERSON%'"
        assert connection.execute(inside).fetchone() == (1_499,)
        columns = list(texts_outside(connection, ["restricted"]))
        assert len(columns) > 100
        for relation, column in columns:
            query = f"select count(*) from {relation} where contains({column}, 'PERSON')"
            assert connection.execute(query).fetchone() == (0,), (relation, column)


def test_publication_has_no_row_of_a_loan(built, tmp_path):
    work, copy = tmp_path / "work" / "credit_indices.duckdb", tmp_path / "credit_indices.duckdb"
    work.parent.mkdir()
    shutil.copy(built.warehouse, work)
    published_file.write(work, copy, ())
    rows = publish._write_parquet(copy, tmp_path / "parquet")
    names = {
        "marts.credit_model_fits",
        "marts.credit_model_performance",
        "marts.scorecard_points",
        "quality.quarantined_loans",
    }
    assert names <= rows.keys()
    # The loan, its features, which are then of no valid loan, and the source.
    assert rows["quality.quarantined_loans"] > 1
    assert not [name for name in rows if "scores" in name or "reasons" in name]
    with duckdb.connect(str(copy), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() union all "
            "select schema_name || '.' || view_name from duckdb_views() where not internal"
        ).fetchall()
        assert not [name for (name,) in tables if name.startswith(("restricted.", "state."))]
        assert not [name for (name,) in tables if "loan" in name and "quarantined" not in name]
        for relation, column in texts_outside(connection, ["information_schema"]):
            query = f"select count(*) from {relation} where contains({column}, 'PERSON')"
            assert connection.execute(query).fetchone() == (0,), (relation, column)
    for file in tmp_path.rglob("*"):
        assert file == work or not file.is_file() or b"PERSON" not in file.read_bytes(), file


def test_groups_of_few_loans_are_suppressed(built):
    """Published counts of loans, defaults and paid loans are at least the smallest cell."""
    smallest = 5
    for mart in ("scorecard_points", "credit_model_groups"):
        few = built.query(f"""
            select * from marts.{mart}
            where least(n_loans, n_defaults, n_loans - n_defaults) < {smallest}
        """)
        assert few == []


@pytest.mark.parametrize(
    ("file", "is_personal"),
    [
        ("loans.csv", True),
        ("loans.parquet", True),
        ("loan_features.csv", True),
        ("loan_features_wide.csv", True),
        ("enterprise_links.csv", True),
        ("seeds/enterprises/synthetic_enterprise_links.csv", True),
        ("seeds/loans/synthetic_loans.csv", True),
        ("credit_models.csv", False),
        ("credit_features.csv", False),
        ("observations.csv", False),
    ],
)
def test_manifest_omits_hashes_of_loans(file, is_personal):
    assert publish._is_personal(file) == is_personal


def test_marts_by_loan_are_restricted(manifest):
    by_loan = {
        node.name: node.schema
        for node in manifest.nodes.values()
        if node.resource_type == "model" and "loan_key" in node.columns
    }
    assert {"credit_scores", "credit_score_reasons", "int_credit__frame"} <= by_loan.keys()
    assert set(by_loan.values()) == {"restricted"}
