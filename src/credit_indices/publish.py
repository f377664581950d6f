"""Publish: a build whose tests all passed becomes, whole and at once, what readers open.

Every build has a folder of its own, `warehouse/builds/<id>/`: the warehouse as a compact file, a
Parquet file per public table, a manifest. `published` is a symbolic link to the one that readers
see. Renaming a new link over the old one is atomic, so a reader finds one build or the other, and
whoever has the old file open keeps it.

A build under way is called `<id>.partial`; whatever bears that name when no publication runs was
left by one that was killed, and is cleared by the next.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from credit_indices import input_files
from credit_indices.build import BuildError, run_dbt

BUILDS = Path("warehouse/builds")
PUBLISHED = Path("published")
WAREHOUSE = "credit_indices.duckdb"
PARTIAL = ".partial"
KEPT = 3
STORAGE_VERSION = "v1.4.0"
"""Files that DuckDB 1.4 and later read."""

PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "pyarrow", "scipy")


class PublishError(BuildError):
    """Nothing was published; the message is for the user."""


def publish(data_dir: str | None = None, builds: Path = BUILDS, link: Path = PUBLISHED) -> Path:
    """Build, run every test, and put the build in the place that readers open.

    Args:
        data_dir: The folder of the user's input tables; None for the shipped data.
        builds: The folder of the builds.
        link: What readers open: a symbolic link to the published build.

    Returns:
        The folder of the build.

    Raises:
        PublishError: If another publication runs, a place cannot be written, or the build or one
            of its tests failed. What was published before still is.

    """
    source = f"the figures in {data_dir}" if data_dir else "the shipped data"
    try:
        if data_dir:
            data_dir = str(input_files.existing_folder(data_dir))
        if link.exists() and not link.is_symlink():
            raise PublishError(
                f"{link} is in the way: expected a symbolic link to a build, or nothing. "
                "Move it elsewhere."
            )
        with _alone(builds):
            _clear_leftovers(builds)
            _new_link(link, builds).unlink()  # what fails here fails before anything is built
            return _publish(data_dir, source, builds, link)
    except NotADirectoryError as error:
        raise PublishError(str(error)) from None
    except OSError as error:
        place = error.filename2 or error.filename  # of a link, what it is called
        where = f"{place}: " if place else ""
        raise PublishError(f"{where}{error.strerror}; {_unchanged(link)}") from None


def rollback(build: str | None = None, builds: Path = BUILDS, link: Path = PUBLISHED) -> Path:
    """Publish an earlier build again.

    Args:
        build: Its id; None for the one before the published one.
        builds: As for `publish`.
        link: As for `publish`.

    Returns:
        The folder of the build.

    Raises:
        PublishError: If there is no such build.

    """
    with _alone(builds):
        known = [folder.name for folder in _finished(builds)]
        current = link.resolve().name if link.exists() else ""
        if build is None:
            earlier = [name for name in known if name < current] if current else known
            if not earlier:
                raise PublishError(
                    f"There is no build before {current or 'the first'}; "
                    f"{builds} has {', '.join(known) or 'none'}."
                )
            build = earlier[-1]
        if build not in known:
            raise PublishError(f"{builds} has no build {build}; it has {', '.join(known)}.")
        _point(link, builds / build)
    print(f"Published {build} again{f', in place of {current}' if current else ''}.")
    return builds / build


def _publish(data_dir: str | None, source: str, builds: Path, link: Path) -> Path:
    started = datetime.now(UTC)
    build_id = started.strftime("%Y%m%dT%H%M%S.%fZ")
    partial = builds / (build_id + PARTIAL)
    work = partial / "work"
    work.mkdir(parents=True)
    durations: dict[str, float] = {}

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        durations[step] = round(time.monotonic() - start, 3)

    print(f"Building {build_id} from {source}, to be published.", flush=True)
    commit = _commit()
    environment = {
        "CREDIT_INDICES_DB": str(work / WAREHOUSE),
        "CREDIT_INDICES_DATA_DIR": data_dir or "",
        "CREDIT_INDICES_BUILD_ID": build_id,
        "CREDIT_INDICES_GIT_COMMIT": commit or "",
    }
    inputs = _input_hashes(data_dir)
    with timed("dbt build"):
        succeeded = run_dbt(environment)
    if not succeeded:
        raise PublishError(
            f"The build stopped, or one of its tests failed; {_unchanged(link)} "
            f"What there was up to then is in {work / WAREHOUSE}."
        )
    try:
        with timed("compact copy"):
            _compact(work / WAREHOUSE, partial / WAREHOUSE)
        with timed("parquet"):
            rows = _write_parquet(partial / WAREHOUSE, partial / "parquet")
    except duckdb.Error as error:
        raise PublishError(f"{str(error).splitlines()[0]}: {_unchanged(link)}") from None
    shutil.rmtree(work)
    manifest = {
        "build_id": build_id,
        "started_at": started.isoformat(),
        "finished_at": datetime.now(UTC).isoformat(),
        "source": source,
        "git_commit": commit,
        "inputs": inputs,
        "rows": rows,
        "warehouse": {
            "file": WAREHOUSE,
            "bytes": (partial / WAREHOUSE).stat().st_size,
            "sha256": _sha256(partial / WAREHOUSE),
        },
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in PACKAGES},
        "durations": durations,
    }
    (partial / "manifest.json").write_text(
        json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    for path in partial.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
        _sync(path)
    final = builds / build_id
    partial.rename(final)
    _sync(builds)
    _point(link, final)
    for old in _finished(builds)[:-KEPT]:
        if old.resolve() != link.resolve():
            shutil.rmtree(old)
    print(
        f"Published {link / WAREHOUSE} (build {build_id}, {len(rows)} tables, "
        f"{manifest['warehouse']['bytes'] / 1e6:.0f} MB) in "
        f"{(datetime.now(UTC) - started).total_seconds():.0f} s."
    )
    return final


@contextmanager
def _alone(builds: Path) -> Iterator[None]:
    """Hold the lock of the folder of builds; the system lets go of it however a process ends."""
    builds.mkdir(parents=True, exist_ok=True)
    with open(builds / ".lock", "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise PublishError(
                f"Another publication is running (process {lock.read().strip() or 'unknown'}). "
                "Wait until it has ended."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _clear_leftovers(builds: Path) -> None:
    for leftover in builds.glob("*" + PARTIAL):
        shutil.rmtree(leftover)


def _finished(builds: Path) -> list[Path]:
    """List the builds that are whole, oldest first."""
    return sorted(
        folder
        for folder in builds.iterdir()
        if folder.is_dir() and not folder.name.endswith(PARTIAL)
    )


def _compact(work: Path, copy: Path) -> None:
    """Copy a warehouse without the space that a build leaves unused, and look at every view.

    The copy has the same file name: dbt's views carry it.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach {_text(work)} as {work.stem} (read_only)")
        connection.execute(f"attach {_text(copy)} as copied (storage_version '{STORAGE_VERSION}')")
        connection.execute(f"copy from database {work.stem} to copied")
        connection.execute("checkpoint copied")
    with duckdb.connect(str(copy), read_only=True) as connection:
        for schema, name in connection.execute(
            "select schema_name, view_name from duckdb_views() where not internal order by 1, 2"
        ).fetchall():
            connection.execute(f"select * from {_name(schema)}.{_name(name)} limit 0")


def _write_parquet(warehouse: Path, folder: Path) -> dict[str, int]:
    """Write every table of the public schemas; the rows of each."""
    folder.mkdir()
    rows = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
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
    """Make `link` lead to a build, in one step."""
    os.replace(_new_link(link, build), link)
    _sync(link.parent)


def _new_link(link: Path, target: Path) -> Path:
    link.parent.mkdir(parents=True, exist_ok=True)
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(os.path.relpath(target, link.parent))
    return new


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _input_hashes(data_dir: str | None) -> list[dict[str, Any]]:
    """Bytes and SHA-256 of every file that the build may read."""
    files = sorted(Path("seeds").rglob("*.csv"))
    if data_dir:
        files += sorted(path for path in Path(data_dir).iterdir() if path.is_file())
    return [
        {"file": path.as_posix(), "bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in files
    ]


def _sha256(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _commit() -> str | None:
    """Name the git commit, with `+` where files differ from it; None outside a repository."""
    with suppress(OSError, subprocess.CalledProcessError):
        commit = _git("rev-parse", "HEAD")
        return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    return None


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def _unchanged(link: Path) -> str:
    if not link.exists():
        return "nothing was published."
    return f"{link} still is build {link.resolve().name}."


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
