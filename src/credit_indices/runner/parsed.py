"""The parsed project as plain data, which is read without dbt.

dbt parses the project once per state of its files. What a run needs of the manifest is kept as
JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from credit_indices.project_files import project_key

DATABASE = "credit_indices"
"""The catalog of the kept relation names; a run attaches its warehouse under this name."""

KINDS = ("model", "seed", "snapshot", "test")
PACKAGES = ("credit_indices", "dbt", "dbt_duckdb")
KEPT_CONFIG = (
    "access",
    "check_cols",
    "column_types",
    "materialized",
    "meta",
    "post-hook",
    "pre-hook",
    "severity",
    "strategy",
    "tags",
    "unique_key",
    "updated_at",
)

Parsed = dict[str, Any]
"""`nodes` and `macros` by unique id, `order` of the nodes (each after what it reads), `vars`."""


class ParseError(Exception):
    """dbt cannot parse the project; the message is dbt's."""


def parsed(
    project: Path, kept: Path | None = None, variables: Mapping[str, Any] | None = None
) -> Parsed:
    """Return the parsed project; dbt runs only where the files of the project have changed.

    Args:
        project: The project's folder.
        kept: Where to keep it; None for the folder ``target/kept`` of the project. A folder that
            cannot be written costs a parse each time.
        variables: Variables of the dbt project that differ from dbt_project.yml; configurations
            may depend on them.

    Raises:
        ParseError: If dbt cannot parse the project.

    """
    folder = kept or project / "target" / "kept"
    given = json.dumps(variables or {}, sort_keys=True)
    path = folder / f"parsed-{project_key(project, Path(__file__).read_text(), given)}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent, or half written by another program
        made = _parse(project, folder, given)
    try:
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
        temporary.replace(path)
        for old in folder.glob("parsed-*.json"):
            if old != path and not variables:
                old.unlink(missing_ok=True)
    except OSError:
        return made
    return made


def _parse(project: Path, folder: Path, variables: str) -> Parsed:
    from dbt.cli.main import dbtRunner

    before = {
        name: os.environ.get(name) for name in ("CREDIT_INDICES_DB", "CREDIT_INDICES_DATA_DIR")
    }
    os.environ |= {
        "CREDIT_INDICES_DB": str(folder / f"{DATABASE}.duckdb"),
        "CREDIT_INDICES_DATA_DIR": "",
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        result = dbtRunner().invoke(
            [
                *("parse", "--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target-path", str(folder), "--log-path", str(folder), "--vars", variables),
                *("--log-level", "none", "--log-level-file", "none", "--no-write-json"),
            ]
        )
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    if not result.success:
        raise ParseError(str(result.exception))
    import yaml

    made = plain(result.result.to_dict())
    settings = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))
    return made | {"vars": settings["vars"] | json.loads(variables)}


def plain(manifest: Mapping[str, Any]) -> Parsed:
    """Return what a run needs of a manifest of dbt, as data that JSON can hold."""
    nodes = {
        code: _node(node)
        for code, node in manifest["nodes"].items()
        if node["resource_type"] in KINDS
    }
    macros = {
        code: {
            "name": macro["name"],
            "package": macro["package_name"],
            "sql": macro["macro_sql"],
        }
        for code, macro in manifest["macros"].items()
        if macro["package_name"] in PACKAGES and not macro["name"].startswith("materialization_")
    }
    return {
        "nodes": nodes,
        "macros": macros,
        "order": _order(nodes),
        "dbt_version": manifest["metadata"]["dbt_version"],
    }


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    config = node["config"]
    return {
        "unique_id": node["unique_id"],
        "resource_type": str(node["resource_type"]),
        "name": node["name"],
        "database": DATABASE,
        "schema": node["schema"],
        "alias": node["alias"],
        "package_name": node["package_name"],
        "original_file_path": node["original_file_path"],
        "fqn": node["fqn"],
        "language": node["language"] if node["resource_type"] != "seed" else "csv",
        "raw_code": node["raw_code"],
        "description": node["description"],
        "has_contract": config.get("contract", {}).get("enforced", False),
        "depends_on": node.get("depends_on", {}).get("nodes", []),
        "config": {name: config[name] for name in KEPT_CONFIG if config.get(name) is not None},
        "columns": {
            name: {
                "name": name,
                "data_type": column["data_type"],
                "description": column["description"],
                "is_required": any(
                    constraint["type"] == "not_null" for constraint in column["constraints"]
                ),
                "config": {"meta": (column.get("config") or {}).get("meta") or {}},
            }
            for name, column in node["columns"].items()
        },
        "test_metadata": node.get("test_metadata"),
    }


def _order(nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return every node after what it reads, stable by name."""
    done: dict[str, None] = {}

    def visit(code: str) -> None:
        if code not in done:
            for before in sorted(nodes[code]["depends_on"]):
                visit(before)
            done[code] = None

    for code in sorted(nodes):
        visit(code)
    return list(done)
