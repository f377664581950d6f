"""Verify by a chain of manifests that published files are unchanged.

Every manifest holds the SHA-256 of each file of its build, and of the previous manifest. A copy of
each, `<id>.manifest.json`, is kept beside the builds when its build is removed, so the chain leads
back to the first publication. To change a file or manifest undetected, all later manifests must be
changed too. A user who noted the SHA-256 of one of these (printed by publication) can detect that.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

MANIFEST = "manifest.json"
COPY = ".manifest.json"
BEFORE = "manifest_before"


@dataclass
class Finding:
    """Result of a verification: counts of checked objects, and a message per fault."""

    faults: list[str] = field(default_factory=list)
    manifests: dict[str, str] = field(default_factory=dict)
    """SHA-256 by build, the newest first, of the manifests in the chain."""
    n_builds: int = 0
    n_files: int = 0
    n_tables: int = 0


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files(build: Path) -> list[dict[str, Any]]:
    """List every file of a build except its manifest, with bytes and SHA-256."""
    return [
        {
            "file": path.relative_to(build).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": sha256(path),
        }
        for path in sorted(build.rglob("*"))
        if path.is_file() and path.relative_to(build).as_posix() != MANIFEST
    ]


def keep_manifest(build: Path) -> str:
    """Keep a copy of a build's manifest beside the builds; return its SHA-256."""
    copy = _copy(build.parent, build.name)
    shutil.copyfile(build / MANIFEST, copy)
    copy.chmod(0o444)
    return sha256(copy)


def last_manifest(builds: Path, finished: list[Path]) -> dict[str, str] | None:
    """Return build_id and SHA-256 of the newest manifest, for the next one; None if there is none.

    Creates missing copies of manifests: of builds by an earlier version, or after a kill.
    """
    for build in finished:
        if not _copy(builds, build.name).exists():
            keep_manifest(build)
    copies = sorted(builds.glob("*" + COPY))
    if not copies:
        return None
    return {"build_id": copies[-1].name.removesuffix(COPY), "sha256": sha256(copies[-1])}


def verify(builds: Path, link: Path, finished: list[Path], noted: str | None = None) -> Finding:
    """Compare builds and manifests with the contents of the manifests.

    Args:
        builds: The folder of the builds.
        link: Symbolic link to the published build.
        finished: The builds that are kept.
        noted: SHA-256 of a manifest, as noted by a user; it must be in the chain.

    Returns:
        The result. Never raises: a file that cannot be read is a fault.

    """
    finding = Finding()
    if not link.exists():
        finding.faults.append(f"{link} does not exist, or points nowhere: nothing is published.")
    elif link.resolve() not in [build.resolve() for build in finished]:
        finding.faults.append(
            f"{link} points to {link.resolve().name}, which is not a build in {builds} with a "
            "manifest."
        )
    for check, folder in [(_verify_chain, builds), *((_verify_build, build) for build in finished)]:
        try:
            check(folder, finding)
        except OSError as error:
            finding.faults.append(f"{error.filename} cannot be read: {error.strerror}.")
    if noted and noted.lower() not in finding.manifests.values():
        finding.faults.append(
            f"No manifest of the chain has the SHA-256 {noted}: that manifest was changed or "
            "removed, or was not made here."
        )
    return finding


def _verify_chain(builds: Path, finding: Finding) -> None:
    copies = sorted(builds.glob("*" + COPY))
    if not copies:
        finding.faults.append(f"{builds} has no manifests (<build>{COPY}): publish first.")
        return
    name, expected, after = copies[-1].name.removesuffix(COPY), None, None
    while name is not None:
        path = _copy(builds, name)
        if not path.is_file():
            finding.faults.append(
                f"{path} does not exist, but the manifest of {after} names it as its predecessor: "
                "the chain is broken. Restore it from a backup."
            )
            return
        actual = sha256(path)
        if expected is not None and actual != expected:
            finding.faults.append(
                f"{path} was changed after {after} was published: its SHA-256 is {actual}, that in "
                f"the manifest of {after} is {expected}. Restore it from a backup."
            )
        finding.manifests[name] = actual
        manifest = _read(path, finding)
        if manifest is None:
            return
        # Manifests of versions without the chain do not name their predecessor.
        before = manifest.get(BEFORE)
        after = name
        name, expected = (before["build_id"], before["sha256"]) if before else (None, None)
        if name in finding.manifests:
            finding.faults.append(f"{path} names {name} as its predecessor, but {name} is newer.")
            return
    for path in copies:
        name = path.name.removesuffix(COPY)
        if name not in finding.manifests and BEFORE in (_read(path, finding) or {}):
            finding.faults.append(
                f"{path} is in no later manifest: it was added, or a manifest was removed."
            )


