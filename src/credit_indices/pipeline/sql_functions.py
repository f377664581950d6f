"""The project's SQL functions in Python: inspection of input files, and pseudonyms.

``inspect_input_table(data_dir, table, required, optional)`` and
``inspect_input_folder(data_dir, tables)``, lists being comma-separated, return JSON (see
:mod:`.input_files`), including the error of a missing folder. ``absolute_path(path)``
shows whether two builds read the same folder. Three functions concern identities of enterprises
(see :mod:`.enterprise_codes`): ``pseudonym(enterprise_id, origin)``,
``has_pseudonym_key()`` and ``comparable(text)``.
"""

import json
from pathlib import Path

from duckdb import DuckDBPyConnection

from credit_indices.pipeline import enterprise_codes, input_files


def register(connection: DuckDBPyConnection) -> None:
    """Register the functions; most read files or the environment, so DuckDB must not fold them."""
    outside = {
        "inspect_input_table": (_inspect_input_table, ["VARCHAR"] * 4, "VARCHAR"),
        "inspect_input_folder": (_inspect_input_folder, ["VARCHAR"] * 2, "VARCHAR"),
        "absolute_path": (lambda path: str(Path(path).absolute()), ["VARCHAR"], "VARCHAR"),
        "pseudonym": (enterprise_codes.pseudonym, ["VARCHAR"] * 2, "VARCHAR"),
        "has_pseudonym_key": (enterprise_codes.has_pseudonym_key, [], "BOOLEAN"),
    }
    for name, (function, parameters, result) in outside.items():
        connection.create_function(name, function, parameters, result, side_effects=True)
    connection.create_function("comparable", enterprise_codes.comparable, ["VARCHAR"], "VARCHAR")


def _inspect_input_table(data_dir: str, table: str, required: str, optional: str) -> str:
    try:
        file = input_files.inspect_table(data_dir, table, _names(required), _names(optional))
    except NotADirectoryError as error:
        return json.dumps({"message": str(error)}, ensure_ascii=False)
    return input_files.as_json(file)


def _inspect_input_folder(data_dir: str, tables: str) -> str:
    try:
        return input_files.as_json(input_files.folder_faults(data_dir, _names(tables)))
    except NotADirectoryError as error:
        return json.dumps({"message": str(error)}, ensure_ascii=False)


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]
