"""Load a day of events into the state of the early warning, without building the warehouse.

The runner builds the models that validate the tables of the early warning, and the model that loads
them into the state (credit_indices.early_warning). Tables of indices are not read: a fault in them
does not stop the day.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from credit_indices.early_warning import export, register, state_file
from credit_indices.pipeline import check, enterprise_codes, full_refresh, input_files
from credit_indices.pipeline.lock import Locked, hold
from credit_indices.pipeline.progress import say, stage
from credit_indices.pipeline.runner.project import ParseError, Project, load_project
from credit_indices.pipeline.runner.render import CompilationError
from credit_indices.pipeline.runner.run import Run, ancestors, message_of
from credit_indices.pipeline.threads import for_input

AS_OF = "CREDIT_INDICES_AS_OF"
"""Environment variable with the as-of date (macros/warnings/as_of_date.sql)."""

DAY = "model.credit_indices.int_warnings__day"
RESULT = "model.credit_indices.int_warnings__as_of"
VALIDATED = "model.credit_indices.int_warnings__events_validated"
CONSENTED = "model.credit_indices.int_warnings__events_consented"
QUARANTINED = "model.credit_indices.int_warnings__quarantined"
EVENTS = "model.credit_indices.stg_input__enterprise_events"
REGISTER = (
    "model.credit_indices.stg_input__enterprises",
    "model.credit_indices.stg_input__enterprise_consents",
)
RUN = "model.credit_indices.int_warnings__run"
KEY_CHECK = "pseudonym('which key is it?', 'file')"
FAULTS = "model.credit_indices.stg_input__faults"
VIOLATIONS = "model.credit_indices.int_input__warning_violations"

GATES = ("model.credit_indices.int_input__gate", "model.credit_indices.int_quality__gate")
"""Gates of the indices, in whose place only the tables of the early warning are checked."""

SHOWN = 20

MANY_EVENTS = 1000
"""Events of one enterprise and day above which the enterprise is named: perhaps a faulty source."""


class DayError(Exception):
    """The day was not loaded; the message is for the user."""


def load_day(
    data_dir: str | None,
    warehouse: Path,
    variables: str = "",
    settings: Mapping[str, str] | None = None,
) -> Path:
    """Load the events of a folder into the state beside a warehouse.

    Args:
        data_dir: The folder of the user's input tables; None for the shipped data.
        warehouse: The warehouse; it need not exist, and is not read.
        variables: Variables of the dbt project as YAML; empty for those of dbt_project.yml.
        settings: DuckDB's settings, such as memory_limit.

    Returns:
        The folder with the new alerts.

    Raises:
        DayError: If the input has faults, or the state cannot be used. The state is then unchanged.
        NotADirectoryError: If there is no such folder.

    """
    folder = input_files.existing_folder(data_dir) if data_dir else None
    state = state_file.path_beside(warehouse)
    state.parent.mkdir(parents=True, exist_ok=True)
    threads = for_input(data_dir or "")
    cache = Path("target/cache")
    before = os.environ.get(state_file.VARIABLE)
    os.environ[state_file.VARIABLE] = str(state)
    try:
        project = load_project(Path(), cache, variables, database=warehouse.stem)
        with check.private(), _spill(state) as spill, stage("  Loaded the day"):
            given = {"temp_directory": str(spill)} | ({"threads": threads} if threads else {})
            given |= dict(settings or {})
            run = Run(project, Path(), None, folder, settings=given, cache=cache)
            try:
                return _load(run, project, state, folder)
            finally:
                run.close()
    except duckdb.IOException as error:
        raise DayError(f"{message_of(error)} If {state} is damaged: {state_file.DAMAGED}") from None
    except (
        CompilationError,
        ParseError,
        duckdb.Error,
        full_refresh.UnknownValue,
        state_file.StateError,
    ) as error:
        raise DayError(message_of(error)) from None
    finally:
        if before is None:
            del os.environ[state_file.VARIABLE]
        else:
            os.environ[state_file.VARIABLE] = before


@contextmanager
def _spill(state: Path) -> Iterator[Path]:
    """Make the folder for tables that do not fit in memory; delete what a killed load left there.

    Raises:
        DayError: If another process loads a day into the state.

    """
    spill = state.with_name(state.name.removesuffix(".duckdb") + ".day")
    try:
        with hold(spill.with_name(spill.name + ".lock")):
            if spill.exists():
                shutil.rmtree(spill)
            spill.mkdir(mode=0o700)
            try:
                yield spill
            finally:
                shutil.rmtree(spill)
    except Locked as locked:
        raise DayError(
            f"Another make day loads into {state} (process {locked.holder}). Wait until it ends."
        ) from None


def _load(run: Run, project: Project, state: Path, folder: Path | None) -> Path:
    run.check_settings()
    is_known = state.exists()
    if is_known:
        state_file.attach(run.connection, state)
        _refuse_past_days(run, state)
    waiting = ancestors(project, [FAULTS, VIOLATIONS, RESULT, QUARANTINED], GATES)
    is_partial = folder is not None and is_known and _has_register(run, folder)
    if is_partial:
        _make(run, {EVENTS})
        of_events = f"enterprise_id in (select enterprise_id from {run.relation(EVENTS)})"
        for code in REGISTER:
            run.restrict(code, of_events)
        waiting -= {EVENTS, *REGISTER}
    checked = waiting & ancestors(project, [FAULTS, VIOLATIONS], GATES)
    _make(run, checked)
    if faults := _faults(run):
        listed = "\n".join(f"  - {line}" for line in faults[:SHOWN])
        more = f"\n  - and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise DayError(
            f"The input of the early warning is not valid: {len(faults)} fault(s).\n{listed}{more}"
        )
    for gate in GATES:
        run.stand_in(gate, "select 0 as n_violations, 0 as n_expectations")
    waiting -= checked
    if is_partial:
        before = waiting & ancestors(project, [RUN], GATES)
        _make(run, before)
        run.connection.execute(
            f"update {run.relation(RUN)} set folder = ?, is_partial = true, "
            f"key_check = {KEY_CHECK}",
            [str(folder)],
        )
        waiting -= before
    kept = state_file.folder(run.connection)[1] if full_refresh.is_asked() and is_known else 0
    _make(run, waiting)
    if kept:
        say(f"  FULL_REFRESH=1: {kept} kept event(s) were deleted first.")
    _say(run)
    written = export.write_alerts(run.connection, state)
    _say_unused(run, written)
    return written


def _refuse_past_days(run: Run, state: Path) -> None:
    """Refuse a day before the last one of a user's state; the shipped data start anew."""
    if not (asked := run.text("{{ as_of_date() }}").strip()):
        return
    ((folder, last),) = run.query(
        f"select folder, (select max(as_of)::varchar from {state_file.CATALOG}.loads) "
        f"from {state_file.CATALOG}.layout"
    )
    if folder and last and asked < last and not full_refresh.is_asked():
        raise DayError(
            f"AS_OF={asked} is before {last}, the last day in {state}, which goes forward only. "
            f"The warnings of a past day are in a build: make build VARS='{{as_of_date: {asked}}}'."
        )


