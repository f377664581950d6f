"""How a table is laid out: found from its words, or as the mapping says.

Three layouts are known. `wide`: a row per unit and year, a column per indicator. `long`: a row
per unit, year and indicator, one column of values. `years_across`: a row per unit, a column per
year, as the National Bureau of Statistics exports its tables; the indicator is named in a column,
or by the title, the sheet or the file.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath

from credit_indices.ingest.catalogue import Catalogue
from credit_indices.ingest.measures import factor, named_in, stated_in
from credit_indices.ingest.sheets import Sheet, column_letters
from credit_indices.ingest.words import (
    is_missing,
    is_number,
    is_usual_year,
    is_year,
    name_and_measure,
    name_key,
    narrow,
    year,
    year_of_a_part,
)

LAYOUTS = ("wide", "long", "years_across", "ignore")
IGNORE = "ignore"
HEADER_WITHIN = 40
"""Rows in which the header is looked for."""
MAX_SERIES = 2_000
_ANY_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_YEAR_AT_ITS_START = re.compile(r"[12][0-9]{3}(?![0-9])")
UNIT_WORDS = {
    "unit", "unit_id", "unit_name", "province", "province_code", "city", "city_code", "county",
    "region", "area", "country", "bank", "地区", "地区名称", "地区代码", "省", "省份", "省市",
    "省级", "市", "城市", "城市代码", "县", "区县", "区域", "行政区", "行政区划", "行政区划代码",
    "名称", "省份代码", "省级行政区", "省份名称", "省名", "省市名称", "城市名称", "城市名", "市名",
    "地级市", "地市", "区县名称", "县名", "行政区名称", "行政区域",
}  # fmt: skip
YEAR_WORDS = {
    "year", "period", "date", "time", "年", "年份", "年度", "时间", "时期", "日期", "统计年度",
    "统计年份", "数据年份", "数据年度", "会计年度", "报告年份", "报告年度", "所属年份", "所属年度",
}  # fmt: skip
INDICATOR_WORDS = {
    "indicator", "indicator_code", "indicator_name", "variable", "series", "指标", "指标名称",
    "指标代码", "变量",
}  # fmt: skip
MEASURE_WORDS = {"单位", "计量单位", "measure", "unit of measure", "uom"}
REMARK_WORDS = {
    "备注", "注", "说明", "来源", "数据来源", "资料来源", "remark", "remarks", "note", "notes",
    "source", "comment",
}  # fmt: skip
VALUE_WORDS = {"value", "figure", "amount", "数值", "值", "指标值", "数据"}


@dataclass
class Series:
    """One indicator of a sheet: a column of a wide table, or a name in a long one.

    ``indicator`` is '' and ``factor`` None where nobody has decided yet; the cells then wait.
    ``is_assumed`` where a proposal found no measure and took the catalogue's. ``stated`` is what
    the file says about the measure, '' where it says nothing, None where nobody has looked.
    """

    name: str
    column: int | None = None
    indicator: str = ""
    factor: Decimal | None = None
    suggestions: list[str] = field(default_factory=list)
    is_assumed: bool = False
    stated: str | None = None

    @property
    def is_decided(self) -> bool:
        """Whether it is known what the figures are."""
        return self.indicator == IGNORE or bool(self.indicator and self.factor is not None)


@dataclass
class Plan:
    """How one sheet is read. Rows and columns count from 0; `layout` is '' where unknown.

    ``seen`` is what `seen` found when the plan was made; None where a person made it. ``doubt``
    says why a proposal left the layout open, where it found one.
    """

    file: str
    sheet: str
    layout: str = ""
    header: int = 0
    unit_column: int | None = None
    unit_id: str = ""
    year_column: int | None = None
    period: int | None = None
    indicator_column: int | None = None
    measure_column: int | None = None
    value_column: int | None = None
    series: list[Series] = field(default_factory=list)
    seen: dict[str, dict[str, str]] | None = None
    doubt: str = ""

    def year_columns(self, sheet: Sheet) -> dict[int, int]:
        """Return the columns of a table with years across that are headed by a year."""
        places = {self.unit_column, self.indicator_column, self.measure_column}
        return {
            column: year(text)
            for column, text in enumerate(header(sheet, self.header))
            if column not in places and is_year(text)
        }

    def series_name(self, sheet: Sheet, row: int) -> str:
        """Return the indicator that a row names, with the measure that the row states for it."""
        name = sheet.label(row, self.indicator_column or 0)
        if self.measure_column is not None:
            measure = sheet.label(row, self.measure_column).strip()
            name += f" ({measure})" if measure else ""
        return " ".join(name.split())


def header(sheet: Sheet, row: int) -> list[str]:
    """Return the column names of a sheet."""
    return [text.strip() for text in sheet.rows[row]] if row < len(sheet.rows) else []


def propose(sheet: Sheet, catalogue: Catalogue) -> Plan:
    """Find out how a sheet is laid out, and which indicators it has by their exact names."""
    plan = Plan(sheet.file, sheet.name)
    for row in range(min(len(sheet.rows), HEADER_WITHIN)):
        names = [name_key(text) for text in sheet.rows[row]]
        units = _columns_called(UNIT_WORDS, names)
        periods = _columns_called(YEAR_WORDS, names)
        values = _columns_called(VALUE_WORDS, names)
        indicators = _columns_called(INDICATOR_WORDS, names)
        measures = _columns_called(MEASURE_WORDS, names)
        years = _years_across(sheet.rows[row], names)
        if years and not periods and (units or len(years) > 1):
            before = [c for c in range(years[0]) if c not in {*indicators, *measures}]
            if any(catalogue.candidates(sheet.text(row, c)) for c in before):
                continue  # a first record, not a header
            if before:
                plan.unit_column = _best_units(sheet, row, units or before, catalogue)
            elif indicators:
                plan.unit_id = _unit_of_titles(sheet, row, catalogue)
            others = set(before) - {plan.unit_column, *units}
            if not indicators and _hold_labels(sheet, row, others):
                plan.unit_column = None
                break  # of several figures for one unit, which is it?
            if before or plan.unit_id:
                plan.layout, plan.header = "years_across", row
                plan.indicator_column = indicators[0] if indicators else None
                break
        elif units and periods:
            plan.layout, plan.header = "wide", row
            plan.unit_column = _best_units(sheet, row, units, catalogue)
            plan.year_column = periods[0]
            if values and indicators:
                plan.layout = "long"
                plan.indicator_column, plan.value_column = indicators[0], values[0]
            break
        elif periods and len(names) > 1 and (unit := _unit_of_titles(sheet, row, catalogue)):
            others = set(range(sheet.width(row))) - {*periods, *values, *indicators, *measures}
            if not _hold_labels(sheet, row, others):
                plan.layout, plan.header = "wide", row
                plan.unit_id, plan.year_column = unit, periods[0]
            break
    else:
        _by_content(sheet, plan, catalogue)
    if not plan.layout and not any(is_number(text) for row in sheet.rows for text in row):
        plan.layout = IGNORE  # a page of notes
    if plan.indicator_column is not None and (measures or len(units) > 1):
        # In `province, indicator, unit, value` the unit is the measure.
        called = [c for c in units if names[c] in ("unit", "units") and c != plan.unit_column]
        plan.measure_column = next(iter([*measures, *called]), None)
    if plan.layout not in ("", IGNORE) and (doubt := _doubt(sheet, plan, catalogue)):
        return Plan(sheet.file, sheet.name, doubt=doubt)
    plan.series = series_of(sheet, plan, catalogue)
    plan.seen = seen(sheet, plan, catalogue) if plan.layout not in ("", IGNORE) else None
    return plan


def _doubt(sheet: Sheet, plan: Plan, catalogue: Catalogue) -> str:
    """Return why a sheet may hold several tables or a header of several levels; '' where not."""
    names = [name_key(text) for text in sheet.rows[plan.header]]
    records = range(plan.header + 1, len(sheet.rows))
    units = _columns_called(UNIT_WORDS, names) if plan.unit_column is not None else []
    years = _columns_called(YEAR_WORDS, names) if plan.year_column is not None else []
    for row in records:
        named = [found for c in units if (found := catalogue.candidates(sheet.label(row, c)))]
        if named and not set.intersection(*named):
            return f"row {row + 1} names several units"
        if len({year(text) for c in years if is_year(text := sheet.label(row, c))}) > 1:
            return f"row {row + 1} names several years"
        if _is_header_again(sheet, plan, row):
            return f"row {row + 1} looks like the header of another table"
    texts = [sheet.label(row, plan.year_column or 0).strip() for row in records]
    if plan.layout == "years_across":
        texts = sheet.rows[plan.header]
        if len(set(found := list(plan.year_columns(sheet).values()))) < len(found):
            return "several columns are headed by one year"
    elif plan.year_column is None:
        texts = []
    parts = Counter(year_of_a_part(text) for text in set(texts))
    several = [period for period, number in parts.items() if period and number > 1]
    if several:
        return f"there are several dates of the year {several[0]}, and one figure is due for it"
    for top, left, bottom, _ in sheet.across:
        text = sheet.text(top, left)
        if (
            top <= plan.header <= bottom + 1
            and text.strip()
            and (left > 0 or bottom >= plan.header)
            and not stated_in(text)
        ):
            return f"{column_letters(left)}{top + 1} stands over several columns"
    if plan.layout == "years_across":
        columns = plan.year_columns(sheet)
        if any(column in columns for column, _ in _below_header(sheet, plan, catalogue)):
            return "the header has several levels"
    return ""


def _is_header_again(sheet: Sheet, plan: Plan, row: int) -> bool:
    """Whether a row below the header is a header too: that of another table."""
    cells = sheet.rows[row]
    label = name_key(sheet.text(row, plan.unit_column)) if plan.unit_column is not None else ""
    if plan.layout == "years_across":
        texts = [text for c in plan.year_columns(sheet) if (text := sheet.text(row, c)).strip()]
        are_years = [is_year(text) and is_usual_year(year(text)) for text in texts]
        return any(
            is_one and "年" in narrow(text) for is_one, text in zip(are_years, texts, strict=True)
        ) or (bool(texts) and all(are_years) and (not label or label in UNIT_WORDS))
    if cells == sheet.rows[plan.header]:
        return False  # the same table goes on
    is_year_word = plan.year_column is None or _is_called(
        YEAR_WORDS, name_key(sheet.text(row, plan.year_column))
    )
    return is_year_word and (
        _is_called(UNIT_WORDS, label)
        if plan.unit_column is not None
        else plan.year_column is not None
    )


def seen(sheet: Sheet, plan: Plan, catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Return the texts by which a plan knows its sheet again.

    Returns:
        The names of the columns of labels and values by their letters, the lines above the header
        by their numbers without the numbers in them, and what is said about the measure.

    """
    names = header(sheet, plan.header)
    columns = (
        plan.unit_column, plan.year_column, plan.indicator_column, plan.measure_column,
        plan.value_column,
    )  # fmt: skip
    named, others = _measures_beside(sheet, plan, of_rows=False)
    below = [text for _, text in _below_header(sheet, plan, catalogue)]
    lines = {
        str(row + 1): re.sub("[0-9]+", "#", _one_line(sheet.rows[row]))
        for row in range(min(plan.header, HEADER_WITHIN, len(sheet.rows)))
    }
    return {
        "headers": {
            column_letters(column): _one_line(names[column : column + 1])
            for column in columns
            if column is not None
        },
        "above": {row: text for row, text in lines.items() if text},
        "measures": {
            str(n): text
            for n, text in enumerate([*named, *others, *below][:HEADER_WITHIN], start=1)
        },
    }


