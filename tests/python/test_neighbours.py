"""Links between enterprises: validation, exposures beside networkx, amounts by hand, privacy."""

import json
import shutil
from itertools import pairwise

import duckdb
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from conftest import PROJECT, Build, DataDir, environment, is_quality
from test_early_warning import enterprise_rows

from credit_indices.pipeline import check, enterprise_codes

KEY = "a long key for tests"
PART = ("+credit_indices.marts.neighbours", "+quarantined_links")
TIME = "is not a day such as 2020-02-29, with or without a time"

CODES = [row["enterprise_id"] for row in enterprise_rows(13)]


def link(a: int, b: int, kind: str = "guarantee", amount: object = "", **cells: object) -> dict:
    """A link from enterprise a to enterprise b, valid and known since 2020."""
    return {
        "from_enterprise_id": CODES[a],
        "to_enterprise_id": CODES[b],
        "kind": kind,
        "amount": amount,
        "share": "",
        "valid_from": "2020-01-01",
        "valid_to": "",
        "known_at": "2020-02-01",
    } | cells


def key_of(number: int) -> str:
    with environment(**{enterprise_codes.KEY_VARIABLE: KEY}):
        return enterprise_codes.pseudonym(CODES[number], "file")


def event(number: int, event_type: str, day: str, **cells: object) -> dict:
    return {
        "event_id": f"{event_type} {number} {day}",
        "enterprise_id": CODES[number],
        "occurred_at": f"{day} 09:00",
        "recorded_at": f"{day} 10:00",
        "event_type": event_type,
        "role": "",
        "amount": "",
    } | cells


LINKS = [
    link(0, 1, amount=50),
    link(1, 3, amount=30, known_at="2021-01-15"),
    link(2, 3, "supply", 365),
    link(2, 0, "shareholding", share=0.2),
    link(5, 0, "shareholding", share=0.5),
    link(6, 0, "shareholding", 40, share=0.4),
    link(5, 4, "supply"),
    link(6, 7, amount=10),
    link(7, 8, amount=20),
    link(8, 6, amount=30),
    link(9, 4, amount=10),
    link(0, 2, "supply", 40),
    link(2, 0, "supply", 20),
    # Not used.
    link(1, 3, amount=99),  # superseded by the record known in 2021
    link(10, 3, amount=1),
    link(3, 10, amount=1),
    link(11, 3, amount=1, known_at="2021-07-01"),
    link(11, 4, amount=1, valid_from="2021-07-01"),
    link(12, 3, amount=1, valid_to="2021-06-29"),
    link(12, 4, amount=1, known_at="2019-12-31"),  # before the consent
]
"""The as-of date is 2021-06-30. 3 is at red, 4 at orange. 9 has no capital, 10 no consent."""

FAULTS = [
    ({"from_enterprise_id": ""}, "from_enterprise_id", "from_enterprise_id is empty"),
    (
        {"from_enterprise_id": "91000000MISSING000"},
        "from_enterprise_id",
        "from_enterprise_id is unknown: enterprises are listed in enterprises",
    ),
    ({"to_enterprise_id": ""}, "to_enterprise_id", "to_enterprise_id is empty"),
    (
        {"to_enterprise_id": "91000000MISSING000"},
        "to_enterprise_id",
        "to_enterprise_id is unknown: enterprises are listed in enterprises",
    ),
    (
        {"to_enterprise_id": CODES[0]},
        "to_enterprise_id",
        "to_enterprise_id is from_enterprise_id: an enterprise has no link with itself; correct "
        "one of them",
    ),
    ({"kind": "loan"}, "kind", "kind is not one of guarantee, shareholding, supply"),
    ({"kind": ""}, "kind", "kind is not one of guarantee, shareholding, supply"),
    (
        {"amount": "much"},
        "amount",
        "amount is not a number of yuan; leave it empty if it is unknown",
    ),
    ({"amount": "-1"}, "amount", "amount is negative"),
    ({"amount": "1e15"}, "amount", "amount is not below 10^15 yuan"),
    ({"share": "30 %"}, "share", "share is not a number; 0.3 is 30 %"),
    ({"share": "-0.1"}, "share", "share is negative"),
    ({"share": "30"}, "share", "share is above 1; 0.3 is 30 %"),
    ({"valid_from": ""}, "valid_from", f"valid_from {TIME}"),
    ({"valid_from": "2020-02-30"}, "valid_from", f"valid_from {TIME}"),
    ({"valid_to": "never"}, "valid_to", f"valid_to {TIME}"),
    ({"valid_to": "2019-12-31"}, "valid_to", "valid_to is before valid_from"),
    (
        {"known_at": ""},
        "known_at",
        "known_at is empty; it is the time from which the link was known",
    ),
    ({"known_at": "1.2.2020"}, "known_at", f"known_at {TIME}"),
    (
        {"amount": "7"},
        "from_enterprise_id",
        "the link is already in an earlier row, with the same kind, valid_from and known_at; keep "
        "the correct record",
    ),
    (
        {"kind": "x", "share": "2"},
        "kind",
        "kind is not one of guarantee, shareholding, supply; share is above 1; 0.3 is 30 %",
    ),
]


