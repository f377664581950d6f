"""Exposures by province: which values are published, in random worlds, and what they reveal.

A reader may know everything about every enterprise but its province. A value of a province is then
a linear form of the memberships (enterprise x province); it can be derived if its form is in the
span of the published forms.
"""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

KINDS = ("guarantee", "shareholding", "supply")
SMALLEST = 2
WORLDS = 12
COUNTS = ("enterprises", "linked", "exposed", "exposed_within_two")


def random_world(rng) -> dict[str, pd.DataFrame]:
    """Draw provinces, links and warnings; the early warning suppresses some of the provinces."""
    sizes = rng.integers(8, 60, int(rng.integers(1, 6)))
    codes = [str(11 + place) for place in range(len(sizes))]
    provinces = np.repeat(codes, sizes)
    keys = np.array([f"k{number:03d}" for number in range(len(provinces))])
    n_links = int(len(keys) * rng.uniform(0.5, 4))
    ends = rng.integers(0, len(keys), (n_links, 2))
    amounts = np.where(rng.random(n_links) < 0.9, rng.integers(1, 100, n_links), np.nan)
    links = pd.DataFrame(
        {
            "exposed_key": keys[ends[:, 0]],
            "counterparty_key": keys[ends[:, 1]],
            "kind": rng.choice(KINDS, n_links),
            "exposure": amounts,
            "share": np.full(n_links, np.nan),
            "status": "used",
            "data_origin": "user",
        }
    )
    warned = rng.random(len(keys)) < rng.uniform(0.1, 0.6)
    is_small = rng.random(len(codes)) < 0.25
    if is_small.sum() == 1 and len(codes) > 1:
        is_small[np.flatnonzero(~is_small)[0]] = True
    return {
        "restricted.int_warnings__enterprises": pd.DataFrame(
            {
                "enterprise_key": keys,
                "province_code": provinces,
                "registered_capital": 100.0,
                "data_origin": "user",
            }
        ),
        "restricted.int_warnings__regions": pd.DataFrame(
            {
                "province_code": codes,
                "data_origin": "user",
                "enterprises": sizes,
                "is_published": ~is_small,
                "is_listed": (len(codes) > 1) | ~is_small,
            }
        ),
        "restricted.int_neighbours__links": links[links.exposed_key != links.counterparty_key],
        "restricted.int_neighbours__warned": pd.DataFrame(
            {"enterprise_key": keys[warned], "level": "red", "level_rank": 3}
        ),
        "marts.enterprise_status": pd.DataFrame(
            {"enterprise_key": keys, "level_rank": np.where(warned, 3, 0), "data_origin": "user"}
        ).assign(level="not read"),
        "intermediate.int_warnings__levels": pd.DataFrame({"level": ["red"], "level_rank": [3]}),
    }


MODELS = (
    "int_neighbours__exposures",
    "int_neighbours__degrees",
    "int_neighbours__warned_nearby",
    "int_neighbours__exposed",
    "int_neighbours__region*",
    "int_neighbours__circles",
    "int_neighbours__scenarios",
    "contagion_*",
    "guarantee_circles",
    "regional_exposure",
)


@pytest.fixture(scope="module")
def worlds(runner, tmp_path_factory):
    """Random worlds: tables by name, as data frames."""
    rng = np.random.default_rng(20)
    warehouse = tmp_path_factory.mktemp("worlds") / "credit_indices.duckdb"
    found = []
    for _ in range(WORLDS):
        with duckdb.connect(str(warehouse)) as connection:
            for schema in ("restricted", "intermediate", "marts"):
                connection.execute(f"create schema if not exists {schema}")
            for name, frame in random_world(rng).items():
                given = pa.Table.from_pandas(frame, preserve_index=False)  # noqa: F841
                connection.execute(f"create or replace table {name} as from given")
            connection.execute(
                "create or replace table intermediate.int_warnings__as_of as "
                "select date '2021-12-31' as as_of, 18992 as as_of_day"
            )
        made = runner.run(warehouse, runner.select(*MODELS), smallest_cell=SMALLEST)
        assert made.succeeded, made.message
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            names = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables()"
            ).fetchall()
            found.append({name: connection.execute(f"from {name}").df() for (name,) in names})
    return found


def suppressed_in(world) -> set[str]:
    regions = world["restricted.int_neighbours__regions"]
    return set(regions.province_code[~regions.is_published])