def _one_line(texts: list[str]) -> str:
    return " ".join(" ".join(texts).split())[:200]


def _years_across(cells: list[str], names: list[str]) -> list[int]:
    """Return the columns of a header that are headed by years, or none where figures may be meant.

    Years that carry 年 are years. Bare ones are where all cells from the first one on are years
    of a table, in their order, and the cells before are blank or called as labels are.
    """
    years = [column for column, text in enumerate(cells) if is_year(text)]
    if all("年" in narrow(cells[column]) for column in years):
        return years
    labels = UNIT_WORDS | INDICATOR_WORDS | MEASURE_WORDS
    found = [year(cells[column]) for column in years]
    is_header = (
        all(map(is_usual_year, found))
        and found in (sorted(set(found)), sorted(set(found), reverse=True))
        and all(not text or _YEAR_AT_ITS_START.match(narrow(text)) for text in cells[years[0] :])
        and all(not name or _is_called(labels, name) for name in names[: years[0]])
    )
    return years if is_header else []


def _is_called(words: set[str], name: str) -> bool:
    return name in words or name_and_measure(name)[0] in words


def _columns_called(words: set[str], names: list[str]) -> list[int]:
    """Return the columns called by one of the words, `地区(省)` included."""
    return [column for column, name in enumerate(names) if _is_called(words, name)]


