"""Abstract, sections 1, 2 and 6 and Table 6: statements outside the model."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from credit_indices.replication.claims import Check, agreement, check
from credit_indices.replication.intervals import all_of, at_most, below, equal
from credit_indices.replication.song_liu_2025.paper import Published, repetition


def abstract(paper: Published) -> Iterator[Check]:
    """Abstract: the core factors, and a number that the text repeats."""
    cores = ("data_infrastructure", "digital_technology")
    of_cores = [abs(paper.b[f"section_4_3_1_{name}"]).low for name in cores]
    policy = abs(paper.b["section_4_3_1_policy_coordination"]).high
    weights = sorted(paper.weight, key=lambda code: paper.weight[code].value)
    heaviest = set(weights[-2:]) == {"optical_cable_length", "invention_patents_granted"}
    holds = all_of(*(below(policy, one) for one in of_cores), heaviest)
    yield check("abstract_core_factors", holds=holds)
    satisfaction, repeated = paper.text["satisfaction_abstract"], paper.text["satisfaction_2023"]
    yield repetition("abstract_satisfaction", satisfaction, repeated)


def section_1_1(paper: Published, digital_economy: pd.DataFrame) -> Iterator[Check]:
    """Section 1.1: the digital economy, compared with its reports and GDP as first published."""
    reported = digital_economy.set_index("year").reindex([2020, 2022, 2023])
    size, gdp = reported["digital_economy_trillion_yuan"], reported["gdp_100m_yuan"] / 10_000
    printed = {year: paper.text[f"digital_economy_{year}"] for year in (2020, 2023)}
    yield check(
        "section_1_1_digital_economy",
        published=printed[2023],
        recomputed=size[2023],
        holds=all_of(*(equal(number.value, size[year]) for year, number in printed.items())),
        size=size,
    )
    yield agreement(
        "section_1_1_share_of_gdp",
        paper.text["digital_economy_share"],
        100 * printed[2023] / gdp[2023],
        gdp=gdp,
        size=size,
        share=100 * size / gdp,
        reported_share=reported["share_percent"],
        revised_share=100 * printed[2023] / paper.external["revised_gdp"],
    )
    yield check("section_1_1_coverage", published=paper.text["credit_coverage_vulnerable"])
    bad_assets = paper.text["online_lending_assets"]
    yield check("section_1_1_online_lending", published=bad_assets)


def running_text(paper: Published) -> Iterator[Check]:
    """Sections 2.3.2 and 5.2: accuracy, approval time and satisfaction."""
    text, before, after = paper.text, paper.text["accuracy_before"], paper.text["accuracy_after"]
    yield check("section_2_3_2_accuracy", published=after)
    rarest, most = paper.minimum["fr"], paper.maximum["fr"]
    yield check(
        "section_2_3_2_rare_defaults",
        published=after,
        recomputed=100 - paper.mean["fr"],
        bounds=((100 - most).low, (100 - rarest).high),
        holds=below((100 - most).low, after.high),
        least=100 - after,
    )
    points, relative = after - before, 100 * (after / before - 1)
    lead = text["accuracy_lead"]
    yield check("section_5_2_2_accuracy", published=lead, points=points, relative=relative)
    hours = text["approval_hours_after"]
    saved = 100 * (1 - hours / (24 * text["approval_days_before"]))
    yield check("section_5_2_1_approval_time", published=hours, time_saved=saved)
    lead = text["satisfaction_lead"]
    average = text["satisfaction_2023"] - lead
    yield check("section_5_2_2_national_average", published=lead, national_average=average)


def sections_2(paper: Published) -> Iterator[Check]:
    """Section 2: users and enterprises of China, and the lead of early warnings."""
    claimed, users = paper.text["platform_users"], paper.external["internet_users"]
    holds = below(claimed.value, users.low)
    yield check("section_2_1_1_users", published=claimed, recomputed=users, holds=holds)
    claimed, entities = paper.text["small_enterprises_share"], paper.external["market_entities"]
    enterprises, individual = paper.external["enterprises"], paper.external["individual_businesses"]
    for code, counted in {
        "section_2_2_small_enterprises": enterprises,
        "section_2_2_small_enterprises_and_individuals": enterprises + individual,
    }.items():
        share = 100 * counted / entities
        holds = at_most(claimed.value, share.high)
        values = {"enterprises": enterprises, "individual": individual, "entities": entities}
        yield check(code, published=claimed, recomputed=share, holds=holds, **values)
    early, repeated = paper.text["months_ahead"], paper.text["months_in_advance"]
    yield repetition("section_2_3_2_months_ahead", early, repeated)


INDICATORS_OF_WARNINGS = {
    "abnormal transaction flow": "flow",
    "negative public opinion": "opinion",
    "equity changes": "equity",
}
"""Indicators that section 6.2.2 names, with the word by which a trigger of Table 6 has them."""


def sections_6(paper: Published) -> Iterator[Check]:
    """Section 6: the levels, triggers and response times of Table 6, and cases."""
    levels, n_levels = paper.text["warning_levels"], len(paper.warnings)
    holds = equal(levels.value, n_levels)
    yield check("section_6_2_2_levels", published=levels, recomputed=n_levels, holds=holds)
    triggers = " ".join(paper.warnings["trigger_condition"])
    absent = [name for name, word in INDICATORS_OF_WARNINGS.items() if word not in triggers]
    yield check("section_6_2_2_triggers", recomputed=len(absent), holds=not absent, absent=absent)
    time = paper.warnings["response_time"].str.removeprefix("T+")
    number = time.str.removesuffix(" hours").astype(float)
    in_hours = number.where(time.str.endswith(" hours"), number * 24)
    yield check("table_6_response_times", days=in_hours / 24, hours=number)
    bad_loans, entities = paper.text["county_loans"], paper.external["shenzhen_entities"]
    yield check("section_6_2_1_county_loans", published=bad_loans)
    monitored = paper.text["monitored_entities"]
    yield check("section_6_2_2_golden_eagle", published=monitored, entities=entities)
