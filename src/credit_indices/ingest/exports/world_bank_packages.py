"""Tables that programs make from the World Bank's API: R's WDI and wbstats, wbgapi, the API's JSON.

`country, iso2c, iso3c, year, <code> ...` (WDI; with `extra = TRUE` also region, capital, income
...), the same with `date` (wbstats), or a row per value with `indicator_id` and `value`; and
`economy, series, YR2019, ...` (wbgapi).
"""

from credit_indices.ingest.cell_text import is_missing, is_year
from credit_indices.ingest.exports.export import Export, Named
from credit_indices.ingest.exports.world_bank import (
    aggregates,
    called,
    described,
    empty_columns,
    plain_headers,
)
from credit_indices.ingest.sheets import Sheet

CODES, NAMES = ("iso3c", "countryiso3code", "iso2c", "country id"), ("country", "country value")
TIME = ("year", "date")
INDICATORS = ("indicator id", "indicatorid", "indicator value", "indicator")
BESIDE = (
    "status", "lastupdated", "last updated", "obs status", "footnote", "decimal", "region",
    "region iso3c", "region iso2c", "capital", "capital city", "longitude", "latitude", "income",
    "lending", "admin region", "admin region iso3c", "admin region iso2c", "income level",
    "income level iso3c", "income level iso2c", "lending type", "lending type iso3c",
    "lending type iso2c",
)  # fmt: skip


def of_r(sheet: Sheet) -> Export | None:
    """Recognise the tables of R's packages WDI and wbstats, and of the API's JSON."""
    for row, names in plain_headers(sheet):
        codes, units = called(names, *CODES), called(names, *CODES, *NAMES)
        times, values = called(names, *TIME), called(names, "value")
        if not codes or len(units) == len(codes) or len(times) != 1:
            continue
        rows = range(row + 1, len(sheet.rows))
        # wbstats has an empty column `unit`; one with content is examined.
        blank = [
            c for c in called(names, "unit") if all(is_missing(sheet.text(r, c)) for r in rows)
        ]
        beside = {*called(names, *BESIDE), *empty_columns(sheet, row, names), *blank}
        indicators = called(names, *INDICATORS)
        if indicators and values:
            return Export(
                "long",
                row,
                units,
                indicators,
                year=times[0],
                value=values[0],
                columns=frozenset(beside),
                describe=described,
                aggregates=aggregates(),
            )
        taken = {*units, *times, *beside, *called(names, "unit")}
        return Export(
            "wide",
            row,
            units,
            year=times[0],
            columns=frozenset(beside),
            series={
                column: Named((" ".join(text.split()),))
                for column, text in enumerate(sheet.rows[row])
                if column not in taken and text.strip()
            },
            aggregates=aggregates(),
        )
    return None


def of_wbgapi(sheet: Sheet) -> Export | None:
    """Recognise the data frames of wbgapi with a row per economy and series."""
    for row, names in plain_headers(sheet):
        series = tuple(column for column, name in enumerate(names) if name == "series")
        if "economy" in names and series and any(map(is_year, sheet.rows[row])):
            return Export(
                "years_across",
                row,
                called(names, "economy", "country"),
                series,
                columns=frozenset(empty_columns(sheet, row, names)),
                describe=described,
                aggregates=aggregates(),
            )
    return None


FORMATS = {"world_bank_r": of_r, "world_bank_wbgapi": of_wbgapi}
