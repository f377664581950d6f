"""The dbt-duckdb plugin of the project: lets SQL inspect the folder of input files.

Named in profiles/profiles.yml. It drops the connection settings that are empty there, so that
DuckDB's defaults apply (for threads, see :mod:`credit_indices.pipeline.threads`), and registers the
functions of :mod:`credit_indices.pipeline.sql_functions`.
"""

import os
from pathlib import Path

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from credit_indices.early_warning import state_file
from credit_indices.pipeline import sql_functions, threads
from credit_indices.pipeline.warehouse_file import NotWritable, require_writable


class Plugin(BasePlugin):
    """Prepares each new connection."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict) -> None:
        """Drop empty settings; refuse a warehouse that cannot be opened."""
        _require_warehouse(creds.path)
        # The warehouse and new files beside it, such as the write-ahead log, name enterprises.
        _keep_private(creds.path)
        os.umask(os.umask(0o077) | 0o077)
        for name in [name for name, value in config.items() if value == ""]:
            del config[name]
        if "threads" not in config and (number := threads.for_input(_data_dir())):
            config["threads"] = number

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register the project's SQL functions; attach the state of the early warning."""
        sql_functions.register(conn)
        if self.creds is not None and self.creds.path != ":memory:":
            try:
                state_file.attach_existing(conn, state_file.path_beside(Path(self.creds.path)))
            except state_file.StateError as error:
                raise DbtRuntimeError(str(error)) from None


def _data_dir() -> str:
    """Return the value of macros/input/data_dir.sql, without a default from dbt_project.yml."""
    variables = getattr(get_flags(), "VARS", None) or {}
    return str(variables.get("data_dir") or os.environ.get("CREDIT_INDICES_DATA_DIR", ""))


def _keep_private(path: str) -> None:
    """Make a warehouse readable by its owner only; a published, read-only one stays unchanged."""
    file = Path(path)
    if file.is_file():
        status = file.stat()
        if status.st_mode & 0o200 and status.st_uid == os.geteuid():
            file.chmod(0o600)


def _require_warehouse(path: str) -> None:
    """Raise DbtRuntimeError if the file cannot be made, or another process has it open."""
    file = Path(path)
    if path == ":memory:":
        return
    if not file.is_absolute() and not Path("dbt_project.yml").is_file():
        raise DbtRuntimeError(
            f"The warehouse's path {path} is relative, and {Path.cwd()}, where dbt was started, is "
            "not the folder of a dbt project. Start dbt in the project's folder, or name the file "
            "by an absolute path in CREDIT_INDICES_DB."
        )
    if not file.parent.is_dir():
        raise DbtRuntimeError(
            f"The folder {file.parent.absolute()} of the warehouse {file.name} does not exist. "
            "Make it, or name another file in CREDIT_INDICES_DB."
        )
    try:
        require_writable(file, in_place=True)
    except NotWritable as error:
        raise DbtRuntimeError(str(error)) from None
