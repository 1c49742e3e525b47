"""How do Parquet files become one without being read? The data of each is copied, and one footer tells where it stands.

The footer of a Parquet file is a Thrift record in the compact protocol. What is needed of it here is to find the
row groups, to move the positions in them, and to write it again; all else is passed on as it is.
"""

from __future__ import annotations

from typing import Any, NamedTuple

MAGIC = b"PAR1"
#: Kinds of values in the compact protocol.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
#: The fields of the records that are looked at, by their numbers in parquet.thrift.
_SCHEMA, _NUM_ROWS, _ROW_GROUPS = 2, 3, 4
_GROUP_COLUMNS, _GROUP_OFFSET = 1, 5
_CHUNK_OFFSETS, _CHUNK_META = (2, 4, 6), 3
_META_OFFSETS = (9, 10, 11, 14)


class _Field(NamedTuple):
    number: int
    kind: int
    value: Any


class _List(NamedTuple):
    kind: int
    values: list[Any]


class Footer(NamedTuple):
    """A footer apart: its fields without the row groups, how many rows it has, and each row group as bytes."""

    fields: tuple[_Field, ...]
    rows: int
    groups: tuple[bytes, ...]

    def same_schema(self, other: Footer) -> bool:
        same: bool = _one(self.fields, _SCHEMA) == _one(other.fields, _SCHEMA)
        return same


class Damaged(ValueError):
    """Bytes that are no Parquet file."""


def size_of_footer(tail: bytes) -> int:
    """How long the footer is, from the last eight bytes of a file."""
    if len(tail) < 8 or tail[-4:] != MAGIC:
        raise Damaged("no magic bytes at the end")
    return int.from_bytes(tail[-8:-4], "little")


def read_footer(data: bytes, moved_by: int) -> Footer:
    """The footer in `data`, with all positions in it moved by so many bytes."""
    reader = _Reader(data)
    fields = reader.struct()
    groups = []
    found = _one(fields, _ROW_GROUPS)
    for group in found.values if found is not None else ():
        writer = _Writer()
        writer.struct(_moved_group(group, moved_by))
        groups.append(bytes(writer.data))
    rows = _one(fields, _NUM_ROWS)
    rest = tuple(f for f in fields if f.number not in (_NUM_ROWS, _ROW_GROUPS))
    return Footer(rest, rows, tuple(groups))


def written_footer(like: Footer, rows: int, count: int, groups: bytes) -> bytes:
    """The end of a file with the schema of `like` and these row groups, `count` of them one after another."""
    writer = _Writer()
    fields = [*like.fields, _Field(_NUM_ROWS, _I64, rows)]
    last = 0
    for field in sorted([*fields, _Field(_ROW_GROUPS, _LIST, None)], key=lambda f: f.number):
        writer.heading(field.kind, field.number, last)
        last = field.number
        if field.value is None:
            writer.list_heading(_STRUCT, count)
            writer.data += groups
        else:
            writer.value(field.kind, field.value)
    writer.data.append(0)
    return bytes(writer.data) + len(writer.data).to_bytes(4, "little") + MAGIC


def _one(fields: tuple[_Field, ...] | list[_Field], number: int) -> Any:
    return next((f.value for f in fields if f.number == number), None)


def _moved_group(group: list[_Field], by: int) -> list[_Field]:
    found = []
    for field in group:
        if field.number == _GROUP_COLUMNS:
            chunks = [_moved_chunk(chunk, by) for chunk in field.value.values]
            field = field._replace(value=_List(_STRUCT, chunks))
        elif field.number == _GROUP_OFFSET:
            field = _moved(field, by)
        # an ordinal is for encrypted files alone
        if field.number != 7:
            found.append(field)
    return found


def _moved_chunk(chunk: list[_Field], by: int) -> list[_Field]:
    found = []
    for field in chunk:
        if field.number in _CHUNK_OFFSETS:
            field = _moved(field, by)
        elif field.number == _CHUNK_META:
            inner = [_moved(f, by) if f.number in _META_OFFSETS else f for f in field.value]
            field = field._replace(value=inner)
        found.append(field)
    return found


def _moved(field: _Field, by: int) -> _Field:
    # nought is no position: nothing begins before the magic bytes
    return field._replace(value=field.value + by) if field.value else field


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise Damaged("the footer ends too early")
        self.at += 1
        return self.data[self.at - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def integer(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def taken(self, length: int) -> bytes:
        self.at += length
        if self.at > len(self.data):
            raise Damaged("the footer ends too early")
        return self.data[self.at - length : self.at]

    def struct(self) -> list[_Field]:
        found: list[_Field] = []
        number = 0
        while heading := self.byte():
            number = number + (heading >> 4) if heading >> 4 else self.integer()
            kind = heading & 15
            value = kind == _TRUE if kind in (_TRUE, _FALSE) else self.value(kind)
            found.append(_Field(number, kind, value))
        return found

    def value(self, kind: int) -> Any:
        if kind in (_TRUE, _FALSE, _BYTE):  # a truth in a list is a byte
            return self.byte()
        if kind in (_I16, _I32, _I64):
            return self.integer()
        if kind == _DOUBLE:
            return self.taken(8)
        if kind == _BINARY:
            return self.taken(self.varint())
        if kind in (_LIST, _SET):
            heading = self.byte()
            size = self.varint() if heading >> 4 == 15 else heading >> 4
            inner = heading & 15
            return _List(inner, [self.value(inner) for _ in range(size)])
        if kind == _STRUCT:
            return self.struct()
        raise Damaged(f"a value of kind {kind}")


class _Writer:
    def __init__(self) -> None:
        self.data = bytearray()

    def varint(self, value: int) -> None:
        while value > 0x7F:
            self.data.append(value & 0x7F | 0x80)
            value >>= 7
        self.data.append(value)

    def integer(self, value: int) -> None:
        self.varint(value << 1 if value >= 0 else (-value << 1) - 1)

    def heading(self, kind: int, number: int, last: int) -> None:
        if 0 < number - last <= 15:
            self.data.append((number - last) << 4 | kind)
        else:
            self.data.append(kind)
            self.integer(number)

    def list_heading(self, kind: int, size: int) -> None:
        self.data.append(min(size, 15) << 4 | kind)
        if size >= 15:
            self.varint(size)

    def struct(self, fields: list[_Field]) -> None:
        last = 0
        for field in fields:
            self.heading(field.kind, field.number, last)
            last = field.number
            if field.kind not in (_TRUE, _FALSE):  # those are their own heading
                self.value(field.kind, field.value)
        self.data.append(0)

    def value(self, kind: int, value: Any) -> None:
        if kind in (_TRUE, _FALSE, _BYTE):
            self.data.append(value)
        elif kind in (_I16, _I32, _I64):
            self.integer(value)
        elif kind == _DOUBLE:
            self.data += value
        elif kind == _BINARY:
            self.varint(len(value))
            self.data += value
        elif kind in (_LIST, _SET):
            self.list_heading(value.kind, len(value.values))
            for inner in value.values:
                self.value(value.kind, inner)
        else:
            self.struct(value)