def test_provinces_are_published_whole_or_not_at_all(worlds):
    published = added = 0
    for world in worlds:
        before = world["restricted.int_warnings__regions"]
        hidden = suppressed_in(world)
        assert set(before.province_code[~before.is_published]) <= hidden
        assert len(hidden) != 1 or len(before) == 1
        mart = world["marts.regional_exposure"]
        values = [*COUNTS, "share_exposed", "amount_at_risk"]
        is_hidden = mart.province_code.isin(hidden)
        assert (mart.is_suppressed == is_hidden).all()
        assert mart.loc[is_hidden, values].isna().all(axis=None)
        shown = mart[~is_hidden]
        assert shown[values].notna().all(axis=None)
        for name in COUNTS:
            assert not shown[name].between(1, SMALLEST - 1).any()
        for name in ("exposed", "exposed_within_two"):
            rest = shown.enterprises - shown[name]
            assert not ((shown[name] > 0) & (rest < SMALLEST)).any()
        if len(before) == 1:
            assert mart.empty == bool(hidden)
        published += len(shown)
        added += len(hidden - set(before.province_code[~before.is_published]))
    assert published > 20 and added > 8


def test_amounts_rest_on_enough_enterprises(worlds):
    for world in worlds:
        counts = world["restricted.int_neighbours__regional_counts"]
        of_published = ~counts.province_code.isin(suppressed_in(world))
        shown = counts[of_published & counts.province_code.notna()]
        assert not shown.with_amount.between(1, SMALLEST - 1).any()
        assert not shown.warned.between(1, SMALLEST - 1).any()


def forms_of(world, kind) -> list[np.ndarray]:
    """What a reader may know about each enterprise: its exposure, and the amount."""
    keys = world["restricted.int_warnings__enterprises"].enterprise_key
    exposed = world["restricted.int_neighbours__exposed"]
    of_kind = exposed[exposed.kind == kind].set_index("enterprise_key").reindex(keys)
    return [
        of_kind.is_exposed.fillna(False).to_numpy(dtype=float),
        of_kind.is_exposed_within_two.fillna(False).to_numpy(dtype=float),
        of_kind.amount_at_risk.fillna(0).to_numpy(dtype=float),
    ]


def derivable(world, also_published=frozenset()) -> set[str]:
    """Provinces with a suppressed value in the span of what is published."""
    enterprises = world["restricted.int_warnings__enterprises"]
    codes = [*world["restricted.int_warnings__regions"].province_code]
    before = world["restricted.int_warnings__regions"]
    by_warnings = set(before.province_code[~before.is_published])
    hidden = suppressed_in(world) - also_published
    warned_keys = world["restricted.int_neighbours__warned"].enterprise_key
    warned = enterprises.enterprise_key.isin(warned_keys).to_numpy(dtype=float)
    every = np.ones(len(enterprises))
    exposures = [form for kind in (*KINDS, "any") for form in forms_of(world, kind)]

    def spread(form, code):
        whole = np.zeros((len(form), len(codes)))
        whole[:, codes.index(code)] = form
        return whole.ravel()

    known = [np.outer(unit, np.ones(len(codes))).ravel() for unit in np.eye(len(enterprises))]
    for code in codes:
        known += [spread(form, code) for form in (every, warned) if code not in by_warnings]
        known += [spread(form, code) for form in exposures if code not in hidden]
    _, sizes, basis = np.linalg.svd(np.array(known), full_matrices=False)
    basis = basis[sizes > 1e-9 * sizes.max()]
    found = set()
    for code in hidden:
        # Of a province that the early warning suppresses, its values too.
        forms = exposures + ([every, warned] if code in by_warnings else [])
        for form in forms:
            vector = spread(form, code)
            left = vector - basis.T @ (basis @ vector)
            if vector.any() and np.linalg.norm(left) < 1e-7 * np.linalg.norm(vector):
                found.add(code)
    return found


def test_no_suppressed_value_can_be_derived(worlds):
    # A single province is not named, since every enterprise is in it.
    checked = [
        world
        for world in worlds
        if suppressed_in(world) and len(world["restricted.int_warnings__regions"]) > 1
    ]
    checked = [
        world for world in checked if len(world["restricted.int_warnings__enterprises"]) < 130
    ]
    assert len(checked) > 2
    n_derived = 0
    for world in checked:
        assert derivable(world) == set()
        hidden = sorted(suppressed_in(world))
        if len(hidden) == 2:
            # With the other one published, a province is the total minus all others.
            n_derived += derivable(world, {hidden[0]}) == {hidden[1]}
    assert n_derived > 0


def test_summary_is_suppressed_if_a_cell_is_small(worlds):
    n_suppressed = 0
    for world in worlds:
        summary = world["marts.contagion_summary"]
        counts = world["restricted.int_neighbours__regional_counts"]
        totals = counts[counts.province_code.isna()]
        (is_suppressed,) = set(summary.is_suppressed)
        small = ["linked", "exposed", "exposed_within_two", "with_amount", "warned"]
        if totals[small].isin(range(1, SMALLEST)).any(axis=None):
            assert is_suppressed
        if is_suppressed:
            n_suppressed += 1
            assert summary[[*COUNTS, "amount_at_risk"]].isna().all(axis=None)
        else:
            assert summary[[*COUNTS, "amount_at_risk"]].notna().all(axis=None)
    assert 1 < n_suppressed < WORLDS - 1
