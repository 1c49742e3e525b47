"""Which rows make the next part? A part is computed, written and noted as a whole."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from policydsl.nodes import Node, node

#: A part of Parquet files is as many whole row groups as come to so many rows, or so many whole files.
PART, FILES = 10 * 122_880, 1_000

#: Where a part begins: the number of a file, the rows of it that stand before, and for CSV a byte of it.
Place: TypeAlias = list[int]


@node
class Stretch(Node):
    """Rows of one file that stand together: those after its first `before`. They are `count`, after the first `start` of
    their part."""

    number: int
    path: str
    before: int
    start: int
    count: int


Part: TypeAlias = tuple[Stretch, ...]


@node
class Broken(Node):
    """A row of a CSV file that has not as many cells as the heading: its file, its number there, and its text."""

    number: int
    path: str
    row: int
    text: str


def parquet_parts(
    paths: Sequence[str], groups: Callable[[int], Sequence[int]], place: Place
) -> Iterator[tuple[Part, Place | None]]:
    """The parts from `place` on, each with where the next begins (None: nowhere). `groups` says how many rows each row
    group of a file has. Of files larger than a part a part has row groups, of small ones whole files."""
    after: Place | None = place
    while after is not None:
        number, row, _ = after
        counts = groups(number)
        if row or sum(counts) > PART:
            taken = _whole_groups(counts, row)
            part: Part = (Stretch(number, paths[number], row, 0, taken),)
            after = [number, row + taken, 0] if row + taken < sum(counts) else [number + 1, 0, 0]
        else:
            part = tuple(_whole_files(paths, groups, number))
            after = [number + len(part), 0, 0]
        if after[0] == len(paths):
            after = None
        yield part, after


def _whole_groups(counts: Sequence[int], row: int) -> int:
    at = taken = 0
    for rows in counts:
        if at >= row:
            if taken >= PART:
                break
            taken += rows
        at += rows
    return taken


def _whole_files(
    paths: Sequence[str], groups: Callable[[int], Sequence[int]], number: int
) -> Iterator[Stretch]:
    start = 0
    for at in range(number, min(number + FILES, len(paths))):
        rows = sum(groups(at))
        if start and start + rows > PART:
            return
        yield Stretch(at, paths[at], 0, start, rows)
        start += rows


def found(part: Part, row: int) -> tuple[int, int]:
    """The number of the file that has the row `row` of a part, counted from 1, and the number of the row in it."""
    own = part[bisect_left([stretch.start for stretch in part], row) - 1]
    return own.number, row - own.start + own.before