def _has_register(run: Run, folder: Path) -> bool:
    """Whether the state has the enterprises and consents of the folder, under the same secret."""
    if full_refresh.is_asked() or not enterprise_codes.has_pseudonym_key():
        return False
    if not register.has_files(folder):
        return False
    of_state, check, kept = run.connection.execute(
        f"select folder, key_check, register from {state_file.CATALOG}.layout"
    ).fetchone()
    return (
        state_file.is_same_folder(of_state, str(folder))
        and kept == register.fingerprint(folder)
        and run.query(f"select {KEY_CHECK}") == [(check,)]
    )


def _make(run: Run, codes: set[str]) -> None:
    if faults := run.run(codes, stop_at_fault=True).faults:
        raise DayError(next(iter(faults.values())))


def _faults(run: Run) -> list[str]:
    line = "concat_ws(' ', source_file, 'row ' || source_row || ':', column_name, value, reason)"
    tables = ", ".join(f"'{table}'" for table in input_files.WARNING_TABLES)
    return [
        found
        for (found,) in run.query(
            f"select {line} from {run.relation(FAULTS)} "
            f"where severity = 'error' and (table_name is null or table_name in ({tables})) "
            f"union all select {line} from {run.relation(VIOLATIONS)} order by 1"
        )
    ]


def _say(run: Run) -> None:
    ((as_of, added, touched, alerts),) = run.query(
        f"select as_of, added, touched, alerts from {run.relation(DAY)}"
    )
    ((records,),) = run.query(f"select count(*) from {run.relation(VALIDATED)}")
    say(
        f"  {as_of}: {added} new event(s) of {records} record(s), {touched} enterprise(s) computed "
        f"again, {alerts} new alert(s)."
    )
    ((last, unlisted, of_unlisted),) = run.query(
        f"select (select max(as_of) from {state_file.CATALOG}.loads), "
        "count(distinct enterprises.en), count(*) "
        f"from {state_file.CATALOG}.open_alerts as alerts "
        f"inner join {state_file.CATALOG}.enterprises as enterprises using (en) "
        "where not enterprises.is_listed and not alerts.is_closed"
    )
    if last and last > as_of:
        say(f"  The alert log is at {last} already: alerts of days before it are not sent.")
    if unlisted:
        say(
            f"  {of_unlisted} open alert(s) of {unlisted} enterprise(s) are not in the queue, "
            "because the table enterprises no longer has these enterprises."
        )
    for key, occurred, n in run.query(
        "select enterprise_key, occurred_at::date, count(*) "
        f"from {run.relation(CONSENTED)} group by all having count(*) > {MANY_EVENTS} "
        f"order by 3 desc, 1 limit {SHOWN}"
    ):
        say(f"  {n:,} events of {occurred} for the enterprise {key}: is its source faulty?")


def _say_unused(run: Run, folder: Path) -> None:
    """Say how many records were not used, and list them in a file beside the alerts."""
    ((unconsented,),) = run.query(
        f"select count(*) from {run.relation(CONSENTED)} where not is_consented"
    )
    if unconsented:
        say(f"  {unconsented} event(s) not used for lack of consent.")
    reasons = run.query(
        "select reason, count(*), min_by(source_file, source_row), min(source_row) "
        f"from {run.relation(QUARANTINED)} group by reason order by 2 desc, 1"
    )
    for reason, n, file, row in reasons:
        say(f"  {n} record(s) not used: {reason} (first: {file} row {row})")
    if reasons:
        file = export.write_unused(run.connection, run.relation(QUARANTINED), folder)
        say(f"  Records that were not used are listed in {file}.")
