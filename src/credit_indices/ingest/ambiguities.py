"""Find ambiguities: reasons why the values of a sheet may differ from what its layout suggests.

An ambiguity is a text. A sheet with ambiguities is pending until the user removes them from the
mapping.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from credit_indices.ingest import bases, languages
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import (
    is_missing,
    is_numeric,
    is_usual_year,
    is_year,
    name_and_measure,
    name_key,
    narrow,
    year,
    year_of_a_part,
)
from credit_indices.ingest.chinese import simplified
from credit_indices.ingest.column_names import (
    COARSER_WORDS,
    INDICATOR_WORDS,
    MEASURE_WORDS,
    REMARK_WORDS,
    SCALE_WORDS,
    SERIAL_WORDS,
    UNIT_WORDS,
    VALUE_WORDS,
    YEAR_WORDS,
    columns_called,
    is_called,
    names_units,
)
from credit_indices.ingest.limits import shown
from credit_indices.ingest.measurement_units import is_understood, named_in, stated_in
from credit_indices.ingest.reading_plan import (
    IGNORE,
    NUMBERED,
    ReadingPlan,
    below_header,
    header,
    titles,
)
from credit_indices.ingest.sheets import Sheet, column_letters

_MADE_OTHERS = (
    # growth, shares, ranks and other derived values
    r"增长|增速|增幅|增减|增量|新增|同比|环比|[较比]上年|占[^有]{0,8}比|比重|份额|排[名位序]|位次"
    r"|对数|标准化|归一化|插值|滞后|差分"
    r"|\b(?:growth|chang(?:es?|ed)|increases?|decreases?|yoy|y/y|y-o-y|year[ -](?:on|over)[ -]year"
    r"|shares? of|proportion|rank(?:s|ings?)?|logs?|logarithms?|z-?scores?"
    r"|standardi[sz]ed|normali[sz]ed|detrended|seasonally|interpolated|lag(?:s|ged)?|differences?)\b"
    # per head
    r"|[人户]均|每[百千万亿]*[人户]"
    r"|\bper (?:capita|head|person|inhabitant|household|1?0?,?000|100)\b"
    # parts of a year, or several years
    r"|累计|合计数|年合计|[0-9一二三四五六七八九十]月|月[度份报]|季度|半年"
    r"|\b(?:cumulative|year[ -]to[ -]date|ytd|month(?:ly|s)?|quarter(?:ly|s)?|half[ -]year(?:ly)?"
    r"|jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|sums?)\b|(?<![a-z])[qh][1-4]\b|\b[0-9]{1,2}m\b"
    # parts of a unit
    r"|农村|城镇|乡村|城乡|市辖区|[男女]性|\b(?:rural|urban|(?:fe)?male)\b"
)
_MADE_SO = (
    # averages, prices, scopes, versions: usual in notes, where they only give a warning
    r"移动平?均|平均|中位数|不变价|可比价"
    r"|\b(?:averages?|mean|median|constant (?:[0-9]{4} )?prices|in real terms)\b"
    r"|本级|高新区|开发区|规模以上|大中型|不含|不包括|除外|其中|\b(?:excluding|except|of which)\b"
    r"|预测|预计|目标值|快报|初步|估[计算]|测算|预算数|修[订正]|暂定"
    r"|\b(?:forecasts?|projected|projections?|estimate[sd]?|preliminary|provisional|revised|targets?)\b"
)
_IN_NOTES = re.compile(_MADE_OTHERS, re.IGNORECASE)
_SCOPE_WORDS = re.compile(_MADE_SO, re.IGNORECASE)
_CHANGED = re.compile(f"{_MADE_OTHERS}|{_MADE_SO}", re.IGNORECASE)
"""Words that mark values as others than plain yearly values of a unit."""
_PARTS = re.compile(
    r"月|季|半年|日期?$|类|组|别$|型$|级|性质|口径|城乡|农村|县|区$|行业|部门|年龄|阶段|版本"
    r"|\b(?:month|quarter|half|day|week|type|kind|class|category|group|sector|industry|sex|gender|age"
    r"|level|status|version|vintage|scenario|county|district|breakdown|dimension)\b",
    re.IGNORECASE,
)
"""Names of columns that split the value of one unit and year."""
_MADE_AT = re.compile(
    "更新|导出|发布|下载|打印|制表|查询|来源|updated|exported|published|printed|downloaded|retrieved"
    "|sources?:",
    re.IGNORECASE,
)
_CLAUSES = re.compile("([,，;；。])")
_IS_NOTE = re.compile(
    r"[(\[]?(?:注|备注|说明|来源|数据|资料|单位|note|source|data|unit|\*)", re.IGNORECASE
)
_GROUPS = re.compile(
    "(?:东部|中部|西部|东北|华北|华东|华南|华中|西南|西北|港澳台|台湾|香港|澳门|新疆生产建设兵团"
    "|全国|全省|合计|总计|小计|平均|省|自治区|直辖市|省会|计划单列市"
    "|(?:north|south|east|west|central)[a-z]*+|total|sum|china)(?:地区|城市|省|市|[ a-z]*)?",
    re.IGNORECASE,
)
"""Lines that head or sum up groups of units, and units that are often left blank."""
_CODE_NAMES = re.compile(
    "unit|province|city|cities|region|area|county|country|地区|省|市|县|区|单位|代码", re.IGNORECASE
)
_BEGINS = re.compile(r"续表|[表图]\s*[0-9一二三四五六七八九十]|table\s*[0-9]", re.IGNORECASE)
_OF_FORM = re.compile(
    "(?:制表|填报|填表|审核|表号|时间|日期|数据库|更新|来源|资料来源|数据来源)[^:：]*[:：]"
)
_SAYS_MEASURE = re.compile(r"[(\[]?(?:计量|金额|货币|计价)?(?:单位|units?\b|计价)", re.IGNORECASE)
_AFTER_COLON = re.compile("[:：]")
MAX_NOTES = 10
"""Limit of reported notes of one sheet."""


def find(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[str]:
    """Return the ambiguities of a sheet under a plan, each once.

    Args:
        sheet: the sheet.
        plan: the proposed plan, with its series.
        catalog: the units and indicators.

    """
    found = (
        _several_tables(sheet, plan, catalog),
        _parts_of_years(sheet, plan),
        _levels_of_header(sheet, plan, catalog),
        _columns_beside(sheet, plan, catalog),
        _other_titles(sheet, plan, catalog),
        _changed_values(sheet, plan, catalog),
        _unread_lines(sheet, plan, catalog),
        _index_numbers(sheet, plan, catalog),
    )
    return list(dict.fromkeys(text for some in found for text in some))


def _several_tables(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield the first row that names several units or years, or begins another table."""
    names = [name_key(text) for text in sheet.rows[plan.header]]
    units = columns_called(UNIT_WORDS, names) if plan.unit_column is not None else []
    years = columns_called(YEAR_WORDS, names) if plan.year_column is not None else []
    if plan.layout == "long" and len(columns_called(VALUE_WORDS, names)) > 1:
        yield "several columns are named as columns of values"
    called = Counter(series.indicator for series in plan.series if plan.layout == "wide")
    for code in called:
        if called[code] > 1 and code not in ("", IGNORE):
            yield f"{called[code]} columns are named {code}"
    value_columns = _value_columns(sheet, plan)
    last = max((r for r, cells in enumerate(sheet.rows) if any(map(is_numeric, cells))), default=0)
    for row in range(plan.header + 1, len(sheet.rows)):
        named = [found for c in units if (found := catalog.label_candidates(sheet.label(row, c)))]
        label = sheet.label(row, plan.unit_column).strip() if named else ""
        if label and not all(
            _belong_to(catalog.label_candidates(label), others) for others in named
        ):
            yield f"row {row + 1} names several units"
            return
        if len({year(text) for c in years if is_year(text := sheet.label(row, c))}) > 1:
            yield f"row {row + 1} names several years"
            return
        if _is_header_again(sheet, plan, row):
            yield f"row {row + 1} looks like the header of another table"
            return
        if title := _of_another_table(sheet, plan, row, value_columns, catalog):
            yield f"{shown(title)} in row {row + 1} may begin another table"
            return
        if row < last and (heads := _section(sheet.rows[row], catalog)):
            yield f"{shown(heads)} in row {row + 1} may describe only the rows below it"
            return


