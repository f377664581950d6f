"""`python -m credit_indices publish` and `rollback`, from a reader's view."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys

import duckdb
import pandas as pd
import pytest
from conftest import PROJECT

from credit_indices.pipeline import publish as publishing
from credit_indices.pipeline.enterprise_codes import check_character, comparable
from credit_indices.pipeline.lock import Locked, hold
from credit_indices.pipeline.publish import PublishError, rollback

pytestmark = pytest.mark.slow

IDS = tuple(f"2026010{day}T000000.000000Z" for day in range(1, 6))


@pytest.fixture
def places(tmp_path):
    """Run a command with separate builds and a separate published link."""

    def run(command, *arguments) -> subprocess.CompletedProcess:
        environment = os.environ | {
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
            "CREDIT_INDICES_PSEUDONYM_KEY": "a long key for tests",
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


ORGANISATIONS = ("KB38B27B0", "WNBDM6ED6", "D5GE447U1", "7UJ8WX5GQ", "A462MB6FU", "TMU3987TX")


def write_hostile(small, folder):
    """Write a folder with ids and names of enterprises in every text field."""
    codes = [body + check_character(body) for body in (f"91000000{code}" for code in ORGANISATIONS)]
    a, b, c, d, e, f = codes
    names = [f"Firma{number:02d} Ltd" for number in range(6)]
    wide = "".join(chr(ord(character) + 0xFEE0) for character in c)
    enterprises = "enterprise_id,name,province_code,city,industry,registered_capital\n" + "".join(
        f"{code},{name},{province},Somewhere,{name},1000\n"
        for code, name, province in zip(codes, names, [*"aaaa", names[4], f], strict=True)
    )
    enterprises += f"{a.lower()},{names[0]},a,x,y,1000\n{f}x,某某水果店,a,x,y,{f}\n"
    late = "2020-01-15 09:00:00,2020-01-15 10:00:00"
    # Ids of events that name their own or another enterprise: used, as evidence of a warning.
    accepted = [
        (f"case-{a.lower()}", a),
        (f"{b[:9]} {b[9:]}", b),
        (f"case-{c[8:17]}", c),
        (f"case {names[3].upper()}", d),
        (wide, d),
        (f"{a[:4]}-{a[4:]}, {b}", c),
        ("某某果店", d),
    ]
    lines = [
        f'"{event}",{code},{late},breach_execution,,,,,,{names[0]}' for event, code in accepted
    ]
    lines += [
        f"q1,{e},{late},lawsuit,{e},,,,,",
        f"q2,{f},{late},{f},,,,,,",
        f"q3,某某果店,{late},breach_execution,,,,,,",
        f"q4,某某水果店,{late},{names[1]},,,,,,",
        f"q5,{a},{names[2]},2020-01-15 10:00:00,breach_execution,,,,,,",
        f"q6,{a},{late},capital_flow,,{a[8:17]},,,,",
        f"q7,{a},{late},tax_underpayment,,,{b[8:17]},,,",
        f"q8,{a},{late},negative_opinion,,,,{names[3]},,",
        f"q9,{a},{late},repair_decision,,,,,{names[1]},",
        f"q10,{b.lower()},{late},breach_execution,,,,,,",
        f",{names[5]},{late},breach_execution,,,,,,",
        f"case-{a.lower()},{a},2020-01-15 09:00:00,2020-02-15 10:00:00,breach_execution,,,,,,{b}",
    ]
    header = (
        "event_id,enterprise_id,occurred_at,recorded_at,event_type,role,amount,ratio,count,result,"
        "note"
    )
    events = pd.read_csv(io.StringIO("\n".join([header, *lines])), dtype=str)
    events[names[2]] = f"about {a}"  # an unknown column
    events = events.astype("string")
    folder.mkdir()
    for part, frame in {
        f"company={names[0]}/{a}.parquet": events.iloc[:3],
        f"{b[8:17]}.parquet": events.iloc[3:9],
        "day=2020-01-15/part-0.parquet": events.iloc[9:],
    }.items():
        path = folder / "enterprise_events" / part
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path, index=False)
    consents = [f"{code},judicial,2018-12-01 09:00:00,,x" for code in codes]
    consents += [f"{a},{names[1]},2018-12-01 09:00:00,,x", f"{b[:-1]},tax,{names[1]},{b},x"]
    header = f"enterprise_id,data_class,granted_at,withdrawn_at,{names[1]}"
    small.files = {
        "enterprises.csv": enterprises.encode(),
        "enterprise_consents.csv": "\n".join([header, *consents, ""]).encode(),
        f".{names[0]}.csv": b"not read",
    }
    small.write(folder)
    small.files = {}
    return folder, [*codes, *ORGANISATIONS, *names, "某某果店", "某某水果店"]


def find_names(folder, names):
    """Files that contain one of the names, in their raw bytes or in normalised texts."""
    wide = [name.translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)}) for name in names]
    spellings = {name.lower().encode() for name in [*names, *wide]}
    normal = [comparable(name) for name in names]
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        raw = path.read_bytes().lower()
        found += [(path.name, text) for text in spellings if text in raw]
        texts = set()
        opened = {"database": str(path), "read_only": True} if path.suffix == ".duckdb" else {}
        with duckdb.connect(**opened) as connection:
            relations = []
            if path.suffix == ".parquet":
                relations = [f"read_parquet('{path}')"]
            elif opened:
                relations = [
                    f'"{schema}"."{name}"'
                    for schema, name in connection.execute(
                        "select table_schema, table_name from information_schema.tables"
                    ).fetchall()
                ]
                texts |= {
                    sql
                    for (sql,) in connection.execute(
                        "select sql from duckdb_views() where not internal"
                    ).fetchall()
                }
            for relation in relations:
                for column, kind, *_ in connection.execute(f"describe from {relation}").fetchall():
                    if kind == "VARCHAR":
                        texts |= {
                            text
                            for (text,) in connection.execute(
                                f'select distinct "{column}" from {relation} '
                                f'where "{column}" is not null'
                            ).fetchall()
                        }
        found += [
            (path.name, text)
            for text in map(comparable, filter(None, texts))
            if any(name in text for name in normal)
        ]
    return found


def test_readers_see_exactly_one_build(places, small, tmp_path):
    data, names = write_hostile(small, tmp_path / "data of FIRMA 03-LTD")
    first = places("publish", "--data-dir", data)
    assert first.returncode == 0, first.stdout + first.stderr
    warehouse = places.link / "credit_indices.duckdb"
    (build_id,) = folders(places.builds)
    assert f"Published {warehouse} (build {build_id}," in first.stdout
    made = "Parts: index, credit_models, cross_check, neighbours, panel, policy, replication, "
    assert made in first.stdout
    assert "  Copied the public tables (" in first.stdout
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
    assert listed["observations.csv"] == hashlib.sha256(observations.read_bytes()).hexdigest()
    assert not [name for name in listed if "enterprise" in name or name.startswith(("/", "."))]
    assert manifest["source"] == "the data in a folder of the user"
    assert manifest["manifest_before"] is None

    # Hostile records are used under keys or quarantined; nothing published names anybody.
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        evidence = connection.execute("select evidence from marts.enterprise_warnings").fetchall()
        quarantined = connection.execute("from quality.quarantined_events").fetchall()
        columns = connection.execute(
            "select column_name from quality.input_warnings where rule = 'extra_column' order by 1"
        ).fetchall()
    keys = [key for (keys,) in evidence for key in keys.split(", ")]
    assert len(keys) == 7 and all(re.fullmatch("[0-9a-f]{24}", key) for key in keys)
    assert len(quarantined) == 18 and {row[3] for row in quarantined} == {None}
    # The second file is in the folder of a company, the third in that of a day.
    assert {row[0] for row in quarantined} == {
        *("enterprises.csv", "enterprise_consents.csv", "enterprise_events/file 1"),
        "enterprise_events/day=2020-01-15/part-0.parquet",
    }
    assert columns == [("column 12",), ("column 5",)]
    found = find_names(places.link.resolve(), names)
    assert found == []
    for path in places.link.resolve().rglob("*"):
        assert path.is_dir() or str(tmp_path).encode() not in path.read_bytes(), path
        assert path.stat().st_mode & 0o044 == 0o044, path
    assert places.link.resolve().stat().st_mode & 0o055 == 0o055
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

    # It no longer depends on the user's files.
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

    # It works under another name and under an alias, and holds the documented steps.
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
    verified = places("verify")
    assert verified.returncode == 0, verified.stderr
    assert "the chain has 2 manifest(s)" in verified.stdout
    assert verified.stdout.splitlines()[-1].split()[-1] in second.stdout
    assert old.execute("select max(score) from marts.index_scores").fetchone() == before
    old.close()
    assert answer(warehouse)[0] == newest

    # Input with a fault is not built.
    members = small.tables["index_indicators"]
    members[0]["direction"] = "0"
    failed = places("publish", "--data-dir", small.write(tmp_path / "bad"))
    assert failed.returncode == 1
    assert "direction '0' must be 1" in failed.stderr
    assert f"{places.link} is still build {newest}." in failed.stderr
    assert not list(places.builds.glob("*.partial"))

    # A failed build changes nothing, and its evidence is kept.
    members[0]["direction"] = "1"
    small.tables["indicators"][0]["lower_bound"] = ""
    small.tables["observations"][3]["value"] = "-999"
    failed = places("publish", "--data-dir", small.write(tmp_path / "bad"))
    assert failed.returncode == 1
    assert "1 value is a code for a missing one" in failed.stdout
    assert f"{places.link} is still build {newest}." in failed.stderr
    assert answer(warehouse)[0] == newest
    (evidence,) = places.builds.glob("*.partial/work/credit_indices.duckdb")
    assert str(evidence) in failed.stderr
    assert evidence.parents[1].stat().st_mode & 0o077 == 0

    back = places("rollback")
    assert back.returncode == 0
    assert f"Published {build_id} again, in place of {newest}." in back.stdout
    assert answer(warehouse)[0] == build_id


def some_builds(places, *names):
    """Builds, each published after the previous one."""
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


def test_old_builds_are_removed_unless_rollback_needs_them(places):
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
    with pytest.raises(PublishError, match=f"does not exist; .* is still build {IDS[1]}"):
        rollback(None, places.builds, places.link)
    assert places.link.resolve().name == IDS[1]


def test_link_works_if_its_folder_is_a_link(places, tmp_path):
    deep = tmp_path / "some" / "where" / "deep"
    deep.mkdir(parents=True)
    places.link.parent.symlink_to(deep)
    some_builds(places, *IDS[:2])
    rollback(None, places.builds, places.link)
    assert (deep / "published" / "credit_indices.duckdb").is_file()
    assert (places.link / "credit_indices.duckdb").is_file()


def test_rollback_without_builds_or_a_place_is_refused(places):
    with pytest.raises(PublishError, match=r"No build before the first is kept; .* has none"):
        rollback(None, places.builds, places.link)
    places.link.mkdir(parents=True)
    with pytest.raises(PublishError, match="is not a symbolic link to a build"):
        rollback(None, places.builds, places.link)
    places.link.rmdir()
    found = places("rollback", "--builds", "/proc/none")
    assert found.returncode == 1
    assert "/proc/none: No such file or directory; nothing was published." in found.stderr
    assert "Traceback" not in found.stderr


def test_inherited_lock_outlives_its_owner(tmp_path):
    path = tmp_path / "lock"
    with hold(path) as lock:
        heir = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock])
    with heir:
        with pytest.raises(Locked) as refused, hold(path):
            pass
        assert refused.value.holder == str(os.getpid())
        heir.stdin.close()
    with hold(path):
        pass


def test_publication_refuses_selected_parts(places, monkeypatch):
    monkeypatch.setenv("CREDIT_INDICES_PARTS", "index")
    found = places("publish")
    assert found.returncode == 1
    assert "builds every part, but CREDIT_INDICES_PARTS is 'index'. Unset it" in found.stderr
    assert not places.builds.exists()


def test_unwritable_places_are_refused_before_a_build(places, tmp_path):
    places.link.mkdir(parents=True)
    found = places("publish")
    assert found.returncode == 1
    assert f"{places.link} is not a symbolic link to a build" in found.stderr
    places.link.rmdir()

    found = places("publish", "--data-dir", tmp_path / "nowhere")
    assert found.returncode == 1
    assert "nowhere" in found.stderr
    assert "Traceback" not in found.stderr

    places.builds.mkdir(exist_ok=True)
    holder = (
        "import sys, pathlib; from credit_indices.pipeline.lock import hold\n"
        "with hold(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
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


def test_publication_outside_the_project_is_refused(tmp_path):
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