def _hold_labels(sheet: Sheet, row: int, columns: set[int]) -> bool:
    """Whether one of the columns holds words that are no remarks, such as units."""
    return any(
        not any(character.isdigit() for character in text) and not is_missing(text)
        for column in columns
        if name_key(sheet.text(row, column)) not in REMARK_WORDS
        for text in (sheet.label(r, column) for r in range(row + 1, len(sheet.rows)))
    )


def _best_units(sheet: Sheet, row: int, columns: list[int], catalogue: Catalogue) -> int:
    """Of columns that may name the units, return the first that names most of them."""

    def known(column: int) -> int:
        labels = {sheet.label(r, column) for r in range(row + 1, min(row + 400, len(sheet.rows)))}
        return sum(bool(catalogue.candidates(label)) for label in labels)

    return max(columns, key=known)


def _unit_of_titles(sheet: Sheet, row: int, catalogue: Catalogue) -> str:
    """Return the one unit that a line above the header, the sheet or the file names, or ''."""
    found = set().union(*(catalogue.candidates(title) for title in _titles(sheet, row)))
    return found.pop() if len(found) == 1 else ""


def _titles(sheet: Sheet, row: int) -> list[str]:
    """Return what may name a whole table: lines above the header, the sheet, the file."""
    titles = [text.strip() for cells in sheet.rows[:row] for text in cells if text.strip()]
    titles += [re.split("[:：]", title)[-1].strip() for title in titles]
    return [*titles, sheet.name, PurePosixPath(sheet.file).stem]


