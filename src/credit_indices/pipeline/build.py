"""Build the warehouse in a separate folder and move it into place only if the build succeeds.

A failed build leaves old marts beside new staging models, so this command never writes to the
warehouse that people query. The candidate has the same file name, because dbt's views contain it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from credit_indices.early_warning import engine, state_file
from credit_indices.pipeline import check, enterprise_codes, full_refresh, input_files, parts
from credit_indices.pipeline.lock import Locked, hold
from credit_indices.pipeline.progress import say
from credit_indices.pipeline.warehouse_file import data_source, require_writable

DEFAULT_WAREHOUSE = "warehouse/credit_indices.duckdb"


CREDIT_MODELS = """
select fits.model_code, fits.status, fits.message,
    max(value) filter (sample = 'out_of_time' and metric = 'accuracy'),
    max(value) filter (sample = 'out_of_time' and metric = 'majority'),
    max(value) filter (sample = 'out_of_time' and metric = 'auc'),
    max(value) filter (sample = 'random_split' and metric = 'auc'),
    max(n_loans) filter (sample = 'out_of_time' and metric = 'accuracy'), fits.n_test,
    fits.data_origin
from marts.credit_model_fits as fits
left join marts.credit_model_performance as performance
    on fits.model_code = performance.model_code and performance.features = 'all'
group by all order by fits.model_code
"""


class BuildError(Exception):
    """The build cannot start or did not succeed; the message is for the user."""


def warehouse_path() -> Path:
    """Return the warehouse file: ``CREDIT_INDICES_DB``, or the default."""
    return Path(os.environ.get("CREDIT_INDICES_DB") or DEFAULT_WAREHOUSE)


def build(data_dir: str | None = None, named_parts: str | None = None) -> Path:
    """Run ``dbt build`` into a candidate and move it over the warehouse.

    Args:
        data_dir: the folder of the user's input tables; None for the shipped data. The warehouse
            is the file that ``CREDIT_INDICES_DB`` names.
        named_parts: The parts to build, separated by commas; parts that they need are added. None
            or empty for the parts that the data select.

    Returns:
        The warehouse.

    Raises:
        BuildError: the folder or a part does not exist, the warehouse is open in another process,
            or the build failed. The warehouse is then unchanged.

    """
    require_project()
    require_long_key()
    require_known_refresh()
    try:
        chosen = parts.named(named_parts or "", parts.known())
    except parts.UnknownPart as error:
        raise BuildError(str(error)) from None
    warehouse = warehouse_path()
    require_unambiguous_name(warehouse)
    candidate = warehouse.parent / "candidate" / warehouse.name
    environment = {
        "CREDIT_INDICES_DB": str(candidate),
        "CREDIT_INDICES_DATA_DIR": str(input_files.existing_folder(data_dir)) if data_dir else "",
    }
    try:
        with hold(candidate.with_name(candidate.name + ".lock")) as lock:
            return _build(warehouse, candidate, environment, data_dir, chosen, lock)
    except Locked as error:
        raise BuildError(
            f"Another build of {warehouse} is running (process {error.holder}). Wait until it "
            "ends, or build into another file: CREDIT_INDICES_DB=warehouse/other.duckdb make build"
        ) from None
    except OSError as error:
        raise BuildError(f"{error.filename}: {error.strerror}. No warehouse was made.") from None


def require_project() -> None:
    """Raise BuildError if the working folder is not the project's."""
    if not Path("dbt_project.yml").is_file():
        raise BuildError(
            f"{Path.cwd()} is not the folder of the project: it has no dbt_project.yml. Go to the "
            "project's folder and run the command there."
        )


def require_unambiguous_name(warehouse: Path) -> None:
    """Raise BuildError if the file has the name of a schema: `schema.table` would be ambiguous."""
    if warehouse.stem.lower() in parts.schemas():
        raise BuildError(
            f"{warehouse}: a schema of the warehouse has the name {warehouse.stem.lower()}, so "
            "queries of its tables would be ambiguous in DuckDB. Choose another file name, such as "
            f"{warehouse.stem}_warehouse{warehouse.suffix}. Nothing was built."
        )


def require_long_key() -> None:
    """Raise BuildError if the key for pseudonyms is short enough to be guessed."""
    try:
        enterprise_codes.require_long_key()
    except enterprise_codes.PseudonymKeyError as error:
        raise BuildError(f"{error}\nNothing was built.") from None


def require_known_refresh() -> None:
    """Raise BuildError if FULL_REFRESH has an unknown value."""
    try:
        full_refresh.is_asked()
    except full_refresh.UnknownValue as error:
        raise BuildError(f"{error} Nothing was built.") from None


