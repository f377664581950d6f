"""Write small workbooks in formats that no package writes: .ods and .xlsb."""

import io
import struct
import zipfile
from xml.sax.saxutils import escape

ODS = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style")
)


def archive(parts: dict[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return stream.getvalue()


def ods(tables: str, styles: str = "", **parts: str) -> bytes:
    """Return a spreadsheet with these tables and automatic styles."""
    content = (
        f"<office:document-content {SPACES}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return archive({"mimetype": ODS, "content.xml": content, **parts})


def ods_row(*cells: object, attributes: str = "") -> str:
    """Return a row; a text that begins with `<` is used as a complete cell."""
    return f"<table:table-row {attributes}>{''.join(map(ods_cell, cells))}</table:table-row>"


def ods_cell(value: object) -> str:
    if isinstance(value, str) and value.startswith("<"):
        return value
    kind = "string" if isinstance(value, str) else "float"
    said = "" if isinstance(value, str) else f' office:value="{value}"'
    return (
        f'<table:table-cell office:value-type="{kind}"{said}>'
        f"<text:p>{escape(str(value))}</text:p></table:table-cell>"
    )


def record(kind: int, content: bytes = b"") -> bytes:
    """Return a record of a binary workbook ([MS-XLSB] 2.1.4)."""
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(content)
    while length > 127:
        size, length = size + bytes([length & 0x7F | 0x80]), length >> 7
    return number + size + bytes([length]) + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(
    rows: list[list],
    *,
    strings: tuple[bytes, ...] = (),
    hidden_rows: tuple[int, ...] = (),
    hidden_columns: tuple[int, ...] = (),
    merges: tuple[tuple[int, int, int, int], ...] = (),
    state: int = 0,
) -> bytes:
    """Return a workbook with one sheet.

    A cell is None, a text, a number, a pair of a number and the style 1 (0.0%) or 2 (struck out),
    or the bytes of the number of one of `strings`.
    """
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, 9)) + record(145)
    for number, cells in enumerate(rows):
        flags = 0x10 if number in hidden_rows else 0
        sheet += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, flags, 0, 0))
        for column, value in enumerate(cells):
            value, style = value if isinstance(value, tuple) else (value, 0)
            place = struct.pack("<II", column, style)
            if isinstance(value, str):
                sheet += record(6, place + wide(value))
            elif isinstance(value, bytes):
                sheet += record(7, place + struct.pack("<I", value[0]))
            elif value is not None:
                sheet += record(5, place + struct.pack("<d", value))
    sheet += record(146)
    for top, left, bottom, right in merges:
        sheet += record(176, struct.pack("<IIII", top, bottom, left, right))
    sheet += record(130)
    columns = b"".join(
        record(60, struct.pack("<IIIIH", column, column, 2000, 0, 1)) for column in hidden_columns
    )
    sheet = sheet.replace(record(145), record(390) + columns + record(391) + record(145), 1)
    fonts = b"".join(
        record(43, struct.pack("<HHHH", 220, 8 * is_struck, 400, place) + bytes(13) + wide("Arial"))
        for is_struck, place in ((0, 0), (1, 0), (0, 1))
    )
    formats = [(0, 0), (164, 0), (0, 1)]
    styles = (
        record(278)
        + record(615, struct.pack("<I", 1))
        + record(44, struct.pack("<H", 164) + wide("0.0%"))
        + record(616)
        + record(611, struct.pack("<I", 3)) + fonts + record(612)
        + record(617, struct.pack("<I", len(formats)))
        + b"".join(record(47, struct.pack("<HHHHHI", 0, f, s, 0, 0, 0)) for f, s in formats)
        + record(618)
        + record(279)
    )  # fmt: skip
    book = (
        record(131) + record(143)
        + record(156, struct.pack("<II", state, 1) + wide("rId1") + wide("S"))
        + record(144) + record(157, bytes(26)) + record(132)
    )  # fmt: skip
    texts = record(159, struct.pack("<II", len(strings), len(strings)))
    texts += b"".join(record(19, text) for text in strings) + record(160)
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = "".join(
        f'<Relationship Id="rId{i}" Type="{office}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(
            [("worksheet", "worksheets/sheet1.bin"), ("styles", "styles.bin"),
             ("sharedStrings", "sharedStrings.bin")], start=1)
    )  # fmt: skip
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{package}/relationships">{rels}'
            "</Relationships>",
            "xl/workbook.bin": book,
            "xl/worksheets/sheet1.bin": sheet,
            "xl/styles.bin": styles,
            "xl/sharedStrings.bin": texts,
        }
    )


def rich_string(text: str, *runs: tuple[int, int]) -> bytes:
    """Return a shared text of a binary workbook; a run is a start and the number of a font."""
    parts = struct.pack("<I", len(runs)) + b"".join(struct.pack("<HH", *run) for run in runs)
    return (b"\1" if runs else b"\0") + wide(text) + (parts if runs else b"")
