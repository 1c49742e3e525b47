"""What do the executors take and give? Columns of integers, and a note of the rows that cannot be answered.

NumPy is imported here and in the modules beside this one only; the compiler does without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from policydsl.flat import Flat, InputColumn
from policydsl.kinds import MemberOf, YesNo

Array: TypeAlias = npt.NDArray[Any]
Problems: TypeAlias = npt.NDArray[np.int32]

#: A problem of a row is its place (inputs in order, then givens) × 16 + its code − 100; 0 is none.
_PLACE = 16
FAILS = "PC108"


def problem(place: int, code: str) -> int:
    return (place + 1) * _PLACE + int(code[2:]) - 100


def place_and_code(value: int) -> tuple[int, str]:
    """The place of the input or the given, and the code."""
    return value // _PLACE - 1, f"PC{value % _PLACE + 100}"


def earlier(first: Problems | None, second: Problems | None) -> Problems | None:
    """Of two problems a row the one that comes first in the order of places."""
    if first is None or second is None:
        return first if second is None else second
    taken = (first == 0) | ((second != 0) & (second < first))
    return np.where(taken, second, first).astype(np.int32, copy=False)


@dataclass
class Ready:
    """Columns that are counted as `InputColumn` says: int64, uint8 for the places in a category of up to 256
    members, bool for yes/no. `exists` has a bool column for an optional input some rows lack. Where a
    row has a problem its value may be anything; no range has been looked at yet."""

    count: int
    values: dict[str, Array]
    exists: dict[str, Array | None] = field(default_factory=dict)
    problems: Problems | None = None

    def rows(self, start: int, stop: int) -> Ready:
        """Some of the rows, without a copy."""
        return Ready(
            stop - start,
            {key: column[start:stop] for key, column in self.values.items()},
            {key: None if c is None else c[start:stop] for key, c in self.exists.items()},
            None if self.problems is None else self.problems[start:stop],
        )


@dataclass
class Answers:
    """For each output where it has no answer (None: nowhere), and its columns by part. Of rows with a problem or
    without an answer they may hold anything."""

    problems: Problems | None
    fails: dict[str, Array | None]
    values: dict[tuple[str, str | None], Array]


def is_small(column: InputColumn) -> bool:
    """Whether the column is one of uint8."""
    return isinstance(column.kind, MemberOf) and len(column.members) <= 256


def dtype_of(column: InputColumn) -> Any:
    return np.bool_ if isinstance(column.kind, YesNo) else np.uint8 if is_small(column) else np.int64


def sound(flat: Flat, ready: Ready) -> Ready:
    """The same rows with what is outside its range or off its grain noted as a problem, and with `safe` in
    place of each value that has one. A column without problems is not copied."""
    problems = ready.problems
    values = dict(ready.values)
    for place, column in enumerate(flat.inputs):
        if isinstance(column.kind, YesNo):
            continue
        given = values[column.key]
        wrong = _wrong(column, given, place)
        exists = ready.exists.get(column.key)
        if wrong is not None and exists is not None:
            wrong[~exists] = 0
        if wrong is not None and wrong.any():
            problems = earlier(problems, wrong)
        else:
            wrong = None
        missing = exists is not None and not exists.all()
        if wrong is not None or missing or ready.problems is not None:
            bad = np.zeros(ready.count, np.bool_) if wrong is None else wrong != 0
            if missing and exists is not None:
                bad |= ~exists
            if ready.problems is not None:
                bad |= ready.problems // _PLACE - 1 == place
            if bad.any():
                values[column.key] = np.where(bad, np.array(column.safe, given.dtype), given)
    if problems is None or not problems.any():
        problems = None
    return Ready(ready.count, values, ready.exists, problems)


def _wrong(column: InputColumn, given: Array, place: int) -> Problems | None:
    """The problem of each value that is out of range or off the grain; None where there is none."""
    if not given.size:
        return None
    code = "PC106" if column.members else "PC104"
    found: Problems | None = None
    low, high = int(given.min()), int(given.max())
    if low < column.low or high > column.high:
        outside = (given < column.low) if low < column.low else np.zeros(given.shape, np.bool_)
        if high > column.high:
            outside |= given > column.high
        found = np.where(outside, problem(place, code), 0).astype(np.int32)
    if column.step > 1:
        off = given % column.step != 0
        if off.any():
            wrong = np.where(off, problem(place, "PC109" if column.free else "PC105"), 0).astype(np.int32)
            found = wrong if found is None else np.where(found != 0, found, wrong).astype(np.int32)
    return found


def blocks(count: int, size: int) -> Iterator[tuple[int, int]]:
    """Where each block of rows begins and ends."""
    for start in range(0, count, size):
        yield start, min(start + size, count)
