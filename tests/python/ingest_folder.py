"""A folder of files to ingest, for tests."""

import csv
from pathlib import Path

import openpyxl

from credit_indices.ingest import ingest


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


class Folder:
    """A folder of files to read, and one to write to."""

    def __init__(self, root: Path) -> None:
        self.source, self.data = root / "from", root / "to"
        self.source.mkdir()

    def put(self, text: str, name: str = "a.csv", encoding: str = "utf-8") -> None:
        (self.source / name).parent.mkdir(exist_ok=True)
        (self.source / name).write_text(text, encoding=encoding, newline="")

    def book(self, sheets: dict[str, list[list]], name: str = "a.xlsx") -> None:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(self.source / name)

    def run(self, **options):
        return ingest(self.source, self.data, **options)

    def values_by_key(self) -> dict[tuple[str, str, str], str]:
        rows = table(self.data / "observations.csv")
        return {(r["unit_id"], r["period"], r["indicator_code"]): r["value"] for r in rows}

    def edit(self, old: str, new: str) -> None:
        path = self.data / "ingest" / "mapping.yml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def mapping(self) -> str:
        return (self.data / "ingest" / "mapping.yml").read_text(encoding="utf-8")

    def correct(self, **changes: str) -> None:
        path = self.data / "ingest" / "rejected.csv"
        rows = table(path)
        with open(path, "w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(row | changes for row in rows)

    def bytes(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.data).as_posix(): path.read_bytes()
            for path in sorted(self.data.rglob("*"))
            if path.is_file()
        }