def _by_content(sheet: Sheet, plan: Plan, catalogue: Catalogue) -> None:
    """Take the first row with a known unit for the first record, the row above for the header.

    The year stands in the row, or is the name of the sheet or the file, as in a workbook with a
    sheet per year. Nothing is decided where a column of figures could be the years.
    """
    for row in range(1, min(len(sheet.rows), HEADER_WITHIN + 1)):
        cells = sheet.rows[row]
        units = [c for c, text in enumerate(cells[:5]) if catalogue.candidates(text)]
        if not units or not any(sheet.rows[row - 1]):
            continue
        stem = PurePosixPath(sheet.file).stem
        named = [year(text) for text in (sheet.name, stem) if is_year(text)]
        years = [c for c in range(len(cells)) if c not in units and _holds_years(sheet, row, c)]
        titles = "\n".join(narrow(text) for cells in sheet.rows[: row - 1] for text in cells)
        named += map(int, _ANY_YEAR.findall(titles)) if named else []
        if len(set(named)) > 1:
            plan.doubt = f"the sheet, the file or a title name several years: {named}"
        elif named and is_usual_year(named[0]) and not years:
            plan.layout, plan.period = "wide", named[0]
        elif len(years) == 1 and not named:
            plan.layout, plan.year_column = "wide", years[0]
        if plan.layout:
            plan.header, plan.unit_column = row - 1, units[0]
        return


def _holds_years(sheet: Sheet, first: int, column: int) -> bool:
    """Whether a column without a known name holds years: by its name, or by all of its cells.

    Bare numbers are years only where the column has no name: 1934 patents are no year.
    """
    name = sheet.text(first - 1, column)
    if _is_called(YEAR_WORDS, name_key(name)):
        return True
    texts = [text for row in range(first, len(sheet.rows)) if (text := sheet.text(row, column))]
    return (
        bool(texts)
        and all(is_year(text) and is_usual_year(year(text)) for text in texts)
        and (not name.strip() or all("年" in narrow(text) for text in texts))
    )


def series_of(sheet: Sheet, plan: Plan, catalogue: Catalogue) -> list[Series]:
    """Return the indicators that a sheet laid out so has, each as far as its name tells."""
    columns = {plan.unit_column, plan.year_column}
    named, others = _measures_beside(sheet, plan)
    below = _below_header(sheet, plan, catalogue)
    if plan.layout == "wide":
        names = header(sheet, plan.header)
        found = [
            Series(" ".join(names[column].split()) if column < len(names) else "", column)
            for column in range(sheet.width(plan.header))
            if column not in columns
            and any(sheet.text(row, column).strip() for row in range(plan.header, len(sheet.rows)))
        ]
    elif plan.layout == "long" or (
        plan.layout == "years_across" and plan.indicator_column is not None
    ):
        texts = (plan.series_name(sheet, row) for row in range(plan.header + 1, len(sheet.rows)))
        found = [Series(name) for name in dict.fromkeys(texts) if name]
    elif plan.layout == "years_across":
        found = [Series(_title(sheet, plan, catalogue))]
    else:
        found = []
    is_titled = plan.layout == "years_across" and plan.indicator_column is None
    found = [
        _named(
            series,
            named,
            others + [text for c, text in below if not series.column or c == series.column],
            is_titled,
            catalogue,
        )
        for series in found[:MAX_SERIES]
    ]
    for series in found if plan.layout == "wide" else []:
        if not series.indicator and not any(
            is_number(sheet.text(row, series.column))
            for row in range(plan.header + 1, len(sheet.rows))
        ):
            series.indicator, series.suggestions = IGNORE, []  # remarks
    return found