def tables() -> dict[str, list[dict]]:
    enterprises = enterprise_rows(13)
    enterprises[9]["registered_capital"] = 0
    consents = [
        {"enterprise_id": code, "data_class": data_class, "granted_at": "2020-01-01"}
        for code in CODES
        for data_class in ("judicial", "transactions", "links")
        if (code, data_class) != (CODES[10], "links")
    ]
    return {
        "enterprises": enterprises,
        "enterprise_consents": consents,
        "enterprise_events": [
            event(3, "breach_execution", "2021-06-01"),
            event(4, "lawsuit", "2021-06-01", role="defendant"),
            # 11 is at red and orange, 12 no longer at orange. No link of theirs is used.
            event(11, "breach_execution", "2021-05-01"),
            event(11, "lawsuit", "2021-05-01", role="defendant"),
            event(12, "lawsuit", "2020-03-01", role="defendant"),
            event(0, "capital_flow", "2021-06-30", amount=35),
            event(0, "capital_flow", "2021-03-01", amount=40),
            event(0, "capital_flow", "2020-07-01", amount=25),
            event(0, "capital_flow", "2020-06-30", amount=45),  # before the 365 days
        ],
        "enterprise_links": LINKS + [LINKS[0] | fault for fault, _, _ in FAULTS],
    }


def make(runner, seeded, place, data, *names, tested=False, **variables) -> Build:
    """Build models of the part, with their ancestors, without dbt."""
    warehouse = place / "credit_indices.duckdb"
    shutil.copy(seeded, warehouse)
    nodes = runner.project["nodes"]
    codes = {code for code in runner.select(*(names or PART)) if not is_quality(nodes[code])}
    if tested:
        codes |= {
            code
            for code in runner.select("credit_indices", kinds=("test",))
            if "neighbours" in nodes[code]["fqn"] and codes.issuperset(nodes[code]["depends_on"])
        }
    with environment(**{enterprise_codes.KEY_VARIABLE: KEY}):
        made = runner.run(warehouse, codes, data, **variables)
    assert made.succeeded, made.message
    return made


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("neighbours")


@pytest.fixture(scope="module")
def data(place):
    return DataDir(tables()).write(place / "data")


@pytest.fixture(scope="module")
def built(runner, seeded_warehouse, place, data) -> Build:
    (place / "built").mkdir()
    return make(runner, seeded_warehouse, place / "built", data, tested=True)


def test_invalid_links_are_quarantined(built):
    found = built.query(
        "select source_row, column_name, reason, value from quality.quarantined_links order by 1"
    )
    assert found == [
        (row, column, reason, None)
        for row, (_, column, reason) in enumerate(FAULTS, start=len(LINKS) + 2)
    ]
    # Every record is used, or counted with the reason why not.
    assert built.value("select sum(links) from marts.link_use") == len(LINKS) + len(FAULTS)
    use = dict(built.query("select status, sum(links)::int from marts.link_use group by status"))
    assert use == {
        "used": 13,
        "superseded": 1,
        "without_consent": 3,
        "known_later": 1,
        "not_yet_valid": 1,
        "no_longer_valid": 1,
        "quarantined": len(FAULTS),
    }
    unknown = "select links from marts.link_use where kind = 'unknown'"
    assert built.query(unknown) == [(3,)]


def test_check_command_names_reasons_and_places(data, place, monkeypatch, capsys):
    monkeypatch.chdir(PROJECT)
    with environment(**{enterprise_codes.KEY_VARIABLE: KEY}):
        check.check(str(data), place / "credit_indices.duckdb")
    said = capsys.readouterr().out
    assert (
        "  2 record(s) of links quarantined: kind is not one of guarantee, shareholding, supply "
        "(first: enterprise_links.csv row 27)\n"
    ) in said
    assert not any(code in said for code in CODES)


