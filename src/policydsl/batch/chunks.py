"""Where can a CSV file be cut so that no row is? Only the quotes are looked at: a line feed within them ends no row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import IO

from policydsl.batch.given import BatchError, Format, about, broken
from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Words

#: The bytes of a piece; one row more at most. No row may be longer than `LONGEST`.
CHUNK, LONGEST = 1 << 25, 1 << 26
_MARK = b"\xef\xbb\xbf"


def heading(path: str, form: Format) -> tuple[list[str], int]:
    """The names of the columns, and where the rows begin. Raises BatchError."""
    with open(path, "rb") as file:
        start = file.read(len(_MARK))
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            likely = Words(": it looks like UTF-16", "，像是UTF-16编码")
            instead = Words("run `iconv -f UTF-16 -t UTF-8`", "运行 `iconv -f UTF-16 -t UTF-8` 转换")
            raise BatchError(about(codes.BATCH_NOT_UTF8, path, {"likely": likely, "instead": instead}))
        begin = len(start) if start == _MARK else 0
        file.seek(begin)
        data = _rows(file, path, 0, 1, least=1)
    line = _decoded(data, path, None)
    rows = csv.reader(io.StringIO(line, newline=""), delimiter="\t" if form == "tsv" else ",", strict=False)
    names, more = next(rows, []), next(rows, None)
    if not names or more is not None:
        reason = Words("there is no heading with the names of the columns", "没有表头（列名）")
        if more is not None:
            reason = Words("its lines end in CR alone, not in LF or CR LF", "行尾只有CR，应为LF或CR LF")
        raise broken(path, 0, reason)
    return names, begin + len(data)


def chunk(path: str, offset: int, before: int) -> bytes:
    """The rows from `offset` on, so many that they make about `CHUNK` bytes; nothing at the end. `before` rows stand before
    them. Raises BatchError for what is no UTF-8, a row that is too long, and quotes that do not close."""
    with open(path, "rb") as file:
        file.seek(offset)
        data = _rows(file, path, before, CHUNK)
    if not data.isascii():
        _decoded(data, path, before)
    return data


def with_line_feeds(data: bytes) -> bytes:
    """The same with every row ending in a line feed alone, which may also stand within quotes; what is within them stays."""
    if b"\r\n" not in data:
        return data
    if b'"' not in data:
        return data.replace(b"\r\n", b"\n")
    parts = data.split(b'"')
    parts[::2] = [part.replace(b"\r\n", b"\n") for part in parts[::2]]
    return b'"'.join(parts)


def sorted_out(
    data: bytes, path: str, before: int, columns: int, form: Format
) -> tuple[bytes, list[tuple[int, str]]]:
    """Of whole rows, ending in line feeds, those that have as many cells as there are columns, and the others with their numbers
    among all, from 1. Raises BatchError for quotes that do not close, for then nobody can say where a row ends."""
    lines = [f"{line}\n" for line in data.decode().split("\n")]
    if lines[-1] == "\n":
        lines.pop()
    good: list[str] = []
    others: list[tuple[int, str]] = []
    number = at = 0
    limit = csv.field_size_limit(LONGEST)
    try:
        reader = csv.reader(lines, delimiter="\t" if form == "tsv" else ",", strict=True)
        for row in reader:
            text, at = "".join(lines[at : reader.line_num]), reader.line_num
            if not row and columns > 1:  # an empty line is no row
                continue
            number += 1
            # a comma at the end, and nothing after it, is no cell to DuckDB
            if len(row) == columns or columns == 1 or (len(row) == columns + 1 and not row[-1]):
                good.append(text)
            else:
                others.append((number, text.rstrip("\n")))
    except csv.Error:
        reason = Words("its quotes do not close", "引号没有成对")
        raise broken(path, before + number + 1, reason) from None
    finally:
        csv.field_size_limit(limit)
    return "".join(good).encode(), others


def _rows(file: IO[bytes], path: str, before: int, size: int, *, least: int = 0) -> bytes:
    """Whole rows of at least `size` bytes, to the end where there is less; with `least` one row."""
    data = bytearray()
    quotes = 0
    while True:
        block = file.read(1 << 16 if least else size if not data else 1 << 20)
        if not block:
            if quotes % 2:
                reason = Words("a quote that begins here or later never closes", "此行或以后有未成对的引号")
                raise broken(path, before + 1, reason)
            return bytes(data)
        start = len(data)
        data += block
        end = _first_end(data, start, quotes) if least else _last_end(data, start, quotes, block)
        if end:
            return bytes(data[:end])
        quotes += block.count(b'"')
        if len(data) > LONGEST:
            reason = Words(
                "it is longer than 64 MiB, or its quotes do not close", "超过64 MiB，或者引号没有成对"
            )
            raise broken(path, before + 1, reason)


def _first_end(data: bytearray, start: int, quotes: int) -> int:
    """Where the first row ends that ends after `start`; 0 if none does."""
    at = start
    while (end := data.find(b"\n", at)) >= 0:
        quotes += data.count(b'"', at, end)
        if quotes % 2 == 0:
            return end + 1
        at = end + 1
    return 0


def _last_end(data: bytearray, start: int, quotes: int, block: bytes) -> int:
    """Where the last row ends that ends after `start`; 0 if none does. `quotes` stand before `start`."""
    quotes += block.count(b'"')
    at = len(data)
    while (end := data.rfind(b"\n", start, at)) >= 0:
        quotes -= data.count(b'"', end, at)
        if quotes % 2 == 0:
            return end + 1
        at = end
    return 0


def _decoded(data: bytes, path: str, before: int | None) -> str:
    """The text of rows; `before` stand before them (None: it is the heading)."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # line feeds between quotes, of which the even ones open, end no row
        rows = sum(part.count(b"\n") for part in data[: error.start].split(b'"')[::2])
    place = Words("the heading", "表头") if before is None else _row(before + rows + 1)
    try:
        data.decode("gb18030")
        likely = Words(f", as {place.en} shows: it looks like GB18030", f"（见{place.zh}），像是GB18030编码")
        instead = Words("run `iconv -f GB18030 -t UTF-8`", "运行 `iconv -f GB18030 -t UTF-8` 转换")
    except UnicodeDecodeError:
        likely = Words(f", as {place.en} shows", f"（见{place.zh}）")
        instead = Words("correct the cell", "改正该处")
    raise BatchError(about(codes.BATCH_NOT_UTF8, path, {"likely": likely, "instead": instead})) from None


def _row(row: int) -> Words:
    return Words(f"row {row}", f"第{row}行")


def written_heading(names: Sequence[str], form: Format) -> bytes:
    """The names of columns as the first line of a CSV file."""
    made = io.StringIO(newline="")
    csv.writer(made, delimiter="\t" if form == "tsv" else ",", lineterminator="\n").writerow(names)
    return made.getvalue().encode()
