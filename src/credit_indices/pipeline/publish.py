"""Publish a build atomically after all its tests have passed.

Every build has its own folder, `warehouse/builds/<id>/`, with the warehouse as a compact file, a
Parquet file per public table and a manifest. `published` is a symbolic link to the build that
readers see. Renaming a new link over the old one is atomic: a reader opens either the old or the
new build, and processes that have the old file open keep it.

An unfinished build is called `<id>.partial`. Such a folder without a running publication is left
over from a killed one; the next publication removes it. Files with other names are not touched.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from credit_indices.early_warning import state_file
from credit_indices.pipeline import input_files, parts, published_file, verify
from credit_indices.pipeline.build import (
    BuildError,
    check_input,
    duckdb_settings,
    require_known_refresh,
    require_long_key,
    require_project,
    run_dbt,
    summary,
    warehouse_path,
)
from credit_indices.pipeline.lock import Locked, hold
from credit_indices.pipeline.progress import say, with_seconds

BUILDS = Path("warehouse/builds")
PUBLISHED = Path("published")
WAREHOUSE = "credit_indices.duckdb"
MANIFEST = "manifest.json"
ID_FORMAT = "%Y%m%dT%H%M%S.%fZ"
ID = re.compile(r"\d{8}T\d{6}\.\d{6}Z")
PARTIAL = ".partial"
KEPT = 3
SOURCES = ("dbt_project.yml", "macros", "models", "profiles", "python_models", "seeds", "src")
"""Inputs of a build, besides the user's files."""

PRIVATE, PUBLIC = 0o600, 0o444
"""File modes: only the owner can read tables that identify enterprises."""

RESTRICTED = ("restricted", "state")
"""Schemas published only on request: enterprises' identities, and the next build's state."""

PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "pyarrow", "scipy")


class PublishError(BuildError):
    """Nothing was published; the message is for the user."""


def publish(
    data_dir: str | None = None,
    builds: Path = BUILDS,
    link: Path = PUBLISHED,
    *,
    with_restricted: bool = False,
) -> Path:
    """Build every part, run every data test and publish the build.

    Args:
        data_dir: The folder of the user's input tables; None for the shipped data.
        builds: The folder of the builds.
        link: Symbolic link to the published build.
        with_restricted: Whether to publish the identities of enterprises as well.

    Returns:
        The folder of the build.

    Raises:
        PublishError: If another publication runs, a place cannot be written, or the build or one of
            its tests failed. The published build is then unchanged.
        BuildError: If the folder of input tables does not exist, or there is no dbt project here.

    """
    require_project()
    require_long_key()
    require_known_refresh()
    _require_all_parts()
    if data_dir:
        input_files.existing_folder(data_dir)
    with _locked(builds, link) as lock:
        for leftover in builds.glob("*" + PARTIAL):
            if ID.fullmatch(leftover.name.removesuffix(PARTIAL)):
                shutil.rmtree(leftover)
        _new_link(link, builds).unlink()  # fail before anything is built
        try:
            check_input(data_dir, warehouse_path())
        except BuildError as error:
            raise PublishError(f"{error}\n{_state(link)}") from None
        build = _publish(data_dir, builds, link, lock, RESTRICTED if with_restricted else ())
    _clear_old(builds, build)
    return build


def rollback(build: str | None = None, builds: Path = BUILDS, link: Path = PUBLISHED) -> Path:
    """Publish an earlier build again.

    Args:
        build: Its id; None for the predecessor of the published build.
        builds: As for `publish`.
        link: As for `publish`.

    Returns:
        The folder of the build.

    Raises:
        PublishError: If there is no such build, or a place cannot be written.

    """
    with _locked(builds, link):
        known = {folder.name for folder in _finished(builds)}
        have = f"{builds} has {', '.join(sorted(known)) or 'none'}."
        current = _current(link)
        if build is None:
            build = _previous(builds / current) if current in known else None
            if build not in known:
                raise PublishError(f"No build before {current or 'the first'} is kept; {have}")
        elif build not in known:
            raise PublishError(f"There is no build {build}; {have}")
        _point(link, builds / build)
    say(f"Published {build} again{f', in place of {current}' if current else ''}.")
    return builds / build


def verify_builds(
    builds: Path = BUILDS, link: Path = PUBLISHED, noted: str | None = None
) -> verify.Finding:
    """Compare the published and earlier builds with the chain of manifests, and report.

    Args:
        builds: As for `publish`.
        link: As for `publish`.
        noted: SHA-256 of a manifest, as noted by a user; it must be in the chain.

    Raises:
        PublishError: If a file or table has changed since publication; the message lists all
            changes.

    """
    if not builds.is_dir():
        raise PublishError(f"{builds} does not exist: nothing was published yet. Run make publish.")
    finding = verify.verify(builds, link, _finished(builds), noted)
    if finding.faults:
        raise PublishError(
            f"The published files were changed after publication: {len(finding.faults)} "
            "fault(s).\n" + "\n".join(f"  - {fault}" for fault in finding.faults)
        )
    newest, digest = next(iter(finding.manifests.items()))
    say(
        f"Verified {finding.n_builds} build(s), {finding.n_files} files and the rows of "
        f"{finding.n_tables} tables; the chain has {len(finding.manifests)} manifest(s), from "
        f"{list(finding.manifests)[-1]} to {newest}.\nSHA-256 of the newest manifest: {digest}"
    )
    return finding