def test_exposures_by_hand(built):
    found = built.query(
        "select enterprise_key, kind, level, warned_one_step, warned_two_steps, nearest_key, path, "
        "path_kinds, amount_at_risk, links_without_amount from restricted.contagion_exposure"
    )
    k = [key_of(number) for number in range(13)]

    def row(number, kind, levels, one, two, path, kinds, amount, unknown=0):
        keys = [k[each] for each in path]
        return [
            (k[number], kind, level, one, two, keys[-1], " > ".join(keys), kinds, amount, unknown)
            for level in ("any", levels)
        ]

    # Of the paths 0 > 1 > 3 and 0 > 2 > 3 the first by keys.
    via, kind = (1, "guarantee") if k[1] < k[2] else (2, "supply")
    assert sorted(found, key=str) == sorted(
        [
            *row(0, "guarantee", "red", 0, 1, (0, 1, 3), "guarantee > guarantee", None),
            *row(0, "any", "red", 0, 1, (0, via, 3), f"{kind} > {kind}", None),
            *row(0, "supply", "red", 0, 1, (0, 2, 3), "supply > supply", None),
            *row(1, "guarantee", "red", 1, 0, (1, 3), "guarantee", 30),
            *row(1, "any", "red", 1, 0, (1, 3), "guarantee", 30),
            *row(2, "supply", "red", 1, 0, (2, 3), "supply", 365),
            *row(2, "any", "red", 1, 0, (2, 3), "supply", 365),
            *row(5, "supply", "orange", 1, 0, (5, 4), "supply", None, 1),
            *row(5, "any", "orange", 1, 0, (5, 4), "supply", None, 1),
            *row(9, "guarantee", "orange", 1, 0, (9, 4), "guarantee", 10),
            *row(9, "any", "orange", 1, 0, (9, 4), "guarantee", 10),
        ],
        key=str,
    )


def test_warned_are_those_of_the_early_warning(built):
    warned = "select enterprise_key, level, level_rank from {} where level_rank > 0"
    expected = built.query(warned.format("marts.enterprise_status"))
    assert {row[:2] for row in expected} == {
        (key_of(3), "red"),
        (key_of(4), "orange"),
        (key_of(11), "red"),
    }
    assert set(built.query(warned.format("restricted.int_neighbours__warned"))) == set(expected)


def test_scenarios_of_links_by_hand(built):
    # 3 fails, and 11, to which nobody is exposed. Round 1: 1 loses 30 / 100, 2 min(1, 365 / 100).
    # Round 2: 0 loses 0.5 * 0.3 by its guarantee and 0.4 * 1 by its supplies to 2. Round 3: of its
    # 0.55, 5 loses 0.5 and 6 0.4. Then 8 loses 0.3 * 0.22 by 6, 7 0.2 * 0.066 by 8, and 6 loses
    # 0.1 * 0.0132 by 7. With capitals of 100:
    # 100 * (0.3 + 1 + 0.55 + 0.275 + 0.22132 + 0.066 + 0.0132) = 242.552.
    assert built.query(
        "select start_enterprises, affected, distressed_capital, rounds, links, "
        "links_without_amount, links_without_capital from restricted.contagion_scenarios "
        "where scenario = 'worst_level' order by method"
    ) == [
        (2, 7, pytest.approx(242.552), 6, 11, 1, 1),
        (2, 1, 100, 1, 11, 1, 1),
    ]
    share = built.value("select max(share_of_capital) from restricted.contagion_scenarios")
    assert share == pytest.approx(242.552 / 1200)


def test_circle_of_guarantees_has_its_amount(built):
    assert built.query(
        "select distinct circle_number, members, guaranteed_amount, links_without_amount, "
        "has_open_warning from restricted.guarantee_circles"
    ) == [(1, 3, 60, 0, False)]
    members = built.query("select enterprise_key from restricted.guarantee_circles")
    assert {key for (key,) in members} == {key_of(6), key_of(7), key_of(8)}


def test_findings_name_enterprises_by_key(built):
    found = dict(
        ((code, key, kind), message)
        for code, key, kind, message in built.query(
            "select code, enterprise_key, kind, message from restricted.link_findings"
        )
    )
    assert found.keys() == {
        ("shares_above_1", key_of(0), "shareholding"),
        ("amount_is_missing", key_of(5), "supply"),
        ("capital_is_missing", key_of(9), "any"),
    }
    assert found["shares_above_1", key_of(0), "shareholding"] == (
        f"The shares that 3 shareholder(s) hold of {key_of(0)} add up to 1.1, more than 1. Correct "
        "the shares in enterprise_links, or end those that were sold (valid_to). The links are "
        "used as they are."
    )
    assert not any(code in message for message in found.values() for code in CODES)


