"""Reduce a panel to one cross-product matrix per cluster, by SQL.

An estimate of k coefficients needs the sums of products of p terms, not the rows. The engine
aggregates; the rest is algebra on small matrices, so the same code serves 310 rows and 10^8.

1. Period effects gamma. Balanced: the period means. Unbalanced: the least-squares effects, exact,
   from the normal equations of the smaller dimension with the other one partialled out (Frisch &
   Waugh 1933; Lovell 1963): (diag(n_t) - sum_i v_i v_i'/n_i) gamma = sum_i v_i-wise sums of the
   unit-centred variables, where v_i marks the periods in which unit i is present. The engine groups
   units with the same periods, so a million units with few patterns give few rows.
2. One pass over z - gamma, grouped by unit: counts, sums and products, centred by unit as
   G_i = S_i - s_i s_i'/n_i. If that loses digits (levels far apart, little variation within units),
   a further pass first subtracts the units' means.

Names here: N clusters, U units, T periods, n rows, p terms.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.csgraph import connected_components

from credit_indices.stats.panel.formula import Formula, factors

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Counts = NDArray[np.int64]
Quote = Callable[[str], str]

INTERCEPT = "(Intercept)"

EXACT_BITS = 52
"""Integers below 2^52 add up exactly in doubles: one bit per period up to this many periods."""

FEW_DIGITS = 1e-4
"""A term is centred in two steps if centring leaves less than this share of its sum of squares."""

SYSTEM_CLUSTERS = 5_000
SYSTEM_CELLS = 20_000_000
"""Largest number of clusters, and of doubles, for which a `PeriodSystem` is computed."""

PATTERNS_AT_ONCE = 65_536


class PanelError(ValueError):
    """Data that a specification cannot be estimated on; the message names place and expectation."""


def quote(name: str) -> str:
    """Quote an identifier as in standard SQL: in double quotes, doubled inside."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class PeriodSystem:
    """Normal equations of the period effects by cluster, for deletions and the bootstrap.

    D are the period dummies, M centres by unit (the identity without unit effects), and z* are the
    terms minus their period effects.

    Attributes:
        counts: (N, T) rows by cluster and period.
        sums: (N, T, p) D'M z* by cluster; adds up to zero over the clusters.
        is_centred: Whether there are unit effects.
        blocks: (N, T, T) D'M D by cluster; None if `counts` determine it.

    """

    counts: Counts
    sums: NDArray[np.float64]
    is_centred: bool
    blocks: NDArray[np.float64] | None = None

    def block(self, cluster: int) -> Matrix:
        """D'M D of one cluster, shape (T, T)."""
        if self.blocks is not None:
            return self.blocks[cluster]
        present = self.counts[cluster].astype(float)
        block = np.diag(present)
        if self.is_centred:
            block -= np.outer(present, present) / present.sum()
        return block

    @cached_property
    def total(self) -> Matrix:
        """D'M D of the whole panel, shape (T, T)."""
        if self.blocks is not None:
            return self.blocks.sum(axis=0)
        total = np.diag(self.counts.sum(axis=0).astype(float))
        if self.is_centred:
            present = self.counts.astype(float)
            total -= (present / present.sum(axis=1, keepdims=True)).T @ present
        return total


