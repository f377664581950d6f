"""Set Superset up over the published build, import the dashboards and serve them on this machine.

    python bi/serve.py --port 8088

Existing state is kept; every start imports the dashboards of `bi/superset` again. Secrets and
Superset's own database are in `bi/state`, which git ignores.
"""

import argparse
import io
import logging
import os
import resource
import secrets
import socket
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))
from credit_indices.pipeline.lock import Locked, hold  # noqa: E402 - after its folder is on the path

ASSETS = HERE / "superset"
USER = "admin"
VIEWER = "viewer"
"""A user who can view the dashboards, without SQL Lab and write permissions."""
MEMORY = 6 * 2**30
"""Bytes of address space of the server. A single value can exceed DuckDB's `memory_limit`."""


def main() -> None:
    """Prepare, then become the server."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8088)
    port = parser.parse_args().port
    state = Path(os.environ.setdefault("CREDIT_INDICES_BI_STATE", str(HERE / "state")))
    published = HERE.parent / os.environ.get("CREDIT_INDICES_PUBLISHED", "published")
    warehouse = published / "credit_indices.duckdb"
    if not warehouse.is_file():
        sys.exit(f"{warehouse} does not exist. Run make publish first.")
    state.mkdir(mode=0o700, exist_ok=True)
    try:
        with hold(state / "lock") as lock:
            serve(port, state, warehouse, lock)
    except Locked as locked:
        address = state / "address"
        sys.exit(
            f"make bi is already running (process {locked.holder}), and serves "
            f"{address.read_text(encoding='utf-8') if address.is_file() else 'the dashboards'} "
            "within about a minute of its start. To restart, stop it first."
        )


def serve(port: int, state: Path, warehouse: Path, lock: int) -> None:
    """Prepare, then become the server, which keeps the lock."""
    if not is_free(port):
        sys.exit(f"Port {port} is in use. Choose another: make bi PORT={port + 1}")
    address = f"http://127.0.0.1:{port}"
    (state / "address").write_text(address, encoding="utf-8")
    secret(state / "secret_key")
    os.environ["SUPERSET_CONFIG_PATH"] = str(HERE / "superset_config.py")
    os.environ["SUPERSET_HOME"] = str(state)
    prepare(state, warehouse)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print(f"Dashboards: {address} (Ctrl-C stops)", flush=True)
    os.set_inheritable(lock, True)
    os.execv(
        sys.executable,
        [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
            *("--worker-class", "gthread", "--threads", "8", "--timeout", "120"),
            "--no-control-socket",
            *("--log-level", "warning", "superset.app:create_app()"),
        ],
    )


def is_free(port: int) -> bool:
    """Whether a port of this machine is free."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def secret(path: Path) -> str:
    """Return the secret in a file; create one, readable by the owner only, if there is none."""
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8")


def prepare(state: Path, warehouse: Path) -> None:
    """Update Superset's own database, its users and the dashboards.

    Args:
        state: The folder of Superset's own database.
        warehouse: The published file, which the columns of the datasets are read from.

    """
    import duckdb
    from flask import g
    from flask_migrate import upgrade
    from sqlalchemy.exc import SAWarning
    from superset.app import create_app

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        meaning = {
            tuple(column): text
            for *column, text in connection.execute(
                "select table_schema, table_name, column_name, column_description "
                "from marts.data_dictionary"
            ).fetchall()
        }
    with create_app().app_context():
        from superset import appbuilder, db, security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.connectors.sqla.models import SqlaTable

        # Silence messages about every migration, and SQLAlchemy's about Superset's importer.
        logging.disable(logging.WARNING)
        with redirect_stdout(io.StringIO()):
            upgrade()
        logging.disable(logging.NOTSET)
        warnings.simplefilter("ignore", SAWarning)
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        add_user(USER, security_manager.find_role("Admin"), state)
        g.user = security_manager.find_user(USER)
        ImportAssetsCommand(
            {
                path.relative_to(ASSETS).as_posix(): path.read_text(encoding="utf-8")
                for path in ASSETS.rglob("*.yaml")
            }
        ).run()
        for dataset in db.session.query(SqlaTable):
            dataset.fetch_metadata()
            # A dataset that joins names to a mart has the mart's name with the suffix _bi.
            mart = dataset.table_name.removesuffix("_bi")
            for column in dataset.columns:
                column.description = meaning.get((dataset.schema, mart, column.column_name))
        db.session.commit()
        add_user(VIEWER, viewer_role(), state)


def add_user(name: str, role, state: Path) -> None:
    """Create a user with a random password and print the password, unless the user exists."""
    from superset import security_manager

    if security_manager.find_user(name):
        return
    file = state / f"{name}_password"
    password = secret(file)
    security_manager.add_user(name, "Local", role.name, f"{name}@localhost", role, password)
    print(f"User {name}, password {password} (kept in {file})")


def viewer_role():
    """Update the role that may view the dashboards and run their queries."""
    from superset import db, security_manager
    from superset.models.core import Database

    role = security_manager.add_role("Viewer")
    (database,) = db.session.query(Database).filter_by(database_name="Credit indices")
    permissions = {
        *security_manager.PUBLIC_ROLE_PERMISSIONS,
        ("database_access", database.perm),
        ("menu_access", "Dashboards"),
        # Requests that Superset's pages send by themselves.
        ("can_log", "Superset"),
        ("can_recent_activity", "Log"),
        ("can_read", "SavedQuery"),
        ("can_read", "SecurityRestApi"),
    }
    role.permissions = [
        security_manager.add_permission_view_menu(*permission) for permission in sorted(permissions)
    ]
    db.session.commit()
    return role


if __name__ == "__main__":
    main()
