"""What is an answer, computed a second way? A direct evaluator without traces, for comparison only.

It walks the program from the wanted output downwards, works in closures over one dictionary, and
shares no code with the interpreter: its rounding, months and overlaps are written anew.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from policydsl import expressions as x
from policydsl import ir


class NoAnswer(Exception):
    pass


def nearest(value: Fraction, step: Fraction, mode: str) -> Fraction:
    """Rounding of the absolute value, with the sign put back."""
    if mode == "floor":
        return math.floor(value / step) * step
    if mode == "ceiling":
        return math.ceil(value / step) * step
    sign = -1 if value < 0 else 1
    steps = abs(value) / step
    low = math.floor(steps)
    twice = 2 * (steps - low)
    if mode == "up":
        low = math.ceil(steps)
    elif mode == "half_up":
        low = math.floor(steps + Fraction(1, 2))
    elif mode == "half_down":
        low = math.ceil(steps - Fraction(1, 2))
    elif mode == "half_even":
        low = low + 1 if twice > 1 or (twice == 1 and low % 2) else low
    return sign * low * step


def last_day(start: date, length: int, unit: str, overflow: str) -> date:
    """Months by walking back from a day that does not exist to one that does."""
    if unit == "day":
        return start + timedelta(days=length)
    count = start.month - 1 + length * (12 if unit == "year" else 1)
    year, month, day = start.year + count // 12, count % 12 + 1, start.day
    while True:
        try:
            end = date(year, month, day)
        except ValueError:
            day -= 1
            continue
        return end if day == start.day or overflow == "last" else end + timedelta(days=1)


class Second:
    def __init__(self, program: ir.Program, facts: Mapping[str, Any]) -> None:
        self.program = program
        self.facts = {f.name.key: f.default for f in program.facts if f.has_default} | dict(facts)
        self.known: dict[str, Any] = {}

    def answer(self, key: str) -> Any:
        """A value, or of a split its payers by key."""
        if key not in self.known:
            self.known[key] = self.body(self.program.definition(key))
        return self.known[key]

    def body(self, d: ir.Definition) -> Any:
        b = d.body
        if isinstance(b, ir.Allotment):
            paid = dict.fromkeys([n.key for n in (*b.leaves, *b.subtotals)], Fraction(0))
            total = self.ex(b.total)
            self.divide(b.division, total, paid)
            return paid | {"total": total}
        if isinstance(b, ir.Formula):
            value = self.ex(b.value)
        elif isinstance(b, ir.Lookup):
            columns = [self.finished(self.column(b, i), d) for i in range(len(b.results))]
            return dict(zip([n.key for n in b.results], columns, strict=True)) if columns[1:] else columns[0]
        elif isinstance(b, ir.Schedule):
            value = self.bands(b)
        else:
            found = self.grounds(b.grounds, b.overlap)
            value = self.ex(b.base) if found is None else found()
        return self.finished(value, d)

    def column(self, b: ir.Lookup, i: int) -> Any:
        rows = [r for r in b.rows if self.fits(r.tests, b.keys)]
        if b.overlap == "count":
            return Fraction(len(rows))
        if b.overlap == "sum":
            return sum((self.ex(r.results[i]) for r in rows), Fraction(0))
        if not rows:
            raise NoAnswer
        return self.several(b.overlap, [lambda r=r: self.ex(r.results[i]) for r in rows])

    def finished(self, value: Any, d: ir.Definition) -> Any:
        for f in d.finish:
            if isinstance(f, x.Limit):
                value = (min if f.which == "cap" else max)(value, self.ex(f.bound))
            else:
                value = nearest(value, f.step, f.mode)
        return value

    def several(self, overlap: str, thunks: list[Any]) -> Any:
        if overlap in ("agree", "first"):
            return thunks[0]()
        if overlap == "count":
            return Fraction(len(thunks))
        values = [t() for t in thunks]
        return sum(values) if overlap == "sum" else max(values) if overlap == "greatest" else min(values)

    def grounds(self, grounds: tuple[ir.Ground, ...], overlap: str) -> Any:
        thunks = []
        for g in grounds:
            if self.ex(g.when):
                inner = self.grounds(g.inner, overlap)
                thunks.append(inner if inner is not None else lambda g=g: self.ex(g.value))
        return None if not thunks else lambda: self.several(overlap, thunks)

    def bands(self, b: ir.Schedule) -> Any:
        at = next(i for i, c in enumerate(b.columns) if self.fits(c.tests, b.keys))
        amount = self.ex(b.amount)
        if b.cap is not None and amount > self.ex(b.cap):
            amount = self.ex(b.cap)
        if b.mode == "marginal":
            total = Fraction(0)
            for band in b.bands:
                reach = amount if band.high is None else min(amount, self.ex(band.high))
                part = max(Fraction(0), reach - self.ex(band.low))
                if part:
                    if b.each_slice:
                        part = nearest(part, b.each_slice.step, b.each_slice.mode)
                    product = part * self.ex(band.cells[at])
                    if b.each_product:
                        product = nearest(product, b.each_product.step, b.each_product.mode)
                    total += product
            return total
        if b.mode == "slab":
            for band in b.bands:
                low = self.ex(band.low)
                if amount < low or (amount == low and not band.low_closed):
                    continue
                high = None if band.high is None else self.ex(band.high)
                if high is not None and (amount > high or (amount == high and not band.high_closed)):
                    continue
                cell = self.ex(band.cells[at])
                return (amount - self.ex(b.bands[0].low)) * cell if b.cells_are_rates else cell
            raise NoAnswer
        points = [self.ex(band.low) for band in b.bands]
        if amount in points:
            return self.ex(b.bands[points.index(amount)].cells[at])
        for before, after in itertools.pairwise(b.bands):
            x0, x1 = self.ex(before.low), self.ex(after.low)
            if x0 < amount < x1:
                y0, y1 = self.ex(before.cells[at]), self.ex(after.cells[at])
                return y0 + (y1 - y0) * (amount - x0) / (x1 - x0)
        raise NoAnswer

    def divide(self, d: ir.Division, whole: Fraction, paid: dict[str, Fraction]) -> None:
        arm = next(a for a in d.arms if self.fits(a.tests, d.keys))
        share: dict[int, Fraction] = {}
        for i, p in enumerate(arm.parts):
            if p.portion.how == "rate":
                assert p.portion.rate is not None
                share[i] = p.portion.rate * whole
                if d.rounding is not None:
                    share[i] = nearest(share[i], d.rounding.step, d.rounding.mode)
            elif p.portion.how == "fixed":
                share[i] = self.ex(p.portion.amount)
            elif p.portion.how == "all":
                share[i] = whole
        names = [p.payer for p in arm.parts]
        how = [p.portion.how for p in arm.parts]
        if d.rounding is not None and d.rounding.holder == x.LARGEST_FRACTIONS:
            if set(how) != {"rate"}:
                raise NotImplementedError
            share = dict(
                enumerate(self.largest([(p.portion.rate or 0) * whole for p in arm.parts], d.rounding.step))
            )
        elif d.rounding is not None and d.rounding.holder in names and "rate" in how:
            taker = names.index(d.rounding.holder)
            if "rest" in how and how[taker] != "rest":
                raise NotImplementedError
            share.pop(taker, None)
            share[taker] = whole - sum(share.values())
        elif "rest" in how:
            share[how.index("rest")] = whole - sum(share.values())
        for i, p in enumerate(arm.parts):
            paid[p.payer] += share[i]
            if p.division is not None:
                self.divide(p.division, share[i], paid)

    def largest(self, exact: list[Fraction], step: Fraction) -> list[Fraction]:
        """Whole steps for each, then one more for the largest fractions, and to the first what is no step."""
        paid = [e // step * step for e in exact]
        left = sum(exact) - sum(paid)
        by_fraction = sorted(range(len(exact)), key=lambda i: (paid[i] - exact[i], i))
        for i in by_fraction[: int(left // step)]:
            paid[i] += step
        paid[0] += left % step
        return paid

    def fits(self, tests: Any, keys: tuple[ir.Key, ...]) -> bool:
        for test, key in zip(tests, keys, strict=True):
            value = self.ex(key.value)
            value = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
            if isinstance(test, frozenset) and value not in test:
                return False
            if isinstance(test, x.Interval):
                if test.low is not None:
                    low = self.ex(test.low)
                    if value < low or (value == low and not test.low_closed):
                        return False
                if test.high is not None:
                    high = self.ex(test.high)
                    if value > high or (value == high and not test.high_closed):
                        return False
        return True

    def ex(self, e: Any) -> Any:
        name = type(e).__name__
        if name == "Constant":
            return e.value
        if name == "Input":
            if self.facts[e.key] is None:
                raise NoAnswer
            return self.facts[e.key]
        if name == "Ref":
            value = self.answer(e.key)
            if isinstance(value, dict):
                return value[e.part or "total"]
            return value
        if name == "Add":
            return self.ex(e.left) + self.ex(e.right)
        if name == "Subtract":
            return self.ex(e.left) - self.ex(e.right)
        if name == "Multiply":
            return self.ex(e.left) * self.ex(e.right)
        if name == "Divide":
            below = self.ex(e.right)
            if not below:
                raise NoAnswer
            return self.ex(e.left) / below
        if name == "Extreme":
            return (max if e.which == "greatest" else min)([self.ex(o) for o in e.operands])
        if name == "Round":
            return nearest(self.ex(e.operand), e.step, e.mode)
        if name == "If":
            return self.ex(e.then if self.ex(e.condition) else e.otherwise)
        if name == "Compare":
            a, b = self.ex(e.left), self.ex(e.right)
            return {
                "<": lambda: a < b, "<=": lambda: a <= b, ">": lambda: a > b,
                ">=": lambda: a >= b, "==": lambda: a == b, "!=": lambda: a != b,
            }[e.op]()  # fmt: skip
        if name == "And":
            return all(self.ex(o) for o in e.operands)
        if name == "Or":
            return any(self.ex(o) for o in e.operands)
        if name == "Not":
            return not self.ex(e.operand)
        if name == "IsMember":
            return self.ex(e.operand) in e.members
        if name == "HasAny":
            return bool(self.ex(e.operand) & e.members)
        if name == "Present":
            return self.facts[e.key] is not None
        if name == "Within":
            start = self.ex(e.start)
            return start <= self.ex(e.day) <= last_day(start, e.length, e.unit, e.overflow)
        raise NoAnswer
