"""`python -m credit_indices publish` and `rollback`: what readers see."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import duckdb
import pytest
from conftest import PROJECT

from credit_indices import publish as publishing
from credit_indices.lock import Locked, alone
from credit_indices.publish import PublishError, rollback

IDS = tuple(f"2026010{day}T000000.000000Z" for day in range(1, 6))


@pytest.fixture
def places(tmp_path):
    """Run a command with builds and a published link of its own."""

    def run(command, *arguments) -> subprocess.CompletedProcess:
        environment = os.environ | {
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
        }
        environment.pop("CREDIT_INDICES_DATA_DIR", None)
        return subprocess.run(
            [
                *[sys.executable, "-m", "credit_indices", command],
                *["--builds", str(run.builds), "--published", str(run.link)],
                *map(str, arguments),
            ],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.builds = tmp_path / "builds"
    run.link = tmp_path / "out" / "published"
    return run


def answer(warehouse):
    """The build, and the number of its scores."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute("select build_id, n_scores from marts.build_info").fetchone()


def folders(builds):
    return sorted(path.name for path in builds.iterdir() if path.is_dir())


def test_readers_see_one_build_or_the_other(places, small, tmp_path):
    data = small.write(tmp_path / "data")
    first = places("publish", "--data-dir", data)
    assert first.returncode == 0, first.stdout + first.stderr
    warehouse = places.link / "credit_indices.duckdb"
    (build_id,) = folders(places.builds)
    assert f"Published {warehouse} (build {build_id}," in first.stdout
    assert answer(warehouse)[0] == build_id
    assert "test: 6 scores, 3 units, 2019-2020, user data" in first.stdout
    assert not os.access(warehouse, os.W_OK) or os.geteuid() == 0
    assert warehouse.stat().st_mode & 0o222 == 0

    # Every relation answers under the published name, and the copies hold the same rows.
    manifest = json.loads((places.link / "manifest.json").read_text())
    assert manifest["build_id"] == build_id
    assert manifest["warehouse"]["sha256"] == hashlib.sha256(warehouse.read_bytes()).hexdigest()
    listed = {item["file"]: item["sha256"] for item in manifest["inputs"]}
    observations = data / "observations.csv"
    assert listed[observations.as_posix()] == hashlib.sha256(observations.read_bytes()).hexdigest()
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        relations = connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
        counts = {
            f"{schema}.{name}": connection.execute(
                f'select count(*) from "{schema}"."{name}"'
            ).fetchone()[0]
            for schema, name in relations
        }
        public = {name for name in counts if name.split(".")[0] in ("marts", "quality")}
        assert manifest["rows"] == {name: counts[name] for name in public}
        for name in public:
            file = places.link / "parquet" / f"{name}.parquet"
            assert connection.read_parquet(str(file)).shape[0] == counts[name]
        (storage,) = connection.execute(
            "select tags['storage_version'] from duckdb_databases() where not internal"
        ).fetchone()
    assert storage.startswith("v1.4.0")

    # Nothing in it needs the user's files any more.
    shutil.rmtree(data)
    with duckdb.connect(
        str(warehouse), read_only=True, config={"enable_external_access": "false"}
    ) as connection:
        for schema, name in relations:
            connection.execute(f'select * from "{schema}"."{name}"').fetchall()
        (n_read,) = connection.execute(
            "select count(*) from intermediate.int_observations__read"
        ).fetchone()
        assert n_read == len(small.tables["observations"])

    # It answers under another name and under an alias, and holds what the documents promise.
    assert {schema for schema, _ in relations} == {"marts", "quality", "intermediate"}
    promised = ("cells", "bounds", "standardized", "shares", "entropy", "weights")
    assert {("intermediate", f"int_index__{step}") for step in promised} < set(relations)
    assert not [name for _, name in relations if name.startswith("int_warnings__")]
    renamed = shutil.copy(warehouse, tmp_path / "ci 2026.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{renamed}' as old (read_only)")
        for schema, name in relations:
            connection.execute(f'from old."{schema}"."{name}" limit 1').fetchall()

    # One reader keeps its connection while a leftover is cleared and another build published.
    old = duckdb.connect(str(warehouse), read_only=True)
    before = old.execute("select max(score) from marts.index_scores").fetchone()
    leftover = places.builds / "20200101T000000.000000Z.partial"
    leftover.mkdir()
    (leftover / "credit_indices.duckdb.wal").write_bytes(b"torn")
    others = [places.builds / name for name in ("a_docs", "thesis.partial", IDS[0])]
    for other in others:
        other.mkdir()
    for row in small.tables["observations"]:
        if row["unit_id"] == "a":
            row["value"] = "0.5"
    second = places("publish", "--data-dir", small.write(tmp_path / "other"))
    assert second.returncode == 0, second.stdout + second.stderr
    assert not leftover.exists()
    assert all(other.is_dir() for other in others)
    for other in others:
        other.rmdir()
    assert folders(places.builds)[0] == build_id
    newest = folders(places.builds)[1]
    assert old.execute("select max(score) from marts.index_scores").fetchone() == before
    old.close()
    assert answer(warehouse)[0] == newest

    # A build that fails changes nothing, and its evidence stays.
    small.tables["index_indicators"][0]["direction"] = "0"
    failed = places("publish", "--data-dir", small.write(tmp_path / "bad"))
    assert failed.returncode == 1
    assert "direction '0' must be 1" in failed.stdout + failed.stderr
    assert f"{places.link} still is build {newest}." in failed.stderr
    assert answer(warehouse)[0] == newest
    (evidence,) = places.builds.glob("*.partial/work/credit_indices.duckdb")
    assert str(evidence) in failed.stderr

    back = places("rollback")
    assert back.returncode == 0
    assert f"Published {build_id} again, in place of {newest}." in back.stdout
    assert answer(warehouse)[0] == build_id


