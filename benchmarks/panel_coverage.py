"""Bias of the estimator and coverage of its 95 % intervals, for planted coefficients.

    python -m benchmarks.panel_coverage --draws 500

The regressors are those of the shipped synthetic panel, fixed; the outcome is the planted terms
plus noise by the generator, every draw from its own named stream. Province and year effects are
left out: two-way estimates are invariant to them. The coefficients and their errors are computed by
the project's code, including SQL moments. It takes about half a minute on one thread. The results,
which depend only on the draws, go to benchmarks/results/ as JSON and as a table.
"""

import argparse
import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats

from credit_indices.stats.panel import parse
from credit_indices.stats.panel.bootstrap import DRAWS, wild_cluster_bootstrap
from credit_indices.stats.panel.estimate import estimate
from credit_indices.stats.panel.moments import moments
from synthetic import provinces as made

PROJECT = Path(__file__).resolve().parents[1]
SEEDS = PROJECT / "seeds"
RESULTS = PROJECT / "benchmarks" / "results"
FORMULA = parse("fr ~ scdbi_ex_npl + ln_pgdp + fin + rd + gov | unit_id + period")
SAMPLES = {"31 provinces": made.PROVINCES, "11 eastern provinces": np.array(made.REGIONS["east"])}
LEVEL = 0.05
WANTED = (0.90, 0.98)
BOOTSTRAP_DRAWS = 999
"""A tenth of the project's default, for speed; 0.05 (B + 1) must be whole."""
METHODS = {"cr1": "CR1", "cr3": "CR3", "wild": "wild bootstrap"}
PACKAGES = ("duckdb", "numpy", "scipy")

Matrix = NDArray[np.float64]


class Draws(NamedTuple):
    """Results of R draws for k coefficients; all arrays (R, k), except `planted` (k,)."""

    planted: Matrix
    estimates: Matrix
    errors_cr1: Matrix
    errors_cr3: Matrix
    p_wild: Matrix
    df: int
    n_obs: int

    def covered(self) -> dict[str, NDArray[np.bool_]]:
        """Whether the 95 % interval of each method contains the planted coefficient."""
        distance = np.abs(self.estimates - self.planted)
        quantile = stats.t.ppf(1 - LEVEL / 2, self.df)
        return {
            "cr1": distance <= quantile * self.errors_cr1,
            "cr3": distance <= quantile * self.errors_cr3,
            "wild": self.p_wild > LEVEL,
        }


def shipped_panel() -> made.Panel:
    """Read the generated and the official values of seeds/raw."""
    panel = made.read_official(SEEDS / "raw" / "nbs.csv")
    for name, columns in made.FILES.items():
        table = pd.read_csv(SEEDS / "raw" / name).sort_values(["province_code", "year"])
        for column in columns:
            panel[column] = table[column].to_numpy(float).reshape(made.SHAPE)
    return panel


def noise(draw: int) -> made.Grid:
    """Draw new noise of the outcome, as in `synthetic.provinces.npl_ratio`."""
    return made.FR_NOISE_SD * made.autoregressive(
        f"npl_ratio_percent, draw {draw}", made.FR_NOISE_AR
    )


def simulate(provinces: NDArray[np.int64], draws: int) -> Draws:
    """Estimate the planted regression on a number of draws of the outcome.

    The bootstrap tests that coefficients are zero. To make this null true, the planted terms are
    subtracted from its outcome; all at once, because a test of one coefficient estimates the
    others.
    """
    planted = made.read_planted(SEEDS / "catalog" / "planted_effects.csv")
    grids = made.regressors(shipped_panel())
    here = np.isin(made.PROVINCES, provinces)
    x = np.column_stack([grid[here].ravel() for grid in grids.values()])
    coefficients = np.array([planted[term] for term in grids])
    names = [term.removesuffix("_x100") for term in grids]
    if tuple(names) != FORMULA.exogenous:
        raise ValueError(f"the generator's terms are {names}; expected {FORMULA.exogenous}")
    units = np.repeat(made.PROVINCES[here], len(made.YEARS))
    periods = np.tile(made.YEARS, here.sum())
    columns = {"unit_id": units, "period": periods, **dict(zip(names, x.T, strict=True))}
    columns = {name: pa.array(column) for name, column in columns.items()}

    rows = []
    with duckdb.connect(config={"threads": 1}) as connection:
        for draw in range(draws):
            e = noise(draw)[here].ravel()
            connection.register("panel", pa.table(columns | {"fr": x @ coefficients + e}))
            fit = estimate(moments(connection, "panel", FORMULA))
            if fit.status != "ok" or fit.std_errors_cr3 is None:
                raise ValueError(f"draw {draw}: {fit.status}, {fit.message}")
            wild = wild_cluster_bootstrap(e, x, units, periods, draws=BOOTSTRAP_DRAWS, seed=draw)
            rows.append((fit.coefficients, fit.std_errors, fit.std_errors_cr3, wild.p_values))
    return Draws(coefficients, *np.array(rows).swapaxes(0, 1), df=fit.df, n_obs=fit.n_obs)


