"""Which steps are there so far, and within which bounds does each lie? Every step once, folded where it is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from policydsl.expressions import CompareOp
from policydsl.flat import (
    GREATEST,
    LEAST,
    Among,
    Bands,
    Both,
    Choose,
    Compare,
    Difference,
    Either,
    Greatest,
    Least,
    Opposite,
    Pick,
    Place,
    Product,
    Quotient,
    SharesBit,
    Step,
    Sum,
    Truth,
    Whole,
    is_truth,
)
from policydsl.nodes import Span

_OPPOSITE: dict[CompareOp, CompareOp] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
V = TypeVar("V")


class TooWide(Exception):
    """An integer that 64 bits may not hold: the steps it would be computed from, and for whom."""

    def __init__(self, reads: Sequence[int], definition: str, span: Span | None) -> None:
        super().__init__(definition)
        self.reads = tuple(reads)
        self.definition = definition
        self.span = span


class Builder:
    """Steps in the order they were asked for. A step that is asked for again is the one there is; one whose
    value the ranges tell is that value. `definition` and `span` say what is being flattened."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.ranges: list[tuple[int, int]] = []
        self.definition = ""
        self.span: Span | None = None
        self._numbers: dict[Step, int] = {}

    def add(self, step: Step, low: int, high: int) -> int:
        """The number of `step`, whose value lies from `low` to `high`."""
        if low == high and not isinstance(step, Whole) and not is_truth(step):
            return self.whole(low)
        number = self._numbers.get(step)
        if number is None:
            number = self._numbers[step] = len(self.steps)
            self.steps.append(step)
            self.ranges.append((low, high))
        return number

    def _integer(self, step: Step, low: int, high: int, *reads: int) -> int:
        if low < LEAST or high > GREATEST:
            raise TooWide(reads, self.definition, self.span)
        return self.add(step, low, high)

    def bounded(self, i: int, low: int, high: int) -> int:
        """Step `i`, of which more is known than its parts tell: in every row it lies from `low` to `high`."""
        old = self.ranges[i]
        low, high = max(old[0], low), min(old[1], high)
        if low == high:
            return self.whole(low)
        self.ranges[i] = (low, high)
        return i

    def low(self, i: int) -> int:
        return self.ranges[i][0]

    def high(self, i: int) -> int:
        return self.ranges[i][1]

    def known(self, i: int) -> int | None:
        """The value of an integer that is the same in every row."""
        step = self.steps[i]
        return step.value if isinstance(step, Whole) else None

    def is_truth(self, i: int) -> bool:
        return is_truth(self.steps[i])

    # integers

    def whole(self, value: int) -> int:
        if not LEAST <= value <= GREATEST:
            raise TooWide((), self.definition, self.span)
        return self.add(Whole(value), value, value)

    def sum(self, a: int, b: int) -> int:
        if self.known(a) == 0:
            return b
        if self.known(b) == 0:
            return a
        return self._integer(Sum(a, b), self.low(a) + self.low(b), self.high(a) + self.high(b), a, b)

    def difference(self, a: int, b: int) -> int:
        if self.known(b) == 0:
            return a
        if a == b:
            return self.whole(0)
        return self._integer(Difference(a, b), self.low(a) - self.high(b), self.high(a) - self.low(b), a, b)

    def product(self, a: int, b: int) -> int:
        if self.known(a) is not None:
            a, b = b, a
        factor = self.known(b)
        if factor == 1:
            return a
        chosen = self.steps[a]
        if factor is not None and isinstance(chosen, Pick):
            return self.pick(chosen.index, [value * factor for value in chosen.values])
        corners = [x * y for x in self.ranges[a] for y in self.ranges[b]]
        low = max(min(corners), 0) if a == b else min(corners)
        return self._integer(Product(a, b), low, max(corners), a, b)

    def times(self, a: int, factor: int) -> int:
        return self.product(a, self.whole(factor))

    def negative(self, a: int) -> int:
        return self.difference(self.whole(0), a)

    def quotient(self, a: int, d: int) -> int:
        """a // d, where a is not below 0 and d is not below 1."""
        assert self.low(a) >= 0
        assert self.low(d) >= 1
        if self.known(d) == 1:
            return a
        return self.add(Quotient(a, d), self.low(a) // self.high(d), self.high(a) // self.low(d))

    def least(self, a: int, b: int) -> int:
        if a == b or self.high(a) <= self.low(b):
            return a
        if self.high(b) <= self.low(a):
            return b
        low, high = min(self.low(a), self.low(b)), min(self.high(a), self.high(b))
        return self.add(Least(a, b), low, high)

    def greatest(self, a: int, b: int) -> int:
        if a == b or self.low(a) >= self.high(b):
            return a
        if self.low(b) >= self.high(a):
            return b
        low, high = max(self.low(a), self.low(b)), max(self.high(a), self.high(b))
        return self.add(Greatest(a, b), low, high)

    def choose(self, test: int, then: int, otherwise: int) -> int:
        """One of two integers, or of two truths."""
        known = self.certain(test)
        if known is not None:
            return then if known else otherwise
        if then == otherwise:
            return then
        if self.is_truth(then):
            return self.either(self.both(test, then), self.both(self.opposite(test), otherwise))
        low = min(self.low(then), self.low(otherwise))
        high = max(self.high(then), self.high(otherwise))
        return self.add(Choose(test, then, otherwise), low, high)

    def place(self, value: int, edges: Sequence[int]) -> int:
        """How many of the ascending `edges` are not above `value`; those that its range decides are
        not looked at."""
        below = sum(edge <= self.low(value) for edge in edges)
        within = tuple(edge for edge in edges if self.low(value) < edge <= self.high(value))
        if not within:
            return self.whole(below)
        return self.sum(self.add(Place(value, within), 0, len(within)), self.whole(below))

    def pick(self, index: int, values: Sequence[int]) -> int:
        """`values` at a place that lies in them."""
        low, high = self.ranges[index]
        step = self.steps[index]
        if low > 0:
            if isinstance(step, Sum) and self.known(step.right) == low:
                return self.pick(step.left, values[low:])
            values = (0,) * low + tuple(values[low:])
        reached = tuple(values[: high + 1])
        looked = reached[low:]
        if min(looked) < LEAST or max(looked) > GREATEST:
            raise TooWide((index,), self.definition, self.span)
        if len(looked) == len(reached) and reached == tuple(range(len(reached))):
            return index
        return self.add(Pick(index, reached), min(looked), max(looked))

    def bands(self, step: Bands, low: int, high: int) -> int:
        return self._integer(step, low, high, *(step.amount, *step.edges))

    # truths

    def truth(self, value: bool) -> int:
        return self.add(Truth(value), int(value), int(value))

    def flag(self, step: Step) -> int:
        """A truth that may be either."""
        return self.add(step, 0, 1)

    def certain(self, i: int) -> bool | None:
        """The truth that is the same in every row."""
        step = self.steps[i]
        return step.value if isinstance(step, Truth) else None

    def opposite(self, a: int) -> int:
        step = self.steps[a]
        match step:
            case Truth():
                return self.truth(not step.value)
            case Opposite():
                return step.operand
            case Compare():
                return self.flag(Compare(_OPPOSITE[step.op], step.left, step.right))
            case _:
                return self.flag(Opposite(a))

    def both(self, a: int, b: int) -> int:
        for one, other in ((a, b), (b, a)):
            known = self.certain(one)
            if known is not None:
                return other if known else one
        if a == b:
            return a
        if self._contrary(a, b):
            return self.truth(False)
        return self.flag(Both(a, b))

    def either(self, a: int, b: int) -> int:
        for one, other in ((a, b), (b, a)):
            known = self.certain(one)
            if known is not None:
                return one if known else other
        if a == b:
            return a
        if self._contrary(a, b):
            return self.truth(True)
        return self.flag(Either(a, b))

    def _contrary(self, a: int, b: int) -> bool:
        return self.steps[a] == Opposite(b) or self.steps[b] == Opposite(a)

    def compare(self, op: CompareOp, a: int, b: int) -> int:
        """Two integers, or with == and != two truths."""
        if self.is_truth(a):
            same = self.either(self.both(a, b), self.both(self.opposite(a), self.opposite(b)))
            return same if op == "==" else self.opposite(same)
        (al, ah), (bl, bh) = self.ranges[a], self.ranges[b]
        if a == b:
            return self.truth(op in ("==", "<=", ">="))
        known: bool | None = None
        match op:
            case "<":
                known = True if ah < bl else False if al >= bh else None
            case "<=":
                known = True if ah <= bl else False if al > bh else None
            case ">":
                known = True if al > bh else False if ah <= bl else None
            case ">=":
                known = True if al >= bh else False if ah < bl else None
            case "==" | "!=":
                if ah < bl or bh < al:
                    known = op == "!="
        return self.flag(Compare(op, a, b)) if known is None else self.truth(known)

    def among(self, a: int, values: frozenset[int]) -> int:
        low, high = self.ranges[a]
        inside = tuple(sorted(v for v in values if low <= v <= high))
        if not inside:
            return self.truth(False)
        if len(inside) == high - low + 1:
            return self.truth(True)
        if len(inside) == 1:
            return self.compare("==", a, self.whole(inside[0]))
        return self.flag(Among(a, inside))

    def shares_bit(self, a: int, bits: int) -> int:
        known = self.known(a)
        if known is not None or not bits:
            return self.truth(bool((known or 0) & bits))
        return self.flag(SharesBit(a, bits))

    def as_integer(self, a: int) -> int:
        """A truth as 1 or 0; an integer as it is."""
        return self.choose(a, self.whole(1), self.whole(0)) if self.is_truth(a) else a

    # what may be missing: None is never

    def never(self) -> int:
        """The failure of what never has an answer."""
        return self.truth(True)

    def any_of(self, *fails: int | None) -> int | None:
        found: int | None = None
        for one in fails:
            if one is None or self.certain(one) is False:
                continue
            found = one if found is None else self.either(found, one)
        return found

    def where(self, test: int, fails: int | None) -> int | None:
        """What fails only in the rows where `test` holds."""
        return None if fails is None else self.any_of(self.both(test, fails))

    def of_two(self, test: int, then: int | None, otherwise: int | None) -> int | None:
        return self.any_of(self.where(test, then), self.where(self.opposite(test), otherwise))
