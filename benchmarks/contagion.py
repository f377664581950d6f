"""Time the part neighbours on random links: exposures, paths, circles and scenarios.

    python benchmarks/contagion.py                          10^5 enterprises, 3 x 10^5 links
    python benchmarks/contagion.py --enterprises 2000000 --links 6000000

The links are of enterprises drawn at random; a tenth of them go to the first enterprises, which
become hubs. 5 % of the enterprises have an open warning. Prints the seconds of every model.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from credit_indices.pipeline.runner.project import load_project
from credit_indices.pipeline.runner.run import Run

PROJECT = Path(__file__).parents[1]
MODELS = (
    "int_neighbours__exposures",
    "int_neighbours__degrees",
    "int_neighbours__warned_nearby",
    "contagion_exposure",
    "int_neighbours__circles",
    "guarantee_circles",
    "int_neighbours__scenarios",
    "contagion_scenarios",
)

TABLES = """
select setseed(0.21);
create schema restricted;
create schema marts;
create schema intermediate;
create table restricted.int_warnings__enterprises as
select md5(i::varchar)[:24] as enterprise_key, round(10 ** (5.7 + 2.3 * random())) as
    registered_capital, 'synthetic' as data_origin, i
from range({enterprises}) as numbers(i);
create table restricted.int_neighbours__warned as
select enterprise_key, 1 + i % 3 as level_rank, 'level ' || (1 + i % 3) as level
from restricted.int_warnings__enterprises where random() < 0.05;
create table marts.enterprise_status as
select enterprise_key, coalesce(level, 'none') as level, coalesce(level_rank, 0) as level_rank,
    data_origin
from restricted.int_warnings__enterprises left join restricted.int_neighbours__warned
    using (enterprise_key);
create table restricted.int_neighbours__links as
select md5(a::varchar)[:24] as exposed_key, md5(b::varchar)[:24] as counterparty_key,
    ['guarantee', 'shareholding', 'supply'][1 + (n % 3)::int] as kind,
    round(10 ** (4 + 2 * random())) as exposure, null::double as share, 'used' as status,
    'synthetic' as data_origin
from (
    select n, (random() * {enterprises})::bigint % {enterprises} as a,
        (random() * if(n % 10 = 0, 1 + {enterprises} // 1000, {enterprises}))::bigint
        % {enterprises} as b
    from range({links}) as numbers(n)
)
where a <> b;
create table intermediate.int_warnings__as_of as select date '2021-12-31' as as_of;
create table intermediate.int_warnings__levels as select unnest([1, 2, 3]) as level_rank;
"""


def main() -> None:
    """Print a line per model: seconds, rows and the peak of the memory so far."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, default=100_000)
    parser.add_argument("--links", type=int, default=300_000)
    options = parser.parse_args()
    project = load_project(PROJECT, PROJECT / "target" / "cache")
    codes = {node["name"]: code for code, node in project["nodes"].items()}
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "contagion.duckdb"
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(TABLES.format(**vars(options)))
        run = Run(project, PROJECT, warehouse, settings={"threads": 2})
        for name in MODELS:
            began = time.perf_counter()
            if faults := run.run([codes[name]]).faults:
                raise SystemExit("\n".join(faults.values()))
            seconds = time.perf_counter() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
            rows = run.count(codes[name])
            print(f"{name:30} {seconds:6.1f} s {rows:10,} rows, peak {peak:.1f} GB", flush=True)
        run.close()


if __name__ == "__main__":
    main()
