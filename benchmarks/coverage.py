"""Time and memory of the credit coverage at size, on the models of the part without dbt's start.

    python benchmarks/coverage.py --enterprises 2000000 --records 4 --months 24 --memory 3GB

Needs a built warehouse with the part: make build PARTS=coverage. Works in a temporary folder (about
5 GB for 2 million enterprises) and prints the seconds of every step, the largest memory of the
process, and the counts of the last month beside those of a query that reads the records directly.
"""

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

import duckdb

from credit_indices.pipeline import enterprise_codes
from credit_indices.pipeline.build import warehouse_path
from credit_indices.pipeline.runner.project import load_project
from credit_indices.pipeline.runner.run import Run, ancestors

READ = (
    "stg_input__enterprises",
    "stg_input__enterprise_events",
    "stg_input__enterprise_consents",
    "stg_input__coverage_records",
)
MARTS = ("credit_coverage", "coverage_findings")
SEED = 21
AS_OF = "2021-12-31"


def write(folder: Path, enterprises: int, records: int) -> None:
    """Write a register, consents, one event and the records as Parquet, from a fixed seed."""
    with duckdb.connect() as connection:
        connection.create_function(
            "code",
            lambda n: body_of(n) + enterprise_codes.check_character(body_of(n)),
            ["BIGINT"],
            "VARCHAR",
        )
        connection.execute(f"select setseed({SEED / 100}); set threads = 1")
        connection.execute(f"""
            create table enterprises as
            select code(n) as enterprise_id, 'x' as name,
                (['11','12','13','14','15','21','22','23','31','32','33','34','35','36','37','41',
                  '42','43','44','45','46','50','51','52','53','54','61','62','63','64','65']
                )[1 + n % 31] as province_code,
                'y' as city, 'z' as industry,
                round(exp(11 + 9 * random())) as registered_capital,
                date '2005-01-01' + cast(floor(random() * 5400) as integer) as registered_on,
                case when random() < 0.1
                    then date '2020-01-01' + cast(floor(random() * 700) as integer) end as closed_on
            from range({enterprises}) as numbers (n)
        """)
        tables = {
            "enterprises": "from enterprises",
            "enterprise_events": f"""
                select 'e1' as event_id, enterprise_id, '{AS_OF} 09:00:00' as occurred_at,
                    '{AS_OF} 10:00:00' as recorded_at, 'negative_opinion' as event_type
                from enterprises limit 1""",
            "enterprise_consents": """
                select enterprise_id, 'coverage' as data_class, '2018-12-01 09:00:00' as granted_at,
                    case when random() < 0.05 then '2021-03-01 09:00:00' end as withdrawn_at
                from enterprises where random() < 0.95
                union all
                (select enterprise_id, 'opinion', '2018-12-01 09:00:00', null
                from enterprises limit 1)""",
            "coverage_records": f"""
                select enterprise_id, 'source ' || floor(random() * 6)::integer as source,
                    case when random() < 0.5 then 'bank' else 'alternative' end as kind,
                    first_day, case when random() < 0.5
                        then first_day + cast(floor(random() * 1500) as integer) end as last_day
                from (
                    select enterprise_id,
                        date '2015-01-01' + cast(floor(random() * 2500) as integer) as first_day
                    from enterprises, range({records}) as numbers (n)
                )""",
        }
        for name, query in tables.items():
            connection.execute(f"copy ({query}) to '{folder / name}.parquet'")


def body_of(n: int) -> str:
    """Return the first 17 characters of the code of enterprise n."""
    return f"91000000{n:09d}"


