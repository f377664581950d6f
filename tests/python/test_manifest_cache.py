"""The cached manifest is used only for the same project and settings."""

import copy
import os
import pickle
import shutil

import pytest
from conftest import PROJECT

from credit_indices.pipeline import manifest_cache
from credit_indices.pipeline.project_files import READ_BY_DBT

DATABASE = "credit_indices"


@pytest.fixture(scope="module")
def manifest(project):
    """A manifest that no run has used: dbt adds a run's environment variables to it."""
    project.parse()
    return manifest_cache.load_or_parse(PROJECT, DATABASE, "", project.parse)[0]


@pytest.fixture
def copied(tmp_path):
    """A copy of the project files that dbt reads, without data."""
    for name in READ_BY_DBT:
        source, target = PROJECT / name, tmp_path / "copied" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(
                source, target, ignore=shutil.ignore_patterns("raw", "*.py", "__pycache__")
            )
        elif source.is_file():
            shutil.copy(source, target)
    return tmp_path / "copied"


@pytest.fixture
def ask(copied, manifest):
    """Load the manifest of the copy; return whether it was cached."""

    def run(database=DATABASE, variables="") -> bool:
        found, was_cached = manifest_cache.load_or_parse(
            copied, database, variables, lambda: manifest
        )
        assert found.nodes.keys() == manifest.nodes.keys()
        return was_cached

    return run


def test_manifest_is_cached_until_something_changes(ask, copied, monkeypatch):
    assert (ask(), ask()) == (False, True)
    assert not ask(variables="{jump_factor: 3}")
    assert not ask(database="other")
    monkeypatch.setenv("DBT_TARGET", "prod")
    assert not ask()
    monkeypatch.delenv("DBT_TARGET")
    monkeypatch.setenv("DBT_LOG_PATH", "elsewhere")
    assert ask()
    for name in (
        "macros/warehouse/sql_text.sql",
        "models/marts/index/index_scores.sql",
        "models/marts/index/_index__models.yml",
        "python_models/pca/pca_results.py",
        "seeds/catalog/units.csv",
        "profiles/profiles.yml",
        "dbt_project.yml",
    ):
        with (copied / name).open("a") as file:
            file.write(" \n")
        assert (ask(), ask()) == (False, True), name


def test_damaged_manifest_is_parsed_again(ask, copied):
    ask()
    (path,) = (copied / manifest_cache.FOLDER).iterdir()
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"no pickle", pickle.dumps({"nodes": {}})):
        path.write_bytes(content)
        assert (ask(), ask()) == (False, True)


def test_manifest_depends_on_parse_time_variables(copied, manifest, monkeypatch):
    monkeypatch.setenv("SOME_SWITCH", "on")
    read = copy.copy(manifest)
    read.env_vars = {"SOME_SWITCH": "on"}
    for value, is_cached in (("on", False), ("on", True), ("off", False)):
        monkeypatch.setenv("SOME_SWITCH", value)
        assert manifest_cache.load_or_parse(copied, DATABASE, "", lambda: read)[1] is is_cached


def test_the_oldest_manifests_are_cleared(ask, copied):
    known = set()
    for number in range(manifest_cache.NEWEST + 2):
        ask(database=f"db{number}")
        for path in set((copied / manifest_cache.FOLDER).iterdir()) - known:
            os.utime(path, (number, number))
            known.add(path)
    assert len(list((copied / manifest_cache.FOLDER).iterdir())) == manifest_cache.NEWEST
    assert ask(database=f"db{manifest_cache.NEWEST + 1}")
    assert not ask(database="db0")


def test_unwritable_folder_is_parsed_each_time(ask, copied):
    (copied / "target").write_text("in the way")
    assert (ask(), ask()) == (False, False)
