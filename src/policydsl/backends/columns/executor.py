"""How does a table become its answers? Read, computed by whichever engine is quicker, given back in its kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

from policydsl.backends.columns import numpy_blocks
from policydsl.backends.columns.reading import read
from policydsl.backends.columns.ready import Answers, Ready
from policydsl.backends.columns.tables import opened
from policydsl.backends.columns.writing import Bad, bad_rows, written
from policydsl.flat import Flat, Spelling

Engine = Literal["auto", "numpy", "numba"]
#: From how many rows on, in all calls together, numba repays being loaded.
REPAID = 20_000_000


@dataclass(frozen=True, slots=True)
class Answered:
    """The rows that have no answer, by what is wrong with them, and a table of the others' answers (and null)."""

    bad: tuple[Bad, ...]
    table: Callable[[], Any]


class Executor:
    """A `Flat` ready for tables. `seen` is how many rows there were so far."""

    def __init__(
        self,
        flat: Flat,
        spellings: Mapping[str, Spelling],
        *,
        decimals: bool,
        mark: bool,
        engine: Engine,
        threads: int | None,
    ) -> None:
        self.flat = flat
        self.spellings = spellings
        self.decimals = decimals
        self.mark = mark
        self.engine = engine
        self.threads = threads or _processors()
        self.seen = 0
        self._compiled: Any = None
        self._steps: Any = None

    def answered(self, table: Any, fixed: Mapping[str, object]) -> Answered:
        """The answers to all rows of a table."""
        source, rebuilt = opened(table)
        output = self.flat.outputs[0].key if self.flat.outputs else self.flat.name
        answers = self._run(read(self.flat, self.spellings, source, fixed, output))
        return Answered(
            tuple(bad_rows(answers, self.flat)),
            lambda: rebuilt(list(written(self.flat, answers, decimals=self.decimals, mark=self.mark))),
        )

    def _run(self, ready: Ready) -> Answers:
        self.seen += ready.count
        if not self._takes_numba():
            return numpy_blocks.run(self.flat, ready)
        from policydsl.backends.columns.jit import Compiled

        if self._compiled is None:
            self._compiled = Compiled(self.flat)
        answers: Answers = self._compiled.run(ready, self.threads)
        return answers

    def _takes_numba(self) -> bool:
        if self.engine != "auto":
            return self.engine == "numba"
        return self._compiled is not None or (self.seen >= REPAID and find_spec("numba") is not None)

    def lazy(self, table: Any, fixed: Mapping[str, object]) -> Any:
        """A lazy frame of the answers to a lazy frame's rows, computed when it is collected."""
        from policydsl.backends.columns.lazy import Steps, computed

        if self._steps is None:  # with hundreds of bands they take as long as a million rows
            self._steps = Steps(self.flat)
        return computed(self._steps, self.spellings, table, fixed, decimals=self.decimals)


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
