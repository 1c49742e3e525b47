"""How do Parquet files become one without being read? The data of each is copied, and one footer tells where it stands.

The footer of a Parquet file is a Thrift record in the compact protocol. What is needed of it here is to find the
row groups and their columns, to move the positions in them, and to write it again; all else is passed on as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, NamedTuple

MAGIC = b"PAR1"
#: Kinds of values in the compact protocol.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
#: The fields of the records that are looked at, by their numbers in parquet.thrift: of the whole, …
_SCHEMA, _NUM_ROWS, _ROW_GROUPS, _CREATED_BY = 2, 3, 4, 6
#: … of a row group, of which what its columns are sorted by and its ordinal are not passed on, …
_GROUP_COLUMNS, _GROUP_SIZE, _GROUP_ROWS, _GROUP_OFFSET, _GROUP_COMPRESSED = 1, 2, 3, 5, 6
_GROUP_ORDINAL = 7
#: … of a column in it, with its description and what else stands elsewhere in the file, …
_CHUNK_OFFSETS, _CHUNK_META, _CHUNK_OTHER_FILE = (2, 4, 6), 3, 1
_CHUNK_ENCRYPTED = (8, 9)
#: … and of that description.
_META_OFFSETS, _META_PATH, _META_SIZE, _META_COMPRESSED, _META_STATISTICS = (9, 10, 11, 14), 3, 6, 7, 12
_META_PAGES, _META_BLOOM = (9, 10, 11), (14, 15)
#: Least and greatest values as old writers had them, whom readers know by their names.
_OLD_STATISTICS = (1, 2)


class _Field(NamedTuple):
    """A field of a record, with the bytes of its value."""

    number: int
    kind: int
    raw: bytes


class Footer(NamedTuple):
    """A footer apart: its fields without the row groups, how many rows it has, and each row group as bytes."""

    fields: tuple[_Field, ...]
    rows: int
    groups: tuple[bytes, ...]

    def same_schema(self, other: Footer) -> bool:
        return _one(self.fields, _SCHEMA) == _one(other.fields, _SCHEMA)

    @property
    def created_by(self) -> str:
        """The program that wrote the file, if it says."""
        raw = _one(self.fields, _CREATED_BY)
        return "" if raw is None else _text(raw).decode("utf-8", "replace")


class Chunk(NamedTuple):
    """A column of a row group: its top name, where its data stands in the file, and what the footer says of it."""

    name: str
    start: int
    size: int
    fields: tuple[_Field, ...]


class Damaged(ValueError):
    """Bytes that are no Parquet file."""


def footer_of(file: IO[bytes]) -> Footer:
    """The footer of an open file."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 8))
    length = size_of_footer(file.read(8))
    file.seek(size - 8 - length)
    return read_footer(file.read(length), None)


def size_of_footer(tail: bytes) -> int:
    """How long the footer is, from the last eight bytes of a file."""
    if len(tail) < 8 or tail[-4:] != MAGIC:
        raise Damaged("no magic bytes at the end")
    return int.from_bytes(tail[-8:-4], "little")


def read_footer(data: bytes, moved_by: int | None) -> Footer:
    """The footer in `data`, with all positions in it moved by so many bytes; None: as it is, not to be written again."""
    fields = _fields(data)
    raw = _one(fields, _ROW_GROUPS)
    groups = [] if raw is None else _elements(raw)
    rows = _one(fields, _NUM_ROWS)
    if rows is None:
        raise Damaged("a footer without a number of rows")
    rest = tuple(f for f in fields if f.number not in (_NUM_ROWS, _ROW_GROUPS))
    if moved_by is not None:
        groups = [_moved_group(group, moved_by) for group in groups]
    return Footer(rest, _number(rows), tuple(groups))


def written_footer(like: Footer, rows: int, count: int, groups: bytes) -> bytes:
    """The end of a file with the schema of `like` and these row groups, `count` of them one after another."""
    fields = [*like.fields, _Field(_NUM_ROWS, _I64, _integer(rows))]
    fields.append(_Field(_ROW_GROUPS, _LIST, _list_heading(_STRUCT, count) + groups))
    data = _struct(sorted(fields))
    return data + len(data).to_bytes(4, "little") + MAGIC


def chunks_of(group: bytes) -> list[Chunk]:
    """The columns of a row group. Raises Damaged for those whose data is not in the file as it is."""
    found = []
    for raw in _elements(_one(_fields(group), _GROUP_COLUMNS) or b""):
        fields = _fields(raw)
        meta = _one(fields, _CHUNK_META)
        if meta is None or any(f.number in (_CHUNK_OTHER_FILE, *_CHUNK_ENCRYPTED) for f in fields):
            raise Damaged("a column that stands in another file or is encrypted")
        own = _fields(meta)
        start = min(at for f in own if f.number in _META_PAGES and (at := _number(f.raw)) > 0)
        names = _elements(_one(own, _META_PATH) or b"")
        found.append(
            Chunk(_text(names[0]).decode(), start, _number(_one(own, _META_COMPRESSED) or b"\0"), tuple(own))
        )
    return found


def group_of(rows: int, columns: Iterable[tuple[Chunk, int]]) -> bytes:
    """A row group of these columns, each with where its data stands now."""
    chunks = []
    size = compressed = first = 0
    for column, start in columns:
        by = start - column.start
        meta = [_carried(f, by) for f in column.fields if f.number not in _META_BLOOM]
        chunks.append(_struct([_Field(2, _I64, _integer(0)), _Field(_CHUNK_META, _STRUCT, _struct(meta))]))
        size += _number(_one(meta, _META_SIZE) or b"\0")
        compressed += column.size
        first = first or start
    fields = [
        _Field(_GROUP_COLUMNS, _LIST, _list_heading(_STRUCT, len(chunks)) + b"".join(chunks)),
        _Field(_GROUP_SIZE, _I64, _integer(size)),
        _Field(_GROUP_ROWS, _I64, _integer(rows)),
        _Field(_GROUP_OFFSET, _I64, _integer(first)),
        _Field(_GROUP_COMPRESSED, _I64, _integer(compressed)),
    ]
    return _struct(fields)