def _section(cells: list[str], catalog: Catalog) -> str:
    """Return the only text of a row that heads rows below it; '' for other rows."""
    texts = [text.strip() for text in cells if text.strip()]
    if len(texts) != 1 or (is_numeric(texts[0]) and not is_year(texts[0])):
        return ""
    text = narrow(texts[0])
    is_usual = _IS_NOTE.match(text) or _GROUPS.fullmatch(text) or stated_in(text)
    return "" if is_usual or is_missing(text) or catalog.candidates(text) else text


def _of_another_table(
    sheet: Sheet, plan: ReadingPlan, row: int, value_columns: set[int], catalog: Catalog
) -> str:
    """Return the unit or indicator that a row without values names, as a title does."""
    cells = sheet.rows[row]
    texts = {column: text.strip() for column, text in enumerate(cells) if text.strip()}
    if cells == sheet.rows[plan.header] or any(is_numeric(texts.get(c, "")) for c in value_columns):
        return ""
    if plan.unit_column in texts and catalog.label_candidates(texts[plan.unit_column]):
        if plan.layout == "years_across" or plan.year_column is None:
            texts.pop(plan.unit_column)  # a record whose values are missing
        elif is_year(texts.get(plan.year_column, "")):
            return ""
    names = [name_key(text) for text in sheet.rows[plan.header]]
    labels = {plan.measure_column, plan.indicator_column}
    labels |= {*columns_called(INDICATOR_WORDS, names)}
    for column, text in texts.items():
        if _IS_NOTE.match(narrow(text)):
            continue
        tail = _AFTER_COLON.split(text)[-1].strip()
        is_indicator = column not in labels and any(
            catalog.indicator(name) for name in _names_in(text)
        )
        is_unit = catalog.candidates(tail) and (tail != text or plan.unit_column is None)
        if is_indicator or is_unit:
            return text
        if len(texts) <= 2 and _BEGINS.match(text):
            return text
    return ""


