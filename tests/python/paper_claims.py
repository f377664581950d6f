"""The claims of the papers computed from the seeds, which tests may change."""

from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import yaml

from credit_indices.replication import claim_results
from credit_indices.stats import agreement, published_tests

PROJECT = Path(__file__).parents[2]

SEEDS = (
    *(f"published/song_liu_2025_{name}" for name in ("claims", "coefficients", "external", "text")),
    *(f"published/song_liu_2025_table_{number}" for number in (1, 2, 5, 6)),
    *(f"published/lin_gu_2015_{name}" for name in ("claims", "equations", "external", "weights")),
    *(f"published/lin_gu_2015_table_{number}" for number in range(1, 6)),
    "published/digital_economy_of_china",
    "raw/nbs",
    "raw/nbs_land_area",
    "catalog/units",
    "catalog/indicators",
    "catalog/index_indicators",
)
TABLE_1_OF_SONG_LIU = {
    "optical_cable_length": ("synthetic_miit", "optical_cable_length_10k_km"),
    "invention_patents_granted": ("nbs", "invention_patents_granted"),
    "npl_ratio": ("synthetic_pboc", "npl_ratio_percent"),
    "mobile_penetration": ("synthetic_miit", "mobile_penetration_per_100_persons"),
    "local_credit_regulations": ("synthetic_pkulaw", "local_credit_regulations"),
}


@cache
def seed(path: str) -> pa.Table:
    """A seed as dbt loads it."""
    folder, name = path.split("/")
    (described,) = (PROJECT / "seeds" / folder).glob("_*__seeds.yml")
    seeds = yaml.safe_load(described.read_text(encoding="utf-8"))["seeds"]
    (types,) = (one["config"]["column_types"] for one in seeds if one["name"] == name)
    read = duckdb.connect().execute(
        "from read_csv(?, header = true, types = ?)", [f"{PROJECT}/seeds/{path}.csv", types]
    )
    return read.to_arrow_table()


@cache
def unrelated() -> pa.Table:
    """stats.agreement_reference for the cities of Lin & Gu."""
    return agreement.reference_table(pa.table({"n_units": [284]}))


def tables(*statements: str) -> dict[str, pa.Table]:
    """Inputs of the model claim_results, with the seeds changed by SQL statements."""
    connection = duckdb.connect()
    for path in SEEDS:
        connection.register("seed", seed(path))
        connection.execute(f"create table {path.split('/')[1]} as from seed")
    for statement in statements:
        connection.execute(statement)
    read = {
        name: connection.execute(f"from {name}").to_arrow_table()
        for name in (path.split("/")[1] for path in SEEDS)
    }
    observations = [
        (code, str(value))
        for code, (name, column) in TABLE_1_OF_SONG_LIU.items()
        for value in seed(f"raw/{name}")[column].to_pylist()
    ]
    codes, values = zip(*observations, strict=True)
    of_symbol = {row["symbol"]: row for row in read["lin_gu_2015_table_5"].to_pylist()}
    m, s = of_symbol["M"], of_symbol["S"]
    return read | {
        "stg_shipped__observations": pa.table({"indicator_code": codes, "value_as_read": values}),
        "agreement_reference": unrelated(),
        "published_t_tests": published_tests.reported_t_table(
            read["song_liu_2025_coefficients"].to_pylist(), most_df=309
        ),
        "published_location_tests": agreement.reported_location_table(
            m=m["statistic"],
            s=s["statistic"],
            reported_sign_p=m["p_value"],
            reported_signed_rank_p=s["p_value"],
            n_units=284,
        ),
    }


def claims(paper: str, *statements: str) -> dict[str, list]:
    """Published, recomputed, lower, upper, verdict and explanation by the claim's short code."""
    rows = claim_results(tables(*statements)).to_pylist()
    found = {row.pop("claim_code"): list(row.values()) for row in rows}
    return {
        code.removeprefix(f"{paper}_"): row for code, row in found.items() if code.startswith(paper)
    }


def verdicts(claims: dict[str, list]) -> dict[str, str]:
    return {code: row[4] for code, row in claims.items()}