@contextmanager
def _locked(builds: Path, link: Path) -> Iterator[int]:
    """Hold the lock of the builds and yield its file; turn system errors into messages."""
    if link.exists() and not link.is_symlink():
        raise PublishError(
            f"{link} is not a symbolic link to a build. Move it elsewhere, or name another place."
        )
    try:
        with hold(builds / ".lock") as lock:
            yield lock
    except Locked as error:
        raise PublishError(
            f"Another publication is running (process {error.holder}). Wait until it ends."
        ) from None
    except OSError as error:
        place = error.filename2 or error.filename  # for a link, its name
        where = f"{place}: " if place else ""
        raise PublishError(f"{where}{error.strerror}; {_state(link)}") from None


def _require_all_parts() -> None:
    """Raise PublishError if the environment selects parts: a published build has all parts."""
    if named := os.environ.get(parts.VARIABLE):
        raise PublishError(
            f"make publish builds every part, but {parts.VARIABLE} is {named!r}. Unset it: it is "
            "for make build only. Nothing was built."
        )


def _publish(
    data_dir: str | None, builds: Path, link: Path, lock: int, also: Sequence[str]
) -> Path:
    started = datetime.now(UTC)
    build_id = started.strftime(ID_FORMAT)
    source = f"the data in {data_dir}" if data_dir else "the shipped data"
    partial = builds / (build_id + PARTIAL)
    work = partial / "work"
    work.mkdir(parents=True)
    partial.chmod(0o700)  # until it is published: it names enterprises
    durations: dict[str, float] = {}

    @contextmanager
    def timed(step: str, done: str | None = None) -> Iterator[None]:
        start = time.monotonic()
        yield
        durations[step] = round(time.monotonic() - start, 3)
        if done:
            say("  " + with_seconds(done, start))

    say(f"Building {build_id} from {source}, to be published.")
    commit = _commit()
    environment = {
        "CREDIT_INDICES_DB": str(work / WAREHOUSE),
        "CREDIT_INDICES_DATA_DIR": str(Path(data_dir).absolute()) if data_dir else "",
        "CREDIT_INDICES_BUILD_ID": build_id,
        "CREDIT_INDICES_GIT_COMMIT": commit or "",
        state_file.VARIABLE: str(_state_of(data_dir, work)),
    }
    inputs = _input_hashes(data_dir)
    with timed("dbt build"):
        succeeded = run_dbt(environment, keep_open=[lock])
    if not succeeded:
        evidence = work / WAREHOUSE
        found = f" The tables built until then are in {evidence}." if evidence.exists() else ""
        raise PublishError(f"The build stopped, or a test failed; {_state(link)}{found}")
    changed = [now["file"] for now in _input_hashes(data_dir) if now not in inputs]
    if changed:
        raise PublishError(
            f"{changed[0]} was changed while it was read; {_state(link)} Publish again."
        )
    try:
        with timed("compact copy", "Copied the public tables"):
            published_file.write(work / WAREHOUSE, partial / WAREHOUSE, also, duckdb_settings())
        with timed("parquet", "Wrote them as Parquet"):
            rows = _write_parquet(partial / WAREHOUSE, partial / "parquet")
        named = _data_source(partial / WAREHOUSE) if data_dir else None
    except duckdb.Error as error:
        raise PublishError(f"{str(error).splitlines()[0]}; {_state(link)}") from None
    shutil.rmtree(work)
    manifest = {
        "build_id": build_id,
        "previous": _current(link),
        "started_at": started.isoformat(),
        "finished_at": datetime.now(UTC).isoformat(),
        verify.BEFORE: verify.last_manifest(builds, _finished(builds)),
        "source": f"the data in {named}" if named else source,
        "git_commit": commit,
        "inputs": [item for item in inputs if not _is_personal(item["file"])],
        "rows": rows,
        "warehouse": {
            "file": WAREHOUSE,
            "bytes": (partial / WAREHOUSE).stat().st_size,
            "sha256": verify.sha256(partial / WAREHOUSE),
        },
        "files": verify.files(partial),
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in PACKAGES},
        "durations": durations,
    }
    (partial / MANIFEST).write_text(
        json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    _finish(partial, PRIVATE if also else PUBLIC)
    final = builds / build_id
    partial.rename(final)
    digest = verify.keep_manifest(final)
    _sync(builds)
    _point(link, final)
    say(
        f"Published {link / WAREHOUSE} (build {build_id}, {len(rows)} tables, "
        f"{manifest['warehouse']['bytes'] / 1e6:.0f} MB) in "
        f"{(datetime.now(UTC) - started).total_seconds():.0f} s."
    )
    say(f"SHA-256 of its manifest; note it elsewhere for make verify: {digest}")
    say("\n".join(summary(final / WAREHOUSE)))
    return final


def _state_of(data_dir: str | None, work: Path) -> Path:
    """Return the state that a publication loads: that of the warehouse if it is of the same data.

    Otherwise a new one in the folder of this publication, which is deleted with it.
    """
    kept = state_file.path_beside(warehouse_path())
    folder = str(input_files.existing_folder(data_dir)) if data_dir else None
    try:
        of_state, events = state_file.kept_events(kept)
    except state_file.StateError as error:
        raise PublishError(f"{error} Nothing was published.") from None
    if not events or state_file.is_same_folder(of_state, folder):
        return kept
    return state_file.path_beside(work / WAREHOUSE)


def _finish(build: Path, mode_of_warehouse: int) -> None:
    """Set the modes of a build for readers, and flush it to disk."""
    for path in [*build.rglob("*"), build]:
        path.chmod(
            mode_of_warehouse if path.name == WAREHOUSE else (0o755 if path.is_dir() else PUBLIC)
        )
        _sync(path)


def _clear_old(builds: Path, published: Path) -> None:
    """Keep the newest builds and those that a rollback can reach."""
    finished = _finished(builds)
    kept, build = set(finished[-KEPT:]), published
    for _ in range(KEPT):
        kept.add(build)
        build = builds / (_previous(build) or "")
        if build not in finished:
            break
    for old in finished:
        if old in kept:
            continue
        try:
            # A half-removed build counts as a leftover.
            shutil.rmtree(old.rename(old.with_name(old.name + PARTIAL)))
        except OSError as error:
            say(f"{old} is no longer needed and could not be removed: {error.strerror}.")


def _finished(builds: Path) -> list[Path]:
    """List the complete builds, oldest first."""
    return sorted(
        folder
        for folder in builds.iterdir()
        if ID.fullmatch(folder.name) and (folder / MANIFEST).is_file()
    )


def _current(link: Path) -> str | None:
    """Return the id of the published build; None if nothing is published."""
    return link.resolve().name if link.exists() else None


def _previous(build: Path) -> str | None:
    """Return the id of the build published before a build."""
    return json.loads((build / MANIFEST).read_text(encoding="utf-8"))["previous"]


def _write_parquet(warehouse: Path, folder: Path) -> dict[str, int]:
    """Write every table of the public schemas; return the number of rows of each."""
    folder.mkdir()
    rows = {}
    with duckdb.connect(str(warehouse), read_only=True, config=duckdb_settings()) as connection:
        for schema, name in connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema in ('marts', 'quality') order by 1, 2"
        ).fetchall():
            target = folder / f"{schema}.{name}.parquet"
            (written,) = connection.execute(
                f"copy {_name(schema)}.{_name(name)} to {_text(target)} (format parquet)"
            ).fetchone()
            rows[f"{schema}.{name}"] = written
    return rows