def test_related_party_share_by_hand(built):
    # 0 and 2 are related by a shareholding. They supply each other for 40 + 20 a year. 0 has flows
    # of 35 + 40 + 25 in 365 days.
    found = built.query(
        "select related_parties, numerator, denominator, share, above_30_percent "
        "from restricted.related_party_shares "
        f"where enterprise_key in ('{key_of(0)}', '{key_of(2)}') order by denominator"
    )
    assert found == [(4, 60, 100, 0.6, True), (1, 60, None, None, None)]


def test_settings_and_the_as_of_date_take_effect(runner, seeded_warehouse, data, tmp_path):
    made = make(
        runner,
        seeded_warehouse,
        tmp_path,
        data,
        "+link_findings",
        supply_days_unpaid=60,
        hub_degree=3,
        as_of_date="2021-07-01",
    )
    exposure = "select exposure from restricted.int_neighbours__exposures where kind = 'supply'"
    assert made.query(f"{exposure} and exposed_key = '{key_of(2)}' order by 1 desc limit 1") == [
        (60,)
    ]
    # A day later, one more link is valid and one more is known.
    statuses = made.query("select status from restricted.int_neighbours__links")
    assert not {("known_later",), ("not_yet_valid",)} & set(statuses)
    hubs = "select message from restricted.link_findings where code = 'hub_is_not_expanded'"
    assert made.query(f"{hubs} and kind = 'any' and enterprise_key = '{key_of(0)}'") == [
        (
            f"{key_of(0)} has 4 neighbours (any), more than hub_degree, 3: no path goes through "
            "it. Set a larger hub_degree to follow them.",
        )
    ]


def test_words_of_results_are_those_listed(runner, built):
    listed = json.loads(runner.rendered("{{ enumerations() | tojson }}"))
    statuses = built.query("select distinct status from marts.link_use")
    assert {status for (status,) in statuses} == set(listed["link_use.status"])
    codes = built.query("select distinct code from restricted.link_findings")
    assert {code for (code,) in codes} == {*listed["link_findings.code"]} - {"hub_is_not_expanded"}
    for name in ("scenario", "method"):
        found = built.query(f"select distinct {name} from restricted.contagion_scenarios")
        assert {word for (word,) in found} == set(listed[f"contagion_scenarios.{name}"])


@pytest.mark.parametrize(
    ("name", "value", "given", "expected"),
    [
        ("hub_degree", 0, "0", "1 to 1000000000."),
        ("hub_degree", "50", "'50'", "1 to 1000000000, without quotation marks."),
        ("supply_days_unpaid", 366, "366", "0 to 365."),
        ("supply_days_unpaid", True, "True", "0 to 365."),
    ],
)
def test_settings_out_of_range_are_refused(runner, tmp_path, name, value, given, expected):
    model = {"hub_degree": "int_neighbours__degrees", "supply_days_unpaid": "int_neighbours__links"}
    made = runner.run(tmp_path / "x.duckdb", runner.select(model[name]), **{name: value})
    message = f"the dbt variable {name} is {given}; expected a whole number from {expected}"
    assert message in made.message


def test_ids_stay_in_the_schema_restricted(built):
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where data_type = 'VARCHAR' and not internal and schema_name <> 'restricted'"
        ).fetchall()
        assert len(columns) > 50
        any_code = "|".join(CODES)
        for schema, table, column in columns:
            query = f"""select count(*) from "{schema}"."{table}" where "{column}" ~ ?"""
            found = connection.execute(query, [f".*({any_code}).*"]).fetchone()
            assert found == (0,), (schema, table, column)


# Paths, beside networkx ---------------------------------------------------------------------------

KINDS = ("guarantee", "shareholding", "supply")
HUB_DEGREE = 4


def random_links(rng, graph: int) -> tuple[list[str], list[tuple[str, str, str]]]:
    n = int(rng.integers(2, 10))
    keys = [f"g{graph:04d} n{node}" for node in range(n)]
    density = rng.uniform(0.02, 0.35)
    pairs = [
        (a, b, kind)
        for a in keys
        for b in keys
        for kind in KINDS
        if a != b and rng.random() < density
    ]
    return keys, pairs


