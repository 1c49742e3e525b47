"""What are the answers to many cases? Step by step with NumPy, in blocks of rows that stay in the cache.

Every step is one or a few calls on a block of integers, into buffers that are used again when what they
hold is no longer read. Upper bands are computed for the few rows that reach them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, assert_never

import numpy as np

from policydsl import flat as f
from policydsl.backends.columns.ready import (
    FAILS,
    Answers,
    Array,
    Problems,
    Ready,
    blocks,
    earlier,
    is_small,
    problem,
    sound,
)
from policydsl.backends.columns.search import FEW, Line, Segments, buckets, line, segments

#: Rows in a block: some columns of it fit into the cache of a core, and the calls are few.
BLOCK = 32_768

_Operation: TypeAlias = Callable[[], None]
_COMPARE: dict[str, Any] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater,
    ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


def run(flat: f.Flat, ready: Ready) -> Answers:
    """The answers to all rows."""
    count = ready.count
    kinds = _dtypes(flat)
    answers = Answers(
        None if ready.problems is None else ready.problems.copy(),
        {o.key: None if o.fails is None else np.empty(count, np.bool_) for o in flat.outputs},
        {
            (o.key, c.part): np.empty(count, np.bool_ if f.is_truth(flat.steps[c.value]) else np.int64)
            for o in flat.outputs
            for c in o.columns
        },
    )
    machine: _Machine | None = None
    for start, stop in blocks(count, BLOCK):
        block = sound(flat, ready.rows(start, stop))
        if machine is None or machine.size != stop - start:
            machine = _Machine(flat, kinds, stop - start)
        machine.compute(block)
        found = earlier(block.problems, machine.judged())
        if found is not None and found.any():
            if answers.problems is None:
                answers.problems = np.zeros(count, np.int32)
            answers.problems[start:stop] = found
        for output in flat.outputs:
            failing = answers.fails[output.key]
            if failing is not None and output.fails is not None:
                failing[start:stop] = machine.value(output.fails)
            for column in output.columns:
                answers.values[output.key, column.part][start:stop] = machine.value(column.value)
    return answers


def _dtypes(flat: f.Flat) -> list[Any]:
    """What each step is kept in: uint8 for what is computed of places alone and fits, else int64; bool."""
    small = {column.key for column in flat.inputs if is_small(column)}
    kinds: list[Any] = []
    for step, (low, high) in zip(flat.steps, flat.ranges, strict=True):
        fits = low >= 0 and high <= 255
        match step:
            case f.Column():
                kinds.append(np.uint8 if step.fact in small else np.int64)
            case f.Whole():
                kinds.append(np.uint8 if fits else np.int64)
            case f.Sum() | f.Difference() | f.Product() | f.Least() | f.Greatest() | f.Choose():
                operands = [i for i in f.reads(step) if not f.is_truth(flat.steps[i])]
                computed = any(not isinstance(flat.steps[i], f.Whole) for i in operands)
                narrow = fits and computed and all(kinds[i] is np.uint8 for i in operands)
                kinds.append(np.uint8 if narrow else np.int64)
            case f.Quotient() | f.Bands():
                kinds.append(np.int64)
            case f.Place() | f.Pick():
                kinds.append(np.uint8 if fits else np.int64)
            case _:
                kinds.append(np.bool_)
    return kinds


class _Machine:
    """The steps made ready for blocks of `size` rows."""

    def __init__(self, flat: f.Flat, kinds: Sequence[Any], size: int) -> None:
        self.flat = flat
        self.kinds = kinds
        self.size = size
        self.held: list[Any] = [None] * len(flat.steps)
        self.wide: dict[int, Array] = {}
        self.block: Ready
        self._free: dict[Any, list[Array]] = {}
        self._last = self._last_reads()
        self._own: dict[int, Array] = {}
        self.operations: list[_Operation] = []
        for i, step in enumerate(flat.steps):
            self._prepare(i, step)
            for j in set(f.reads(step)):
                if self._last[j] == i:
                    self._release(j)

    def compute(self, block: Ready) -> None:
        self.block = block
        for operation in self.operations:
            operation()

    def value(self, i: int) -> Any:
        return self.held[i]

    def judged(self) -> Problems | None:
        """The first given that each row violates."""
        found: Problems | None = None
        for g, given in enumerate(self.flat.givens):
            place = len(self.flat.inputs) + g
            fails = False if given.fails is None else self.held[given.fails]
            broken = np.where(
                fails, problem(place, FAILS), np.where(self.held[given.holds], 0, problem(place, "PC107"))
            )
            broken = np.broadcast_to(broken, self.size).astype(np.int32)
            if broken.any():
                found = earlier(found, broken)
        return found

    # buffers

    def _last_reads(self) -> list[int]:
        """After which step each value is not read any more."""
        last = list(range(len(self.flat.steps)))
        for i, step in enumerate(self.flat.steps):
            for j in f.reads(step):
                last[j] = i
        for root in f.roots(self.flat):
            last[root] = len(self.flat.steps)
        return last

    def _buffer(self, dtype: Any) -> Array:
        free = self._free.setdefault(dtype, [])
        return free.pop() if free else np.empty(self.size, dtype)

    def _release(self, i: int) -> None:
        own = self._own.pop(i, None)
        if own is not None:
            self._free[own.dtype.type].append(own)
        wide = self.wide.pop(i, None)
        if wide is not None:
            self._free[np.int64].append(wide)

    def _out(self, i: int) -> Array:
        """The buffer that step `i` is computed into."""
        out = self._buffer(self.kinds[i])
        self._own[i] = self.held[i] = out
        return out

    # operands

    def _known(self, i: int) -> int | None:
        step = self.flat.steps[i]
        return step.value if isinstance(step, f.Whole) else None

    def _operand(self, i: int, dtype: Any = np.int64) -> Callable[[], Any]:
        """How an integer is had in `dtype`, as a figure or as a column."""
        known = self._known(i)
        if known is not None:
            return lambda: known
        if self.kinds[i] is dtype or dtype is not np.int64:
            return lambda: self.held[i]
        if i not in self.wide:
            wide = self.wide[i] = self._buffer(np.int64)

            def widen() -> None:
                np.copyto(wide, self.held[i])

            self.operations.append(widen)
        wide = self.wide[i]
        return lambda: wide

    # one step

    def _prepare(self, i: int, step: f.Step) -> None:
        held, add = self.held, self.operations.append
        match step:
            case f.Column() | f.Flag():
                key = step.fact

                def column() -> None:
                    held[i] = self.block.values[key]

                add(column)
            case f.Exists():
                key = step.fact

                def exists() -> None:
                    given = self.block.exists.get(key)
                    held[i] = np.ones(self.size, np.bool_) if given is None else given

                add(exists)
            case f.Whole() | f.Truth():
                held[i] = step.value
            case f.Sum():
                self._pair(i, np.add, step.left, step.right)
            case f.Difference():
                self._pair(i, np.subtract, step.left, step.right)
            case f.Product():
                self._pair(i, np.multiply, step.left, step.right)
            case f.Least():
                self._pair(i, np.minimum, step.left, step.right)
            case f.Greatest():
                self._pair(i, np.maximum, step.left, step.right)
            case f.Quotient():
                self._quotient(i, step)
            case f.Choose():
                self._choose(i, step)
            case f.Place():
                self._place(i, step)
            case f.Pick():
                self._pick(i, step)
            case f.Bands():
                self._bands(i, step)
            case f.Compare():
                narrow = self._narrow(step.left, step.right)
                left, right = self._operand(step.left, narrow), self._operand(step.right, narrow)
                self._call(_COMPARE[step.op], left, right, self._out(i))
            case f.Both():
                self._call(np.logical_and, lambda: held[step.left], lambda: held[step.right], self._out(i))
            case f.Either():
                self._call(np.logical_or, lambda: held[step.left], lambda: held[step.right], self._out(i))
            case f.Opposite():
                out = self._out(i)
                add(lambda: _not(held[step.operand], out))
            case f.Among():
                self._among(i, step)
            case f.SharesBit():
                out, bits, scratch = self._out(i), step.bits, np.empty(self.size, np.int64)
                mask = self._operand(step.operand)

                def shares() -> None:
                    np.bitwise_and(mask(), bits, out=scratch)
                    np.not_equal(scratch, 0, out=out)

                add(shares)
            case _:
                assert_never(step)

    def _narrow(self, left: int, right: int) -> Any:
        """The type two integers are compared or computed in."""
        both = all(self.kinds[i] is np.uint8 for i in (left, right))
        return np.uint8 if both else np.int64

    def _call(self, function: Any, left: Callable[[], Any], right: Callable[[], Any], out: Array) -> None:
        def call() -> None:
            function(left(), right(), out=out)

        self.operations.append(call)

    def _pair(self, i: int, function: Any, a: int, b: int) -> None:
        left, right = self._operand(a, self.kinds[i]), self._operand(b, self.kinds[i])
        self._call(function, left, right, self._out(i))

    def _quotient(self, i: int, step: f.Quotient) -> None:
        left, right = self._operand(step.left), self._operand(step.right)
        known = self._known(step.right)
        out = self._out(i)
        unsigned = out.view(np.uint64)
        if known is not None and known & (known - 1) == 0:
            shift = known.bit_length() - 1
            self.operations.append(lambda: _into(np.right_shift, left(), shift, out))
        elif known is not None:
            divisor = np.uint64(known)
            self.operations.append(
                lambda: _into(np.floor_divide, np.asarray(left()).view(np.uint64), divisor, unsigned)
            )
        else:
            self.operations.append(lambda: _into(np.floor_divide, left(), right(), out))

    def _choose(self, i: int, step: f.Choose) -> None:
        kind = self.kinds[i]
        then, otherwise = self._operand(step.then, kind), self._operand(step.otherwise, kind)
        out = self._out(i)

        def choose() -> None:
            np.copyto(out, otherwise())
            np.copyto(out, then(), where=self.held[step.test])

        self.operations.append(choose)

    def _place(self, i: int, step: f.Place) -> None:
        value = self._operand(step.value)
        out = self._out(i)
        if len(step.edges) <= FEW:
            test = np.empty(self.size, np.bool_)

            def count() -> None:
                given = value()
                np.greater_equal(given, step.edges[0], out=test)
                np.copyto(out, test)
                for edge in step.edges[1:]:
                    np.greater_equal(given, edge, out=test)
                    np.add(out, test, out=out)

            self.operations.append(count)
            return
        search = searcher(step.edges)
        self.operations.append(lambda: np.copyto(out, search(value()), casting="unsafe"))

    def _pick(self, i: int, step: f.Pick) -> None:
        index = self._operand(step.index, self.kinds[step.index])
        out = self._out(i)
        table = np.array(step.values, dtype=self.kinds[i])
        self.operations.append(lambda: _take(table, index(), out))

    def _among(self, i: int, step: f.Among) -> None:
        operand = self._operand(step.operand, self.kinds[step.operand])
        out = self._out(i)
        low, high = step.values[0], step.values[-1]
        if len(step.values) == high - low + 1:
            other = np.empty(self.size, np.bool_)

            def between() -> None:
                np.greater_equal(operand(), low, out=out)
                np.less_equal(operand(), high, out=other)
                np.logical_and(out, other, out=out)

            self.operations.append(between)
            return
        table = np.zeros(self.flat.ranges[step.operand][1] + 1, np.bool_)
        table[list(step.values)] = True
        self.operations.append(lambda: _take(table, operand(), out))

    def _bands(self, i: int, step: f.Bands) -> None:
        """Many bands between figures are found by the bucket of the amount."""
        figures = [known for edge in step.edges if (known := self._known(edge)) is not None]
        between_figures = len(figures) == len(step.edges) > FEW
        if between_figures and (found := segments(figures, step.rates)) is not None:
            self._segments(i, step, found)
        else:
            self._from_first(i, step)

    def _from_first(self, i: int, step: f.Bands) -> None:
        """The first band for every row, the bands above it for the rows that reach them."""
        amount = self._operand(step.amount)
        first = self._operand(step.edges[0])
        column = self._operand(step.column, self.kinds[step.column])
        one_column = self._known(step.column) is not None
        rates = [np.array([row[k] for row in step.rates], np.int64) for k in range(len(step.edges))]
        upper = [self._operand(edge) for edge in step.edges[1:]]
        figures = [known for edge in step.edges[1:] if (known := self._known(edge)) is not None]
        out = self._out(i)
        factor = np.empty(self.size, np.int64)
        test = np.empty(self.size, np.bool_)
        # what the bands above the first pay more than the first rate would
        more = [[rate - row[0] for rate in row[1:]] for row in step.rates]
        lines = line(figures, more) if upper and len(figures) == len(upper) else None
        above = None if lines is None or len(lines.edges) <= FEW else _upper(lines)
        steps = [np.array([_less(row, k) for row in step.rates], np.int64) for k in range(len(step.edges))]

        def bands() -> None:
            x = amount()
            np.subtract(x, first(), out=out)
            np.maximum(out, 0, out=out)
            if one_column:
                np.multiply(out, step.rates[0][0], out=out)
            else:
                _take(rates[0], column(), factor)
                np.multiply(out, factor, out=out)
            if not upper:
                return
            np.greater(x, upper[0](), out=test)
            reached = np.flatnonzero(test)
            if not reached.size:
                return
            xs = x[reached]
            columns = None if one_column else column()[reached]
            if above is not None:
                extra = above(xs, columns)
            else:
                extra = np.zeros(reached.size, np.int64)
                for k, edge in enumerate(upper, 1):
                    given = edge()
                    part = np.maximum(xs - (given if isinstance(given, int) else given[reached]), 0)
                    part *= steps[k][0] if columns is None else steps[k][columns]
                    extra += part
            out[reached] += extra

        self.operations.append(bands)

    def _segments(self, i: int, step: f.Bands, found: Segments) -> None:
        """Bands by bucket: rate × amount + base, and what an edge in the bucket adds."""
        amount = self._operand(step.amount)
        column = None if self._known(step.column) is not None else self._operand(step.column)
        own, places = found.buckets, len(found.buckets.starts)
        following = np.array(own.next, np.int64)
        rates, bases, steps = (
            np.array(table, np.int64).ravel() for table in (found.rates, found.bases, found.steps)
        )
        out = self._out(i)
        place, index, part = (np.empty(self.size, np.int64) for _ in range(3))

        def by_bucket() -> None:
            x = amount()
            np.subtract(x, own.low, out=place)
            np.maximum(place, 0, out=place)
            np.right_shift(place, own.shift, out=place)
            np.minimum(place, places - 1, out=place)
            at = place
            if column is not None:
                at = np.multiply(column(), places, out=index)
                np.add(index, place, out=index)
            _take(following, place, part)
            np.subtract(x, part, out=part)
            np.maximum(part, 0, out=part)
            _take(steps, at, out)
            np.multiply(out, part, out=out)
            _take(bases, at, part)
            np.add(out, part, out=out)
            _take(rates, at, part)
            np.multiply(part, x, out=part)
            np.add(out, part, out=out)

        self.operations.append(by_bucket)


def _less(row: Sequence[int], k: int) -> int:
    return row[k] - (row[k - 1] if k else 0)


def _into(function: Any, left: Any, right: Any, out: Array) -> None:
    function(left, right, out=out)


def _not(given: Any, out: Array) -> None:
    np.logical_not(given, out=out)


def _take(table: Array, index: Any, out: Array) -> None:
    # the index is proved to lie in the table; "clip" only spares a copy of the output
    table.take(index, out=out, mode="clip")


def searcher(edges: Sequence[int]) -> Callable[[Array], Array]:
    """How many of many edges are not above each number."""
    found = buckets(edges)
    array = np.array(edges, np.int64)
    if found is None:
        return lambda values: np.searchsorted(array, values, side="right")
    starts, following = np.array(found.starts, np.int64), np.array(found.next, np.int64)

    def search(values: Array) -> Array:
        inside = np.clip(values, found.low, found.high)
        bucket = (inside - found.low) >> found.shift
        return starts.take(bucket) + (inside >= following.take(bucket))

    return search


def _upper(lines: Line) -> Callable[[Array, Array | None], Array]:
    search = searcher(lines.edges)
    rates, bases = np.array(lines.rates, np.int64), np.array(lines.bases, np.int64)
    width = rates.shape[1]
    rates, bases = rates.ravel(), bases.ravel()

    def above(values: Array, columns: Array | None) -> Array:
        index = search(values)
        if columns is not None:
            index = index + columns.astype(np.int64) * width
        return rates.take(index) * values + bases.take(index)

    return above