def _point(link: Path, build: Path) -> None:
    """Point `link` to a build atomically."""
    new = _new_link(link, build)
    if not (new / WAREHOUSE).is_file():
        raise PublishError(f"{build / WAREHOUSE} does not exist; {_state(link)}")
    os.replace(new, link)
    _sync(link.parent)


def _new_link(link: Path, target: Path) -> Path:
    link.parent.mkdir(parents=True, exist_ok=True)
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(os.path.relpath(target.resolve(), link.parent.resolve()))
    return new


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _input_hashes(data_dir: str | None) -> list[dict[str, Any]]:
    """Bytes and SHA-256 of every table that the build may read, by its path in the folder."""
    files = [(Path(), path) for path in sorted(Path("seeds").rglob("*.csv"))]
    if data_dir:
        folder = Path(data_dir)
        own = [path for path in folder.iterdir() if path.suffix in (".csv", ".parquet")]
        for table in input_files.PARTITIONED:
            own += (folder / table).rglob("*.parquet")
        files += [(folder, path) for path in sorted(own) if not path.name.startswith((".", "~"))]
    return [
        {
            "file": path.relative_to(place).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": verify.sha256(path),
        }
        for place, path in files
    ]


def _is_personal(file: str) -> bool:
    """Whether a manifest omits an input, because its hash would confirm a guess of its content."""
    table = file.partition("/")[0].partition(".")[0]
    return table in input_files.PERSONAL_TABLES or file.startswith(
        ("seeds/enterprises/", "seeds/loans/")
    )


def _data_source(warehouse: Path) -> str:
    """Return the name of the folder of the user's data, as far as it may be published."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute("select data_source from marts.build_info").fetchone()[0]


def _commit() -> str | None:
    """Return the git commit, with `+` if a source differs from it; None outside a repository."""
    with suppress(OSError, subprocess.CalledProcessError):
        commit = _git("rev-parse", "HEAD")
        return commit + ("+" if _git("status", "--porcelain", "--", *SOURCES) else "")
    return None


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def _state(link: Path) -> str:
    current = _current(link)
    return f"{link} is still build {current}." if current else "nothing was published."


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