def some_builds(places, *names):
    """Builds, each published in place of the one before it."""
    for before, name in zip([None, *names], names, strict=False):
        (places.builds / name).mkdir(parents=True)
        (places.builds / name / "credit_indices.duckdb").touch()
        (places.builds / name / "manifest.json").write_text(json.dumps({"previous": before}))
    places.link.parent.mkdir(exist_ok=True)
    places.link.symlink_to(places.builds / names[-1])


def test_rollback_goes_back_one_build_or_to_the_one_named(places):
    first, second, third, fourth, _ = IDS
    some_builds(places, first, second, third)
    assert rollback(None, places.builds, places.link).name == second
    assert places.link.resolve().name == second
    assert rollback(None, places.builds, places.link).name == first
    with pytest.raises(PublishError, match=f"No build before {first} is kept; .* has {first}, "):
        rollback(None, places.builds, places.link)
    assert rollback(third, places.builds, places.link).name == third
    with pytest.raises(PublishError, match=f"There is no build {fourth}; .* has {first}, "):
        rollback(fourth, places.builds, places.link)
    assert places.link.resolve().name == third


def test_rollback_skips_a_build_that_was_rolled_back_before(places):
    first, bad, third, *_ = IDS
    some_builds(places, first, bad, third)
    manifest = places.builds / third / "manifest.json"
    manifest.write_text(json.dumps({"previous": first}))  # published after a rollback to `first`
    assert rollback(None, places.builds, places.link).name == first


def test_old_builds_are_cleared_but_those_that_a_rollback_leads_to(places):
    some_builds(places, *IDS)
    (places.builds / IDS[4] / "manifest.json").write_text(json.dumps({"previous": IDS[0]}))
    publishing._clear_old(places.builds, places.builds / IDS[4])
    assert folders(places.builds) == [IDS[0], *IDS[2:]]
    shutil.rmtree(places.builds / IDS[0])
    with pytest.raises(PublishError, match=f"No build before {IDS[4]} is kept"):
        rollback(None, places.builds, places.link)


def test_a_build_without_its_warehouse_is_not_published(places):
    some_builds(places, *IDS[:2])
    (places.builds / IDS[0] / "credit_indices.duckdb").unlink()
    with pytest.raises(PublishError, match=f"is not there; .* still is build {IDS[1]}"):
        rollback(None, places.builds, places.link)
    assert places.link.resolve().name == IDS[1]


def test_the_link_leads_to_the_build_where_its_folder_is_a_link(places, tmp_path):
    deep = tmp_path / "some" / "where" / "deep"
    deep.mkdir(parents=True)
    places.link.parent.symlink_to(deep)
    some_builds(places, *IDS[:2])
    rollback(None, places.builds, places.link)
    assert (deep / "published" / "credit_indices.duckdb").is_file()
    assert (places.link / "credit_indices.duckdb").is_file()


def test_rollback_without_builds_or_a_place_says_so(places):
    with pytest.raises(PublishError, match=r"No build before the first is kept; .* has none"):
        rollback(None, places.builds, places.link)
    places.link.mkdir(parents=True)
    with pytest.raises(PublishError, match="is in the way: expected a symbolic link"):
        rollback(None, places.builds, places.link)
    places.link.rmdir()
    found = places("rollback", "--builds", "/proc/none")
    assert found.returncode == 1
    assert "/proc/none: No such file or directory; nothing was published." in found.stderr
    assert "Traceback" not in found.stderr


def test_whom_the_lock_was_given_to_holds_it_when_its_owner_is_gone(tmp_path):
    path = tmp_path / "lock"
    with alone(path) as lock:
        heir = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock])
    with heir:
        with pytest.raises(Locked) as refused, alone(path):
            pass
        assert refused.value.holder == str(os.getpid())
        heir.stdin.close()
    with alone(path):
        pass


def test_what_cannot_be_published_to_is_said_before_anything_is_built(places, tmp_path):
    places.link.mkdir(parents=True)
    found = places("publish")
    assert found.returncode == 1
    assert f"{places.link} is in the way: expected a symbolic link" in found.stderr
    places.link.rmdir()

    found = places("publish", "--data-dir", tmp_path / "nowhere")
    assert found.returncode == 1
    assert "nowhere" in found.stderr
    assert "Traceback" not in found.stderr

    places.builds.mkdir(exist_ok=True)
    holder = (
        "import sys, pathlib; from credit_indices.lock import alone\n"
        "with alone(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(places.builds / ".lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        found = places("publish")
        assert found.returncode == 1
        assert f"Another publication is running (process {process.pid})" in found.stderr
        process.stdin.close()
    shutil.rmtree(places.builds)
    places.builds.write_text("a file")
    found = places("publish")
    assert found.returncode == 1
    assert f"{places.builds}" in found.stderr
    assert "nothing was published." in found.stderr
    assert "Traceback" not in found.stderr


def test_a_publication_outside_the_project_says_where_to_go(tmp_path):
    found = subprocess.run(
        [sys.executable, "-m", "credit_indices", "publish"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert "is not the folder of the project: it has no dbt_project.yml" in found.stderr
    assert list(tmp_path.iterdir()) == []
