"""Exports of the World Bank: site (API_*.csv), bulk files, DataBank, metadata.

Layouts as downloaded from data.worldbank.org (`Country Name, Country Code, Indicator Name,
Indicator Code, 1960, ...` below four lines), the WDI bulk file (the same without them) and
databank.worldbank.org (`Series Name, Series Code`, years as `2013 [YR2013]`, `..` for missing, two
lines of notes at the foot; or a row per country and year with a column per series).
"""

import csv
import functools
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from credit_indices.ingest.cell_text import is_year, name_and_measure, name_key, narrow
from credit_indices.ingest.exports.export import Export, Named, headers
from credit_indices.ingest.measurement_units import stated_in
from credit_indices.ingest.reading_plan import IGNORE
from credit_indices.ingest.sheets import Sheet

UNIT_CODES = ("country code", "economy code", "countrycode")
UNIT_NAMES = ("country name", "economy name", "countryname", "country", "economy")
SERIES_CODES = ("indicator code", "series code", "indicatorcode", "seriescode")
SERIES_NAMES = ("indicator name", "series name", "indicatorname", "seriesname")
TIME, TIME_CODE = ("time", "year"), ("time code",)
UNPIVOTED = ("attribute", "variable", "name", *TIME)
"""Names that Power Query, pandas and tidyr give to the column of years."""
VALUES = ("value", "values")
GROUPS = (
    "region", "regionname", "adminregion", "adminregionname", "incomegroup", "income group",
    "incomelevel", "incomelevelname", "lendingtype", "lendingtypename", "lending category",
)  # fmt: skip
AGGREGATES = Path(__file__).parents[1] / "data" / "world_bank_aggregates.csv"
"""Regions and groups by income and lending, of all vintages since 2013."""
_ABOVE = {"data source", "last updated date", "last updated"}
_BELOW = re.compile(r"(?:data from database|last updated)\s*:", re.IGNORECASE)
_WITH_CODE = re.compile(r"(.+\S)\s*\[([A-Za-z0-9_.]{4,})\]")
_COUNTRY = re.compile(r".+\S \[[A-Z]{3}\]")
_METADATA = (
    {"country code", "region", "incomegroup", "tablename"},
    {"country code", "region", "incomegroup", "specialnotes"},
    {"country code", "short name", "table name", "long name"},
    {"indicator_code", "indicator_name", "source_note", "source_organization"},
    {"code", "indicator name", "long definition", "source"},
    {"code", "license type", "indicator name"},
    {"series code", "topic", "indicator name", "long definition"},
    {"countrycode", "seriescode", "description"},
    {"seriescode", "year", "description"},
)


