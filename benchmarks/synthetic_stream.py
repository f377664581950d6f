"""Synthetic enterprises and a stream of their events of any size, as input tables in Parquet."""

import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from credit_indices.pipeline.enterprise_codes import ALPHABET, WEIGHTS

FIRST, LAST = "2020-01-01", "2021-12-31"
DAY = "2022-01-01"
EVENTS_OF_ENTERPRISE = 29
"""Mean number of events of an enterprise in the two years of history."""

SHARE_OF_DAY = 0.1
"""Events of the day, over the number of enterprises."""

TYPES = """
    case
        when k < 620 then 'capital_flow'
        when k < 700 then 'negative_opinion'
        when k < 760 then 'equity_change'
        when k < 820 then 'tax_overdue'
        when k < 870 then 'tax_underpayment'
        when k < 910 then 'related_party_share'
        when k < 935 then 'lawsuit'
        when k < 943 then 'breach_execution'
        when k < 958 then 'response_taken'
        when k < 974 then 'rectification_completed'
        when k < 988 then 'repair_application'
        else 'repair_decision'
    end
"""


def enterprises(n: int) -> pa.Table:
    """Return enterprises with valid codes of a division that does not exist."""
    digits = np.array(list(ALPHABET))
    numbers = np.arange(n)
    values = np.zeros((n, 17), dtype=int)
    values[:, 0] = 9
    values[:, 1] = 1
    for place in range(9):
        values[:, 16 - place] = numbers // 10**place % 10
    checks = -(values @ np.array(WEIGHTS)) % 31
    codes = np.concatenate([digits[values], digits[checks][:, None]], axis=1)
    rng = np.random.default_rng(1)
    return pa.table(
        {
            "enterprise_id": ["".join(code) for code in codes],
            "name": [f"synthetic {number}" for number in numbers],
            "province_code": np.array(["11", "12", "13", "31", "33", "44"])[numbers % 6],
            "city": ["synthetic"] * n,
            "industry": ["synthetic"] * n,
            "registered_capital": np.round(np.exp(rng.uniform(13, 15.5, n))),
        }
    )


def write(folder: Path, n: int) -> tuple[int, int]:
    """Write the tables of n enterprises, their history and one day.

    A hundredth of the records come up to sixty days late; a thousandth of the day come twice, some
    of them were in the history. Activity is skewed: a few enterprises have hundreds of events.

    Args:
        folder: Folder to create, with enterprises and enterprise_consents; the events of the
            history and of the day are in its folders history and day.
        n: Number of enterprises.

    Returns:
        The number of events of the history and of the day.

    """
    for name in ("history", "day"):
        (folder / name).mkdir(parents=True)
    history, of_day = n * EVENTS_OF_ENTERPRISE, int(n * SHARE_OF_DAY)
    with duckdb.connect() as connection:
        listed = enterprises(n)  # noqa: F841 - DuckDB finds it by name
        connection.execute(
            "create table listed as select row_number() over () - 1 as number, * from listed"
        )
        _copy(connection, "select * exclude (number) from listed", folder / "enterprises.parquet")
        _copy(
            connection,
            """
            select
                enterprise_id,
                data_class,
                timestamp '2018-12-01' as granted_at,
                case when hash(number, data_class) % 50 = 0 then timestamp '2021-03-01' end
                    as withdrawn_at
            from listed
            cross join (
                values ('tax'), ('transactions'), ('judicial'), ('opinion'), ('ownership'),
                ('repair')
            ) as classes (data_class)
            where hash(number, data_class, 5) % 33 <> 0
            """,
            folder / "enterprise_consents.parquet",
        )
        for part in range(12):
            events = _events(n, history // 12, f"H{part}", FIRST, 731)
            _copy(connection, events, folder / "history" / f"part-{part}.parquet")
        events = _events(n, of_day, "D", DAY, 1)
        _copy(
            connection,
            f"""
            with day as ({events})
            select * from day
            union all
            select * from day where hash(event_id) % 1000 = 0
            union all
            (
                select * from read_parquet('{folder}/history/part-0.parquet')
                limit {of_day // 1000}
            )
            """,
            folder / "day" / "part-0.parquet",
        )
    return history // 12 * 12, of_day


def _events(n: int, number: int, tag: str, first: str, days: int) -> str:
    return f"""
    select
        '{tag}-' || i as event_id,
        listed.enterprise_id,
        date_trunc('second', recorded - to_seconds(
            case when hash(i, '{tag}', 4) % 100 = 0
                then 86400 * (2 + hash(i, '{tag}', 6) % 60)::bigint
                else (hash(i, '{tag}', 6) % 72000)::bigint
            end
        )) as occurred_at,
        recorded as recorded_at,
        event_type,
        case when event_type = 'lawsuit'
            then if(hash(i, '{tag}', 7) % 3 = 0, 'plaintiff', 'defendant')
        end as role,
        case when event_type = 'capital_flow'
            then round(listed.registered_capital * exp(-6 + 6.0 * u), 2)
        end as amount,
        case event_type
            when 'tax_underpayment' then round(0.2 * u * u, 4)
            when 'related_party_share' then round(0.5 * u * u, 4)
        end as ratio,
        case when event_type = 'negative_opinion' and hash(i, '{tag}', 8) % 10 = 0 then 2 end
            as count,
        case when event_type = 'repair_decision'
            then if(hash(i, '{tag}', 9) % 3 = 0, 'refused', 'passed')
        end as result
    from (
        select
            i,
            floor(
                {n} * pow((hash(i, '{tag}', 1) % 100000007) / 100000007.0, 1.7)
            )::bigint as number,
            hash(i, '{tag}', 3) % 1000 as k,
            {TYPES} as event_type,
            (hash(i, '{tag}', 5) % 1000003) / 1000003.0 as u,
            date_trunc('second', timestamp '{first}' + to_seconds(floor(
                (hash(i, '{tag}', 2) % 100000007) / 100000007.0 * 86400 * {days}
            )::bigint)) as recorded
        from range({number}) as numbers (i)
    ) as drawn
    inner join listed using (number)
    """


def _copy(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    connection.execute(f"copy ({query}) to '{file}' (format parquet)")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
