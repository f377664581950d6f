"""Table 5 and sections 5 and 7.1: Suzhou before and after, and the effect of the index there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor, log, nan

from credit_indices.replication.claims import Check, agreement, check
from credit_indices.replication.intervals import Interval, all_of, at_most, below, equal
from credit_indices.replication.song_liu_2025.paper import Published, largest


def table_5(paper: Published) -> Iterator[Check]:
    """Table 5: Suzhou in 2019 and 2023, changes and simulated changes."""
    indicators = ("credit_coverage", "npl_ratio", "financing_cost")
    rates = {of: 100 * (paper.after[of] / paper.before[of] - 1) for of in indicators}
    for indicator in indicators:
        difference = paper.after[indicator] - paper.before[indicator]
        yield agreement(f"table_5_{indicator}_change", paper.change[indicator], difference)
    deviation = [abs(rates[of].value - paper.change[of].value) for of in indicators]
    allowed = [rates[of].high - rates[of].value + paper.change[of].max_error for of in indicators]
    yield check(
        "table_5_rate_of_change",
        recomputed=largest(deviation),
        bounds=(nan, largest(allowed)),
        holds=all_of(*map(at_most, deviation, allowed)),
        rates=rates,
    )
    for indicator in ("credit_coverage", "financing_cost"):
        change, simulated = paper.change[indicator], paper.simulated[indicator]
        share, left = 100 * simulated / change, change - simulated
        code = f"table_5_{indicator}_simulated"
        yield check(code, published=simulated, share=share, left=left)
    change, simulated = paper.change["credit_coverage"], paper.simulated["credit_coverage"]
    share, of_simulated = 100 * (1 - simulated / change), 100 * (change / simulated - 1)
    yield agreement(
        "table_5_open_data",
        paper.text["open_data_contribution"],
        share,
        left=change - simulated,
        of_simulated=of_simulated,
    )
    contribution = paper.text["open_data_contribution"]
    left = change - simulated
    yield agreement("table_5_open_data_points", contribution, left)
    yield check(
        "table_5_open_data_of_difference",
        published=contribution,
        left=left,
        of_left=contribution * left / 100,
        of_change=contribution * change / 100,
    )
    left = paper.simulated["npl_ratio"] - paper.change["npl_ratio"]
    yield agreement("table_5_technical_model", paper.text["technical_contribution"], left)


def suzhou(paper: Published) -> Iterator[Check]:
    """Abstract, sections 2.3.1 and 5.3: statements of the text about Table 5."""
    coverage, npl = paper.change["credit_coverage"], paper.change["npl_ratio"]
    attributed = paper.attributed_to.get("npl_ratio")
    names_policies = None if attributed is None else "polic" in attributed.lower()
    left = paper.simulated["npl_ratio"] - npl
    yield check("section_5_3_local_policies", recomputed=left, holds=names_policies)
    explained, reached = 100 * paper.simulated["npl_ratio"] / npl, paper.text["explanatory_power"]
    holds = below(reached.value, explained.high)
    code = "section_5_3_explanatory_power"
    yield check(code, published=reached, recomputed=explained, holds=holds)
    increase = paper.text["coverage_increase"]
    satisfaction = paper.text["satisfaction_2023"] - paper.text["satisfaction_2019"]
    yield agreement("abstract_coverage", increase, coverage, satisfaction=satisfaction)
    cut_off = coverage.map(floor)
    holds = equal(increase.value, cut_off.value)
    code = "abstract_coverage_cut_off"
    yield check(code, published=increase, recomputed=cut_off, holds=holds)
    fall = paper.after["npl_ratio"] - paper.before["npl_ratio"]
    yield agreement("abstract_npl", -paper.text["npl_decrease"], fall)
    claimed, reached = paper.text["credit_coverage_suzhou"], paper.after["credit_coverage"]
    holds = below(claimed.value, reached.high)
    yield check("section_2_3_1_coverage", published=claimed, recomputed=reached, holds=holds)
    holds = at_most(reached.low, claimed.value)
    yield check("section_2_3_1_coverage_as_aim", published=claimed, recomputed=reached, holds=holds)


def section_5_3(paper: Published) -> Iterator[Check]:
    """Section 5.3: effect of the rise of Suzhou's index on its non-performing loan ratio."""
    start, end = paper.text["index_2019"], paper.text["index_2023"]
    # Possible units of the index, with its change in each.
    units = {
        "per unit of the score": end - start,
        "per hundredth": 100 * (end - start),
        "per standard deviation": (end - start) / paper.sd["scdbi"],
        "per 100 %": end / start - 1,
        "per unit of the logarithm": (end / start).map(log),
        "per doubling": (end / start).map(log) / log(2),
    }
    benchmark, simulated = "table_3_scdbi", -paper.text["simulated_decrease"]
    others = ("section_4_3_3_2sls", "table_4_east_scdbi", "table_4_central_west_scdbi")
    effects = {
        code: {reading: paper.b[code] * change for reading, change in units.items()}
        for code in (benchmark, *others)
    }
    fits = {
        code: {reading: effect.overlaps(simulated) for reading, effect in of_code.items()}
        for code, of_code in effects.items()
    }
    of_benchmark = effects[benchmark]
    yield agreement("section_5_3_simulated", simulated, of_benchmark["per doubling"])
    yield agreement(
        "section_5_3_simulated_per_unit", simulated, of_benchmark["per unit of the score"]
    )
    rest = ("per hundredth", "per standard deviation", "per 100 %", "per unit of the logarithm")
    others_fit = [fits[benchmark][reading] for reading in rest]
    undecided = None in others_fit
    yield check(
        "section_5_3_simulated_other_units",
        published=simulated,
        holds=None if undecided else any(others_fit),
        readings=None if undecided else _listed({name: of_benchmark[name] for name in rest}),
    )
    of_others = [fits[code][reading] for code in others for reading in units]
    yield check(
        "section_5_3_simulated_other_coefficients",
        published=simulated,
        recomputed=effects[others[0]]["per 100 %"],
        holds=None if None in of_others else any(of_others),
        fits={code: _fitting(of_code) for code, of_code in fits.items()},
    )
    yield check("section_5_3_index", published=end, increase=100 * (end / start - 1))


