"""The tables for papers, parsed by independent parsers and compared with the marts."""

import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import mistune
import pytest
from conftest import PROJECT, environment, rows
from test_panel_specs import own_panel

from credit_indices.exports.tables import FORMATS, TablesError, content, formats, write_tables
from credit_indices.exports.tables.content import Cell, Heading, Note, Row, Table

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def write(warehouse: Path, out: Path, chosen=FORMATS) -> list[Path]:
    with environment(CREDIT_INDICES_DB=str(warehouse)):
        return write_tables(str(out), chosen)


@pytest.fixture(scope="module")
def folder(shipped, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("tables")
    write(shipped.warehouse, out)
    return out


# Reading back ------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The tables of a page: heading rows and body rows of cells, a cell being a list of lines."""

    VOID = ("meta", "br", "link", "img", "hr")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.head: list[list[tuple[str, int]]] = []
        self.body: list[list[list[str]]] = []
        self.caption = ""
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open, f"unclosed: {self.open}"

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            (self.head if "thead" in self.open else self.body).append([])
        elif tag in ("td", "th"):
            if "thead" in self.open:
                self.head[-1].append(("", int(attributes.get("colspan", 1))))
            else:
                self.body[-1].append([""])
        elif tag == "br":
            self.body[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text += data
        if "caption" in self.open:
            self.caption += data
        elif {"td", "th"} & set(self.open):
            if "thead" in self.open:
                text, span = self.head[-1][-1]
                self.head[-1][-1] = (text + data, span)
            else:
                self.body[-1][-1][-1] += data


def of_html(path: Path) -> dict[str, list[list[str]]]:
    page = Page(path.read_text(encoding="utf-8"))
    return {label[0]: cells for label, *cells in page.body}


def of_markdown(path: Path) -> dict[str, list[list[str]]]:
    page = Page(mistune.create_markdown(plugins=["table"])(path.read_text(encoding="utf-8")))
    found: dict[str, list[list[str]]] = {}
    for (label,), *cells in page.body:
        if label:
            found[label] = last = cells
        elif found:
            for lines, (line,) in zip(last, cells, strict=True):
                lines += [line] if line else []
    return found


PLAIN = {
    r"\rlap{$^{": "",
    "}$}": "",
    r"\linebreak ": "\n",
    r"\addlinespace[2pt]": "",
    "$-$": "−",
    r"$\times$": "×",
    r"$\infty$": "∞",
    r"$\cup$": "∪",
    r"\textless{}": "<",
    "{[}": "[",
    "{]}": "]",
    "{-}": "-",
    "~": "\N{NO-BREAK SPACE}",
    "--": "–",
    "$^{2}$": "²",
    **{"\\" + sign: sign for sign in "%&_{}"},
}


def of_latex(path: Path) -> dict[str, list[list[str]]]:
    text = path.read_text(encoding="utf-8")
    body = text.partition(r"\midrule")[2].partition(r"\bottomrule")[0].replace(r"\midrule", "")
    found = {}
    for row in body.split("\\\\")[:-1]:
        cells = re.split(r"(?<!\\)&", row)
        for latex, plain in PLAIN.items():
            cells = [cell.replace(latex, plain) for cell in cells]
        label, *cells = (cell.strip() for cell in cells)
        found[label] = [cell.split("\n") for cell in cells]
    return found


READERS = {"html": of_html, "md": of_markdown, "tex": of_latex}


def is_rounded(text: str, value: float) -> bool:
    """Whether a printed number is the value, rounded to the printed digits."""
    text = text.strip("()[]{}*").replace("\N{NO-BREAK SPACE}", " ").replace(",", "")
    assert not re.fullmatch(r"−0\.?0*", text), "a negative zero"
    mantissa, _, exponent = text.replace("−", "-").partition(" × 10")
    unit = 10.0 ** int(exponent.translate(SUPERSCRIPTS) or 0)
    digits = len(mantissa.partition(".")[2])
    return abs(float(mantissa) * unit - value) <= (0.5 + 1e-9) * 10**-digits * unit


def is_p_value(text: str, value: float) -> bool:
    return value < 0.001 if "<" in text else is_rounded(text, value)


# The shipped tables ------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("code", ["table_3", "table_4", "section_4_3_3", "section_7_2"])
def test_every_number_of_a_regression_is_that_of_the_mart(shipped, folder, code, suffix):
    table = READERS[suffix](folder / f"{code}.{suffix}")
    labels = dict(shipped.query("select variable_code, label_en from catalog.panel_variables"))
    specs = [spec for (spec,) in shipped.query(SPECS.format(code))]
    n_numbers = 0
    for column, spec in enumerate(specs):
        estimates = shipped.query(
            "select term, estimate, stars, std_error, std_error_cr3, p_value_wild "
            f"from marts.panel_estimates where spec_code = '{spec}'"
        )
        shown = set()
        for term, estimate, stars, *below in estimates:
            label = " × ".join(labels[name] for name in term.split(":"))
            shown.add(label)
            lines = table[label][column]
            number, printed_stars = re.fullmatch(r"([^*]+)(\**)", lines[0]).groups()
            assert is_rounded(number, estimate), (spec, term)
            assert printed_stars == stars
            below = [value for value in below if value is not None]
            assert len(lines) == 1 + len(below), (spec, term, lines)
            brackets = zip(lines[1:], ("()", "[]", "{}"), below, strict=False)
            for (line, ends, value), check in zip(
                brackets, (is_rounded, is_rounded, is_p_value), strict=False
            ):
                assert (line[0], line[-1]) == tuple(ends)
                assert check(line[1:-1], value), (spec, term, line)
                n_numbers += 1
        for label in {" × ".join(labels[n] for n in t.split(":")) for t in TERMS} - shown:
            assert table.get(label, [[""]] * len(specs))[column] == [""], (spec, label)
        fit = dict(zip(FIT, shipped.query(fits_of(spec))[0], strict=True))
        for label, figure in FIT.items():
            value = fit[label]
            text = table[label][column][0] if label in table else "no row"
            if value is None:
                assert text in ("–", "", "no row"), (spec, label)
            elif value == 0 and label == "Observations left out":
                assert text in ("0", "no row")
            else:
                assert is_rounded(text, value), (spec, label, figure)
    assert n_numbers >= 2 * 5 * len(specs)


SPECS = (
    "select spec_code from (select *, row_number() over () as place from catalog.panel_specs) "
    "where table_code = '{}' order by place"
)
TERMS = ["scdbi", "scdbi_ex_npl", "scdbi_ex_npl:cycle", "scdbi:cycle"]
FIT = {
    "Observations": "n_obs",
    "Observations left out": "n_dropped",
    "Units": "n_units",
    "Periods": "n_periods",
    "Clusters": "n_clusters",
    "Within R²": "r2_within",
    "Overall R²": "r2_overall",
    "First-stage F": "f_first_stage",
    "Effective F": "f_effective",
    "Critical value of effective F": "f_effective_critical_value",
}


def fits_of(spec: str) -> str:
    return f"select {', '.join(FIT.values())} from marts.panel_fits where spec_code = '{spec}'"


@pytest.mark.parametrize("suffix", READERS)
def test_design_of_columns_is_that_of_the_catalog(folder, suffix):
    table = READERS[suffix](folder / f"section_4_3_3.{suffix}")
    assert [cell[0] for cell in table["Method"]] == ["2SLS", "2SLS", "OLS"] * 2
    assert [cell[0] for cell in table["Unit effects"]] == ["Yes"] * 6
    assert [cell[0].replace("\N{NO-BREAK SPACE}", " ") for cell in table[ANDERSON_RUBIN]] == [
        *["(−∞, ∞)"] * 2,
        "",
        *["(−∞, ∞)"] * 2,
        "",
    ]
    samples = READERS[suffix](folder / f"table_4.{suffix}")["Sample"]
    assert [cell[0] for cell in samples] == [
        "east",
        "central + west",
        "east less central + west",
    ] * 2


ANDERSON_RUBIN = "Anderson-Rubin set, 95\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize("suffix", READERS)
def test_descriptive_statistics_are_those_of_the_mart(shipped, folder, suffix):
    table = READERS[suffix](folder / f"descriptive_statistics.{suffix}")
    by_sample = READERS[suffix](folder / f"descriptive_statistics-by-sample.{suffix}")
    found = shipped.query(
        "select label, n, mean, sd, minimum, maximum, coefficient_of_variation, "
        "correlation_with_index, stars from marts.descriptive_statistics where sample = 'all' "
        "and variable_code <> 'trend'"  # the number of the year is no statistic
    )
    assert {row[0] for row in found} == set(table)
    for label, *values, stars in found:
        cells = [cell[0] for cell in table[label]]
        for column, (text, value) in enumerate(zip(cells, values, strict=True)):
            if value is None:
                # A principal component has the mean zero; the index correlates with others.
                assert (label, column) in (
                    ("Comprehensive financial risk, first principal component", 5),
                    ("SCDBI, x 100", 6),
                )
                assert text == "–"
            elif label.startswith("Comprehensive") and column == 1:
                assert text == "0"
            else:
                digits = text.translate(SUPERSCRIPTS).partition("×")[0]
                assert (
                    value == 0 or len(re.sub(r"[^0-9]", "", digits).lstrip("0")) >= 2 or column == 0
                )
                assert is_rounded(text, value), (label, column)
        assert cells[6].partition("*")[1:] == ((stars or "")[:1], (stars or "")[1:])
    notes = Page((folder / "descriptive_statistics.html").read_text(encoding="utf-8")).text
    assert "Pearson, with the index (SCDBI, x 100); a dash for itself." in notes
    for label, sample, mean, sd in shipped.query(
        "select label, sample, mean, sd from marts.descriptive_statistics "
        "where sample <> 'all' and variable_code <> 'trend'"
    ):
        lines = by_sample[label][["central", "east", "west", "last_period"].index(sample)]
        assert is_rounded(lines[0], mean), (label, sample)
        assert is_rounded(lines[1], sd), (label, sample)


def test_csv_has_the_marts_exact_numbers(shipped, folder):
    def read(name: str) -> list[dict[str, str]]:
        with open(folder / name, encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def same(text: str, value) -> bool:
        return text == "" if value is None else type(value)(text) == value

    n_rows = 0
    with duckdb.connect(str(shipped.warehouse), read_only=True) as connection:
        for suffix, mart in (("", "panel_estimates"), ("-fits", "panel_fits")):
            printed = {
                (row["spec_code"], row.get("term")): row
                for (code,) in connection.execute(
                    "select distinct table_code from marts.panel_fits"
                ).fetchall()
                for row in read(f"{code}{suffix}.csv")
            }
            for row in connection.execute(f"from marts.{mart}").to_arrow_table().to_pylist():
                line = printed.pop((row["spec_code"], row.get("term")))
                assert line["data_origin"] == "synthetic"
                assert all(same(line[name], value) for name, value in row.items()), row
                n_rows += 1
            assert not printed
        described = read("descriptive_statistics.csv")
        relation = connection.execute("from marts.descriptive_statistics").to_arrow_table()
        printed = {(row["variable_code"], row["sample"]): row for row in described}
        for row in relation.to_pylist():
            line = printed.pop((row["variable_code"], row["sample"]))
            assert all(same(line[name], value) for name, value in row.items()), row
    assert not printed
    assert n_rows > 80
    assert {row["data_origin"] for row in described} == {"synthetic", "official", ""}


@pytest.mark.parametrize("suffix", READERS)
def test_synthetic_data_are_marked_without_an_agency(folder, suffix):
    for path in folder.glob(f"*.{suffix}"):
        if path.stem == "all_tables":
            continue
        text = path.read_text(encoding="utf-8").replace("{-}", "-")
        assert re.search(r"(caption|title|\*\*)[^\n]*synthetic data\)", text), path
        synthetic = re.search(r"Synthetic, not observed: ([^\n]*)", text)[1]
        assert "Non-performing loan ratio, percent" in synthetic
        if "section_4_3_1" not in path.stem:  # it has the dimensions of the index
            assert re.search(r"SCDBI, x 100 \(18 of its 23 indicators\)", synthetic)
        assert "GDP per capita" not in synthetic
        assert "National Bureau of Statistics of China" in text
        assert "People" not in text  # the People's Bank published no synthetic figure


def test_codes_are_spelled_out(folder):
    for path in folder.glob("*.html"):
        page = Page(path.read_text(encoding="utf-8"))
        assert not re.search(r"[a-z]_[a-z0-9]", page.text), path
    assert content.spelled_out("section_4_3_1_replication") == "section 4.3.1 replication"


def test_notes_name_the_conventions(folder):
    notes = Page((folder / "section_4_3_3.html").read_text(encoding="utf-8")).text
    for words in (
        "(1), (2), (4), (5): Non-performing loan ratio, percent",
        "(n − 1)/(n − K) × N/(N − 1)",
        "*** p < 0.01, ** p < 0.05, * p < 0.1",
        "t with N − 1 degrees of freedom",
        "9,999 draws, seed 1731",
        "(2): SCDBI without the non-performing loan ratio, x 100, instrumented by log population "
        "density, persons per km2 × Year.",
        "Weak instrument.",
        "(1): clustered first-stage F of SCDBI without the non-performing loan ratio, x 100 is "
        "1.69, below 10",
    ):
        assert words in notes, words


def test_page_is_accessible_to_screen_readers(folder):
    for path in folder.glob("*.html"):
        page = Page(path.read_text(encoding="utf-8"))
        attributes = {tag: found for tag, found in page.tags}
        assert attributes["html"] == {"lang": "en"}
        assert page.caption
        ids = {found["id"] for _, found in page.tags if "id" in found}
        assert {attributes["table"]["aria-describedby"], "caption"} <= ids
        scopes = [found.get("scope") for tag, found in page.tags if tag == "th"]
        assert set(scopes) <= {"col", "colgroup", "row"}
        assert scopes.count("row") == len(page.body)
        assert len({sum(span for _, span in row) for row in page.head}) == 1
        assert {len(row) for row in page.body} == {sum(span for _, span in page.head[0])}
        assert not [tag for tag, found in page.tags if {"src", "href"} & set(found)]


def test_provenance_is_that_of_the_catalog(shipped):
    with open(PROJECT / "seeds/catalog/indicators.csv", encoding="utf-8") as stream:
        origins = {row["indicator_code"]: row["data_origin"] for row in csv.DictReader(stream)}
    with open(PROJECT / "seeds/catalog/index_indicators.csv", encoding="utf-8") as stream:
        members = [
            r["indicator_code"] for r in csv.DictReader(stream) if r["index_code"] == "scdbi"
        ]
    expected = {
        "scdbi": set(members),
        "scdbi_ex_npl": set(members) - {"npl_ratio"},
        "fr": {"npl_ratio"},
        "comprehensive_risk": {"npl_ratio", "bond_default_rate", "loan_deposit_ratio"},
        "trend": {""},
    }
    for variable, codes in expected.items():
        found = dict(
            shipped.query(
                "select indicator_code, data_origin from marts.panel_variable_sources "
                f"where variable_code = '{variable}'"
            )
        )
        assert set(found) == codes
        assert found == {code: origins.get(code) for code in codes}


def test_document_example_is_the_written_table(folder):
    document = (PROJECT / "docs/methods/paper_tables.md").read_text(encoding="utf-8")
    assert (folder / "section_7_2.md").read_text(encoding="utf-8") in document


# LaTeX, if installed -----------------------------------------------------------------------------


def compiled(folder: Path, engine: str) -> str:
    """Compile the document and return its text, if pdftotext is installed."""
    for _ in range(2):  # twice, for the labels
        result = subprocess.run(
            [engine, "-interaction=nonstopmode", "-halt-on-error", "all_tables.tex"],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        assert result.returncode == 0, result.stdout[-3000:]
    if not shutil.which("pdftotext"):
        return ""
    return subprocess.run(
        ["pdftotext", "-layout", "all_tables.pdf", "-"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex on this machine")
def test_latex_compiles_and_fits_its_pages(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "tex")
    printed = compiled(tmp_path / "tex", "pdflatex")
    log = (tmp_path / "tex" / "all_tables.log").read_text(encoding="utf-8", errors="replace")
    assert "Overfull" not in log
    assert "Float too large" not in log
    if printed:
        # One page each; all_tables.tex is no table.
        assert printed.count("\f") == len(list(folder.glob("*.tex"))) - 1
        assert "−0.734∗∗∗" in printed.replace(" ", "")


# Tables of user data -----------------------------------------------------------------------------

LABELS = {"FORMULA": "=cmd|'/c calc'!A1", "WIDE_SIGN": ' "\uff20SUM(1+1)\x1b[31m\x9b'}
HOSTILE = LABELS["HOSTILE"] = '<script>alert(1)</script> $%&_{}#^~\\ `x` | [a](b) "q" *s* é'


@pytest.fixture(scope="module")
def own(runner, seeded_warehouse, tmp_path_factory) -> Path:
    """A hostile catalog, and failing regressions, in every format."""
    data = own_panel()
    variables = rows("""
        variable_code,source_kind,source_code,transform,scale,label_en
        y,indicator,a,identity,1,Y
        x,indicator,b,identity,1,HOSTILE
        small,indicator,b,identity,1000000,Small
        large,indicator,b,identity,0.000000000001,Large
        fixed,indicator,c,identity,1,
        formula,indicator,b,identity,1,FORMULA
        wide_sign,indicator,b,identity,1,WIDE_SIGN
    """)
    for row in variables:
        for word, label in LABELS.items():
            row["label_en"] = row["label_en"].replace(word, label)
    columns = ("spec_code", "table_code", "title", "formula", "sample_region", "cluster")
    specs = [
        ("good", "../=t", HOSTILE, "y ~ x | unit_id", "", "unit_id"),
        ("robust", "../=t", "[first]; both", "y ~ x | 0 |", "", ""),
        ("absorbed", "../=t", "*; both", "y ~ fixed + x | unit_id", "", "unit_id"),
        ("broken", "../=t", "", "y ~ x | firm", "", "unit_id"),
        ("small", "T", "Small and large", "y ~ small | unit_id", "", "unit_id"),
        ("large", "T", "Large; alone", "y ~ large | unit_id", "", "unit_id"),
        ("runs", "T", LABELS["FORMULA"], "y ~ formula + wide_sign | unit_id", "", "unit_id"),
        ("none", "", "No table", "y ~ zzz | unit_id", "", "unit_id"),
        ("other_t", "t", "Another", "y ~ x | unit_id", "", "unit_id"),
        *((f"s{n}", "wide", f"S{n}", "y ~ x | unit_id", "", "unit_id") for n in range(1, 9)),
    ]
    data.tables["panel_variables"] = variables
    data.tables["panel_specs"] = [dict(zip(columns, spec, strict=True)) for spec in specs]
    folder = tmp_path_factory.mktemp("own")
    warehouse = folder / "credit_indices.duckdb"
    shutil.copy(seeded_warehouse, warehouse)
    build = runner.run(warehouse, runner.select("credit_indices"), data.write(folder / "data"))
    assert build.succeeded, build.message
    write(warehouse, folder / "tables")
    return folder / "tables"


def test_file_names_are_safe_and_unique(own):
    names = {path.name for path in own.glob("*.html")}
    assert names == {
        "t.html",
        "T_2.html",
        "t_3.html",
        "regressions.html",
        "wide-part-1.html",
        "wide-part-2.html",
        "descriptive_statistics.html",
        "descriptive_statistics-by-sample.html",
    }
    assert not list(own.parent.glob("*.html"))
    parts = [Page((own / f"wide-part-{n}.html").read_text(encoding="utf-8")) for n in (1, 2)]
    assert [[text for text, _ in part.head[-1]] for part in parts] == [
        ["", "(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
        ["", "(7)", "(8)"],
    ]
    assert "part 2 of 2" in parts[1].caption


def test_hostile_labels_are_preserved(own):
    page = Page((own / "t.html").read_text(encoding="utf-8"))
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert HOSTILE in [label[0] for label, *_ in page.body]
    assert (HOSTILE, 1) in page.head[1]
    text = (own / "t.md").read_text(encoding="utf-8")
    printed = Page(mistune.create_markdown(plugins=["table"])(text))
    assert not [tag for tag, _ in printed.tags if tag in ("script", "a", "em", "code")]
    assert HOSTILE in [label[0] for label, *_ in printed.body]
    assert len({len(row) for row in printed.body}) == 1


def test_no_file_has_a_live_formula_or_a_control_character(own):
    cells = []
    for path in own.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), path
        if path.suffix == ".csv":
            cells += [cell for row in csv.reader(text.splitlines()) for cell in row]
    live = [cell for cell in cells if re.match(r"[\s\"]*[=+@\uff20-]", cell)]
    assert [cell for cell in live if not re.fullmatch(r"-[0-9.]+(e-?[0-9]+)?", cell)] == []
    assert "'" + LABELS["FORMULA"] in cells
    assert "' \"\uff20SUM(1+1)\ufffd[31m\ufffd" in cells
    assert any(cell.startswith("-") for cell in live)


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex on this machine")
def test_hostile_labels_compile(own, tmp_path):
    shutil.copytree(own, tmp_path / "tex")
    printed = compiled(tmp_path / "tex", "pdflatex")
    if printed:
        for words in ("<script>alert(1)</script> $%&", "[a](b)", "`x`", "*s*"):
            assert words in printed, words


def test_failed_regression_keeps_its_column_with_a_note(own):
    table = of_html(own / "t.html")
    good, robust, absorbed, broken = (
        {label: cells[column] for label, cells in table.items()} for column in range(4)
    )
    assert absorbed["fixed"] == absorbed[HOSTILE] == ["–"]
    assert broken["fixed"] == broken[HOSTILE] == broken["Constant"] == ["–"]
    assert broken["Unit effects"] == ["–"]
    assert broken["Observations"] == ["–"]
    assert good["fixed"] == good["Constant"] == [""]
    assert robust["Unit effects"] == ["No"]
    assert (good["Clusters"], robust["Clusters"]) == (["6"], ["–"])
    assert len(robust[HOSTILE]) == 2  # a coefficient and its error: nothing is clustered
    assert list(table)[:3] == ["fixed", HOSTILE, "Constant"]
    notes = Page((own / "t.html").read_text(encoding="utf-8")).text
    assert re.search(r"Not identified\.\s*\(3\): [^\n]*fixed", notes)
    assert re.search(r"Not estimated\.\s*\(4\): [^\n]*firm", notes)
    assert "In parentheses of (2): robust to heteroskedasticity only, HC1" in notes
    assert "synthetic" not in notes.lower()
    assert "The user's data" in notes
    unknown = Page((own / "regressions.html").read_text(encoding="utf-8")).text
    assert "Not among this run's panel variables: zzz." in unknown


def test_digits_follow_the_errors(own):
    # b times a million has coefficients of 1e-7, b over 1e12 of 1e11.
    table = of_html(own / "T_2.html")
    assert re.fullmatch(r"−?\d\.\d\d × 10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+", table["Small"][0][0].replace("\xa0", " "))
    assert re.fullmatch(r"−?\d\.\d\d × 10[⁰¹²³⁴⁵⁶⁷⁸⁹]+", table["Large"][1][0].replace("\xa0", " "))


@pytest.mark.parametrize(
    ("values", "digits"),
    [
        ([0.5, 12], 3),
        ([0.0138, 3], 3),
        ([0.0077], 4),
        ([0.00012, None, 5], 5),
        ([3e-8], None),
        ([16413, 27191.2], 0),
        ([16413, 0.3], 3),
        ([2e9], None),
        ([None, 0, float("inf")], 3),
    ],
)
def test_decimals(values, digits):
    assert content.decimals(values) == digits


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (-0.0004, 3, "−0.00040"),
        (-0.0126, 3, "−0.013"),
        (0.0000219, 3, "0.000022"),
        (0.00000219, 3, "2.19\xa0×\xa010⁻⁶"),
        (0.0, 3, "0"),
        (-0.4, 0, "−0.40"),
        (3.4, 0, "3.4"),
        (1234567.891, 0, "1,234,568"),
        (-1.5, None, "−1.50\xa0×\xa010⁰"),
        (3.04e-8, None, "3.04\xa0×\xa010⁻⁸"),
        (1e300, 3, "1.00\xa0×\xa010³⁰⁰"),
        (float("-inf"), 3, "−∞"),
        (None, 3, "–"),
    ],
)
def test_numbers(value, digits, text):
    assert content.number(value, digits) == text


def test_every_format_of_a_table_made_by_hand():
    table = Table(
        name="by_hand",
        caption="A & B",
        headings=((Heading("both", 2),), (Heading("one"), Heading("two"))),
        blocks=((Row("x_1", (Cell("−1.0", "**", ("(0.5)", "[0.6]")), Cell("–"))),),),
        notes=(Note("Note", "100 %."),),
    )
    assert formats.markdown(table) == (
        "**A \\& B**\n\n"
        "|      | one      | two  |\n"
        "| ---- | :------: | :--: |\n"
        "|      | both     | both |\n"
        "| x\\_1 | −1.0\\*\\* | –    |\n"
        "|      | (0.5)    |      |\n"
        "|      | [0.6]    |      |\n\n"
        "**Note.** 100 %.\n"
    )
    latex = formats.latex(table)
    assert r"\caption{A \& B}\label{tab:by_hand}" in latex
    assert r"$-$1.0\rlap{$^{**}$}\linebreak (0.5)\linebreak {[}0.6{]}" in latex
    assert r"\cmidrule(lr){2-3}" in latex
    assert r"\item \textit{Note.} 100 \%." in latex
    html = formats.html(table)
    assert "<td>−1.0<sup>**</sup><br>(0.5)<br>[0.6]</td>" in html
    assert '<th scope="colgroup" colspan="2">both</th>' in html


# The command -------------------------------------------------------------------------------------


def command(folder: Path, warehouse: Path, *arguments: str) -> subprocess.CompletedProcess:
    with environment(CREDIT_INDICES_DB=str(warehouse)):
        return subprocess.run(
            [sys.executable, "-m", "credit_indices", "tables", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )


def files(folder: Path) -> Iterable[str]:
    return sorted(path.name for path in folder.iterdir())


def test_command_writes_the_requested_formats(shipped, tmp_path):
    result = command(tmp_path, shipped.warehouse, "--out", "here", "--format", "markdown", "csv")
    assert result.returncode == 0, result.stderr
    assert {path.suffix for path in (tmp_path / "here").iterdir()} == {".md", ".csv"}
    n_files = len(list((tmp_path / "here").iterdir()))
    assert f"Wrote {n_files} file(s) to here" in result.stdout
    assert "synthetic data" in result.stdout
    again = write(shipped.warehouse, tmp_path / "again", ["markdown", "csv"])
    assert [path.read_bytes() for path in again] == [
        (tmp_path / "here" / path.name).read_bytes() for path in again
    ]


def test_unusable_warehouse_is_refused_with_a_remedy(tmp_path):
    missing = command(tmp_path, tmp_path / "none.duckdb", "--out", "out")
    assert missing.returncode == 1
    assert "none.duckdb does not exist" in missing.stderr
    assert "make build" in missing.stderr
    assert "Traceback" not in missing.stderr
    unbuilt = tmp_path / "unbuilt.duckdb"
    duckdb.connect(str(unbuilt)).close()
    with pytest.raises(TablesError, match=r"lacks a mart.*make build"):
        write(unbuilt, tmp_path / "out")
    text = tmp_path / "text.duckdb"
    text.write_bytes(b"something else" * 500)
    with pytest.raises(TablesError, match="cannot be read"):
        write(text, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(shipped, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(TablesError, match="out cannot be written"):
        write(shipped.warehouse, tmp_path / "out")


def test_empty_catalog_gives_a_message(shipped, tmp_path, capsys):
    warehouse = tmp_path / "credit_indices.duckdb"
    shutil.copy(shipped.warehouse, warehouse)

    def empty(*marts: str) -> None:
        with duckdb.connect(str(warehouse)) as connection:
            for mart in marts:
                connection.execute(f"delete from marts.{mart}")

    empty("panel_fits", "panel_estimates", "ar_set_pieces")
    write(warehouse, tmp_path / "some")
    assert "lists no regressions" in capsys.readouterr().out
    assert files(tmp_path / "some") == [
        "all_tables.tex",
        "descriptive_statistics-by-sample.html",
        "descriptive_statistics-by-sample.md",
        "descriptive_statistics-by-sample.tex",
        "descriptive_statistics.csv",
        "descriptive_statistics.html",
        "descriptive_statistics.md",
        "descriptive_statistics.tex",
    ]
    empty("descriptive_statistics", "panel_variable_sources")
    assert write(warehouse, tmp_path / "nothing") == []
    assert "no descriptive statistics" in capsys.readouterr().out
    assert not (tmp_path / "nothing").exists()


def test_tables_without_data_are_listed_in_one_line(build, small, tmp_path, capsys):
    """With a user's index, the project's regressions have no data."""
    own = build(small)
    assert own.succeeded, own.message
    capsys.readouterr()
    assert write(own.warehouse, tmp_path / "out") == []
    assert not (tmp_path / "out").exists()
    assert [line for line in capsys.readouterr().out.splitlines() if "Left out" in line] == [
        "Left out because the data have none of their variables: table_3, table_4, section_4_3_3, "
        "section_7_2, section_4_3_1, section_4_3_1_replication"
    ]
