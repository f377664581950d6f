"""The same index by numpy, pandas and pymcdm, from a Parquet file to a file of scores.

    python benchmarks/contenders.py {numpy,pandas,pymcdm} FOLDER SCORES

Each is typical analyst's code: no validation, no ranks, no hierarchy. SCORES is a Parquet file with
unit_id and score.
"""

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def directions(folder: Path) -> dict[str, int]:
    """Direction by indicator: 1 if more is better, -1 if less is better."""
    with open(folder / "index_indicators.csv", encoding="utf-8", newline="") as stream:
        return {row["indicator_code"]: int(row["direction"]) for row in csv.DictReader(stream)}


def read_matrix(folder: Path) -> tuple[pa.Array, np.ndarray, np.ndarray]:
    """The unit ids, the values as units x indicators, and the directions of the indicators."""
    table = pq.read_table(
        folder / "observations.parquet",
        columns=["unit_id", "indicator_code", "value"],
        read_dictionary=["unit_id", "indicator_code"],
    ).unify_dictionaries()
    units = table["unit_id"].combine_chunks()
    indicators = table["indicator_code"].combine_chunks()
    matrix = np.full((len(units.dictionary), len(indicators.dictionary)), np.nan)
    matrix[units.indices.to_numpy(), indicators.indices.to_numpy()] = table["value"].to_numpy()
    signs = directions(folder)
    return units.dictionary, matrix, np.array([signs[c] for c in indicators.dictionary.to_pylist()])


def entropy_index(values: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Scores of an entropy-weighted sum of shares: bounds, z, entropies, weights, scores."""
    low, high = values.min(axis=0), values.max(axis=0)
    z = (values - np.where(signs > 0, low, high)) / np.where(signs > 0, high - low, low - high)
    sums = z.sum(axis=0)
    logs = np.log(z, where=z > 0, out=np.zeros_like(z))
    entropy = (np.log(sums) - np.einsum("ij,ij->j", z, logs) / sums) / np.log(len(z))
    weights = (1 - entropy) / (1 - entropy).sum()
    return z @ (weights / sums)


def by_numpy(folder: Path) -> pa.Table:
    """Read with pyarrow, compute with numpy."""
    ids, values, signs = read_matrix(folder)
    return pa.table({"unit_id": ids, "score": entropy_index(values, signs)})


def by_pandas(folder: Path) -> pa.Table:
    """Read, pivot and compute with pandas."""
    import pandas as pd

    long = pd.read_parquet(folder / "observations.parquet")
    wide = long.pivot(index=["unit_id", "period"], columns="indicator_code", values="value")
    signs = pd.Series(directions(folder))
    wide = wide * signs
    z = (wide - wide.min()) / (wide.max() - wide.min())
    shares = z / z.sum()
    entropy = -(shares * np.log(shares.where(shares > 0))).sum() / np.log(len(shares))
    weights = (1 - entropy) / (1 - entropy).sum()
    scores = (shares * weights).sum(axis=1)
    return pa.Table.from_pandas(scores.rename("score").reset_index()[["unit_id", "score"]])


def by_pymcdm(folder: Path) -> pa.Table:
    """Read with pyarrow; bounds, directions and entropy weights by pymcdm.

    pymcdm 1.4 needs positive numbers (its entropy of a column with a zero is 0), but after min-max
    every column has a zero; the smallest positive number replaces it.
    """
    from pymcdm.helpers import normalize_matrix
    from pymcdm.normalizations import minmax_normalization, sum_normalization
    from pymcdm.weights import entropy_weights

    ids, values, signs = read_matrix(folder)
    z = np.maximum(normalize_matrix(values, minmax_normalization, signs), 1e-300)
    weights = entropy_weights(z)
    shares = normalize_matrix(z, sum_normalization, None)
    return pa.table({"unit_id": ids, "score": shares @ weights})


CONTENDERS: dict[str, Callable[[Path], pa.Table]] = {
    "numpy": by_numpy,
    "pandas": by_pandas,
    "pymcdm": by_pymcdm,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("contender", choices=CONTENDERS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("scores", type=Path)
    arguments = parser.parse_args()
    pq.write_table(CONTENDERS[arguments.contender](arguments.folder), arguments.scores)