def plain_headers(sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Yield possible headers, with names as R and SQL write them: Country.Name, country_name."""
    for row, names in headers(sheet):
        yield row, [re.sub("[._]+", " ", name) for name in names]


def called(names: list[str], *words: str) -> tuple[int, ...]:
    """Return the columns with these names, in the order of the words."""
    return tuple(names.index(word) for word in words if word in names)


def _lines(sheet: Sheet, header: int) -> frozenset[int]:
    """Return the preamble and the notes at the foot, without lines that state a unit."""
    above = [
        row
        for row in range(header)
        if not any(sheet.rows[row])
        or (name_key(sheet.text(row, 0)) in _ABOVE and not stated_in(sheet.text(row, 1)))
    ]
    below = takewhile(
        lambda row: (
            not any(sheet.rows[row])
            or (len(sheet.rows[row]) == 1 and _BELOW.match(narrow(sheet.text(row, 0))))
        ),
        range(len(sheet.rows) - 1, header, -1),
    )
    return frozenset([*above, *below])


def empty_columns(sheet: Sheet, header: int, names: list[str]) -> set[int]:
    """Return columns without a name that are empty (after a trailing comma) or number the rows."""
    unnamed = [c for c, name in enumerate(names) if name in ("", "x") or name[:8] == "unnamed:"]
    rows = range(header + 1, len(sheet.rows))
    found = set()
    for column in unnamed:
        texts = [text for row in rows if (text := sheet.text(row, column).strip())]
        numbers = [int(text) for text in texts if text.isascii() and text.isdigit()]
        if len(numbers) == len(texts) and numbers in (
            list(range(len(numbers))),
            list(range(1, len(numbers) + 1)),
        ):
            found.add(column)
    return found


@functools.cache
def aggregates() -> dict[str, str]:
    """Return the names of the World Bank's aggregates by the `name_key` of code and name."""
    with open(AGGREGATES, encoding="utf-8", newline="") as stream:
        rows = [(row["code"], row["name"]) for row in csv.DictReader(stream)]
    found = {name_key(name): name for _, name in rows}
    return found | {name_key(code): name for code, name in reversed(rows)}


def described(texts: tuple[str, ...]) -> Named:
    """Return the description of an indicator by code and name, with the unit in its brackets."""
    return Named(texts, measure_in(texts[-1]))


def measure_in(name: str) -> str:
    """Return the unit of measurement in the brackets of an indicator's name."""
    brackets = re.findall(r"[(\[]([^()\[\]]*)[)\]]", narrow(name))
    saying = [text for text in brackets if stated_in(text) or "per " in text.casefold()]
    return saying[-1] if saying else name_and_measure(name)[1]


def across(sheet: Sheet) -> Export | None:
    """Recognise a table with a row per country and series and a column per year."""
    for row, names in plain_headers(sheet):
        units = called(names, *UNIT_CODES, *UNIT_NAMES)
        series = called(names, *SERIES_CODES, *SERIES_NAMES)
        if not called(names, *UNIT_CODES) or not series or not any(map(is_year, sheet.rows[row])):
            continue
        return Export(
            "years_across",
            row,
            units,
            series,
            lines=_lines(sheet, row),
            columns=frozenset({*called(names, *GROUPS), *empty_columns(sheet, row, names)}),
            describe=described,
            aggregates=aggregates(),
        )
    return None


def unpivoted(sheet: Sheet) -> Export | None:
    """Recognise the same with a row per value."""
    for row, names in plain_headers(sheet):
        units = called(names, *UNIT_CODES, *UNIT_NAMES)
        series = called(names, *SERIES_CODES, *SERIES_NAMES)
        years, values = called(names, *UNPIVOTED), called(names, *VALUES)
        if not called(names, *UNIT_CODES) or not series or len(values) != 1:
            continue
        years = tuple(c for c in years if c not in series and _holds_years(sheet, row, c))
        if len(years) != 1:
            continue
        beside = {*called(names, *TIME_CODE, *GROUPS), *empty_columns(sheet, row, names)}
        return Export(
            "long",
            row,
            units,
            series,
            year=years[0],
            value=values[0],
            lines=_lines(sheet, row),
            columns=frozenset(beside),
            describe=described,
            aggregates=aggregates(),
        )
    return None


def _holds_years(sheet: Sheet, header: int, column: int) -> bool:
    texts = [sheet.text(row, column) for row in range(header + 1, len(sheet.rows))]
    return any(texts) and all(is_year(text) for text in texts[:400] if text.strip())


def by_time(sheet: Sheet) -> Export | None:
    """Recognise DataBank's table with a row per country and year and columns `name [CODE]`."""
    for row, names in plain_headers(sheet):
        units = called(names, *UNIT_CODES, *UNIT_NAMES)
        series = {
            column: Named((match[2], match[1]), measure_in(match[1]))
            for column, text in enumerate(sheet.rows[row])
            if (match := _WITH_CODE.fullmatch(" ".join(text.split())))
        }
        times = called(names, *TIME)
        if not called(names, *UNIT_CODES) or len(times) != 1 or not series:
            continue
        beside = {*called(names, *TIME_CODE, *GROUPS), *empty_columns(sheet, row, names)}
        return Export(
            "wide",
            row,
            units,
            year=times[0],
            lines=_lines(sheet, row),
            columns=frozenset(beside),
            series=series,
            aggregates=aggregates(),
        )
    return None


def countries_across(sheet: Sheet) -> Export | None:
    """Recognise DataBank's table with a column `name [CODE]` per country, which is not read."""
    for row, names in plain_headers(sheet):
        has_series = called(names, *SERIES_CODES) and called(names, *SERIES_NAMES)
        if not has_series or not called(names, *TIME) or called(names, *UNIT_CODES):
            continue
        if any(_COUNTRY.fullmatch(text.strip()) for text in sheet.rows[row]):
            return Export(
                "",
                row,
                ambiguities=(
                    "the countries are columns, such as 'France [FRA]'; download it from DataBank "
                    "with Country and Series in rows and Time in columns",
                ),
            )
    return None


def metadata(sheet: Sheet) -> Export | None:
    """Recognise the descriptions of countries, series and footnotes that come with the data."""
    names = {name_key(text) for text in sheet.rows[0]} if sheet.rows else set()
    if any(columns <= names for columns in _METADATA) and not any(map(is_year, names)):
        return Export(
            IGNORE,
            0,
            lines=frozenset(range(len(sheet.rows))),
            about="descriptions of countries, series or footnotes (metadata), no observations,",
        )
    return None


FORMATS = {
    "world_bank": across,
    "world_bank_long": unpivoted,
    "world_bank_time": by_time,
    "world_bank_countries_across": countries_across,
    "world_bank_metadata": metadata,
}