def rows_of(group: bytes) -> int:
    """How many rows a row group has."""
    return _number(_one(_fields(group), _GROUP_ROWS) or b"\0")


def _one(fields: Iterable[_Field], number: int) -> bytes | None:
    return next((f.raw for f in fields if f.number == number), None)


def _moved_group(group: bytes, by: int) -> bytes:
    found = []
    for field in _fields(group):
        if field.number == _GROUP_COLUMNS:
            chunks = [_moved_chunk(chunk, by) for chunk in _elements(field.raw)]
            field = field._replace(raw=_list_heading(_STRUCT, len(chunks)) + b"".join(chunks))
        elif field.number == _GROUP_OFFSET:
            field = _moved(field, by)
        # an ordinal is for encrypted files alone
        if field.number != _GROUP_ORDINAL:
            found.append(field)
    return _struct(found)


def _moved_chunk(chunk: bytes, by: int) -> bytes:
    found = []
    for field in _fields(chunk):
        if field.number in _CHUNK_OFFSETS:
            field = _moved(field, by)
        elif field.number == _CHUNK_META:
            inner = [_moved(f, by) if f.number in _META_OFFSETS else f for f in _fields(field.raw)]
            field = field._replace(raw=_struct(inner))
        found.append(field)
    return _struct(found)


def _carried(field: _Field, by: int) -> _Field:
    if field.number in _META_PAGES:
        return _moved(field, by)
    if field.number == _META_STATISTICS:
        return field._replace(raw=_struct(f for f in _fields(field.raw) if f.number not in _OLD_STATISTICS))
    return field


def _moved(field: _Field, by: int) -> _Field:
    # nought is no position: nothing begins before the magic bytes
    at = _number(field.raw)
    return field._replace(raw=_integer(at + by)) if at else field


# the compact protocol


def _fields(data: bytes) -> list[_Field]:
    """The fields of the record that `data` begins with."""
    found: list[_Field] = []
    at = number = 0
    try:
        while heading := data[at]:
            at += 1
            if heading >> 4:
                number += heading >> 4
            else:
                end = _skipped(data, at, _I64)
                number = _number(data[at:end])
                at = end
            kind = heading & 15
            end = at if kind in (_TRUE, _FALSE) else _skipped(data, at, kind)
            found.append(_Field(number, kind, data[at:end]))
            at = end
    except IndexError:
        raise Damaged("the footer ends too early") from None
    if at >= len(data):
        raise Damaged("the footer ends too early")
    return found


def _elements(raw: bytes) -> list[bytes]:
    """The elements of a list."""
    if not raw:
        return []
    kind, count, at = _list_begins(raw, 0)
    found = []
    for _ in range(count):
        end = _skipped(raw, at, kind)
        found.append(raw[at:end])
        at = end
    return found


def _list_begins(data: bytes, at: int) -> tuple[int, int, int]:
    heading = data[at]
    at += 1
    count = heading >> 4
    if count == 15:
        count, at = _varint(data, at)
    return heading & 15, count, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _skipped(data: bytes, at: int, kind: int) -> int:
    """Where the value ends that begins at `at`."""
    if kind in (_I16, _I32, _I64):
        while data[at] >= 0x80:
            at += 1
        return at + 1
    if kind == _BINARY:
        size, at = _varint(data, at)
        return at + size
    if kind == _STRUCT:
        while heading := data[at]:
            at += 1
            if not heading >> 4:
                at = _skipped(data, at, _I64)
            inner = heading & 15
            if _I16 <= inner <= _I64:  # most are, and a call takes longer than they do
                while data[at] >= 0x80:
                    at += 1
                at += 1
            elif inner == _BINARY and data[at] < 0x80:
                at += 1 + data[at]
            elif inner > _FALSE:  # truths are their own heading
                at = _skipped(data, at, inner)
        return at + 1
    if kind in (_LIST, _SET):
        inner, count, at = _list_begins(data, at)
        if inner in (_I16, _I32, _I64):
            while count:
                count -= data[at] < 0x80
                at += 1
            return at
        for _ in range(count):
            at = _skipped(data, at, inner)
        return at
    if kind in (_TRUE, _FALSE, _BYTE):  # a truth in a list is a byte
        return at + 1
    if kind == _DOUBLE:
        return at + 8
    raise Damaged(f"a value of kind {kind}")


def _number(raw: bytes) -> int:
    value, _ = _varint(raw, 0)
    return (value >> 1) ^ -(value & 1)


def _text(raw: bytes) -> bytes:
    size, at = _varint(raw, 0)
    return raw[at : at + size]


def _integer(value: int) -> bytes:
    return _written_varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _written_varint(value: int) -> bytes:
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)


def _list_heading(kind: int, count: int) -> bytes:
    heading = bytes([min(count, 15) << 4 | kind])
    return heading if count < 15 else heading + _written_varint(count)


def _struct(fields: Iterable[_Field]) -> bytes:
    data = bytearray()
    last = 0
    for number, kind, raw in fields:
        if 0 < number - last <= 15:
            data.append((number - last) << 4 | kind)
        else:
            data.append(kind)
            data += _integer(number)
        data += raw
        last = number
    data.append(0)
    return bytes(data)
