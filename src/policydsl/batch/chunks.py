"""Where can a CSV file be cut so that no row is? Only the quotes are looked at: a line feed within them ends no row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import IO

from policydsl.batch.given import BatchError, Format, about
from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Fact, Words

#: The bytes of a piece; one row more at most. No row may be longer than `LONGEST`.
CHUNK, LONGEST = 1 << 25, 1 << 26
_MARK = b"\xef\xbb\xbf"


def heading(path: str, form: Format) -> tuple[list[str], int]:
    """The names of the columns, and where the rows begin. Raises BatchError."""
    with open(path, "rb") as file:
        start = file.read(len(_MARK))
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            words = Words(": it looks like UTF-16", "，像是UTF-16编码")
            raise BatchError(about(codes.BATCH_NOT_UTF8, path, {"likely": words, "encoding": "UTF-16"}))
        begin = len(start) if start == _MARK else 0
        file.seek(begin)
        data = _rows(file, path, 0, 1, least=1)
    line = _decoded(data, path)
    names = next(
        csv.reader(io.StringIO(line, newline=""), delimiter="\t" if form == "tsv" else ",", strict=False), []
    )
    if not names:
        facts: dict[str, Fact] = {
            "row": 0,
            "reason": Words("there is no heading with the names of the columns", "没有表头（列名）"),
        }
        raise BatchError(about(codes.BATCH_CSV_BROKEN, path, facts))
    return names, begin + len(data)


def chunk(path: str, offset: int, before: int) -> bytes:
    """The rows from `offset` on, so many that they make about `CHUNK` bytes; nothing at the end. `before` rows stand before
    them. Raises BatchError for what is no UTF-8, a row that is too long, and quotes that do not close."""
    with open(path, "rb") as file:
        file.seek(offset)
        data = _rows(file, path, before, CHUNK)
    if not data.isascii():
        _decoded(data, path)
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


def _rows(file: IO[bytes], path: str, before: int, size: int, *, least: int = 0) -> bytes:
    """Whole rows of at least `size` bytes, to the end where there is less; with `least` one row."""
    data = bytearray()
    quotes = 0
    while True:
        block = file.read(1 << 16 if least else size if not data else 1 << 20)
        if not block:
            if quotes % 2:
                reason = Words("a quote that begins here or later never closes", "此行或以后有未成对的引号")
                raise BatchError(about(codes.BATCH_CSV_BROKEN, path, {"row": before + 1, "reason": reason}))
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
            raise BatchError(about(codes.BATCH_CSV_BROKEN, path, {"row": before + 1, "reason": reason}))


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


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    likely, encoding = Words("", ""), "GB18030"
    try:
        data.decode("gb18030")
        likely = Words(": it looks like GB18030", "，像是GB18030编码")
    except UnicodeDecodeError:
        pass
    raise BatchError(about(codes.BATCH_NOT_UTF8, path, {"likely": likely, "encoding": encoding})) from None


def written_heading(names: Sequence[str], form: Format) -> bytes:
    """The names of columns as the first line of a CSV file."""
    made = io.StringIO(newline="")
    csv.writer(made, delimiter="\t" if form == "tsv" else ",", lineterminator="\n").writerow(names)
    return made.getvalue().encode()