def _verify_build(build: Path, finding: Finding) -> None:
    copy = _copy(build.parent, build.name)
    if not copy.is_file():
        finding.faults.append(f"{copy}, the copy of the manifest of {build}, does not exist.")
    elif sha256(copy) != sha256(build / MANIFEST):
        finding.faults.append(
            f"{build / MANIFEST} differs from its copy {copy}: one of them was changed."
        )
    manifest = _read(build / MANIFEST, finding)
    if manifest is None:
        return
    finding.n_builds += 1
    listed = {item["file"]: item for item in manifest.get("files", [manifest.get("warehouse")])}
    there = {item["file"]: item for item in files(build)}
    for name, item in listed.items():
        finding.n_files += 1
        if name not in there:
            finding.faults.append(f"{build / name} does not exist, but the manifest lists it.")
        elif there[name]["sha256"] != item["sha256"]:
            finding.faults.append(
                f"{build / name} was changed: it has {there[name]['bytes']} bytes and the SHA-256 "
                f"{there[name]['sha256']}, the manifest says {item['bytes']} and {item['sha256']}."
            )
    if "files" in manifest:
        finding.faults += [
            f"{build / name} is not in the manifest: it was added after the publication."
            for name in there
            if name not in listed
        ]
    _verify_rows(build, manifest, there, finding)


def _verify_rows(build: Path, manifest: dict[str, Any], there: dict, finding: Finding) -> None:
    if manifest["warehouse"]["file"] not in there:
        return  # already reported as a fault
    with duckdb.connect() as connection:
        try:
            warehouse = str(build / manifest["warehouse"]["file"]).replace("'", "''")
            connection.execute(f"attach '{warehouse}' as published (read_only)")
            connection.execute("set lock_configuration = true")
        except duckdb.Error as error:
            finding.faults.append(
                f"{build / manifest['warehouse']['file']} cannot be read as a DuckDB file: "
                f"{str(error).splitlines()[0]}"
            )
            return
        for name, rows in manifest["rows"].items():
            finding.n_tables += 1
            schema, _, table = name.partition(".")
            parquet = f"parquet/{name}.parquet"
            quoted = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table))
            sources = {name: f"published.{quoted}"}
            if parquet in there:
                text = str(build / parquet).replace("'", "''")
                sources[parquet] = f"read_parquet('{text}')"
            for source, relation in sources.items():
                try:
                    (found,) = connection.execute(f"select count(*) from {relation}").fetchone()
                except duckdb.Error as error:
                    finding.faults.append(
                        f"{build}: {source} cannot be counted: {str(error).splitlines()[0]}"
                    )
                    continue
                if found != rows:
                    finding.faults.append(
                        f"{build}: {source} has {found} rows, the manifest says {rows}."
                    )


def _read(path: Path, finding: Finding) -> dict[str, Any] | None:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        finding.faults.append(f"{path} cannot be read as JSON: {error}")
        return None
    if not _is_manifest(manifest):
        finding.faults.append(
            f"{path} is not a manifest: build_id, rows, warehouse, files or {BEFORE} is missing or "
            "malformed."
        )
        return None
    return manifest


def _is_manifest(manifest: Any) -> bool:
    """Whether a manifest has the form written by this or an earlier version."""

    def has(item: Any, *names: str) -> bool:
        return isinstance(item, dict) and set(names) <= item.keys()

    if not has(manifest, "build_id", "rows", "warehouse"):
        return False
    listed = manifest.get("files", [manifest["warehouse"]])
    before = manifest.get(BEFORE)
    return (
        isinstance(manifest["rows"], dict)
        and has(manifest["warehouse"], "file")
        and isinstance(listed, list)
        and all(has(item, "file", "bytes", "sha256") for item in listed)
        and all(isinstance(item["file"], str) for item in [*listed, manifest["warehouse"]])
        and all(isinstance(rows, int) for rows in manifest["rows"].values())
        and (before is None or has(before, "build_id", "sha256"))
        and all(isinstance(value, str) for value in (before or {}).values())
    )


def _copy(builds: Path, build_id: str) -> Path:
    return builds / (build_id + COPY)