@pytest.fixture(scope="module")
def random_graphs(runner, tmp_path_factory):
    """1,000 graphs side by side in one warehouse, and what networkx finds in them."""
    rng = np.random.default_rng(8)
    graphs = [random_links(rng, graph) for graph in range(1_000)]
    keys = [key for names, _ in graphs for key in names]
    ranks = dict(zip(keys, rng.choice([0, 0, 0, 1, 2, 3], len(keys)), strict=True))
    enterprises = pd.DataFrame({"enterprise_key": keys, "data_origin": "user"})
    statuses = pd.DataFrame(
        {
            "enterprise_key": keys,
            "level_rank": [int(ranks[key]) for key in keys],
            "level": [f"level {ranks[key]}" for key in keys],
        }
    )
    links = pd.DataFrame(
        [pair for _, pairs in graphs for pair in pairs],
        columns=["exposed_key", "counterparty_key", "kind"],
    ).assign(exposure=1.0, share=None, status="used", data_origin="user")
    warehouse = tmp_path_factory.mktemp("graphs") / "credit_indices.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        for schema in ("restricted", "intermediate"):
            connection.execute(f"create schema {schema}")
        connection.register("enterprises", enterprises)
        connection.register("statuses", statuses)
        connection.register("links", links)
        connection.execute(
            """
            create table restricted.int_warnings__enterprises as from enterprises;
            create table restricted.int_neighbours__warned as from statuses where level_rank > 0;
            create table restricted.int_neighbours__links as
                select * replace (share::double as share) from links;
            create table intermediate.int_warnings__as_of as
                select date '2021-12-31' as as_of, 18992 as as_of_day;
            """
        )
    made = runner.run(
        warehouse,
        runner.select(
            "int_neighbours__exposures",
            "int_neighbours__degrees",
            "int_neighbours__warned_nearby",
            "contagion_exposure",
        ),
        hub_degree=HUB_DEGREE,
    )
    assert made.succeeded, made.message
    return made, graphs, ranks


def by_networkx(graphs, ranks):
    """Warned enterprises by exposed enterprise and kind, with the steps; and those cut short."""
    found, cut = {}, {}
    for names, pairs in graphs:
        for kind in (*KINDS, "any"):
            graph = nx.DiGraph((a, b) for a, b, of in pairs if kind in (of, "any"))
            neighbours = graph.to_undirected()
            hubs = {node for node in graph if neighbours.degree(node) > HUB_DEGREE}
            followed = nx.DiGraph((a, b) for a, b in graph.edges if a not in hubs)
            for key in names:
                if key not in graph:
                    continue
                steps = {node: 1 for node in graph.successors(key)}
                if key in followed:
                    lengths = nx.single_source_shortest_path_length(followed, key, cutoff=2)
                    steps = dict(lengths) | steps
                warned = {node: length for node, length in steps.items() if length and ranks[node]}
                found[key, kind] = warned
                if graph.out_degree(key) and (key in hubs or hubs & {*graph.successors(key)}):
                    cut[key, kind] = True
    return found, cut


def test_paths_are_those_of_networkx(random_graphs):
    made, graphs, ranks = random_graphs
    expected, cut = by_networkx(graphs, ranks)
    rows = made.query(
        "select enterprise_key, kind, level, warned_one_step, warned_two_steps, nearest_key, "
        "nearest_steps, path, is_complete from restricted.contagion_exposure"
    )
    assert {row[:2] for row in rows} == {place for place, warned in expected.items() if warned} | {
        *cut
    }
    edges = {(a, b) for _, pairs in graphs for a, b, _ in pairs}
    two_steps = 0
    for key, kind, level, one, two, nearest, steps, path, is_complete in rows:
        warned = {
            node: length
            for node, length in expected[key, kind].items()
            if level in ("any", f"level {ranks[node]}")
        }
        lengths = [*warned.values()]
        assert (one, two) == (lengths.count(1), lengths.count(2)), (key, kind, level)
        assert is_complete == ((key, kind) not in cut)
        if not warned:
            assert nearest is None and level == "any"
            continue
        assert steps == min(lengths) == warned[nearest]
        assert ranks[nearest] == max(ranks[n] for n, length in warned.items() if length == steps)
        nodes = path.split(" > ")
        assert (nodes[0], nodes[-1], len(nodes)) == (key, nearest, steps + 1)
        assert all(step in edges for step in pairwise(nodes))
        two_steps += two
    assert two_steps > 1_000 and len(cut) > 300
