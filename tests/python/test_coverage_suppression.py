"""No suppressed count of the coverage can be derived from published data, by linear algebra.

As in test_suppression.py, readers know the warnings of every enterprise, and here also its coverage
in every month, but neither its province nor its size class. A count is then a linear form of the
unknown memberships (enterprise x province x size class, 1 or 0); it can be computed from the
published counts if its form is in their span. Enterprises with the same weights in all forms are
one type, since the forms do not tell them apart.
"""

from datetime import date

import coverage_folder as folder
import numpy as np
import pytest
from conftest import DataDir
from coverage_folder import CAPITALS, GROUPS, Warehouses, consents_to, record
from test_early_warning import consent_rows, enterprise_rows
from test_suppression import Outsider

MONTHS = 3
SMALLEST = 5
A, B, C, D = CAPITALS
PATTERNS = ((), ("bank",), ("alternative",), ("bank", "alternative"), None)
"""Kinds of coverage; None: no consent."""


def numbers() -> dict[tuple, int]:
    """Return the number of enterprises by province, capital and pattern."""
    found = {
        (province, capital, pattern): 5
        for province in folder.PROVINCES
        for capital in (A, B, D)
        for pattern in PATTERNS
        if capital != D or province in ("11", "12", "22")
    }
    # The only enterprise of class C: C is suppressed, D with it, and the classes of province 12.
    found["12", C, ("bank",)] = 1
    # Few with both kinds in province 14, which no warning suppresses.
    found["14", A, ("bank", "alternative")], found["14", B, ("bank", "alternative")] = 2, 0
    # Few in a class of province 21, but enough in the province.
    found["21", A, ("alternative",)] = 2
    # The smallest province.
    found |= {key: 0 for key in found if key[0] == "15" and key[1] == B}
    return found


def tables(counted: dict[tuple, int], *, is_warned: bool) -> dict[str, list[dict]]:
    """Return a folder; one enterprise of province 13 is warned, and six of every other one."""
    keys = [key for key, n in counted.items() for _ in range(n)]
    enterprises, records, consents, events, warned = [], [], [], [], {}
    for row, (province, capital, pattern) in zip(enterprise_rows(len(keys)), keys, strict=True):
        row |= {"province_code": province, "registered_capital": capital}
        enterprises.append(row)
        records += [
            record(row, kind, "2021-01-01" if kind == "bank" else "2021-05-15")
            for kind in (("bank",) if pattern is None else pattern)
        ]
        consents += consents_to("coverage", [row]) if pattern is not None else []
        warned[province] = warned.get(province, 0) + 1
        if is_warned and warned[province] <= (1 if province == "13" else 6):
            events.append(
                {
                    "event_id": f"w{len(events)}",
                    "enterprise_id": row["enterprise_id"],
                    "occurred_at": "2021-04-10 09:00",
                    "recorded_at": "2021-04-10 10:00",
                    "event_type": "lawsuit",
                    "role": "defendant",
                }
            )
    given = folder.tables(enterprises, records, consents)
    given["enterprise_events"] = [{"role": ""} | row for row in given["enterprise_events"]] + events
    given["enterprise_consents"] = consents + [
        row | {"withdrawn_at": ""} for row in consent_rows(enterprises)
    ]
    return given