def _names_in(text: str) -> list[str]:
    """Return possible names in a title: all of it, or the end after a colon or a number."""
    names = [text, _AFTER_COLON.split(text)[-1].strip(), NUMBERED.sub("", narrow(text), count=1)]
    return [*names, *(name_and_measure(name)[0] for name in names)]


def _is_header_again(sheet: Sheet, plan: ReadingPlan, row: int) -> bool:
    """Return whether a row below the header is the header of another table."""
    cells = sheet.rows[row]
    label = name_key(sheet.text(row, plan.unit_column)) if plan.unit_column is not None else ""
    if plan.layout == "years_across":
        texts = [text for c in plan.year_columns(sheet) if (text := sheet.text(row, c)).strip()]
        are_years = [is_year(text) and is_usual_year(year(text)) for text in texts]
        return any(
            is_one and "年" in narrow(text) for is_one, text in zip(are_years, texts, strict=True)
        ) or (bool(texts) and all(are_years) and (not label or label in UNIT_WORDS))
    if cells == sheet.rows[plan.header]:
        return False  # the same table continues
    is_year_word = plan.year_column is None or is_called(
        YEAR_WORDS, name_key(sheet.text(row, plan.year_column))
    )
    return is_year_word and (
        is_called(UNIT_WORDS, label)
        if plan.unit_column is not None
        else plan.year_column is not None
    )


def _parts_of_years(sheet: Sheet, plan: ReadingPlan) -> Iterator[str]:
    """Yield an ambiguity if one year has several columns or dates."""
    texts: list[str] = []
    if plan.layout == "years_across":
        texts = sheet.rows[plan.header]
        if len(set(found := list(plan.year_columns(sheet).values()))) < len(found):
            yield "several columns are named by one year"
        for column, text in enumerate(texts):
            if re.match("(?:19|20)[0-9]{2}(?![0-9])", narrow(text)) and not is_year(text):
                where = f"column {column_letters(column)}"
                yield f"{where} {shown(text)} begins with a year but is not one"
    elif plan.year_column is not None:
        records = range(plan.header + 1, len(sheet.rows))
        texts = [sheet.label(row, plan.year_column).strip() for row in records]
    parts = Counter(year_of_a_part(text) for text in set(texts))
    several = [period for period, number in parts.items() if period and number > 1]
    if several:
        yield f"there are several dates of the year {several[0]}, but one value is due for it"


