"""`python -m credit_indices verify`: files, rows and the chain of manifests."""

import json

import duckdb
import pytest

from credit_indices import __main__ as command_line
from credit_indices.pipeline import verify
from credit_indices.pipeline.publish import WAREHOUSE, PublishError, verify_builds

IDS = tuple(f"2026010{day}T000000.000000Z" for day in range(1, 5))


@pytest.fixture
def places(tmp_path):
    """Four publications, the oldest of which was removed; builds and link."""
    builds, link = tmp_path / "builds", tmp_path / "published"
    finished = []
    for number, name in enumerate(IDS):
        build = builds / name
        (build / "parquet").mkdir(parents=True)
        with duckdb.connect(str(build / WAREHOUSE)) as connection:
            connection.execute("create schema marts")
            connection.execute(f"create table marts.x as from range({number + 2})")
            connection.execute(f"copy marts.x to '{build}/parquet/marts.x.parquet'")
        manifest = {
            "build_id": name,
            "rows": {"marts.x": number + 2},
            "warehouse": {"file": WAREHOUSE},
            verify.BEFORE: verify.last_manifest(builds, finished),
            "files": verify.files(build),
        }
        (build / "manifest.json").write_text(json.dumps(manifest))
        verify.keep_manifest(build)
        finished.append(build)
    for path in sorted((builds / IDS[0]).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (builds / IDS[0]).rmdir()
    link.symlink_to(builds / IDS[3])
    return builds, link


def faults(places, noted=None) -> list[str]:
    with pytest.raises(PublishError) as refused:
        verify_builds(*places, noted)
    first, *lines = str(refused.value).splitlines()
    assert first == f"The published files were changed after publication: {len(lines)} fault(s)."
    return lines


def rewrite(path, **changes):
    path.chmod(0o644)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_the_chain_leads_back_to_a_build_that_was_cleared(places, capsys):
    finding = verify_builds(*places)
    assert list(finding.manifests) == list(reversed(IDS))
    assert (finding.n_builds, finding.n_files, finding.n_tables) == (3, 6, 3)
    oldest = finding.manifests[IDS[0]]
    verify_builds(*places, noted=oldest.upper())
    assert f"the chain has 4 manifest(s), from {IDS[0]} to {IDS[3]}" in capsys.readouterr().out
    (line,) = faults(places, noted="0" * 64)
    assert f"No manifest of the chain has the SHA-256 {'0' * 64}" in line


def test_changed_file_is_named_with_its_expected_hash(places):
    builds, _ = places
    (builds / IDS[3] / "parquet" / "marts.x.parquet").write_bytes(b"PAR1")
    (builds / IDS[2] / WAREHOUSE).unlink()
    (builds / IDS[1] / "notes.txt").write_text("hello")
    lines = "\n".join(faults(places))
    changed = builds / IDS[3] / "parquet" / "marts.x.parquet"
    assert f"{changed} was changed: it has 4 bytes and the SHA-256 " in lines
    assert "parquet/marts.x.parquet cannot be counted" in lines
    assert f"{builds / IDS[2] / WAREHOUSE} does not exist, but the manifest lists it" in lines
    assert f"{builds / IDS[1]}/notes.txt is not in the manifest" in lines


def test_changed_manifest_is_found_by_its_successor(places):
    builds, _ = places
    for path in (builds / IDS[1] / "manifest.json", builds / f"{IDS[1]}.manifest.json"):
        rewrite(path, rows={"marts.x": 7})
    lines = "\n".join(faults(places))
    assert f"{builds / IDS[1]}.manifest.json was changed after {IDS[2]} was published" in lines
    assert f"{builds / IDS[1]}: marts.x has 3 rows, the manifest says 7" in lines
    assert "parquet/marts.x.parquet has 3 rows, the manifest says 7" in lines
    # The newest has no successor: its copy, or a noted SHA-256, reveals the change.
    noted = verify.sha256(builds / IDS[3] / "manifest.json")
    rewrite(builds / IDS[3] / "manifest.json", git_commit="other")
    assert f"{builds / IDS[3] / 'manifest.json'} differs from its copy" in "\n".join(faults(places))
    rewrite(builds / f"{IDS[3]}.manifest.json", git_commit="other")
    assert f"No manifest of the chain has the SHA-256 {noted}" in "\n".join(faults(places, noted))


def test_missing_manifest_of_the_chain_is_named(places):
    builds, link = places
    missing = builds / f"{IDS[2]}.manifest.json"
    content = missing.read_bytes()
    missing.unlink()
    lines = "\n".join(faults(places))
    assert f"{missing} does not exist, but the manifest of {IDS[3]} names it" in lines
    missing.write_bytes(content)
    (builds / "20260103T120000.000000Z.manifest.json").write_bytes(content)
    (line,) = faults(places)
    assert "20260103T120000.000000Z.manifest.json is in no later manifest" in line
    (builds / "20260103T120000.000000Z.manifest.json").write_text("{")
    assert any("cannot be read as JSON" in line for line in faults(places))
    (builds / "20260103T120000.000000Z.manifest.json").write_text(
        json.dumps({"build_id": 1, "rows": [], "warehouse": {}, verify.BEFORE: "x"})
    )
    assert any(
        "Z.manifest.json is not a manifest: build_id, rows" in line for line in faults(places)
    )
    link.unlink()
    assert any(f"{link} does not exist, or points nowhere" in line for line in faults(places))


def test_manifests_without_predecessor_begin_the_chain(places):
    builds, link = places
    for path in [*builds.glob("*.manifest.json"), builds / IDS[3] / "manifest.json"]:
        path.unlink()
    legacy = [builds / name for name in IDS[1:3]]
    for build in legacy:
        manifest = json.loads((build / "manifest.json").read_text())
        warehouse = manifest["files"][0]
        assert warehouse["file"] == WAREHOUSE
        manifest = {name: manifest[name] for name in ("build_id", "rows")}
        (build / "manifest.json").write_text(json.dumps(manifest | {"warehouse": warehouse}))
    before = verify.last_manifest(builds, legacy)
    assert before == {
        "build_id": IDS[2],
        "sha256": verify.sha256(legacy[1] / "manifest.json"),
    }
    new = {
        "build_id": IDS[3],
        "rows": {"marts.x": 5},
        "warehouse": {"file": WAREHOUSE},
        verify.BEFORE: before,
        "files": verify.files(builds / IDS[3]),
    }
    (builds / IDS[3] / "manifest.json").write_text(json.dumps(new))
    verify.keep_manifest(builds / IDS[3])
    assert list(verify_builds(builds, link).manifests) == [IDS[3], IDS[2]]


def test_command_returns_1_after_a_change(places, monkeypatch, capsys):
    builds, link = places
    arguments = ["verify", "--builds", str(builds), "--published", str(link)]
    monkeypatch.setattr("sys.argv", ["credit_indices", *arguments])
    assert command_line.main() == 0
    (builds / IDS[3] / WAREHOUSE).write_bytes(b"")
    assert command_line.main() == 1
    assert f"{builds / IDS[3] / WAREHOUSE} was changed: it has 0 bytes" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["credit_indices", "verify", "--builds", str(builds / "no")])
    assert command_line.main() == 1
    assert "nothing was published yet" in capsys.readouterr().err
