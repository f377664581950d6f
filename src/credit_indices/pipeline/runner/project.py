"""The parsed project as plain data that can be read without dbt.

dbt parses the project once per state of its files. The parts of the manifest that a run needs are
cached as JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from credit_indices.pipeline.progress import say
from credit_indices.pipeline.project_files import run_key

DATABASE = "credit_indices"
"""The catalog of the cached relation names; a run attaches its warehouse under this name."""

NEWEST = 8
"""Number of projects in the cache: one for each set of variables in use."""

KINDS = ("model", "seed", "test")
PACKAGES = ("credit_indices", "dbt", "dbt_duckdb")
KEPT_CONFIG = (
    "access",
    "column_types",
    "materialized",
    "meta",
    "severity",
    "tags",
)

Project = dict[str, Any]
"""`nodes` and `macros` by unique id, `order` of the nodes (each after its parents), `vars`."""


class ParseError(Exception):
    """dbt cannot parse the project with these variables; the message says why."""


def load_project(
    project: Path, cache: Path, variables: str = "", *, database: str = DATABASE
) -> Project:
    """Return the parsed project; dbt runs only if the project's files have changed.

    Args:
        project: The project's folder.
        cache: The cache folder. If it cannot be written, the project is parsed each time.
        variables: Variables of the dbt project as YAML that differ from dbt_project.yml;
            configurations may depend on them. Empty for none.
        database: Name of the database of a later build, for which the manifest is cached.

    Raises:
        ParseError: If dbt cannot parse the project, or the variables are not YAML of names and
            values.

    """
    code = Path(__file__).read_text(encoding="utf-8")
    key = run_key(project, code, variables)
    path = cache / f"project-{key}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent, or damaged
        made = _parse(project, cache, variables, database)
    # Dates among the variables become texts in JSON, in every run.
    text = json.dumps(made, ensure_ascii=False, default=str)
    made = json.loads(text)
    if run_key(project, code, variables) != key:  # a file changed while dbt read it
        return made
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.partial")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
        found = sorted(cache.glob("project-*.json"), key=lambda old: old.stat().st_mtime)
        for old in found[:-NEWEST]:
            old.unlink(missing_ok=True)
    return made


def _parse(project: Path, cache: Path, variables: str, database: str) -> Project:
    import yaml

    given = _variables(variables)
    settings = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))
    with _environment(CREDIT_INDICES_DB=str(cache / f"{database}.duckdb")):
        from credit_indices.pipeline import manifest_cache

        manifest, _ = manifest_cache.load_or_parse(
            project, database, variables, lambda: _manifest(project, variables)
        )
    parts = {
        "nodes": _dicts(manifest.nodes),
        "macros": _dicts(manifest.macros),
        "metadata": {"dbt_version": manifest.metadata.dbt_version},
    }
    return from_manifest(parts) | {"vars": settings["vars"] | given}


def _dicts(members: Mapping[str, Any]) -> dict[str, Any]:
    return {code: member.to_dict(omit_none=False) for code, member in members.items()}


def _variables(text: str) -> dict[str, Any]:
    if not text:
        return {}
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ParseError(f"VARS is not YAML: {error}") from None
    if not isinstance(found, dict):
        raise ParseError(
            f"VARS is {text!r}; expected names and values, such as '{{jump_factor: 3}}'."
        )
    if "data_dir" in found:
        raise ParseError(
            "VARS contains data_dir. Set the folder of your tables by DATA_DIR instead."
        )
    return found


def _manifest(project: Path, variables: str) -> Any:
    from dbt.cli.main import dbtRunner

    say("Parsing the project (once per change of its files).")
    given = ["--vars", variables] if variables else []
    with TemporaryDirectory() as folder:
        result = dbtRunner().invoke(
            [
                *("parse", "--no-partial-parse", *given),
                *("--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target-path", folder, "--log-path", folder, "--no-write-json"),
                *("--log-level", "none", "--log-level-file", "none"),
            ]
        )
    if not result.success:
        raise ParseError(str(result.exception or "dbt cannot parse the project: run dbt parse."))
    return result.result


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ |= variables
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def from_manifest(manifest: Mapping[str, Any]) -> Project:
    """Return the parts of dbt's manifest that a run needs, as JSON-compatible data."""
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
        "depends_on": [
            code
            for code in node.get("depends_on", {}).get("nodes", [])
            if not code.startswith("source.")
        ],
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
    """Return the nodes in topological order, stable by name."""
    done: dict[str, None] = {}

    def visit(code: str) -> None:
        if code not in done:
            for before in sorted(nodes[code]["depends_on"]):
                visit(before)
            done[code] = None

    for code in sorted(nodes):
        visit(code)
    return list(done)
