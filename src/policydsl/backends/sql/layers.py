"""Which steps become columns of a subquery, and of which one? Those that are read twice, or stand too deep.

SQL has no names for values inside an expression, so a value that is read twice would be written, and
computed, twice, and what is read twice on ten levels a thousand times. Such a step is a column of a
layer: a subquery that reads the one before it. Everything else is written where it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set

from policydsl.flat import (
    Among,
    Bands,
    Both,
    Choose,
    Column,
    Compare,
    Either,
    Exists,
    Flag,
    Flat,
    Greatest,
    Least,
    Opposite,
    Pick,
    Place,
    SharesBit,
    Step,
    Truth,
    Whole,
    needed,
    reads,
    roots,
)
from policydsl.nodes import Node, node

#: How deep an expression may be: SQLite's parser holds 40 nested CASEs, and sqlglot's writer 60.
DEPTH = 8


@node
class Layers(Node):
    """`columns[k]` are the steps that become columns in layer k + 1, which reads layer k; in layer 0 stand the inputs that
    are there early, in layer 1 the others. `level` says for such a step in which layer it is."""

    columns: tuple[tuple[int, ...], ...]
    level: dict[int, int]


def layers(flat: Flat, early: Set[str] = frozenset()) -> Layers:
    """The layers of the steps that the outputs and givens need, where the inputs `early` are there before the others."""
    steps = flat.steps
    used = needed(steps, roots(flat))
    uses = _uses(flat, used)
    level: dict[int, int] = {}
    below: list[int] = []  # the greatest layer of a column that a step reads, itself included
    depth: list[int] = []
    for i, step in enumerate(steps):
        late = isinstance(step, Column | Flag | Exists) and step.fact not in early
        below.append(max((below[j] for j in reads(step)), default=int(late)))
        depth.append(0)
        if i not in used:
            continue
        deepest = _depth(step, steps, depth, level)
        if deepest > DEPTH:
            for j in reads(step):
                if depth[j] >= DEPTH // 2 and j not in level and not _is_light(steps, j):
                    level[j] = below[j] = below[j] + 1
                    depth[j] = 0
            below[i] = max(below[j] for j in reads(step))
            deepest = _depth(step, steps, depth, level)
        depth[i] = deepest
        if uses[i] > 1 and not _is_light(steps, i):
            level[i] = below[i] = below[i] + 1
            depth[i] = 0
    columns: list[list[int]] = [[] for _ in range(max(level.values(), default=0))]
    for i in sorted(level):
        columns[level[i] - 1].append(i)
    return Layers(tuple(map(tuple, columns)), level)


def _uses(flat: Flat, used: frozenset[int]) -> Counter[int]:
    """How often each step is written when the steps that read it are; twice stands for any more."""
    uses: Counter[int] = Counter()
    for i in used:
        step = flat.steps[i]
        twice = isinstance(step, Bands | Place | Pick | Least | Greatest)
        for j in reads(step):
            uses[j] += 2 if twice else 1
    for given in flat.givens:
        uses[given.holds] += 2
        if given.fails is not None:
            uses[given.fails] += 2
    for output in flat.outputs:
        if output.fails is not None:
            uses[output.fails] += 2
        for column in output.columns:
            uses[column.value] += 2 if column.members else 1
    return uses


def _depth(step: Step, steps: Sequence[Step], depth: Sequence[int], level: dict[int, int]) -> int:
    """How deep the step is written. The arms of one CASE stand side by side, and so do the operands of
    one AND; these add nothing."""
    own = 1
    match step:
        case Bands():
            own = 2 + len(step.edges)
        case Pick() | Place():
            own = 3
        case _:
            own = 1
    found = 0
    for j in reads(step):
        level_of_it = depth[j]
        if (
            isinstance(step, Choose)
            and j == step.otherwise
            and isinstance(steps[j], Choose)
            and j not in level
        ) or (isinstance(step, Both | Either) and type(steps[j]) is type(step) and j not in level):
            level_of_it -= 1
        found = max(found, level_of_it)
    return found + own if reads(step) else 0


def _is_light(steps: Sequence[Step], i: int) -> bool:
    """Whether the step costs no more to write again than its column's name."""
    step = steps[i]
    match step:
        case Column() | Whole() | Truth() | Flag() | Exists():
            return True
        case Opposite():
            return isinstance(steps[step.operand], Flag | Exists)
        case Among() | SharesBit():
            return False
        case Compare():
            return isinstance(steps[step.left], Column | Whole) and isinstance(
                steps[step.right], Column | Whole
            )
        case _:
            return False
