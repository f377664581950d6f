"""Largest relative differences of the contenders' scores from the warehouse's.

    python benchmarks/compare_scores.py WAREHOUSE SCORES...

Prints a JSON object from file name to difference; infinity for a unit that one of them lacks.
"""

import argparse
import json
from pathlib import Path

import duckdb

DIFFERENCE = """
    select max(
        coalesce(
            abs(theirs.score - ours.score) / nullif(greatest(theirs.score, ours.score), 0),
            case when theirs.score = 0 and ours.score = 0 then 0 else 'inf'::double end
        )
    )
    from (
        select unit_id, score from marts.index_scores where scheme = 'headline'
    ) as ours
    full join read_parquet($scores) as theirs using (unit_id)
"""

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("scores", type=Path, nargs="*")
    arguments = parser.parse_args()
    with duckdb.connect(str(arguments.warehouse), read_only=True) as connection:
        differences = {
            path.stem: connection.execute(DIFFERENCE, {"scores": str(path)}).fetchone()[0]
            for path in arguments.scores
        }
    print(json.dumps(differences))