def _fitting(readings: Mapping[str, bool | None]) -> str | None:
    """List the readings that fit; None if one is undecided."""
    if None in readings.values():
        return None
    fitting = [reading for reading, fits in readings.items() if fits]
    return " or ".join(fitting) or "in none of these ways"


def _listed(effects: Mapping[str, Interval]) -> str:
    """Format the range of each effect."""
    return ", ".join(f"{name} {one.low:.3f} to {one.high:.3f}" for name, one in effects.items())


def section_7_1(paper: Published) -> Iterator[Check]:
    """Section 7.1: effect of a rise of the index by 10 %, by Table 3 and by section 5.3."""
    per, stated = paper.text["stated_increase"].value, paper.text["stated_decrease"]
    growth, effect, mean = log(1 + per / 100), -paper.b["table_3_scdbi"], paper.mean["scdbi"]
    of_units = {
        "score": effect * mean * per / 100,
        "hundredth": effect * mean * per,
        "deviation": effect * mean * per / 100 / paper.sd["scdbi"],
        "relative": effect * per / 100,
        "logarithm": effect * growth,
    }
    of_doubling = effect * growth / log(2)
    yield agreement("section_7_1_ten_percent_of_table_3", stated, of_doubling, effect=of_units)
    yield agreement("section_7_1_ten_percent_as_unit", stated, effect)
    ratio = paper.text["index_2023"] / paper.text["index_2019"]
    yield agreement(
        "section_7_1_ten_percent_of_section_5_3",
        stated,
        paper.text["simulated_decrease"] * growth / ratio.map(log),
        increase=100 * (ratio - 1),
        times=ratio.map(log) / growth,
        compounded_decrease=stated * ratio.map(log) / growth,
        straight=paper.text["simulated_decrease"] * per / 100 / (ratio - 1),
        straight_decrease=stated * (ratio - 1) * 100 / per,
    )
    fall = paper.after["npl_ratio"] - paper.before["npl_ratio"]
    yield agreement("section_7_1_npl", -paper.text["npl_decrease_7_1"], fall)
    rise = paper.text["satisfaction_2023"] - paper.text["satisfaction_2019"]
    yield agreement("section_7_1_financing_efficiency", paper.text["financing_efficiency"], rise)


def sections_5(paper: Published) -> Iterator[Check]:
    """Sections 5.1 and 5.2: the first zone, and numbers of Table 5 that the text repeats."""
    earlier = paper.external["earlier_zones"]
    yield check("section_5_1_first_zone", holds=equal(earlier.value, 0))
    for indicator in ("credit_coverage", "npl_ratio"):
        start, end = paper.text[f"{indicator}_2019"], paper.text[f"{indicator}_2023"]
        before, after = paper.before[indicator], paper.after[indicator]
        yield check(
            f"section_5_2_{indicator}",
            published=end,
            recomputed=after.value,
            holds=all_of(equal(start.value, before.value), equal(end.value, after.value)),
        )
    rise = paper.text["satisfaction_2023"] - paper.text["satisfaction_2019"]
    yield check("section_5_2_2_satisfaction", published=paper.text["satisfaction_2023"], rise=rise)
