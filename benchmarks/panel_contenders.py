"""The same two-way regression of a Parquet file by each contender, in a separate process.

    python benchmarks/panel_contenders.py ours panel.parquet --warm-up small.parquet

Prints one line of JSON: seconds of reading and estimating (without imports and a first regression
of a small panel, which triggers lazy loading), rows, coefficients, errors clustered by unit, and
the package's default small-sample factor on the plain sandwich variance, so that errors can be
compared without it:

* ours: (n-1)/(n-K) x N/(N-1), K = slopes + 1 + (T-1); unit effects, nested in clusters, not counted
* pyfixest: the same, as it reports it
* linearmodels: n/(n - K), K = slopes + units + (T-1), without N/(N-1)
* statsmodels: (n-1)/(n-K) x N/(N-1), where K counts every dummy, including those of the units
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

REGRESSORS = [f"x{j}" for j in range(1, 6)]
RIGHT_SIDE = " + ".join(REGRESSORS)

Work = Callable[[str, argparse.Namespace], dict[str, Any]]


def ours(*, cr3: bool) -> Work:
    """DuckDB reads the file through a view; Python gets only small matrices."""
    import duckdb

    from credit_indices.stats.panel import parse
    from credit_indices.stats.panel.estimate import estimate
    from credit_indices.stats.panel.moments import moments

    formula = parse(f"y ~ {RIGHT_SIDE} | unit_id + period")

    def work(path: str, arguments: argparse.Namespace) -> dict[str, Any]:
        settings = {}
        if arguments.memory_limit:
            settings["memory_limit"] = arguments.memory_limit
            settings["temp_directory"] = arguments.temporary
        start = time.perf_counter()
        with duckdb.connect(config=settings) as connection:
            connection.execute(f"create view panel as from read_parquet('{path}')")
            found = moments(connection, "panel", formula, deletions=cr3)
            sql_seconds = time.perf_counter() - start
            fit = estimate(found, cr3=cr3)
        if fit.status != "ok":
            raise SystemExit(f"{fit.status}: {fit.message}")
        return {
            "moments_seconds": sql_seconds,
            "n_obs": fit.n_obs,
            "coefficients": list(fit.coefficients),
            "errors": list(fit.std_errors),
            "factor": float(fit.vcov[0, 0] / fit.cr0[0, 0]),
            "has_cr3": fit.cr3 is not None,
            "message": fit.message,
        }

    return work


def pyfixest() -> Work:
    """One absorbed effect, the other as dummies; unneeded results are not stored."""
    import pandas as pd
    import pyfixest as pf

    def work(path: str, _: argparse.Namespace) -> dict[str, Any]:
        fit = pf.feols(
            f"y ~ {RIGHT_SIDE} + C(period) | unit_id",
            data=pd.read_parquet(path),
            vcov={"CRV1": "unit_id"},
            fixef_rm="none",
            copy_data=False,
            store_data=False,
            lean=True,
        )
        return {
            "n_obs": int(fit._N),
            "coefficients": list(fit.coef()[REGRESSORS]),
            "errors": list(fit.se()[REGRESSORS]),
            "factor": float(fit._ssc.ravel()[0]),
        }

    return work


def linearmodels() -> Work:
    """PanelOLS with entity and time effects."""
    import pandas as pd
    from linearmodels.panel import PanelOLS

    def work(path: str, _: argparse.Namespace) -> dict[str, Any]:
        panel = pd.read_parquet(path).set_index(["unit_id", "period"])
        model = PanelOLS(panel["y"], panel[REGRESSORS], entity_effects=True, time_effects=True)
        fit = model.fit(cov_type="clustered", cluster_entity=True)
        n, entities, periods = (
            int(fit.nobs),
            int(model.dependent.nentity),
            int(model.dependent.nobs),
        )
        return {
            "n_obs": n,
            "coefficients": list(fit.params),
            "errors": list(fit.std_errors),
            "factor": n / (n - entities - (periods - 1) - len(REGRESSORS)),
        }

    return work


def statsmodels() -> Work:
    """Least squares with a dummy for every unit and period."""
    import pandas as pd
    from statsmodels.formula.api import ols

    def work(path: str, _: argparse.Namespace) -> dict[str, Any]:
        panel = pd.read_parquet(path)
        units, _ = panel["unit_id"].factorize()
        fit = ols(f"y ~ {RIGHT_SIDE} + C(unit_id) + C(period)", panel).fit(
            cov_type="cluster", cov_kwds={"groups": units}
        )
        n, clusters = len(panel), units.max() + 1
        return {
            "n_obs": n,
            "coefficients": list(fit.params[REGRESSORS]),
            "errors": list(fit.bse[REGRESSORS]),
            "factor": (n - 1) / (n - len(fit.params)) * clusters / (clusters - 1),
        }

    return work


CONTENDERS: dict[str, Callable[[], Work]] = {
    "ours": lambda: ours(cr3=False),
    "ours with CR3": lambda: ours(cr3=True),
    "pyfixest": pyfixest,
    "linearmodels": linearmodels,
    "statsmodels": statsmodels,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("contender", choices=CONTENDERS)
    parser.add_argument("path")
    parser.add_argument("--warm-up", default="", help="a small panel of the same columns")
    parser.add_argument("--memory-limit", default="", help="DuckDB's, for ours")
    parser.add_argument("--temporary", default="", help="where DuckDB spills to, for ours")
    arguments = parser.parse_args()
    work = CONTENDERS[arguments.contender]()
    if arguments.warm_up:
        work(arguments.warm_up, arguments)
    start = time.perf_counter()
    result = work(arguments.path, arguments)
    print(json.dumps({"seconds": time.perf_counter() - start, **result}))


if __name__ == "__main__":
    main()