def summary(name: str, found: Draws) -> dict[str, Any]:
    """Means over the draws, each with its Monte Carlo standard error."""
    draws = len(found.estimates)

    def mean(values: NDArray[Any]) -> list[dict[str, float]]:
        errors = values.std(axis=0, ddof=1) / np.sqrt(draws)
        return pairs(values.mean(axis=0), errors)

    def pairs(values: Matrix, errors: Matrix) -> list[dict[str, float]]:
        return [
            {"value": round(float(v), 6), "mc_error": round(float(e), 6)}
            for v, e in zip(values, errors, strict=True)
        ]

    sd = found.estimates.std(axis=0, ddof=1)
    parts = {
        "mean_estimate": mean(found.estimates),
        "bias": mean(found.estimates - found.planted),
        "sd": pairs(sd, sd / np.sqrt(2 * (draws - 1))),  # of normal estimates
        "mean_std_error_cr1": mean(found.errors_cr1),
        "mean_std_error_cr3": mean(found.errors_cr3),
        **{f"coverage_{method}": mean(covered) for method, covered in found.covered().items()},
    }
    terms = [
        {"term": term, "planted": float(found.planted[j])}
        | {part: values[j] for part, values in parts.items()}
        for j, term in enumerate(FORMULA.exogenous)
    ]
    return {
        "sample": name,
        "n_obs": found.n_obs,
        "n_clusters": found.df + 1,
        "df": found.df,
        "terms": terms,
    }


def misses(results: dict[str, Any], method: str) -> Iterator[str]:
    """List the intervals of a method whose coverage is outside the target range."""
    for sample in results["samples"]:
        for term in sample["terms"]:
            value, error = term[f"coverage_{method}"].values()
            low, high = WANTED
            if not low <= value <= high:
                beyond = low - value if value < low else value - high
                yield (
                    f"{term['term']}, {sample['sample']}: {value:.3f}, "
                    f"{'below' if value < low else 'above'} by {beyond:.3f} "
                    f"(Monte Carlo error {error:.3f})"
                )


def largest_bias(results: dict[str, Any]) -> str:
    """Describe the largest bias, in Monte Carlo errors."""
    biases = [
        (abs(term["bias"]["value"]) / term["bias"]["mc_error"], term["term"], sample["sample"])
        for sample in results["samples"]
        for term in sample["terms"]
    ]
    ratio, term, sample = max(biases)
    return (
        f"The largest of the {len(biases)} biases, that of {term} ({sample}), is {ratio:.1f} Monte"
        " Carlo errors."
    )


def as_markdown(results: dict[str, Any]) -> str:
    """Format the results as a page: estimates, coverage, and intervals outside the range."""
    packages = ", ".join(f"{name} {number}" for name, number in results["packages"].items())
    low, high = WANTED
    lines = [
        "# Coverage of the panel estimates",
        "",
        f"Written by `python -m benchmarks.panel_coverage --draws {results['draws']}` (again: the "
        f"same command gives the same figures): {packages}.",
        "",
        f"{results['draws']} draws of the noise of the shipped synthetic panel's outcome (AR(1)"
        f" {results['noise_ar']}, standard deviation {results['noise_sd']}), regressors fixed;"
        f" `{results['formula']}`, errors clustered by province. Intervals from CR1 and CR3 use"
        " t(N - 1). The wild cluster bootstrap (Webb weights, a seed per draw, B ="
        f" {results['bootstrap_draws']} for speed; the project's default is {DRAWS:,}) tests the"
        " planted coefficient, and its interval covers where the test does not reject at 5 %:"
        " coverage = 1 - rejection rate. After ±: the Monte Carlo standard error.",
        "",
        largest_bias(results),
    ]
    for sample in results["samples"]:
        lines += [
            "",
            f"## {sample['sample']} ({sample['n_obs']} rows, t({sample['df']}))",
            "",
            "| term | planted | mean estimate | bias | sd of estimates | mean CR1 error |"
            " mean CR3 error |",
            "|---|--:|--:|--:|--:|--:|--:|",
        ]
        parts = ("mean_estimate", "bias", "sd", "mean_std_error_cr1", "mean_std_error_cr3")
        lines += [
            f"| {term['term']} | {term['planted']:.2f} | "
            + " | ".join(cell(term[part], 4) for part in parts)
            + " |"
            for term in sample["terms"]
        ]
        lines += [
            "",
            "| coverage of 95 % intervals | " + " | ".join(METHODS.values()) + " |",
            "|---|" + "--:|" * len(METHODS),
        ]
        lines += [
            f"| {term['term']} | "
            + " | ".join(cell(term[f"coverage_{method}"], 3) for method in METHODS)
            + " |"
            for term in sample["terms"]
        ]
    lines += ["", f"## Outside {low:.2f} to {high:.2f}"]
    for method, label in METHODS.items():
        lines += ["", f"{label}:", ""]
        lines += [f"* {miss}" for miss in misses(results, method)] or ["* none"]
    return "\n".join(lines) + "\n"


def cell(pair: dict[str, float], decimals: int) -> str:
    """A value and its Monte Carlo error."""
    return f"{pair['value']:.{decimals}f} ± {pair['mc_error']:.{decimals}f}"


def main() -> None:
    """Run the draws, print the table and write it beside the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0].replace("%", "%%"))
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    results = {
        "packages": {package: version(package) for package in PACKAGES},
        "formula": str(FORMULA),
        "draws": arguments.draws,
        "noise_sd": made.FR_NOISE_SD,
        "noise_ar": made.FR_NOISE_AR,
        "level": LEVEL,
        "wanted": list(WANTED),
        "bootstrap_draws": BOOTSTRAP_DRAWS,
        "samples": [
            summary(name, simulate(provinces, arguments.draws))
            for name, provinces in SAMPLES.items()
        ],
    }
    arguments.results.mkdir(parents=True, exist_ok=True)
    page = as_markdown(results)
    (arguments.results / "panel_coverage.md").write_text(page, encoding="utf-8")
    (arguments.results / "panel_coverage.json").write_text(
        json.dumps(results, indent=2) + "\n", encoding="utf-8"
    )
    print(page)


if __name__ == "__main__":
    main()