def _levels_of_header(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield texts over or under the column names that are more than a unit of measurement."""
    for top, left, bottom, _ in sheet.across:
        text = sheet.text(top, left)
        if (
            top <= plan.header <= bottom + 1
            and text.strip()
            and (left > 0 or bottom >= plan.header)
            and not _is_measure(text)
        ):
            yield f"{column_letters(left)}{top + 1} is above several columns"
            return
    above = sheet.rows[plan.header - 1] if plan.header else []
    # `指标:` beside its name, and `Unit: 10,000 yuan` without quotes, are two cells.
    if not any(narrow(text).endswith(":") for text in above):
        for column, text in enumerate(above):
            is_split = text.startswith("000") and above[column - 1][-1:].isdigit()
            is_usual = is_split or _is_measure(text) or _OF_FORM.match(text)
            if column and text.strip() and not is_usual:
                yield f"{column_letters(column)}{plan.header} {shown(text)} is above a column name"
                return
    value_columns = _value_columns(sheet, plan)
    for column, text in below_header(sheet, plan, catalog):
        if column in value_columns and (plan.layout == "years_across" or not _is_measure(text)):
            yield f"the header has several levels: {shown(text)} in column {column_letters(column)}"
            return


def _is_measure(text: str) -> bool:
    """Return whether a text is only a unit of measurement, in brackets or not."""
    text = narrow(text)
    bracketed = re.fullmatch(r"[(\[](.*)[)\]]", text)
    is_named = _SAYS_MEASURE.match(text) and len(named_in(text)) == 1
    return bool(is_named) or is_understood(bracketed[1] if bracketed else text)


def _columns_beside(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield columns that may restrict a row to a part, or to something other than a unit."""
    names = header(sheet, plan.header)
    rows = range(plan.header + 1, len(sheet.rows))
    if plan.unit_column is not None:
        yield from _unknown_labels(sheet, plan, catalog)
    known = {*plan.columns().values()}
    known |= {*plan.year_columns(sheet)} if plan.layout != "wide" else set()
    decided = {s.column for s in plan.series if s.indicator not in ("", IGNORE)}
    for column in range(max((len(sheet.rows[row]) for row in [plan.header, *rows]), default=0)):
        called = names[column] if column < len(names) else ""
        name = name_key(called).replace("_", " ").strip()
        if column in known | decided or is_called(REMARK_WORDS, name):
            continue
        if is_called(SCALE_WORDS | MEASURE_WORDS, name) or name.endswith("单位"):
            continue  # leaves factors undecided instead
        texts = {row: text for row in rows if (text := sheet.label(row, column).strip())}
        if all(map(is_missing, texts.values())) or _is_usual(sheet, plan, name, texts, catalog):
            continue
        numbers = sum(map(is_numeric, texts.values()))
        is_part = bool(_PARTS.search(name))
        if 2 * numbers > len(texts) and not is_part and plan.layout != "long":
            continue  # values that are pending, or ignored and reported
        if not name and (len(texts) == 1 or 2 * len(texts) <= len(rows)):
            continue  # notes beside the table
        called = shown(called) if name else "without a name"
        yield (
            f"column {column_letters(column)} {called} (such as "
            f"{shown(next(iter(texts.values())), 30)}) may mean that a row covers only a part of "
            "its unit or year, or something else"
        )


def _unknown_labels(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield an ambiguity if most labels are not units, or are numbers that may not be codes."""
    rows = range(plan.header + 1, len(sheet.rows))
    column = plan.unit_column or 0
    records = {
        label
        for row in rows
        if (label := sheet.label(row, column).strip()) and any(map(is_numeric, sheet.rows[row]))
    }
    candidates = catalog.candidates_of_labels(records)
    known = {label for label in records if candidates[label]}
    where = f"column {column_letters(column)} {shown(sheet.text(plan.header, column).strip())}"
    # A known format names its column of units; other labels are ignored or rejected.
    if 2 * len(known) < len(records) and known and not plan.export:
        yield f"only {len(known)} of {len(records)} labels of {where} are units"
    name = sheet.text(plan.header, column).replace("_", " ")
    is_named = bool(plan.export or _CODE_NAMES.search(name))
    if known and all(map(is_numeric, records)) and not is_named:
        yield f"{where} holds numbers, which may not be codes of units"


def _is_usual(
    sheet: Sheet, plan: ReadingPlan, name: str, texts: dict[int, str], catalog: Catalog
) -> bool:
    """Return whether a column numbers the rows, or repeats for each unit another name or region.

    Shapes: `texts` by row.
    """
    values = list(texts.values())
    if name in SERIAL_WORDS and all(text.isascii() and text.isdigit() for text in values):
        numbers = [int(text) for text in values]
        return numbers == sorted(set(numbers))
    if plan.layout != "wide" and is_called(INDICATOR_WORDS, name):
        return all(_is_same_indicator(sheet, plan, row, texts[row], catalog) for row in texts)
    # 东部地区 under 地区, beside a column of provinces.
    is_regions = is_called(UNIT_WORDS, name) and all(
        _GROUPS.fullmatch(narrow(text)) for text in set(values)
    )
    if not is_regions and any(_PARTS.search(t) or _CHANGED.search(t) for t in set(values)):
        return False
    if name in ("freq", "frequency", "频率"):
        return {text.casefold() for text in values} <= {
            "a",
            "annual",
            "annually",
            "年",
            "年度",
            "年报",
        }
    said: dict[str, set[str]] = defaultdict(set)
    for row, text in texts.items():
        unit = plan.unit_id if plan.unit_column is None else sheet.label(row, plan.unit_column)
        said[unit.strip()].add(text)
    if any(len(found) > 1 for found in said.values()):
        return False
    pairs = [(unit, next(iter(found))) for unit, found in said.items()]
    if all(
        _belong_to(catalog.label_candidates(u), catalog.label_candidates(text)) for u, text in pairs
    ):
        return True
    return is_regions or is_called(COARSER_WORDS, name) or names_units(name)


def _is_same_indicator(
    sheet: Sheet, plan: ReadingPlan, row: int, name: str, catalog: Catalog
) -> bool:
    """Return whether a second name of an indicator agrees with that of the row."""
    own = catalog.indicator(name_and_measure(plan.series_name(sheet, row))[0])
    other = catalog.indicator(name)
    return own is None or other is None or own.code == other.code


def _belong_to(units: set[str], others: set[str]) -> bool:
    """Return whether a unit is one of the others, or belongs to it by its code: 1301 to 13."""
    return any(unit.startswith(tuple(others)) for unit in units)


def _other_titles(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield other names in the titles if a title names the only indicator of a table."""
    if plan.layout != "years_across" or plan.indicator_column is not None or not plan.series:
        return
    lines = [text for text in titles(sheet, plan.header) if text]
    called = [catalog.indicator(name) for text in lines for name in _names_in(text)]
    named = {indicator.code for indicator in called if indicator}
    if len(named) > 1:
        yield f"titles name several indicators: {', '.join(sorted(named))}"
        return
    name = plan.series[0].name
    if name not in (sheet.name, PurePosixPath(sheet.file).stem) or not plan.series[0].indicator:
        return
    indicator = catalog.indicators[plan.series[0].indicator]
    for row in range(plan.header):
        for text in filter(None, map(str.strip, sheet.rows[row])):
            if _AFTER_COLON.search(text) or stated_in(text) or is_year(text):
                continue
            if not any(n and name_key(n) in name_key(text) for n in (name, *indicator.names)):
                yield f"{shown(text)} in row {row + 1} may name something other than {shown(name)}"
                return


def _changed_values(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield titles, notes and column names that mark values as growth, of months ..."""
    said = [text for row in sheet.rows[: plan.header] for text in row]
    said += [sheet.name, PurePosixPath(sheet.file).stem]
    labels = (plan.unit_column, plan.year_column, plan.indicator_column, plan.value_column)
    said += [sheet.text(plan.header, column) for column in labels if column is not None]
    found = _texts_with_words(said, _CHANGED, plan, catalog)
    found += _texts_with_words(_notes(sheet, plan), _IN_NOTES, plan, catalog)
    for text, word in found:
        yield f"{shown(text)} contains {shown(word)}, so the values may have another meaning"


def _unread_lines(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield lines above the header, and units of labels, in languages that are not read."""
    known = _known_words(catalog)
    for row in range(plan.header):
        for text in filter(None, map(str.strip, sheet.rows[row])):
            if word := languages.foreign_word(text, known):
                yield (
                    f"{shown(text)} in row {row + 1} is not understood ({shown(word)}); it may "
                    "state a unit of measurement"
                )
                return
    for column in (plan.unit_column, plan.year_column, plan.indicator_column, plan.value_column):
        text = "" if column is None else sheet.text(plan.header, column).strip()
        measure = name_and_measure(text)[1]
        if measure and languages.foreign_word(measure, known):
            yield f"column {column_letters(column)} {shown(text)} is not understood"
            return


def _known_words(catalog: Catalog) -> frozenset[str]:
    """Return the words of the names and units of measurement of the catalog."""
    names = [name for it in catalog.indicators.values() for name in (*it.names, it.measure)]
    names += [name for unit, names_of in catalog.units.items() for name in (unit, *names_of)]
    return languages.words_of(names)


def _index_numbers(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield texts that mark values as index numbers of another base than the indicators'."""
    codes = [series.indicator for series in plan.series if series.indicator not in ("", IGNORE)]
    decided = [catalog.indicators[code] for code in dict.fromkeys(codes)]
    own = [
        {base for text in (*it.names, it.measure) for base in bases.stated_in(text)}
        | (
            {"index"}
            if re.search("index|ind?ices|指数", " ".join((*it.names, it.measure)))
            else set()
        )
        for it in decided
    ]
    names = [name for it in decided for name in it.names]
    columns = {series.column for series in plan.series if series.indicator not in ("", IGNORE)}
    beside = [
        name for column, name in enumerate(header(sheet, plan.header)) if column not in columns
    ]
    value_columns = _value_columns(sheet, plan)
    titles_of = [text for row in sheet.rows[: plan.header] for text in row]
    titles_of += [sheet.name, PurePosixPath(sheet.file).stem, *beside]
    notes = dict.fromkeys(
        text
        for row in sheet.rows[plan.header + 1 :]
        for column, text in enumerate(row)
        if column not in value_columns and len(text) > 2
    )
    for texts, are_all in ((dict.fromkeys(titles_of), True), (notes, False)):
        for text in texts:
            has_it = all if are_all else any
            for base, words in bases.stated_in(text).items():
                if not own or not has_it(base in known for known in own):
                    said = f"{shown(text.strip())} contains {shown(words)}"
                    yield f"{said}: the values may be index numbers"
            if are_all and any(bases.is_index_of(text, name) for name in names):
                yield f"{shown(text.strip())} suggests that the values are index numbers"


def scope_notes(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[str]:
    """Return warnings on notes that state a scope or a version."""
    found = _texts_with_words(_notes(sheet, plan), _SCOPE_WORDS, plan, catalog)
    notes = [f"a note contains {shown(word)}: {shown(text, 200)}" for text, word in found]
    known = _known_words(catalog)
    for row in range(plan.header + 1, len(sheet.rows)):
        texts = [text.strip() for text in sheet.rows[row] if text.strip()]
        if len(texts) == 1 and languages.foreign_word(texts[0], known):
            notes.append(f"row {row + 1} is not understood: {shown(texts[0], 200)}")
    return notes[:MAX_NOTES]


def _notes(sheet: Sheet, plan: ReadingPlan) -> list[str]:
    """Return the texts of rows below the header that have no values."""
    value_columns = _value_columns(sheet, plan)
    return [
        text
        for row in range(plan.header + 1, len(sheet.rows))
        if not any(is_numeric(sheet.text(row, column)) for column in value_columns)
        for text in sheet.rows[row]
    ]


def _texts_with_words(
    texts: list[str], words: re.Pattern[str], plan: ReadingPlan, catalog: Catalog
) -> list[tuple[str, str]]:
    """Return texts with one of the words, unless the indicator names of the table contain it."""
    names = [series.name for series in plan.series if plan.layout != "years_across"]
    for series in plan.series:
        if series.indicator not in ("", IGNORE):
            names += catalog.indicators[series.indicator].names
    own = name_key(" ".join(names).replace("_", " "))
    found = []
    for text in dict.fromkeys(filter(None, map(str.strip, texts))):
        clauses = _CLAUSES.split(simplified(narrow(text)).replace("_", " "))
        line = "".join(clause for clause in clauses if not _MADE_AT.search(clause))
        said = [match[0] for match in words.finditer(line) if name_key(match[0]) not in own]
        if said and not line.startswith("sep=") and not catalog.candidates(text):
            found.append((text, said[0]))
    return found


def _value_columns(sheet: Sheet, plan: ReadingPlan) -> set[int]:
    if plan.layout == "years_across":
        return set(plan.year_columns(sheet))
    if plan.layout == "long":
        return {plan.value_column} - {None}
    return {series.column for series in plan.series if series.indicator != IGNORE}