class Reader:
    """The knowledge of a reader, as linear forms of the number of each type in each place."""

    def __init__(self, built, given, months=MONTHS):
        warnings = Outsider(built)
        ids = dict(
            built.query(
                "select enterprise_key, enterprise_id from restricted.int_warnings__enterprises"
            )
        )
        rows = {row["enterprise_id"]: row for row in given["enterprises"]}
        by_id = {name: {"consents": [], "records": []} for name in rows}
        for row in given["enterprise_consents"]:
            by_id[row["enterprise_id"]]["consents"].append(row)
        for row in given["coverage_records"]:
            by_id[row["enterprise_id"]]["records"].append(row)
        self.of_warnings = {("warnings", name) for name in warnings.forms}
        self.forms = {("warnings", name): form for name, form in warnings.forms.items()}
        for end in folder.month_ends(months):
            for group in GROUPS:
                self.forms[end.replace(day=1), group] = np.zeros(len(warnings.keys))
            for place, key in enumerate(warnings.keys):
                for group in folder.groups_of(rows[ids[key]], by_id[ids[key]], end):
                    self.forms[end.replace(day=1), group][place] = 1
        types = np.unique(np.array(list(self.forms.values())), axis=1)
        self.forms = dict(zip(self.forms, types, strict=True))
        coverage = built.query(
            'select "month", province_code, size_class, group_code, n_enterprises, is_suppressed '
            "from marts.credit_coverage"
        )
        self.cells = {
            ((province, size), (month, group)): (n, suppressed)
            for month, province, size, group, n, suppressed in coverage
        }
        for (province, form), value in warnings.cells.items():
            self.cells[(province, "all"), ("warnings", form)] = value
        self.provinces = sorted({place[0] for place, _ in self.cells} - {"all"})
        self.sizes = sorted({place[1] for place, _ in self.cells} - {"all"})

    def vector(self, place, form):
        of_provinces = np.array([place[0] in ("all", each) for each in self.provinces])
        of_sizes = np.array([place[1] in ("all", each) for each in self.sizes])
        weights = self.forms.get(form, np.zeros(next(iter(self.forms.values())).size))
        return np.einsum("t,p,s->tps", weights, of_provinces, of_sizes).ravel()

    def derivable(self, also_published=()) -> set:
        """Suppressed cells in the span of the published ones, except those that are always 0."""
        n_types = next(iter(self.forms.values())).size
        n_places = len(self.provinces) * len(self.sizes)
        # Every enterprise has one province and one class.
        rows = [np.kron(one, np.ones(n_places)) for one in np.eye(n_types)]
        hidden = []
        for cell, (_, suppressed) in self.cells.items():
            vector = self.vector(*cell)
            if not suppressed or cell in also_published:
                rows.append(vector)
            elif vector.any():
                hidden.append((cell, vector))
        _, sizes, basis = np.linalg.svd(np.unique(rows, axis=0), full_matrices=False)
        basis = basis[sizes > 1e-9]
        return {
            cell
            for cell, vector in hidden
            if np.linalg.norm(vector - basis.T @ (basis @ vector)) < 1e-7
        }

    def published(self) -> set:
        """Places with published coverage."""
        return {
            place
            for (place, form), (_, suppressed) in self.cells.items()
            if form[0] != "warnings" and not suppressed
        }


@pytest.fixture(scope="module")
def warehouses(runner, seeded_warehouse, tmp_path_factory):
    return Warehouses(runner, seeded_warehouse, tmp_path_factory.mktemp("coverage"))


NAMES = (
    "credit_coverage",
    "regional_warnings",
    "credit_repair_rates",
    "credit_repairs",
    "enterprise_status",
    "enterprise_warnings",
)


def reader_of(warehouses, counted=None, *, is_warned=False):
    given = tables(counted or numbers(), is_warned=is_warned)
    built = warehouses.build(DataDir(given), *NAMES, coverage_months=MONTHS)
    assert built.succeeded, built.message
    return Reader(built, given), given


@pytest.fixture(scope="module")
def warned(warehouses):
    return reader_of(warehouses, is_warned=True)


@pytest.fixture(scope="module")
def quiet(warehouses):
    return reader_of(warehouses)


a, b, c, d = folder.CLASSES
WHOLE = {("all", "all"), ("all", a), ("all", b)}


def places(provinces, detailed):
    return (
        WHOLE
        | {(province, "all") for province in provinces}
        | {(province, size) for province in detailed for size in (a, b)}
    )


def test_places_are_published_whole_or_not_at_all(warned, quiet):
    reader, _ = warned
    # 13 and 15 by the early warning, 14 for its few with both kinds; 12 and 21 in detail only.
    assert reader.published() == places(("11", "12", "21", "22"), ("11", "22"))
    for place, form in reader.cells:
        if form[0] != "warnings":
            suppressed = reader.cells[place, form][1]
            assert suppressed == (place not in reader.published())
    # Without warnings, 14 alone would be the total minus the others: 15, the smallest, joins it.
    assert quiet[0].published() == places(("11", "12", "13", "21", "22"), ("11", "13", "22"))


def test_rows_do_not_depend_on_the_counts(quiet):
    places_of = {place for place, form in quiet[0].cells if form[0] != "warnings"}
    provinces, sizes = ({place[n] for place in places_of} for n in (0, 1))
    assert places_of == {(province, size) for province in provinces for size in sizes}
    assert ("13", c) in places_of  # nobody is there


def test_published_counts_are_true_and_not_small(warned, quiet):
    for reader, given in (warned, quiet):
        truth = folder.counts(given, MONTHS)
        for (place, form), (n, suppressed) in reader.cells.items():
            if form[0] != "warnings":
                true = truth[form[0], *place, form[1]]
                assert n == (None if suppressed else true)
                assert suppressed or true == 0 or true >= SMALLEST


def test_no_suppressed_count_can_be_derived(quiet):
    reader, _ = quiet
    found = reader.derivable()
    # marts.regional_warnings has the number of enterprises of provinces 14 and 15 anyway.
    assert {place for place, _ in found} == {("14", "all"), ("15", "all")}
    assert {form[1] for _, form in found} == {"register"}


