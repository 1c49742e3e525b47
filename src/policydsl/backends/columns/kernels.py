"""What does a loop over rows look like that computes a `Flat` in one pass? A Python function that numba compiles.

Everything a row needs is one straight line of integer arithmetic without branches, so that the compiler
behind numba works on several rows at a time; only what reads tables has loops of its own (see `loops`). These
forms make that so:

- a choice among a few figures is two selects, or a shift of a word that holds them all, not a look-up in an array;
- a quotient by a figure is a product with its reciprocal in binary floating point, cut (see `reciprocal`); by
  what is no figure, a quotient in binary floating point, cut, where both are proved to be below 2**53: both are
  exact there, and the nearest double to n/d reaches the next integer only where n/d does;
- whether an input is in its range is the sign of (x − low) | (high − x), gathered over a block of rows.

The function is put together as a syntax tree; no name or text of a policy is in it.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from policydsl import flat as f
from policydsl.backends.columns.loops import Lines
from policydsl.backends.columns.packing import packed, packed_segments
from policydsl.backends.columns.ready import is_small
from policydsl.backends.columns.search import FEW, buckets, line, runs, segments
from policydsl.backends.python.templates import code, constant, expr, name
from policydsl.kinds import YesNo

#: The most runs of equal figures that are selected one inside the other, and the most bands that are summed.
SELECTS, SUMMED = 16, 16
#: Below this every integer is exact in binary floating point; up to this `reciprocal` serves.
EXACT, RECIPROCAL = 2**53, 2**51


@dataclass(frozen=True, slots=True)
class Kernel:
    """The text of a module with the function `kernel`, and what it takes.

    `kernel(count, *columns, *tables, *results)` computes `count` rows and returns whether all inputs of these
    rows are in their ranges; where not, nothing in their results means anything. `columns` are the inputs in order,
    each followed by its bools of existence if it is optional; `tables` are these integers as arrays; `results` are the
    arrays of `stored`, in order.
    """

    text: str
    tables: tuple[tuple[int, ...], ...]
    stored: tuple[int, ...]


def kernel(flat: f.Flat) -> Kernel:
    """The loop that computes the steps that `flat` is asked for."""
    return _Writer(flat).kernel()


def reciprocal(divisor: int) -> float:
    """The least double r that is not below 1/`divisor`, the one binary float that a kernel holds. The product of r and n, rounded to a double and cut, is n // `divisor`
    for every n from 0 to 2**51.

    With m = n // d, the product is not below n/d ≥ m, and m is a double. On the other side n/d ≤ m + 1 − 1/d; r is
    above 1/d by less than one part in 2**52, and rounding adds at most one in 2**53: together less than n/d ÷ 2**51, which
    is not more than 1/d. So the product stays below m + 1.
    """
    nearest = 1 / divisor
    return nearest if Fraction(nearest) >= Fraction(1, divisor) else math.nextafter(nearest, math.inf)


class _Writer:
    def __init__(self, flat: f.Flat) -> None:
        self.flat = flat
        self.lines = Lines()
        self.values: list[ast.expr] = []
        self.tables: dict[tuple[int, ...], str] = {}
        self.made = 0

    def kernel(self) -> Kernel:
        flat = self.flat
        columns, stored = [], f.roots(flat)
        for k, column in enumerate(flat.inputs):
            columns.append(f"c{k}")
            if column.optional:
                columns.append(f"e{k}")
            self._take(k, column)
        for i, step in enumerate(flat.steps):
            value = self._step(i, step)
            if not isinstance(value, ast.Name | ast.Constant):
                self.lines.compute(f"v{i}", value, "bool_" if f.is_truth(step) else "int64")
                value = name(f"v{i}")
            self.values.append(value)
        results = [f"r{k}" for k in range(len(stored))]
        for result, i in zip(results, stored, strict=True):
            self.lines.store(result, self.at(i))
        highest = {f"c{k}": column.high for k, column in enumerate(flat.inputs) if is_small(column)}
        body = self.lines.blocks([*columns, *results], highest)
        function = code("def kernel():\n    BODY", BODY=body)
        (definition,) = function
        assert isinstance(definition, ast.FunctionDef)
        parameters = (
            *(f"all_{column}" for column in columns),
            *self.tables.values(),
            *(f"all_{result}" for result in results),
        )
        definition.args.args = [ast.arg(parameter) for parameter in ("count", *parameters)]
        module = ast.Module([*code("import numpy as np"), *function], [])
        text = ast.unparse(ast.fix_missing_locations(module)) + "\n"
        return Kernel(text, tuple(self.tables), stored)

    def at(self, i: int) -> ast.expr:
        """The value of a step, a name or a figure."""
        return self.values[i]

    def _new(self, value: ast.expr) -> ast.expr:
        """An integer in a variable of its own."""
        self.made += 1
        self.lines.compute(f"w{self.made}", value, "int64")
        return name(f"w{self.made}")

    def _beside_tables(self, value: ast.expr) -> ast.expr:
        """The same, computed in a loop that reads tables."""
        self.made += 1
        self.lines.look_up(f"w{self.made}", value)
        return name(f"w{self.made}")

    def _looked_up(self, table: Sequence[int], index: ast.expr) -> ast.expr:
        """The figure of a table at `index`."""
        known = self.tables.setdefault(tuple(table), f"t{len(self.tables)}")
        return self._beside_tables(expr("T[np.uintp(I)]", T=known, I=index))

    # inputs

    def _take(self, k: int, column: f.InputColumn) -> None:
        """Take an input, and note whether it is in its range and on its grain; small places are looked at beforehand."""
        if isinstance(column.kind, YesNo):
            return
        self.lines.given[f"x{k}"] = expr("np.int64(C[i])", C=f"c{k}")
        if is_small(column):
            return
        x = name(f"x{k}")
        wrong = expr("(X - LOW) | (HIGH - X)", X=x, LOW=constant(column.low), HIGH=constant(column.high))
        if column.low == 0:
            wrong = expr("X | (HIGH - X)", X=x, HIGH=constant(column.high))
        if column.step > 1:
            wrong = expr("W | -(X % STEP)", W=wrong, X=x, STEP=constant(column.step))
        if column.optional:
            wrong = expr("W if E[i] else np.int64(0)", W=wrong, E=f"e{k}")
        self.lines.check(wrong)

    def _place_of(self, fact: str) -> int:
        return next(k for k, column in enumerate(self.flat.inputs) if column.key == fact)

    # steps

    def _step(self, i: int, step: f.Step) -> ast.expr:
        match step:
            case f.Column():
                k = self._place_of(step.fact)
                column = self.flat.inputs[k]
                x = name(f"x{k}")
                if column.optional:
                    return expr("X if E[i] else SAFE", X=x, E=f"e{k}", SAFE=constant(column.safe))
                return x
            case f.Flag():
                k = self._place_of(step.fact)
                if self.flat.inputs[k].optional:
                    return expr("C[i] and E[i]", C=f"c{k}", E=f"e{k}")
                return expr("C[i]", C=f"c{k}")
            case f.Exists():
                return expr("E[i]", E=f"e{self._place_of(step.fact)}")
            case f.Whole() | f.Truth():
                return constant(step.value)
            case f.Sum():
                return expr("A + B", A=self.at(step.left), B=self.at(step.right))
            case f.Difference():
                return expr("A - B", A=self.at(step.left), B=self.at(step.right))
            case f.Product():
                return expr("A * B", A=self.at(step.left), B=self.at(step.right))
            case f.Least():
                return expr("min(A, B)", A=self.at(step.left), B=self.at(step.right))
            case f.Greatest():
                return expr("max(A, B)", A=self.at(step.left), B=self.at(step.right))
            case f.Quotient():
                return self._quotient(step)
            case f.Choose():
                return expr(
                    "A if T else B", T=self.at(step.test), A=self.at(step.then), B=self.at(step.otherwise)
                )
            case f.Place():
                return self._place(self.at(step.value), step.edges)
            case f.Pick():
                return self._pick(self.at(step.index), step.values)
            case f.Bands():
                return self._bands(step)
            case f.Compare():
                return ast.Compare(self.at(step.left), [_operator(step.op)], [self.at(step.right)])
            case f.Both():
                return expr("A & B", A=self.at(step.left), B=self.at(step.right))
            case f.Either():
                return expr("A | B", A=self.at(step.left), B=self.at(step.right))
            case f.Opposite():
                return expr("not A", A=self.at(step.operand))
            case f.Among():
                return self._among(step)
            case f.SharesBit():
                return expr("(A & BITS) != 0", A=self.at(step.operand), BITS=constant(step.bits))
            case _:
                assert_never(step)

    def _quotient(self, step: f.Quotient) -> ast.expr:
        left, right = self.at(step.left), self.at(step.right)
        known = self.flat.steps[step.right]
        if isinstance(known, f.Whole):
            if known.value & (known.value - 1) == 0:
                return expr("A >> S", A=left, S=constant(known.value.bit_length() - 1))
            if self.flat.ranges[step.left][1] <= RECIPROCAL:
                factor = ast.Constant(reciprocal(known.value))
                return expr("np.int64(np.float64(A) * np.float64(R))", A=left, R=factor)
        if self.flat.ranges[step.left][1] < EXACT and self.flat.ranges[step.right][1] < EXACT:
            return expr("np.int64(np.float64(A) / np.float64(B))", A=left, B=right)
        return expr("np.int64(np.uint64(A) // np.uint64(B))", A=left, B=right)

    def _pick(self, index: ast.expr, values: Sequence[int]) -> ast.expr:
        """The figure at a place: by a select, by a word that holds them all, by some selects, or from a table."""
        found = runs(values)
        if len(found) > 2 and (word := packed(values)) is not None:
            figure = expr(
                "(WORD >> I * WIDTH) & MASK",
                WORD=constant(word.word),
                I=index,
                WIDTH=constant(word.width),
                MASK=constant(word.mask),
            )
            if word.factor > 1:
                figure = expr("F * FACTOR", F=figure, FACTOR=constant(word.factor))
            return expr("F + LOW", F=figure, LOW=constant(word.low)) if word.low else figure
        if len(found) > SELECTS:
            return self._looked_up(values, index)
        result = constant(found[-1][1])
        for end, value in reversed(found[:-1]):
            result = expr("V if I < END else R", V=constant(value), I=index, END=constant(end), R=result)
        return result

    def _place(self, value: ast.expr, edges: Sequence[int]) -> ast.expr:
        if len(edges) <= FEW:
            result = expr("np.int64(V >= E)", V=value, E=constant(edges[0]))
            for edge in edges[1:]:
                result = expr("R + np.int64(V >= E)", R=result, V=value, E=constant(edge))
            return result
        found = buckets(edges)
        if found is None:
            return self._halved(value, edges)
        inside = self._new(
            expr("min(max(V, LOW), HIGH)", V=value, LOW=constant(found.low), HIGH=constant(found.high))
        )
        bucket = self._new(expr("(V - LOW) >> S", V=inside, LOW=constant(found.low), S=constant(found.shift)))
        start, following = (self._looked_up(table, bucket) for table in (found.starts, found.next))
        return expr("START + np.int64(V >= NEXT)", START=start, V=inside, NEXT=following)

    def _halved(self, value: ast.expr, edges: Sequence[int]) -> ast.expr:
        """How many edges are not above `value`, by halving what is left a fixed number of times."""
        power = 1 << len(edges).bit_length()
        table = [*edges, *[f.GREATEST] * (power - len(edges))]
        place: ast.expr = constant(0)
        while power > 1:
            power //= 2
            edge = self._looked_up(table, expr("P + LAST", P=place, LAST=constant(power - 1)))
            place = self._beside_tables(
                expr("P + STEP if EDGE <= V else P", P=place, STEP=constant(power), EDGE=edge, V=value)
            )
        return place

    def _bands(self, step: f.Bands) -> ast.expr:
        """Telescoped; many bands between figures are one line each, found by the place of the amount."""
        amount, column = self.at(step.amount), self.at(step.column)
        edges = [self.flat.steps[edge] for edge in step.edges[1:]]
        figures = [edge.value for edge in edges if isinstance(edge, f.Whole)]
        if len(edges) <= SUMMED or len(figures) != len(edges):
            return self._summed(amount, column, step.edges, step.rates)
        first = self.flat.steps[step.edges[0]]
        if isinstance(first, f.Whole):
            return self._segments(amount, column, [first.value, *figures], step.rates)
        below = self._summed(amount, column, step.edges[:1], [row[:1] for row in step.rates])
        more = [[rate - row[0] for rate in row[1:]] for row in step.rates]
        return expr("BELOW + ABOVE", BELOW=below, ABOVE=self._segments(amount, column, figures, more))

    def _segments(
        self, amount: ast.expr, column: ast.expr, edges: Sequence[int], rates: Sequence[Sequence[int]]
    ) -> ast.expr:
        """Bands between figures, by the bucket of the amount; where buckets would be too many, by halving."""

        def of_column(place: ast.expr, places: int) -> ast.expr:
            if len(rates) == 1:
                return place
            return self._new(expr("C * WIDTH + P", C=column, WIDTH=constant(places), P=place))

        found = segments(edges, rates)
        if found is None:
            lines = line(edges, rates)
            index = of_column(self._new(self._place(amount, edges)), len(lines.rates[0]))
            rate, base = (
                self._looked_up([value for row in table for value in row], index)
                for table in (lines.rates, lines.bases)
            )
            return expr("R * X + B", R=rate, B=base, X=amount)
        own = found.buckets
        beyond = expr("max(X - LOW, 0)", X=amount, LOW=constant(own.low))  # sooner computed twice than kept
        last = constant(len(own.starts) - 1)
        place = self._new(expr("min(B >> S, LAST)", B=beyond, S=constant(own.shift), LAST=last))
        index = of_column(place, len(own.starts))
        words = packed_segments(found)
        if words is not None:
            word, base = (self._looked_up(table, index) for table in (words.words, words.bases))
            return expr(
                "(W & RATE) * X + B + (W >> STEP) * max(Y - (P << S) - ((W >> BITS) & OFFSET), 0)",
                W=word,
                B=base,
                X=amount,
                Y=beyond,
                P=place,
                S=constant(own.shift),
                RATE=constant((1 << words.rate_bits) - 1),
                BITS=constant(words.rate_bits),
                OFFSET=constant((1 << words.offset_bits) - 1),
                STEP=constant(words.rate_bits + words.offset_bits),
            )
        rate, base, step = (
            self._looked_up([value for row in table for value in row], index)
            for table in (found.rates, found.bases, found.steps)
        )
        following = self._looked_up(own.next, place)
        return expr("R * X + B + S * max(X - NEXT, 0)", R=rate, B=base, S=step, NEXT=following, X=amount)

    def _summed(
        self, amount: ast.expr, column: ast.expr, edges: Sequence[int], rates: Sequence[Sequence[int]]
    ) -> ast.expr:
        result: ast.expr | None = None
        for k, edge in enumerate(edges):
            more = [row[k] - (row[k - 1] if k else 0) for row in rates]
            if not any(more):
                continue
            part = expr("max(X - E, 0)", X=amount, E=self.at(edge))
            if set(more) != {1}:
                part = expr("R * P", R=self._pick(column, more), P=part)
            result = part if result is None else expr("S + P", S=result, P=part)
        return constant(0) if result is None else result

    def _among(self, step: f.Among) -> ast.expr:
        places = self.flat.ranges[step.operand][1] + 1
        inside = set(step.values)
        found = runs([int(i in inside) for i in range(places)])
        if len(found) > SELECTS:
            table = [int(i in inside) for i in range(places)]
            return expr("F != 0", F=self._looked_up(table, self.at(step.operand)))
        result: ast.expr | None = None
        start = 0
        for end, value in found:
            if value:
                one = (
                    expr("A == B", A=self.at(step.operand), B=constant(start))
                    if end == start + 1
                    else expr("(A >= LOW) & (A < END)", A=self.at(step.operand), LOW=constant(start), END=constant(end))
                )  # fmt: skip
                result = one if result is None else expr("A | B", A=result, B=one)
            start = end
        assert result is not None
        return result


def _operator(op: str) -> ast.cmpop:
    operators: dict[str, type[ast.cmpop]] = {
        "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "==": ast.Eq, "!=": ast.NotEq,
    }  # fmt: skip
    return operators[op]()