EXPECTED = f"""
with state as (
    select e.enterprise_id,
        coalesce(bool_or(r.kind = 'bank'), false) as bank,
        coalesce(bool_or(r.kind = 'alternative'), false) as alternative,
        bool_or(c.enterprise_id is not null) as consented
    from '{{folder}}/enterprises.parquet' as e
    left join '{{folder}}/enterprise_consents.parquet' as c
        on e.enterprise_id = c.enterprise_id and c.withdrawn_at is null
        and c.data_class = 'coverage'
    left join '{{folder}}/coverage_records.parquet' as r
        on e.enterprise_id = r.enterprise_id and r.first_day <= date '{AS_OF}'
        and (r.last_day is null or r.last_day >= date '{AS_OF}')
    where e.registered_on <= date '{AS_OF}'
        and (e.closed_on is null or e.closed_on > date '{AS_OF}')
    group by e.enterprise_id
)
select count(*), count(*) filter (bank and consented), count(*) filter (alternative and consented),
    count(*) filter (bank and alternative and consented)
from state
"""
FOUND = f"""
select n_register, n_bank, n_alternative, n_both
from restricted.int_coverage__cells
where province_code = 'all' and size_class = 'all'
    and month_begin = date_trunc('month', date '{AS_OF}')
"""


def main() -> None:
    """Generate the folder, run the models and print their times and memory."""
    parser = argparse.ArgumentParser(description="Time and memory of the credit coverage.")
    parser.add_argument("--enterprises", type=int, default=2_000_000)
    parser.add_argument("--records", type=int, default=4, help="records of each enterprise")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--memory", default="3GB", help="DuckDB's memory_limit")
    options = parser.parse_args()
    os.environ[enterprise_codes.KEY_VARIABLE] = "a long key for benchmarks"
    with tempfile.TemporaryDirectory(prefix="coverage-") as name:
        folder = Path(name) / "data"
        folder.mkdir()
        warehouse = Path(name) / warehouse_path().name
        shutil.copy(warehouse_path(), warehouse)
        pid = os.fork()  # so that its memory does not count
        if pid == 0:
            write(folder, options.enterprises, options.records)
            os._exit(0)
        os.waitpid(pid, 0)
        measure(folder, warehouse, options)


def measure(folder: Path, warehouse: Path, options: argparse.Namespace) -> None:
    """Run every model that reads a table of the folder, and print seconds and memory."""
    variables = json.dumps({"coverage_months": options.months})
    cache = Path("target/cache")
    project = load_project(Path(), cache, variables, database=warehouse.stem)
    nodes = project["nodes"]
    by_name = {node["name"]: code for code, node in nodes.items()}
    read = {by_name[name] for name in READ}
    codes = [
        code
        for code in ancestors(project, [by_name[name] for name in MARTS])
        if read & ancestors(project, [code]) and nodes[code]["fqn"][2] not in ("checks", "gate")
    ]
    settings = {"memory_limit": options.memory, "threads": 2, "preserve_insertion_order": False}
    run = Run(project, Path(), warehouse, folder, settings=settings, cache=cache, full_refresh=True)
    began, done = time.perf_counter(), set()
    steps = []
    for code in sorted(codes, key=lambda one: (len(ancestors(project, [one])), one)):
        start = time.perf_counter()
        outcome = run.run([code])
        if outcome.faults:
            raise SystemExit(str(outcome.faults))
        done.add(code)
        steps.append((time.perf_counter() - start, nodes[code]["name"]))
    total = time.perf_counter() - began
    found = run.query(FOUND)
    run.close()
    for seconds, name in sorted(steps, reverse=True)[:12]:
        print(f"{seconds:8.1f} s  {name}")
    of_part = sum(seconds for seconds, name in steps if "coverage" in name)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{options.enterprises:,} enterprises, {options.enterprises * options.records:,} records, "
        f"{options.months} months: {total:.0f} s in all, {of_part:.0f} s of them for models of the "
        f"part; at most {peak:.2f} GB of memory; load {os.getloadavg()[0]:.1f}"
    )
    with duckdb.connect(config={"memory_limit": options.memory}) as connection:
        expected = connection.execute(EXPECTED.format(folder=folder)).fetchall()
    print(f"last month {found[0]}, directly {expected[0]}")
    if found != expected:
        raise SystemExit("The counts differ.")


if __name__ == "__main__":
    main()