def test_warnings_and_coverage_together_reveal_nothing_else(warned):
    reader, _ = warned
    found = reader.derivable()
    # 14 is published by the early warning; 13 and 15 are suppressed there too.
    assert {place for place, _ in found} == {("14", "all")}
    assert {form[1] for _, form in found} == {"register"}
    hidden = {
        place
        for (place, form), (_, suppressed) in reader.cells.items()
        if form[0] == "warnings" and suppressed
    }
    assert hidden == {("13", "all"), ("15", "all")}


def test_single_province_without_its_classes_takes_another(warehouses):
    counted = {
        (province, capital, pattern): 5 if (province, capital) != ("22", B) else 6
        for province in ("12", "21", "22")
        for capital in (A, B)
        for pattern in PATTERNS
    }
    counted["21", A, ("alternative",)] = 2
    reader, _ = reader_of(warehouses, counted)
    assert reader.published() == places(("12", "21", "22"), ("22",))
    assert reader.derivable() == set()
    of_12 = {cell for cell in reader.cells if cell[0] in {("12", a), ("12", b)}}
    assert (("21", a), (date(2021, 6, 1), "only_alternative")) in reader.derivable(of_12)


@pytest.mark.parametrize("seed", range(3))
def test_random_registers_reveal_nothing(warehouses, seed):
    """Small random cells of all kinds: many places are suppressed, and none can be derived."""
    given = folder.random_tables(600, seed)
    given["enterprise_consents"] += [
        row | {"data_class": "coverage", "withdrawn_at": ""}
        for row in folder.consents_to("coverage", given["enterprises"][::2])
    ]
    built = warehouses.build(DataDir(given), *NAMES, coverage_months=2, smallest_cell=2)
    assert built.succeeded, built.message
    reader = Reader(built, given, months=2)
    suppressed = [cell for cell, (_, hidden) in reader.cells.items() if hidden]
    assert len(suppressed) > 20
    assert len(reader.published()) > 3
    assert reader.derivable() == set()


def test_algebra_finds_what_a_weaker_rule_reveals(quiet, warned):
    june = (date(2021, 6, 1), "both")
    reader, _ = quiet

    def cells_of(place):
        return {cell for cell in reader.cells if cell[0] == place}

    # Without 15, 14 is the total minus the others.
    assert (("14", "all"), june) in reader.derivable(cells_of(("15", "all")))
    # Without D, C is the total minus the others.
    assert (("all", c), (june[0], "bank")) in reader.derivable(cells_of(("all", d)))
    # With all provinces but one in detail, the classes of that one follow.
    others = [(p, s) for p in reader.provinces if p != "21" for s in (a, b)]
    revealed = reader.derivable(set().union(*map(cells_of, others)))
    assert (("21", a), (june[0], "alternative")) in revealed
    # Provinces suppressed for warnings only, with their coverage: their enterprises follow.
    reader, _ = warned
    cells_of_13 = {
        cell for cell in reader.cells if cell[0] == ("13", "all") and cell[1][0] != "warnings"
    }
    assert (("13", "all"), ("warnings", "enterprises")) in reader.derivable(cells_of_13)


def test_small_register_publishes_nothing(warehouses):
    rows = enterprise_rows(40)
    records = [record(row, "bank", "2021-01-01") for row in rows[:3]]
    built = warehouses.build(
        DataDir(folder.tables(rows, records)), "credit_coverage", coverage_months=2
    )
    assert built.succeeded, built.message
    query = "select count(*), count(n_enterprises), bool_and(is_suppressed) from marts."
    ((n, n_published, suppressed),) = built.query(f"{query}credit_coverage")
    assert n > 0 and n_published == 0 and suppressed


def test_province_that_warnings_do_not_name_is_not_named(warehouses):
    """All enterprises are in one province, which is small by its warnings, or in none."""
    rows = [row | {"province_code": "11"} for row in enterprise_rows(60)]
    rows += [row | {"province_code": "nowhere"} for row in enterprise_rows(80)[60:]]
    records = [record(row, "bank", "2021-01-01") for row in rows[::2]]
    given = folder.tables(rows, records)
    given["enterprise_events"] += [
        given["enterprise_events"][0] | {"event_id": f"o{n}"} for n in range(3)
    ]  # three negative opinions in a week: one warned enterprise
    built = warehouses.build(DataDir(given), *NAMES, coverage_months=2)
    assert built.query("from marts.regional_warnings") == []
    found = built.query(
        "select distinct province_code, is_suppressed from marts.credit_coverage "
        "where size_class = 'all' order by 1"
    )
    assert found == [("all", False), ("unknown", True)]


def test_single_small_province_is_not_named(warehouses):
    rows = [row | {"province_code": "11"} for row in enterprise_rows(40)]
    records = [record(row, "bank", "2021-01-01") for row in rows[:3]]
    built = warehouses.build(
        DataDir(folder.tables(rows, records)), "credit_coverage", coverage_months=2
    )
    found = built.query("select distinct province_code, size_class from marts.credit_coverage")
    assert found == [("all", "all")]