def check_input(
    data_dir: str | None, warehouse: Path, chosen: Collection[str] | None = None
) -> int | None:
    """Check the input for faults before anything is built; see `check.check`.

    Raises:
        BuildError: The input has faults, which the message lists.

    """
    variables = os.environ.get("CREDIT_INDICES_VARS", "")
    try:
        return check.check(data_dir, warehouse, variables, duckdb_settings(), chosen)
    except check.InputFault as error:
        raise BuildError(str(error)) from None


def _build(
    warehouse: Path,
    candidate: Path,
    environment: dict[str, str],
    data_dir: str | None,
    chosen: list[str],
    lock: int,
) -> Path:
    require_writable(warehouse)
    require_writable(candidate, is_disposable=True)
    for leftover in (candidate, candidate.with_name(candidate.name + ".wal")):
        leftover.unlink(missing_ok=True)
    folder = environment["CREDIT_INDICES_DATA_DIR"] or None
    state = state_file.path_beside(warehouse)
    environment[state_file.VARIABLE] = str(state)
    of_state, kept_events = _kept_events(state)
    if full_refresh.is_asked() or not folder or not state_file.is_same_folder(of_state, folder):
        kept_events = 0

    source = f"the data in {data_dir}" if data_dir else "the shipped data"
    replaced = data_source(warehouse)
    if replaced and replaced != (folder,):
        source += f", in place of {engine.folder_name(*replaced)}"
    say(f"Building {warehouse} from {source}.")
    if kept_events:
        say(
            f"Adding to the {kept_events} events of earlier builds from there "
            "(FULL_REFRESH=1 deletes them)."
        )
    started = time.monotonic()
    if kept_events and chosen and "warnings" not in chosen:
        chosen = [*chosen, "warnings"]  # adds the new events of the folder
    if not chosen:
        tables = input_files.own_tables(folder) if folder else frozenset()
        chosen = parts.selected(parts.known(), tables, has_kept_events=kept_events > 0)
    if "warnings" in chosen:
        _refuse_other_events(state, folder)
    for part, of_part in parts.BY_NAME.items():
        unread = sorted(of_part & input_files.own_tables(folder)) if folder else []
        if unread and part not in chosen:
            say(f"This build does not read {', '.join(unread)}: add PARTS={part}.")
    kept = "is unchanged" if warehouse.exists() else "was not made"
    try:
        check_input(data_dir, warehouse, chosen)
    except BuildError as error:
        raise BuildError(f"{error}\nNothing was built; {warehouse} {kept}.") from None
    if not run_dbt(environment, parts=chosen, keep_open=[lock]):
        raise BuildError(
            f"The build stopped; {warehouse} {kept}. The tables built "
            f"before it stopped, including quality.quarantined_observations and "
            f"quality.data_quality_results, are in {candidate}."
        )
    candidate.chmod(0o600)  # it names enterprises
    require_writable(warehouse)
    os.replace(candidate, warehouse)
    say(f"Built {warehouse} in {time.monotonic() - started:.0f} s.")
    say("\n".join(summary(warehouse)))
    return warehouse


def _kept_events(state: Path) -> tuple[str | None, int]:
    try:
        return state_file.kept_events(state)
    except state_file.StateError as error:
        raise BuildError(f"{error} Nothing was built.") from None


def _refuse_other_events(state: Path, folder: str | None) -> None:
    """Raise BuildError if the state keeps the events of another folder of the user's."""
    of_state, kept = _kept_events(state)
    is_others = of_state is not None and not state_file.is_same_folder(of_state, folder)
    if kept and is_others and not full_refresh.is_asked():
        raise BuildError(
            f"{state} keeps {kept} event(s) of earlier builds from {of_state}, which a build of "
            "other data would delete. Build from that folder, or into another file "
            "(CREDIT_INDICES_DB=warehouse/other.duckdb), or delete them and the alert log "
            "(FULL_REFRESH=1)."
        )


def run_dbt(
    environment: dict[str, str], *, parts: Sequence[str] = (), keep_open: Sequence[int] = ()
) -> bool:
    """Run ``dbt build`` without its unit tests in a separate process; return whether it succeeded.

    Unit tests test the code and not the data: `make test` runs them.

    Args:
        environment: Environment variables to set or change. ``CREDIT_INDICES_VARS`` holds variables
            of the dbt project as YAML.
        parts: The parts to build; parts that they need are added. All if none is named.
        keep_open: Descriptors of locks that dbt keeps while it runs, even if this process is
            killed.

    """
    command = [sys.executable, "-m", "credit_indices.pipeline.dbt_process"]
    if parts:
        command += ["--parts", ",".join(parts)]
    # The summary counts the warnings of these two.
    command += [
        "build",
        "--exclude",
        "there_are_no_input_warnings",
        "there_are_no_data_quality_warnings",
    ]
    command += ["--log-level-file", "info"]  # a debug log takes a fifth of the time
    ended = subprocess.run(command, env=os.environ | environment, check=False, pass_fds=keep_open)
    return ended.returncode == 0


