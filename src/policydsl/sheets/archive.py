"""What does a workbook hold beside its values: formats, formulas, what is hidden; and may it be opened at all?

A workbook is a zip archive of XML. It is unpacked here once, within limits, before any library sees
it: a bomb, a cut archive or a document type declaration ends there.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from xml.parsers import expat

from policydsl.diagnostics import codes_sheets as codes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.nodes import Node, node
from policydsl.source import Source, Span

#: The most bytes a workbook may have, packed and unpacked, and the most rows and cells that are filled.
MAX_BYTES = 16 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
MAX_PARTS = 2_000
MAX_ROWS = 5_000
MAX_CELLS = 100_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_DECLARED = re.compile(
    rb"<!DOCTYPE|<!ENTITY|<\x00!\x00D\x00O\x00C\x00T|\x00<\x00!\x00D\x00O\x00C\x00T", re.IGNORECASE
)

#: cells and rows that hold nothing but a style or a height; some programs save a million of them
_BLANK_CELL = re.compile(rb'<(?:[A-Za-z0-9]+:)?c [^<>]*\br="[^<>]*/>')
_BLANK_ROW = re.compile(rb'<(?P<row>(?:[A-Za-z0-9]+:)?row) [^<>]*\br="[^<>]*(?:/>|>\s*</(?P=row)>)')
#: one whose place is told only by those before it
_COUNTED = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:c|row)(?![^<>]*\br=)[\s/>]")

#: the formats that have a number instead of a text, as far as they matter here
_BUILT_IN = {
    "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "5": '"¥"#,##0', "6": '"¥"#,##0', "7": '"¥"#,##0.00',
    "8": '"¥"#,##0.00', "9": "0%", "10": "0.00%", "37": "#,##0", "38": "#,##0", "39": "#,##0.00", "40": "#,##0.00",
    "41": "#,##0", "42": '"¥"#,##0', "43": "#,##0.00", "44": '"¥"#,##0.00',
}  # fmt: skip


@node
class Marks(Node):
    """Of one sheet, by row and column counted from 0: the formats of cells, the formulas, the values
    that are errors, and the rows and columns that are hidden."""

    formats: Mapping[tuple[int, int], str]
    formulas: Mapping[tuple[int, int], str]
    errors: Mapping[tuple[int, int], str]
    hidden_rows: frozenset[int]
    hidden_columns: tuple[tuple[int, int], ...]


class TooMuch(Exception):
    """The sheet holds more than a table can."""

    def __init__(self, limit: Words) -> None:
        super().__init__(limit.en)
        self.limit = limit


def whole_file(path: str) -> Span:
    return Span(Source(path, ""), 0, 0)


def refusal(path: str, data: bytes) -> Diagnostic | None:
    """Why the bytes of the file at `path` are not opened as a workbook; None when they may be."""
    place, named = whole_file(path), {"path": path}
    if data.startswith(_OLE):
        locked = _LOCKED in data
        return Diagnostic(codes.WORKBOOK_PASSWORD if locked else codes.WORKBOOK_OLD_FORMAT, place, named)
    if not data.startswith(b"PK"):
        return Diagnostic(codes.NOT_A_WORKBOOK, place, {**named, "what": _what(data)})
    if len(data) > MAX_BYTES:
        return _too_large(path, Words(f"{MAX_BYTES >> 20} MiB", f"{MAX_BYTES >> 20} MiB"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _look_inside(path, archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        KeyError,
    ):
        reason = Words("its archive does not unpack", "压缩包解不开")
        return Diagnostic(codes.WORKBOOK_DAMAGED, place, {**named, "reason": reason})


def _look_inside(path: str, archive: zipfile.ZipFile) -> Diagnostic | None:
    parts = archive.infolist()
    unpacked = Words(f"{MAX_UNPACKED >> 20} MiB unpacked", f"{MAX_UNPACKED >> 20} MiB（解压后）")
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        return _too_large(path, unpacked)
    if len(parts) > MAX_PARTS:
        return _too_large(path, Words(f"{MAX_PARTS} parts", f"{MAX_PARTS}个组成部分"))
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in {n.lstrip("/").replace("\\", "/") for n in names}:
        what = Words("an archive of something else", "别的压缩文件")
        return Diagnostic(codes.NOT_A_WORKBOOK, whole_file(path), {"path": path, "what": what})
    for part in parts:
        content = archive.read(part)  # no more than the size declared is unpacked, and a wrong sum is refused
        if part.filename.endswith((".xml", ".rels")) and _DECLARED.search(content):
            facts = {"path": path, "part": part.filename[:80]}
            return Diagnostic(codes.WORKBOOK_ENTITY, whole_file(path), facts)
    return None


def _too_large(path: str, limit: Words) -> Diagnostic:
    return Diagnostic(codes.SHEET_TOO_LARGE, whole_file(path), {"path": path, "limit": limit})


def _what(data: bytes) -> Words:
    """What a file is that is no workbook, in words for a message."""
    head = data[:4096]
    if not head.strip(b"\0"):
        return Words("empty", "空文件")
    if head.startswith(b"%PDF"):
        return Words("a PDF", "PDF文件")
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data[: 1 << 16].decode(encoding)
        except UnicodeDecodeError as error:
            if error.end < min(len(data), 1 << 16) - 4:
                continue
            text = data[: error.start].decode(encoding)
        if "\0" not in text:
            kind = Words("a text", "文本文件")
            if "<html" in text[:1000].lower() or "<table" in text[:1000].lower():
                kind = Words("a web page", "网页文件")
            elif "," in text.split("\n", 1)[0] and "\t" not in text:
                kind = Words("a text with commas (.csv)", "以逗号分隔的文本（.csv）")
            return Words(f"{kind.en} in {encoding.upper()}", f"{encoding.upper()}编码的{kind.zh}")
    return Words("something else", "别的文件")


# the parts of a workbook


def marks(data: bytes, sheet: str) -> Marks | None:
    """The marks of the sheet called `sheet`; None when the parts of the workbook do not fit together.

    Raises TooMuch when more cells are filled than the limits allow.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        by_name = {name.lstrip("/").replace("\\", "/").lower(): name for name in archive.namelist()}

        def read(
            part: str, start: Callable[[str, Mapping[str, str]], None], **other: Callable[..., None]
        ) -> bool:
            name = by_name.get(part.lower())
            if name is None:
                return False
            _walk(_without_blanks(archive.read(name)), start, **other)
            return True

        try:
            part = _part_of(read, sheet)
            if part is None:
                return None
            formats = _formats(read)
            reader = _SheetReader(formats)
            if not read(part, reader.start, end=reader.end, text=reader.text):
                return None
            return reader.marks()
        except expat.ExpatError:
            return None


