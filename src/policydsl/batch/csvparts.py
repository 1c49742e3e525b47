"""How does the next part of CSV files come before DuckDB? Whole rows, cut out of the files; broken ones are set aside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policydsl.batch import chunks
from policydsl.batch.duck import Duck, csv_fault
from policydsl.batch.given import Format, broken, unreadable
from policydsl.batch.parts import FILES, Broken, Part, Place, Stretch
from policydsl.batch.statements import Plan


class _Cut(NamedTuple):
    """Whole rows of a file, with line feeds, and where they stand in it: after so many rows, and up to which byte."""

    number: int
    path: str
    before: int
    data: bytes
    end: int


class CsvFiles:
    """CSV files with the same heading. `columns` are its names."""

    def __init__(self, paths: Sequence[str], sizes: Sequence[int], form: Format) -> None:
        self.paths = paths
        self.sizes = sizes
        self.form = form
        self.headings = [self._heading(path) for path in paths]
        self.columns = self.headings[0][0]

    def _heading(self, path: str) -> tuple[list[str], int]:
        try:
            return chunks.heading(path, self.form)
        except OSError as error:
            raise unreadable(path, error) from None

    def take(
        self, duck: Duck, plan: Plan, place: Place, temporary: str
    ) -> tuple[Part, list[Broken], Place | None]:
        """Make the part that begins at `place` the one to be answered, less its broken rows, and say where the next begins.
        Raises BatchError."""
        cuts = list(self._cuts(place))
        pieces = [f"{temporary}.{i}" for i in range(len(cuts))]
        for cut, piece in zip(cuts, pieces, strict=True):
            _write(piece, cut.data)
        aside: list[list[tuple[int, str]]] = [[] for _ in cuts]
        try:
            counts = duck.take_chunks(plan, self.columns, pieces, self.form)
        except duck.error as error:
            if csv_fault(error) is None:
                raise
            for i, cut in enumerate(cuts):
                data, aside[i] = chunks.sorted_out(
                    cut.data, cut.path, cut.before, len(self.columns), self.form
                )
                _write(pieces[i], data)
            counts = self._again(duck, plan, cuts, pieces)
        for piece in pieces:
            os.unlink(piece)
        part: list[Stretch] = []
        for cut, count, rows in zip(cuts, counts, aside, strict=True):
            part += _stretches(
                cut, [row for row, _ in rows], count, part[-1].start + part[-1].count if part else 0
            )
        rest = [
            Broken(cut.number, cut.path, cut.before + row, text)
            for cut, rows in zip(cuts, aside, strict=True)
            for row, text in rows
        ]
        last = cuts[-1]
        after = [last.number + 1, 0, 0]
        if last.data and last.end < self.sizes[last.number]:
            after = [last.number, last.before + counts[-1] + len(aside[-1]), last.end]
        return tuple(part), rest, None if after[0] == len(self.paths) else after

    def _cuts(self, place: Place) -> Iterator[_Cut]:
        """Rows of one file, or small files whole."""
        number, before, offset = place
        taken = 0
        for at in range(number, min(number + FILES, len(self.paths))):
            start = offset if at == number and offset else self.headings[at][1]
            left = self.sizes[at] - start
            if taken and taken + left > chunks.CHUNK:
                return
            data = chunks.chunk(self.paths[at], start, before if at == number else 0)
            yield _Cut(
                at,
                self.paths[at],
                before if at == number else 0,
                chunks.with_line_feeds(data),
                start + len(data),
            )
            taken += len(data)
            if start + len(data) < self.sizes[at]:
                return

    def _again(self, duck: Duck, plan: Plan, cuts: Sequence[_Cut], pieces: Sequence[str]) -> list[int]:
        """Read what is left of the pieces; what is wrong with a row now is told."""
        try:
            return duck.take_chunks(plan, self.columns, pieces, self.form)
        except duck.error as error:
            fault = csv_fault(error)
            own = next(
                (c for c, piece in zip(cuts, pieces, strict=True) if f"{piece}\n" in str(error)), cuts[0]
            )
            if fault is None:
                raise
            raise broken(own.path, own.before + fault[0], fault[1]) from None


def _stretches(cut: _Cut, broken: Sequence[int], count: int, start: int) -> Iterator[Stretch]:
    """The rows between those that were set aside."""
    done = 0
    for i, row in enumerate([*broken, count + len(broken) + 1]):
        rows = row - 1 - i - done
        if rows or not broken:
            yield Stretch(cut.number, cut.path, cut.before + done + i, start + done, rows)
        done += rows


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