def duckdb_settings() -> dict[str, str]:
    """Return the DuckDB settings that profiles/profiles.yml takes from the environment."""
    names = ("memory_limit", "temp_directory", "threads")
    values = {name: os.environ.get(f"CREDIT_INDICES_{name.upper()}", "") for name in names}
    return {name: value for name, value in values.items() if value}


def _of(n: int, of: int) -> str:
    return "" if n == of else f"{n} of {of} loans have a score, "


def summary(warehouse: Path) -> list[str]:
    """Summarise a build in lines: indices, quarantined observations, warnings."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        indices = connection.execute(
            "select index_code, count(*), count(distinct unit_id), min(period), max(period), "
            "min(data_origin) from marts.index_scores where scheme = 'headline' "
            "group by index_code order by index_code"
        ).fetchall()
        left_out = connection.execute(
            "select value, reason from quality.input_warnings "
            "where rule = 'index_without_data' order by value"
        ).fetchall()
        n_expectations, unmet = connection.execute(
            "select count(*), count(*) filter (where not success) from quality.data_quality_results"
        ).fetchone()
        examples = connection.execute(
            "select severity, failure, unexpected_count > 1, "
            "coalesce(split_part(examples, chr(10), 1), observed) "
            "from quality.data_quality_results where not success "
            "order by severity = 'critical' desc, suite, expectation"
        ).fetchall()
        quarantined, warnings = connection.execute(
            "select (select count(*) from quality.quarantined_observations), "
            "(select count(*) from quality.input_warnings)"
        ).fetchone()
        levels = connection.execute(
            "select level, count(*), max(as_of), max(data_origin) from marts.enterprise_status "
            "group by level, level_rank order by level_rank desc"
        ).fetchall()
        without_calendar = connection.execute(
            "select count(*), string_agg(distinct year(opened_at)::varchar, ', ' "
            "order by year(opened_at)::varchar) "
            "from marts.enterprise_warnings where not is_due_by_calendar"
        ).fetchone()
        models = connection.execute(CREDIT_MODELS).fetchall()
        faulty_loans = check.quarantined_loans(
            lambda query: connection.execute(query).fetchall(), "quality.quarantined_loans"
        )
        faulty, without_consent, kept = connection.execute(
            "select (select count(*) from quality.quarantined_events), "
            "coalesce(sum(without_consent), 0), coalesce(sum(kept_without_consent), 0) "
            "from marts.event_use"
        ).fetchone()
    lines = []
    for code, rows, units, first, last, origin in indices:
        periods = str(first) if first == last else f"{first}-{last}"
        lines.append(f"  {code}: {rows} scores, {units} units, {periods}, {origin} data")
    lines += [f"  {code} {reason}" for code, reason in left_out]
    if not indices:
        lines.append("  No index was computed.")
    lines.append(
        f"  {quarantined} observation(s) quarantined (quality.quarantined_observations), "
        f"{warnings} warning(s) (quality.input_warnings)"
    )
    if levels:
        counts = ", ".join(f"{count} {level}" for level, count, _, _ in levels)
        lines.append(f"  enterprises on {levels[0][2]}: {counts}, {levels[0][3]} data")
    if levels or faulty:
        lines.append(
            f"  {faulty} record(s) of enterprises and events quarantined "
            f"(quality.quarantined_events), {without_consent} event(s) not used for lack of "
            "consent (marts.event_use)"
        )
    if kept:
        lines.append(
            f"  {kept} event(s) of earlier builds are used, although by the present consents none "
            "was in force when they were recorded: FULL_REFRESH=1 leaves them out (marts.event_use)"
        )
    if without_calendar[0]:
        lines.append(
            f"  {without_calendar[0]} warning(s), opened in {without_calendar[1]}, have a due date "
            "without public holidays: add these years to public_holidays "
            "(marts.enterprise_warnings, is_due_by_calendar)"
        )
    lines += faulty_loans
    for code, status, message, accuracy, majority, auc, at_random, n, of, origin in models:
        if status != "ok":
            lines.append(f"  model {code}: {status}: {message}")
            continue
        lines.append(
            f"  model {code}: out of time {accuracy:.1%} correct ({majority:.1%} without a model), "
            f"AUC {auc:.3f} (random split {at_random:.3f}), {_of(n, of)}{origin} data"
        )
        if message and message.startswith("Suspicious"):
            lines.append(f"    {message.partition(' (marts')[0]} (marts.credit_model_findings)")
    lines.append(
        f"  {unmet} of {n_expectations} expectations of data quality failed "
        "(quality.data_quality_results)"
    )
    lines += [
        f"    {severity}: {failure}: {'first ' if is_one_of_several else ''}{case}"
        for severity, failure, is_one_of_several, case in examples
    ]
    return lines
