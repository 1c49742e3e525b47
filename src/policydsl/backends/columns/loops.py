"""How are the lines that compute a row laid out in loops? By blocks of rows; arithmetic and look-ups by turns.

A compiler computes eight rows at once in a loop of arithmetic, but one row after the other in a loop that reads
tables as well. So the lines are dealt out into stages: those of an even number are arithmetic, those of an odd one read
tables. What a later stage needs of an earlier one waits in an array as long as a block, which stays in the
processor's nearest cache.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policydsl.backends.python.templates import code, constant

#: Rows of a block. Tables, and what waits between stages, share the nearest cache with it; and before each block arrays are
#: compared, each with each, lest they overlap: where they are more than `_FEW`, blocks are longer.
_WITH_TABLES, _PLAIN, _WITH_MANY, _FEW = 256, 1024, 8192, 8


@dataclass(frozen=True, slots=True)
class _Line:
    """A statement about the row at `i`, made of `template`: `target` and `value`, which `reads` targets of other lines
    and what is given. `dtype` is that of a variable, "" where the target is none."""

    template: str
    target: str
    value: ast.expr
    dtype: str
    stage: int
    reads: frozenset[str]


class Lines:
    """The lines of a row, in an order in which each reads only those before it. `given` are expressions of arrays at
    `i` that every stage can read anew, by name."""

    def __init__(self) -> None:
        self.given: dict[str, ast.expr] = {}
        self._lines: list[_Line] = []
        self._stage: dict[str, int] = {}
        #: variables that a later stage reads
        self._waiting: set[str] = set()

    def compute(self, target: str, value: ast.expr, dtype: str) -> None:
        """A line of arithmetic."""
        stage = self._latest(value)
        self._variable(target, value, dtype, stage + stage % 2)

    def look_up(self, target: str, value: ast.expr) -> None:
        """A line that reads a table; one that reads what another has looked up follows it in the same stage."""
        stage = self._latest(value)
        self._variable(target, value, "int64", stage if stage % 2 else stage + 1)

    def store(self, array: str, value: ast.expr) -> None:
        """A line that stores a result."""
        self._add("X[i] = VALUE", array, value, "", self._latest(value))

    def check(self, wrong: ast.expr) -> None:
        """A line that notes whether what is given is wrong: below 0 where it is."""
        self._add("X |= VALUE", "bad", wrong, "", 0)

    def _variable(self, target: str, value: ast.expr, dtype: str, stage: int) -> None:
        self._add("X = VALUE", target, value, dtype, stage)
        self._stage[target] = stage

    def _add(self, template: str, target: str, value: ast.expr, dtype: str, stage: int) -> None:
        reads = self._reads(value)
        self._waiting.update(name for name in reads if self._stage.get(name, stage) < stage)
        self._lines.append(_Line(template, target, value, dtype, stage, reads))

    def _reads(self, value: ast.expr) -> frozenset[str]:
        names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        return frozenset(names & (self._stage.keys() | self.given.keys()))

    def _latest(self, value: ast.expr) -> int:
        return max((self._stage.get(name, 0) for name in self._reads(value)), default=0)

    def blocks(self, arrays: Sequence[str], highest: Mapping[str, int]) -> list[ast.stmt]:
        """The statements that compute `count` rows and return whether all is right with them. `arrays` have an element a
        row, and are called `all_…` whole; no element of those in `highest` may be greater. Where a row is not right,
        the function ends before a table is read at a place that the table may not have."""
        stages = sorted({0} | {line.stage for line in self._lines})
        rows = _WITH_TABLES if len(stages) > 1 else _PLAIN if len(arrays) <= _FEW else _WITH_MANY
        block = constant(rows)
        body: list[ast.stmt] = []
        for array in arrays:
            body += code("A = WHOLE[start:start + n]", A=array, WHOLE=f"all_{array}")
        for array, high in highest.items():
            body += code(
                "top = np.uint8(0)\nfor i in range(n):\n    top = max(top, A[i])\nif top > HIGH:\n    return False",
                A=array,
                HIGH=constant(high),
            )
        for stage in stages:
            body += code("for i in range(n):\n    LINES", LINES=self._of(stage) or [ast.Pass()])
            if not stage:
                body += code("if bad < 0:\n    return False")
        waiting: list[ast.stmt] = []
        for line in self._lines:
            if line.target in self._waiting:
                waiting += code("K = np.empty(BLOCK, np.DTYPE)", K=_kept(line), BLOCK=block, DTYPE=line.dtype)
        return code(
            "bad = np.int64(0)\nWAITING\nfor start in range(0, count, BLOCK):\n"
            "    n = min(BLOCK, count - start)\n    BODY\nreturn True",
            WAITING=waiting,
            BLOCK=block,
            BODY=body,
        )

    def _of(self, stage: int) -> list[ast.stmt]:
        """The statements of a stage for a row, what it reads of others before them."""
        lines = [line for line in self._lines if line.stage == stage]
        reads = frozenset[str]().union(*(line.reads for line in lines))
        body: list[ast.stmt] = []
        for name, value in self.given.items():
            if name in reads:
                body += code("X = VALUE", X=name, VALUE=value)
        for line in self._lines:
            if line.target in self._waiting & reads and line.stage < stage:
                body += code("X = K[i]", X=line.target, K=_kept(line))
        for line in lines:
            body += code(line.template, X=line.target, VALUE=line.value)
            if line.target in self._waiting:
                body += code("K[i] = X", K=_kept(line), X=line.target)
        return body


def _kept(line: _Line) -> str:
    return f"kept_{line.target}"