def _named(
    series: Series, named: list[str], others: list[str], is_titled: bool, catalogue: Catalogue
) -> Series:
    """Give a series its indicator where the name is exactly one's; else list similar ones.

    Its measure is the one of its own name, else that of the line `单位：`. Where the file says
    anything else, the factor is left open: a measure is assumed only where nothing is said.
    """
    name, stated = name_and_measure(series.name)
    series.stated = stated
    if name_key(name) in UNIT_WORDS | YEAR_WORDS | MEASURE_WORDS:
        series.indicator = IGNORE
        return series
    indicator = catalogue.indicator(series.name)
    if indicator is None:
        indicator = catalogue.indicator(name)
    else:
        stated = ""
    said = list(dict.fromkeys([*([stated] if stated else []), *named, *others]))
    series.stated = stated if stated and not is_titled else " / ".join(said)
    if indicator is None:
        series.suggestions = catalogue.similar_indicators(name)
        return series
    series.indicator = indicator.code
    if not said:
        series.is_assumed = factor("count", indicator.measure) != 1
        series.factor = Decimal(1)
    elif is_titled or not stated:
        factors = {factor(text, indicator.measure) for text in said}
        if len(factors) == 1 and (stated or not others):
            series.factor = factors.pop()
    else:
        series.factor = factor(stated, indicator.measure)
    return series


def _title(sheet: Sheet, plan: Plan, catalogue: Catalogue) -> str:
    """Return what names the one indicator of a table: a title above, the sheet or the file."""
    for name in _titles(sheet, plan.header):
        if catalogue.indicator(name) or catalogue.indicator(name_and_measure(name)[0]):
            return name
    return PurePosixPath(sheet.file).stem if not sheet.name else sheet.name


def _measures_beside(sheet: Sheet, plan: Plan, of_rows: bool = True) -> tuple[list[str], list[str]]:
    """Return what a sheet says about the measure of the whole table.

    Returns:
        The measures of lines above the header, `单位：亿元`; and what else looks like a measure: in
        titles, in the names of the sheet, the file and the columns of labels and values, in a
        column 单位 that belongs to no indicator, in notes, and `of_rows` in the column 单位 that
        belongs to the indicators.

    """
    above = [
        text
        for cells in sheet.rows[: plan.header]
        # `Unit: 10,000 yuan` without quotes are two cells of a CSV file.
        for text in re.sub(r"(?<=[0-9])\n(?=000)", ",", "\n".join(cells)).split("\n")
        if text.strip()
    ]
    named = list(dict.fromkeys(measure for text in above for measure in named_in(text)))
    others = [text for text in above if not named_in(text)]
    others += [sheet.name, PurePosixPath(sheet.file).stem]
    names = header(sheet, plan.header)
    labels = {plan.unit_column, plan.year_column, plan.indicator_column, plan.value_column}
    others += [text for column, text in enumerate(names) if column in labels]
    found = [measure for text in others for measure in stated_in(text)]
    loose = _columns_called(MEASURE_WORDS | {"unit", "units"}, [name_key(name) for name in names])
    for cells in sheet.rows[plan.header + 1 :]:
        found += [
            cells[column].strip()
            for column in loose
            if column not in {plan.unit_column, plan.measure_column} and column < len(cells)
        ]
        found += [m for text in cells if ":" in text or "：" in text for m in named_in(text)]
    if of_rows and plan.measure_column is not None and plan.indicator_column is not None:
        # A blank one may mean: as above.
        found += [
            sheet.label(row, plan.measure_column).strip()
            for row in range(plan.header + 1, len(sheet.rows))
        ]
    return named, [text for text in dict.fromkeys(found) if text and text not in named]


def _below_header(sheet: Sheet, plan: Plan, catalogue: Catalogue) -> list[tuple[int, str]]:
    """Return the texts, with their columns, of lines between the header and the first record."""
    found: list[tuple[int, str]] = []
    for row in range(plan.header + 1, min(len(sheet.rows), plan.header + 1 + HEADER_WITHIN)):
        cells = sheet.rows[row]
        unit = sheet.text(row, plan.unit_column) if plan.unit_column is not None else plan.unit_id
        if any(map(is_number, cells)) or any(map(is_year, cells)) or catalogue.candidates(unit):
            break
        found += [
            (column, text.strip())
            for column, text in enumerate(cells)
            if column != plan.unit_column and not is_missing(text)
        ]
    return found