@dataclass(frozen=True)
class Moments:
    """A panel reduced to cross-products per cluster (N clusters, p terms, n rows).

    Attributes:
        formula: The specification.
        terms: (p) outcome, exogenous, endogenous, instruments. Without any effects the first
            exogenous term is `(Intercept)`, a column of ones; the other terms are then centred on
            their grand means, so its coefficient must be shifted back by `means`.
        n_obs: Rows used, n.
        n_dropped: Rows left out for a missing value or id.
        n_units: Units.
        n_periods: Periods.
        cluster_ids: (N,) the clusters, sorted.
        counts: (N,) rows by cluster.
        packed: (p(p+1)/2) arrays (N,), the upper triangle of `cross`, row by row. One array per
            pair of terms, as returned by the engine: at 10^7 units a copy takes longer than the
            sum.
        total: (p, p) sum of the cross-products over the clusters.
        raw_total: (p, p) cross-products around the grand means only.
        means: (p,) grand means.
        period_rank: Rank of the period effects beyond the unit effects (beyond the constant,
            without unit effects): periods minus connected components; 0 without period effects.
        has_unit_effects: Whether units have effects.
        has_period_effects: Whether periods have effects.
        is_balanced: Whether every unit has exactly one row in every period. (Without period
            effects: judged by the counts by unit and by period only.)
        cluster: The column of the clusters; '' without clusters (HC1). The cross-products are then
            by unit.
        clusters_are_units: Whether every cluster is one unit.
        periods: (T) values of the period column, sorted.
        period_effects: (T, p) effects of the periods; (1, p) grand means without period effects.
        period_system: For deletions and the bootstrap; None without period effects, if not
            requested, or if too large.

    """

    formula: Formula
    terms: tuple[str, ...]
    n_obs: int
    n_dropped: int
    n_units: int
    n_periods: int
    cluster_ids: pa.Array
    counts: Counts
    packed: tuple[Vector, ...]
    total: Matrix
    raw_total: Matrix
    means: Vector
    period_rank: int
    has_unit_effects: bool
    has_period_effects: bool
    is_balanced: bool
    cluster: str
    clusters_are_units: bool
    periods: tuple[Any, ...]
    period_effects: Matrix
    period_system: PeriodSystem | None = None

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Cluster ids as text, in the order of `cross` and `counts`."""
        return tuple(str(value) for value in self.cluster_ids.to_pylist())

    @cached_property
    def cross(self) -> NDArray[np.float64]:
        """(N, p, p) cross-products G_i of every cluster within the fixed effects."""
        return self.cross_of(slice(None))

    def cross_of(self, clusters: slice) -> NDArray[np.float64]:
        """Cross-products of some clusters, shape (c, p, p)."""
        return np.stack([pair[clusters] for pair in self.packed], axis=1)[:, self.packed_positions]

    @cached_property
    def packed_positions(self) -> Counts:
        """(p, p) position in `packed` of each pair of terms."""
        return _packed_positions(len(self.terms))

    def restricted_to(self, regressors: Collection[str]) -> Moments:
        """Drop the other exogenous terms, on the same rows (the intercept is kept)."""
        kept = [
            j
            for j, term in enumerate(self.terms)
            if j not in self.exogenous or term == INTERCEPT or term in regressors
        ]
        both = np.ix_(kept, kept)
        pairs = self.packed_positions[both][np.triu_indices(len(kept))]
        # Period effects have no column for the intercept.
        slopes = [j for j, term in enumerate(self.terms) if term != INTERCEPT]
        columns = [slopes.index(j) for j in kept if j in slopes]
        exogenous = tuple(term for term in self.formula.exogenous if term in regressors)
        system = self.period_system
        return replace(
            self,
            formula=replace(self.formula, exogenous=exogenous),
            terms=tuple(self.terms[j] for j in kept),
            packed=tuple(self.packed[pair] for pair in pairs),
            total=self.total[both],
            raw_total=self.raw_total[both],
            means=self.means[kept],
            period_effects=self.period_effects[:, columns],
            period_system=system and replace(system, sums=system.sums[:, :, kept]),
        )

    @property
    def n_clusters(self) -> int:
        """N, the number of clusters (of units under HC1)."""
        return len(self.counts)

    @property
    def has_intercept(self) -> bool:
        """Whether the first exogenous term is a column of ones."""
        return not self.formula.effects

    @property
    def exogenous(self) -> list[int]:
        """Positions of the exogenous terms in `terms`, including the intercept."""
        return list(range(1, 1 + self.has_intercept + len(self.formula.exogenous)))

    @property
    def endogenous(self) -> list[int]:
        """Positions of the endogenous terms in `terms`."""
        start = 1 + len(self.exogenous)
        return list(range(start, start + len(self.formula.endogenous)))

    @property
    def instruments(self) -> list[int]:
        """Positions of the excluded instruments in `terms`."""
        start = len(self.terms) - len(self.formula.instruments)
        return list(range(start, len(self.terms)))


def moments(
    connection: Any,
    relation: str,
    formula: Formula,
    unit: str = "unit_id",
    period: str = "period",
    cluster: str | None = None,
    *,
    deletions: bool = True,
    quote: Quote = quote,
) -> Moments:
    """Reduce a panel to its moments.

    Args:
        connection: Anything whose `.execute(sql)`, or else `.sql(sql)`, gives a result with
            `.to_arrow_table()`, `.fetch_arrow_table()` or `.toArrow()`.
        relation: SQL for the panel, inserted unchanged after `from`: a quoted name or `(select
            ...)`. One row per unit and period if both have effects.
        formula: The specification.
        unit: Column of the units.
        period: Column of the periods.
        cluster: Column of the clusters; None for the units, '' for none (HC1).
        deletions: Whether to compute the `PeriodSystem`.
        quote: Quotes an identifier in the engine's dialect.

    Raises:
        PanelError: If there is no complete row, a column is unknown or not numeric, a value is
            infinite, a unit has two rows in a period under two-way effects, or a unit with an
            effect belongs to several clusters.

    """
    panel = _Panel(connection, relation, formula, unit, period, cluster or unit, quote)
    panel.look()
    counts, means = panel.by_period()
    n = int(counts.sum())
    grand = counts @ means / n
    clusters_are_units = cluster in (None, "", unit)
    key = "unit_key" if formula.has_unit_effects or clusters_are_units else "cluster_key"

    effects = _Effects(means if formula.has_period_effects else grand[None, :])
    found = None
    if formula.has_period_effects and formula.has_unit_effects:
        if np.all(counts == counts[0]):  # possibly balanced: the means are then the effects
            found = _by_key(panel, effects, key)
        if found is not None and found.is_balanced(counts):
            effects.rank = len(counts) - 1
        else:
            found = None
            effects = _two_way_effects(panel, means)
    elif formula.has_period_effects:
        effects.rank = len(counts) - 1
    if found is None:
        found = _by_key(panel, effects, key)

    products = found.total()
    panel.check_finite(products)
    # The same products around the grand means: z - mean = z* + (gamma - mean).
    offsets = effects.values - grand
    weights = counts if formula.has_period_effects else np.array([n])
    left = weights[:, None] * ((means if formula.has_period_effects else grand) - effects.values)
    moved = left.T @ offsets
    raw_total = products + moved + moved.T + (offsets * weights[:, None]).T @ offsets

    if formula.has_unit_effects and np.any(
        np.diag(found.centred_total()) < FEW_DIGITS * np.diag(products)
    ):
        found = _by_key(panel, effects, key, minus_unit_means=True)

    n_units = len(found.counts)
    is_balanced = found.is_balanced(counts)
    if key == "cluster_key":
        n_units = panel.count_units()
        is_balanced = bool(np.all(counts == n_units))
    elif not clusters_are_units:
        found = found.by_cluster()
    if not formula.effects:
        _add_intercept(found, panel.p)
        grand = np.insert(grand, 1, 1.0)
        raw_total = np.insert(np.insert(raw_total, 1, 0.0, axis=0), 1, 0.0, axis=1)
        raw_total[1, 1] = n

    system = None
    if deletions and formula.has_period_effects and cluster != "":
        system = _period_system(panel, effects, found, clusters_are_units)
    terms = formula.terms
    if not formula.effects:
        terms = (terms[0], INTERCEPT, *terms[1:])
    return Moments(
        formula=formula,
        terms=terms,
        n_obs=n,
        n_dropped=panel.n_rows - n,
        n_units=n_units,
        n_periods=len(counts),
        cluster_ids=found.keys,
        counts=found.counts,
        packed=tuple(found.products),
        total=found.centred_total(),
        raw_total=raw_total,
        means=grand,
        period_rank=effects.rank,
        has_unit_effects=formula.has_unit_effects,
        has_period_effects=formula.has_period_effects,
        is_balanced=is_balanced,
        cluster=unit if cluster is None else cluster,
        clusters_are_units=clusters_are_units,
        periods=tuple(panel.periods),
        period_effects=effects.values,
        period_system=system,
    )


def row_meat(
    connection: Any,
    relation: str,
    moments: Moments,
    coefficients: Vector,
    unit: str = "unit_id",
    period: str = "period",
    *,
    quote: Quote = quote,
) -> Matrix:
    """Sum e^2 w w' over the rows: the meat of HC0 and HC1 (White 1980), by one more pass.

    Args:
        connection: As for `moments`.
        relation: As for `moments`, the same rows.
        moments: The result of `moments`.
        coefficients: (k,) of the centred regressors, in the order exogenous, endogenous.
        unit: As for `moments`.
        period: As for `moments`.
        quote: As for `moments`.

    Returns:
        (m, m), where w are the exogenous terms (including the intercept's 1) and the instruments,
        within the fixed effects; for OLS the regressors.

    """
    panel = _Panel(connection, relation, moments.formula, unit, period, unit, quote)
    panel.periods = list(moments.periods)
    panel.complete = moments.n_dropped > 0
    effects = _Effects(moments.period_effects)
    column = {term: f"z{j}" for j, term in enumerate(moments.formula.terms)}
    column[INTERCEPT] = "1.0e0"
    names = [column[term] for term in moments.terms]
    fitted = [
        f" - ({_number(b)}) * {names[j]}"
        for b, j in zip(coefficients, moments.exogenous + moments.endogenous, strict=True)
    ]
    rows = panel.rows(effects, minus_unit_means=moments.has_unit_effects)
    used = [names[j] for j in moments.exogenous + moments.instruments]
    kept = ", ".join(f"z{j}" for j in range(panel.p))
    sums = [
        f"sum(e * e * {a} * {b}) as c{i}_{j}"
        for i, a in enumerate(used)
        for j, b in enumerate(used[i:], i)
    ]
    table = panel.read(
        f"select {', '.join(sums)} from (select {kept}, z0{''.join(fitted)} as e "
        f"from ({rows}) as centred_rows) as residual_rows"
    )
    return _unpacked(np.array([_floats(column)[0] for column in table.columns]))


@dataclass
class _Effects:
    """Period effects: values (T, p), or (1, p) grand means; the rank beyond the unit effects."""

    values: Matrix
    rank: int = 0


@dataclass
class _Sums:
    """Counts, sums and products of z* by unit or cluster, sorted by its id; (rows,) each."""

    keys: pa.Array
    counts: Counts
    products: list[Vector]  # p(p+1)/2, less s_i s_i'/n_i if centred
    sums: list[Vector]  # p
    centred: bool
    fingerprints: list[Vector]  # 0 to 2
    full: Vector  # fingerprints of all periods
    clusters: pa.Array | None = None

    def centred_total(self) -> Matrix:
        """Sum of `products`, shape (p, p)."""
        with np.errstate(all="ignore"):  # the caller refuses non-finite sums
            return _unpacked(np.array([pair.sum() for pair in self.products]))

    def total(self) -> Matrix:
        """Sum of the products before centring, shape (p, p)."""
        total = self.centred_total()
        if self.centred:
            with np.errstate(all="ignore"):
                means = [of_one / self.counts for of_one in self.sums]
                total += [[(mean * of_one).sum() for of_one in self.sums] for mean in means]
        return total

    def is_balanced(self, by_period: Counts) -> bool:
        """Whether each key has one row in each period: n_i = T and all bits are equal."""
        return bool(
            np.all(by_period == len(self.counts))
            and np.all(self.counts == len(by_period))
            and all(
                np.all(bits == of_all)
                for bits, of_all in zip(self.fingerprints, self.full, strict=True)
            )
        )

    def by_cluster(self) -> _Sums:
        """Add the units of each cluster together."""
        encoded = self.clusters.dictionary_encode()
        order = pc.sort_indices(encoded.dictionary).to_numpy()
        position = np.empty(len(order), dtype=np.int64)
        position[order] = np.arange(len(order))
        code = position[encoded.indices.to_numpy(zero_copy_only=False)]
        by_code = np.argsort(code, kind="stable")
        starts = np.searchsorted(code[by_code], np.arange(len(order)))

        def added(values: NDArray[Any]) -> NDArray[Any]:
            return np.add.reduceat(values[by_code], starts)

        return _Sums(
            keys=encoded.dictionary.take(pa.array(order)),
            counts=added(self.counts),
            products=[added(pair) for pair in self.products],
            sums=[added(of_one) for of_one in self.sums],
            centred=self.centred,
            fingerprints=[],
            full=np.empty(0),
        )


@dataclass
class _Panel:
    """The panel as SQL: ids as unit_key, period_key, cluster_key and terms as z0, z1, ..."""

    connection: Any
    relation: str
    formula: Formula
    unit: str
    period: str
    cluster: str
    quote: Quote
    n_rows: int = 1
    complete: bool = False
    periods: list[Any] = field(default_factory=list)

    @property
    def p(self) -> int:
        return len(self.formula.terms)

    def read(self, sql: str) -> pa.Table:
        run = getattr(self.connection, "execute", None) or self.connection.sql
        result = run(sql)
        if isinstance(self.connection, duckdb.DuckDBPyConnection):
            # One chunk gives numpy arrays without a copy, which would take longer than the sums.
            return result.to_arrow_table(max(self.n_rows, 1))
        for name in ("to_arrow_table", "fetch_arrow_table", "toArrow"):
            if hasattr(result, name):
                return getattr(result, name)()
        raise TypeError(f"the result of a query, {type(result).__name__}, gives no Arrow table")

    def look(self) -> None:
        """Check the columns; set the number of rows."""
        schema = self.read(f"select * from {self.relation} where 1 = 0").schema
        known = {name.casefold(): schema.field(name).type for name in schema.names}
        for name in (self.unit, self.period, self.cluster, *self.formula.variables):
            if name.casefold() not in known:
                close = get_close_matches(name, schema.names, n=1)
                hint = f"; did you mean {close[0]}?" if close else ""
                raise PanelError(
                    f"the panel has no column {name}; it has {', '.join(schema.names)}{hint}"
                )
        for name in self.formula.variables:
            kind = known[name.casefold()]
            if not (
                pa.types.is_integer(kind)
                or pa.types.is_floating(kind)
                or pa.types.is_decimal(kind)
                or pa.types.is_boolean(kind)
            ):
                raise PanelError(f"the variable {name} is {kind}; expected numbers")
        table = self.read(f"select count(*) as n from {self.relation}")
        self.n_rows = int(table.column(0)[0].as_py())

    @property
    def source(self) -> str:
        """SQL of the rows; restricted to complete rows if some are incomplete."""
        columns = [
            f"{self.quote(self.unit)} as unit_key",
            f"{self.quote(self.period)} as period_key",
            f"{self.quote(self.cluster)} as cluster_key",
        ]
        for j, term in enumerate(self.formula.terms):
            product = " * ".join(f"cast({self.quote(name)} as double)" for name in factors(term))
            columns.append(f"{product} as z{j}")
        sql = f"select {', '.join(columns)} from {self.relation}"
        if not self.complete:
            return sql
        kept = [f"{key} is not null" for key in ("unit_key", "period_key", "cluster_key")]
        kept += [f"z{j} is not null and not isnan(z{j})" for j in range(self.p)]
        return f"select * from ({sql}) as all_rows where {' and '.join(kept)}"

    def by_period(self) -> tuple[Counts, Matrix]:
        """Rows (T,) and means (T, p) by period; sets `periods` and, if needed, `complete`."""
        # Counting missing values here saves a filter on every later pass.
        sums = [f"avg(z{j}) as m{j}" for j in range(self.p)]
        present = [f"count({key}) as n_{key}" for key in ("unit_key", "cluster_key")]
        present += [f"count(z{j}) as n{j}" for j in range(self.p)]
        for self.complete in (False, True):
            table = self.read(
                f"select period_key, count(*) as n, {', '.join(sums + present)} "
                f"from ({self.source}) as panel_rows group by period_key order by period_key"
            )
            counts = _integers(table.column("n"))
            columns = [_floats(table.column(f"m{j}")) for j in range(self.p)]
            means = np.column_stack(columns) if len(counts) else np.empty((0, self.p))
            some_missing = table.column("period_key").null_count > 0 or any(
                np.any(_integers(table.column(name.split(" as ")[1])) < counts) for name in present
            )
            if not some_missing and np.all(np.isfinite(means)):
                break
        if not len(counts):
            raise PanelError(f"no row of the panel has all of {', '.join(self.formula.variables)}")
        self.check_finite(means.sum(axis=0))
        self.periods = table.column("period_key").to_pylist()
        return counts, means

    def check_finite(self, sums: NDArray[np.float64]) -> None:
        """Name the terms whose sum (p,), or sum of squares (p, p), is not finite."""
        if np.all(np.isfinite(sums)):
            return
        if sums.ndim == 2:
            sums = np.diag(sums)
        bad = [
            term
            for term, value in zip(self.formula.terms, sums, strict=True)
            if not np.isfinite(value)
        ]
        raise PanelError(
            f"{', '.join(bad) or 'a product of the terms'} holds an infinite value, or one too "
            "large to square; expected finite numbers"
        )

    def count_units(self) -> int:
        sql = f"select distinct unit_key from ({self.source}) as panel_rows"
        return int(self.read(f"select count(*) as n from ({sql}) as units").column(0)[0].as_py())

    def rows(self, effects: _Effects, *, minus_unit_means: bool = False) -> str:
        """Rows minus their period effects, or the grand means; with k and fingerprints w."""
        if len(effects.values) == len(self.periods) and self.formula.has_period_effects:
            return self.minus_effects("period_key", self.periods, effects.values, minus_unit_means)
        terms = [f"z{j} - ({_number(value)}) as z{j}" for j, value in enumerate(effects.values[0])]
        sql = f"select unit_key, cluster_key, {', '.join(terms)} from ({self.source}) as panel_rows"
        return self.minus_unit_means(sql, ["cluster_key"]) if minus_unit_means else sql

    def minus_effects(
        self, key: str, values: Sequence[Any], effects: Matrix, minus_unit_means: bool = False
    ) -> str:
        """Rows minus the effects of a key's values, with the values' codes k and bits w."""
        bits = _fingerprints(len(values))
        names = [f"w{j}" for j in range(bits.shape[1])]
        lines = (
            f"({', '.join([_literal(value), str(k), *map(_number, [*bits[k], *effects[k]])])})"
            for k, value in enumerate(values)
        )
        columns = ", ".join([key, "k", *names, *(f"e{j}" for j in range(self.p))])
        ids = [f"r.{name}" for name in ("unit_key", "period_key", "cluster_key")]
        ids += [f"e.{name}" for name in ["k", *names]]
        terms = [f"r.z{j} - e.e{j} as z{j}" for j in range(self.p)]
        sql = (
            f"select {', '.join(ids + terms)} from ({self.source}) as r "
            f"join (values {', '.join(lines)}) as e ({columns}) on r.{key} = e.{key}"
        )
        if not minus_unit_means:
            return sql
        return self.minus_unit_means(sql, ["period_key", "cluster_key", "k", *names])

    def minus_unit_means(self, rows: str, kept: list[str]) -> str:
        means = [f"avg(z{j}) as m{j}" for j in range(self.p)]
        terms = [f"r.z{j} - m.m{j} as z{j}" for j in range(self.p)]
        return (
            f"select r.unit_key, {', '.join([f'r.{name}' for name in kept] + terms)} "
            f"from ({rows}) as r join (select unit_key, {', '.join(means)} from ({rows}) as u "
            "group by unit_key) as m on r.unit_key = m.unit_key"
        )

    def refuse_duplicates(self) -> None:
        table = self.read(
            f"select unit_key, period_key, count(*) as n from ({self.source}) as panel_rows "
            "group by unit_key, period_key having count(*) > 1 order by unit_key, period_key"
        )
        first = table.slice(0, 1).to_pylist()[0]
        raise PanelError(
            f"unit {first['unit_key']} has {first['n']} rows in period {first['period_key']} "
            f"({table.num_rows} such pairs); expected one row per unit and period"
        )


def _by_key(panel: _Panel, effects: _Effects, key: str, *, minus_unit_means: bool = False) -> _Sums:
    """Aggregate z* by unit or cluster in one pass, centred by unit if units have effects."""
    p = panel.p
    bits = _fingerprints(len(panel.periods))
    if not panel.formula.has_period_effects:
        bits = bits[:, :0]
    pairs = [(i, j) for i in range(p) for j in range(i, p)]
    names = ["n", *(f"w{j}" for j in range(bits.shape[1])), *(f"s{j}" for j in range(p))]
    sums = ["count(*) as n", *(f"sum(w{j}) as w{j}" for j in range(bits.shape[1]))]
    sums += [f"sum(z{j}) as s{j}" for j in range(p)]
    sums += [f"sum(z{i} * z{j}) as c{i}_{j}" for i, j in pairs]
    clustered = key == "unit_key" and panel.cluster != panel.unit
    if clustered:
        names += ["lowest", "highest"]
        sums += ["min(cluster_key) as lowest", "max(cluster_key) as highest"]
    centred = panel.formula.has_unit_effects
    products = [f"c{i}_{j}" for i, j in pairs]
    if centred:
        products = [
            # rounding can make a sum of squares negative
            f"greatest(c{i}_{j} - s{i} / n * s{j}, 0.0e0) as c{i}_{j}"
            if i == j
            else f"c{i}_{j} - s{i} / n * s{j} as c{i}_{j}"
            for i, j in pairs
        ]
    rows = panel.rows(effects, minus_unit_means=minus_unit_means)
    table = panel.read(
        f"select {key}, {', '.join(names + products)} from "
        f"(select {key}, {', '.join(sums)} from ({rows}) as r group by {key}) as by_key "
        f"order by {key}"
    )
    keys = _whole(table.column(key))
    clusters = None
    if clustered:
        clusters, last = _whole(table.column("lowest")), _whole(table.column("highest"))
        several = pc.indices_nonzero(pc.not_equal(clusters, last))
        if len(several):
            position = several[0].as_py()
            raise PanelError(
                f"unit {keys[position]} is in the clusters {clusters[position]} and "
                f"{last[position]} of {panel.cluster}; expected units with an effect in one each"
            )
    return _Sums(
        keys=keys,
        counts=_integers(table.column("n")),
        products=[_floats(table.column(f"c{i}_{j}")) for i, j in pairs],
        sums=[_floats(table.column(f"s{j}")) for j in range(p)],
        centred=centred,
        fingerprints=[_floats(table.column(f"w{j}")) for j in range(bits.shape[1])],
        full=bits.sum(axis=0),
        clusters=clusters,
    )


def _add_intercept(found: _Sums, p: int) -> None:
    """Put a column of ones after the outcome."""
    old = _packed_positions(p)
    source = [0, None, *range(1, p)]
    widened = []
    for i, a in enumerate(source):
        for b in source[i:]:
            if a is None and b is None:
                widened.append(found.counts.astype(float))
            elif a is None or b is None:
                widened.append(found.sums[b if a is None else a])
            else:
                widened.append(found.products[old[a, b]])
    found.products = widened


@dataclass
class _Patterns:
    """Groups of keys that are present at the same codes: P groups, S codes."""

    presence: NDArray[np.bool_]  # (P, S)
    copies: Vector  # (P,) keys in the group
    sums: Matrix  # (P, p) sums over the keys of their means of z
    clusters: pa.Array | None

    def system(self, chosen: slice | NDArray[np.bool_] = slice(None)) -> Matrix:
        """Sum over keys of diag(v) - v v'/n, shape (S, S)."""
        presence, copies = self.presence[chosen], self.copies[chosen]
        system = np.zeros((presence.shape[1],) * 2)
        for start in range(0, len(presence), PATTERNS_AT_ONCE):
            present = presence[start : start + PATTERNS_AT_ONCE].astype(float)
            weights = copies[start : start + PATTERNS_AT_ONCE]
            system[np.diag_indices_from(system)] += weights @ present
            system -= (present * (weights / present.sum(axis=1))[:, None]).T @ present
        return system

    def spread(self) -> Matrix:
        """Sum over keys of v times the means of z, shape (S, p)."""
        spread = np.zeros((self.presence.shape[1], self.sums.shape[1]))
        for start in range(0, len(self.presence), PATTERNS_AT_ONCE):
            stop = start + PATTERNS_AT_ONCE
            spread += self.presence[start:stop].astype(float).T @ self.sums[start:stop]
        return spread


def _patterns(
    panel: _Panel, rows: str, key: str, n_codes: int, *, by_cluster: bool = False
) -> _Patterns:
    """Group the keys in the engine by the codes at which they are present."""
    names = [f"w{j}" for j in range(_fingerprints(n_codes).shape[1])]
    ids = ["n", *names] + (["g"] if by_cluster else [])
    inner = ["count(*) as n", *(f"sum({name}) as {name}" for name in names)]
    if by_cluster:
        inner.append("min(cluster_key) as g")
    inner += [f"avg(z{j}) as m{j}" for j in range(panel.p)]
    keys = f"select {key}, {', '.join(inner)} from ({rows}) as r group by {key}"
    sums = [f"sum(m{j}) as m{j}" for j in range(panel.p)]
    table = panel.read(
        f"select {', '.join(ids)}, count(*) as copies, min({key}) as example, {', '.join(sums)} "
        f"from ({keys}) as key_sums group by {', '.join(ids)} order by {', '.join(ids)}"
    )
    n = _integers(table.column("n"))
    if n_codes <= EXACT_BITS:
        bits = _floats(table.column("w0")).astype(np.int64)
        presence = (bits[:, None] >> np.arange(n_codes)) & 1 == 1
    else:
        examples = _whole(table.column("example"))
        seen = panel.read(
            f"select r.{key} as id, r.k as k from ({rows}) as r join (select min({key}) as id "
            f"from ({keys}) as key_sums group by {', '.join(ids)}) as e on r.{key} = e.id"
        )
        position = pc.index_in(_whole(seen.column("id")), value_set=examples)
        presence = np.zeros((len(n), n_codes), dtype=bool)
        presence[_integers(position), _integers(seen.column("k"))] = True
    if np.any(presence.sum(axis=1) != n):  # two rows of a key and code
        panel.refuse_duplicates()
    return _Patterns(
        presence=presence,
        copies=_floats(table.column("copies")),
        sums=np.column_stack([_floats(table.column(f"m{j}")) for j in range(panel.p)]),
        clusters=_whole(table.column("g")) if by_cluster else None,
    )


def _two_way_effects(panel: _Panel, means: Matrix) -> _Effects:
    """Period effects of an unbalanced panel, exact: least squares on the smaller dimension."""
    periods = panel.periods
    if len(periods) <= EXACT_BITS or len(periods) <= panel.count_units():
        rows = panel.minus_effects("period_key", periods, means)
        found = _patterns(panel, rows, "unit_key", len(periods))
        values, components = _least_squares(found, means)
        return _Effects(values, rank=len(periods) - components)

    average = ", ".join(f"avg(z{j}) as m{j}" for j in range(panel.p))
    by_unit = panel.read(
        f"select unit_key, {average} from ({panel.source}) as panel_rows "
        "group by unit_key order by unit_key"
    )
    units = by_unit.column("unit_key").to_pylist()
    unit_means = np.column_stack([_floats(by_unit.column(f"m{j}")) for j in range(panel.p)])
    found = _patterns(
        panel, panel.minus_effects("unit_key", units, unit_means), "period_key", len(units)
    )
    unit_effects, components = _least_squares(found, unit_means)
    rest = panel.minus_effects("unit_key", units, unit_effects)
    by_period = panel.read(
        f"select period_key, {average} from ({rest}) as r group by period_key order by period_key"
    )
    values = np.column_stack([_floats(by_period.column(f"m{j}")) for j in range(panel.p)])
    return _Effects(values, rank=len(periods) - components)


def _least_squares(found: _Patterns, means: Matrix) -> tuple[Matrix, int]:
    """Effects (S, p), given means (S, p) that were subtracted; the connected components."""
    system = found.system()
    return means + solve_effects(system, -found.spread()), components(system)[0]


def components(system: Matrix) -> tuple[int, Counts]:
    """Count the connected components of D'M D and return the component of each period, (T,).

    Periods that a unit links have at least 1/T off the diagonal, so half of it separates them.
    """
    linked = np.abs(system) > 0.5 / len(system)
    n, labels = connected_components(linked, directed=False)
    return int(n), labels


def solve_effects(system: Matrix, right: Matrix) -> Matrix:
    """Minimum-norm solution of D'M D effects = right, shapes (T, T), (T, p), by component.

    The null space is known: vectors that are constant within a connected component. Adding the
    projection on it makes the matrix positive definite and does not change the solution.
    """
    n, labels = components(system)
    member = (labels[:, None] == np.arange(n)).astype(float)
    member /= np.sqrt(member.sum(axis=0))
    scale = max(np.trace(system) / len(system), 1.0)
    solution = cho_solve(cho_factor(system + scale * member @ member.T), right)
    return solution - member @ (member.T @ solution)


def _period_system(
    panel: _Panel, effects: _Effects, found: _Sums, clusters_are_units: bool
) -> PeriodSystem | None:
    n_clusters, n_periods = len(found.counts), len(panel.periods)
    with_blocks = panel.formula.has_unit_effects and not clusters_are_units
    cells = n_clusters * n_periods * (panel.p + (n_periods if with_blocks else 0))
    if n_clusters > SYSTEM_CLUSTERS or cells > SYSTEM_CELLS:
        return None
    rows = panel.rows(effects, minus_unit_means=panel.formula.has_unit_effects)
    key = "unit_key" if clusters_are_units else "cluster_key"
    sums = ", ".join(f"sum(z{j}) as s{j}" for j in range(panel.p))
    table = panel.read(
        f"select {key}, k, count(*) as n, {sums} from ({rows}) as r group by {key}, k"
    )
    at = (
        _integers(pc.index_in(_whole(table.column(key)), value_set=found.keys)),
        _integers(table.column("k")),
    )
    by_cell = np.zeros((n_clusters, n_periods), dtype=np.int64)
    by_cell[at] = _integers(table.column("n"))
    sums_by_cell = np.zeros((n_clusters, n_periods, panel.p))
    sums_by_cell[at] = np.column_stack([_floats(table.column(f"s{j}")) for j in range(panel.p)])
    blocks = None
    if with_blocks:
        patterns = _patterns(panel, panel.rows(effects), "unit_key", n_periods, by_cluster=True)
        code = _integers(pc.index_in(patterns.clusters, value_set=found.keys))
        blocks = np.stack([patterns.system(code == c) for c in range(n_clusters)])
    return PeriodSystem(by_cell, sums_by_cell, panel.formula.has_unit_effects, blocks)


def _fingerprints(n: int) -> Matrix:
    """Numbers for n codes whose sums identify the codes summed, shape (n, 1 or 2).

    Up to 52 codes: one bit each. T terms with the sum 2^T - 1, or the sum of T different powers of
    two, are T different powers. More codes: two columns of random whole numbers whose sums are
    exact.
    """
    if n <= EXACT_BITS:
        return 2.0 ** np.arange(n)[:, None]
    bits = EXACT_BITS - n.bit_length()
    return np.random.default_rng(n).integers(0, 2**bits, size=(n, 2)).astype(float)


def _packed_positions(p: int) -> Counts:
    positions = np.zeros((p, p), dtype=np.int64)
    positions[np.triu_indices(p)] = np.arange(p * (p + 1) // 2)
    return np.maximum(positions, positions.T)


def _unpacked(packed: Vector) -> Matrix:
    p = int(np.sqrt(2 * len(packed)))  # of p(p+1)/2
    return packed[_packed_positions(p)]


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _floats(column: pa.ChunkedArray) -> Vector:
    return column.to_numpy().astype(float, copy=False)


def _integers(column: pa.ChunkedArray | pa.Array) -> Counts:
    if isinstance(column, pa.Array):
        return column.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    return column.to_numpy().astype(np.int64, copy=False)


def _number(value: float) -> str:
    """Format a double as SQL, exactly; the exponent makes it a double and not a decimal."""
    return f"{value:.17e}"


def _literal(value: Any) -> str:
    """Format a value of an id column as SQL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime.datetime):
        return f"timestamp '{value}'"
    if isinstance(value, datetime.date):
        return f"date '{value}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)