def _without_blanks(content: bytes) -> bytes:
    """The XML of a sheet without its blank cells and rows, where the others say themselves which they are."""
    if len(content) < 1 << 20 or _COUNTED.search(content):
        return content
    return _BLANK_ROW.sub(b"", _BLANK_CELL.sub(b"", content))


_Read = Callable[..., bool]


def _walk(
    content: bytes,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call the functions for each element of an XML text, by its name without the prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end is not None:
        ended = end
        parser.EndElementHandler = lambda name: ended(name.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    parser.Parse(content, True)


def _part_of(read: _Read, sheet: str) -> str | None:
    """The part of the archive that holds the sheet called `sheet`."""
    identity: list[str] = []
    targets: dict[str, str] = {}

    def sheets(name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet" and attributes.get("name") == sheet:
            identity.extend(v for k, v in attributes.items() if k.rpartition(":")[2] == "id")

    def relations(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    read("xl/workbook.xml", sheets)
    read("xl/_rels/workbook.xml.rels", relations)
    target = targets.get(identity[0]) if identity else None
    if not target:
        return None
    return target.lstrip("/") if target.startswith("/") else f"xl/{target.removeprefix('./')}"


def _formats(read: _Read) -> list[str]:
    """The number format of each style of cells, in the order in which cells refer to them."""
    written: dict[str, str] = dict(_BUILT_IN)
    styles: list[str] = []
    inside: list[bool] = [False]

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt":
            written[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside[0] = True
        elif name == "xf" and inside[0]:
            styles.append(attributes.get("numFmtId", "0"))

    def end(name: str) -> None:
        if name == "cellXfs":
            inside[0] = False

    read("xl/styles.xml", start, end=end)
    return [written.get(number, "") for number in styles]


class _SheetReader:
    """Gathers the marks of a sheet while its XML goes by."""

    def __init__(self, formats: list[str]) -> None:
        self._formats = formats
        self._row = self._column = -1
        self._type = ""
        self._inside = ""
        self._filled_rows: set[int] = set()
        self._cells = 0
        self._cell_formats: dict[tuple[int, int], str] = {}
        self._formulas: dict[tuple[int, int], str] = {}
        self._errors: dict[tuple[int, int], str] = {}
        self._hidden_rows: set[int] = set()
        self._hidden_columns: list[tuple[int, int]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._row = _number(attributes.get("r"), self._row + 2) - 1
            self._column = -1
            if _is_true(attributes.get("hidden")):
                self._hidden_rows.add(self._row)
        elif name == "c":
            self._column = _column(attributes.get("r"), self._column + 1)
            self._type = attributes.get("t", "")
            style = _number(attributes.get("s"), 0)
            if 0 <= style < len(self._formats) and self._formats[style]:
                self._format = self._formats[style]
            else:
                self._format = ""
        elif name in ("v", "f", "is"):
            self._inside = name
            self._fill()
            if name == "f":
                self._formulas.setdefault((self._row, self._column), "")
        elif name == "col" and _is_true(attributes.get("hidden")):
            first, last = _number(attributes.get("min"), 1), _number(attributes.get("max"), 1)
            self._hidden_columns.append((first - 1, last - 1))

    def _fill(self) -> None:
        place = (self._row, self._column)
        if self._format:
            self._cell_formats[place] = self._format
        self._cells += 1
        self._filled_rows.add(self._row)
        if len(self._filled_rows) > MAX_ROWS:
            raise TooMuch(Words(f"{MAX_ROWS} rows in one sheet", f"一个工作表{MAX_ROWS}行"))
        if self._cells > MAX_CELLS:
            raise TooMuch(Words(f"{MAX_CELLS} cells in one sheet", f"一个工作表{MAX_CELLS}个单元格"))

    def end(self, name: str) -> None:
        if name in ("v", "f", "is"):
            self._inside = ""

    def text(self, words: str) -> None:
        place = (self._row, self._column)
        if self._inside == "f":
            self._formulas[place] = (self._formulas.get(place, "") + words)[:200]
        elif self._inside == "v" and self._type == "e":
            self._errors[place] = words[:20]

    def marks(self) -> Marks:
        return Marks(
            self._cell_formats, self._formulas, self._errors, frozenset(self._hidden_rows),
            tuple(self._hidden_columns),
        )  # fmt: skip


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _column(ref: str | None, otherwise: int) -> int:
    column = 0
    for character in ref or "":
        if not "A" <= character <= "Z" or column > 99_999:
            break
        column = column * 26 + ord(character) - 64
    return column - 1 if column else otherwise


def _is_true(text: str | None) -> bool:
    return text in ("1", "true", "on")
