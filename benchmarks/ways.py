"""What is a way to compute a workload, and how are several timed fairly against each other?"""

from __future__ import annotations

import ctypes
import gc
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Any

import numpy as np


@dataclass
class Way:
    """`run` computes `rows` rows, in this form already; `answers` turns what it gave into columns of 分. A `run` that gives
    a pair of seconds and answers has taken the time itself. `checked`: the answers are to be the exact ones. `first`, if
    any, is what is run to check them: the same, with what puts them in order."""

    name: str
    rows: int
    run: Callable[[], Any]
    answers: Callable[[Any], Mapping[str, Any]] = field(default=lambda given: given)
    checked: bool = True
    timed_inside: bool = False
    first: Callable[[], Any] | None = None
    best: float = math.inf
    worked: float = math.inf
    wrong: int | None = None

    @property
    def a_row(self) -> float:
        """Seconds of the best round, a row."""
        return self.best / self.rows

    @property
    def worked_a_row(self) -> float:
        """Seconds of the processors, of all threads together, in the round that took least of them, a row."""
        return math.inf if self.timed_inside else self.worked / self.rows


#: Ways that take longer than this are not run in every round.
SLOW, SLOW_ROUNDS = 1.0, 3
#: Ways that are quicker than this are run so many times at once.
QUICK, AT_ONCE = 0.3, 3


def measure(ways: Sequence[Way], rounds: int, expected: Mapping[str, Any] | None = None) -> None:
    """Run the ways in turn, `rounds` times, after once untimed when their answers are compared; note each way's best
    time, and how many of its rows are not the expected ones."""
    for way in ways:
        start = perf_counter()
        given = (way.first or way.run)()
        if expected is not None and way.checked:
            way.wrong = wrong_rows(way.answers(given), expected, way.rows)
        del given
        said(f"  {way.name}: first run {perf_counter() - start:.2f} s")
    gc.collect()
    gc.disable()
    try:
        for round_ in range(rounds):
            for way in ways:
                if round_ < SLOW_ROUNDS or way.best < SLOW:
                    for _ in range(AT_ONCE if way.best < QUICK else 1):
                        once(way)
    finally:
        gc.enable()


def keep_memory() -> bool:
    """Have the C library keep what is freed, so that no way pays for memory that the system hands out anew: what that
    costs differs by the hour, and can be more than all arithmetic. Whether it could be told."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False
    trim_threshold, mmap_max = -1, -4
    return bool(mallopt(trim_threshold, 2**31 - 1) and mallopt(mmap_max, 0))


def once(way: Way) -> None:
    """Run a way, and note its time if it is the best."""
    start, working = perf_counter(), process_time()
    given = way.run()
    seconds, worked = perf_counter() - start, process_time() - working
    way.best = min(way.best, given[0] if way.timed_inside else seconds)
    way.worked = min(way.worked, worked)


def wrong_rows(given: Mapping[str, Any], expected: Mapping[str, Any], rows: int) -> int:
    """How many rows have a result that is not the expected one, to the 分."""
    wrong = np.zeros(rows, np.bool_)
    for name, column in expected.items():
        wrong |= np.asarray(given[name]) != column[:rows]
    return int(wrong.sum())


def said(text: str) -> None:
    """What is going on, for whoever waits."""
    print(text, file=sys.stderr, flush=True)
