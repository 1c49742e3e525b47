"""What does a loop over rows look like that computes a `Flat` in one pass? A Python function that numba compiles.

Everything a row needs is one straight line of integer arithmetic without branches, so that the compiler
behind numba works on eight rows at a time. Three forms make that so:

- a choice among a few figures is nested selects, not a look-up in an array;
- a quotient whose dividend is proved to be below 2**53 is taken in binary floating point and cut: both numbers are
  exact there, and the nearest double to n/d reaches the next integer only where n/d does;
- whether an input is in its range is the sign of (x − low) | (high − x), gathered over all rows.

The function is put together as a syntax tree; no name or text of a policy is in it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from policydsl import flat as f
from policydsl.backends.columns.ready import is_small
from policydsl.backends.columns.search import FEW, buckets, line, runs, segments
from policydsl.backends.python.templates import code, constant, expr, name
from policydsl.kinds import YesNo

#: The most runs of equal figures that are selected one inside the other, and the most bands that are summed.
SELECTS, SUMMED = 16, 16
#: Below this every integer is exact in binary floating point.
EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Kernel:
    """The text of a module with the function `kernel`, and what it takes.

    `kernel(count, *columns, *tables, *results)` computes `count` rows and returns whether all inputs of these
    rows are in their ranges, but for places of 8 bits, which are quicker to look at beforehand; where not, nothing in their results means anything.
    `columns` are the inputs in order, each followed by its bools of existence if it is optional; `tables`
    are these integers as arrays; `results` are the arrays of `stored`, in order.
    """

    text: str
    tables: tuple[tuple[int, ...], ...]
    stored: tuple[int, ...]


def kernel(flat: f.Flat) -> Kernel:
    """The loop that computes the steps that `flat` is asked for."""
    return _Writer(flat).kernel()


class _Writer:
    def __init__(self, flat: f.Flat) -> None:
        self.flat = flat
        self.body: list[ast.stmt] = []
        self.tables: dict[tuple[int, ...], str] = {}
        self.made = 0
        self.wrong: ast.expr | None = None

    def kernel(self) -> Kernel:
        flat = self.flat
        parameters, stored = ["count"], f.roots(flat)
        for k, column in enumerate(flat.inputs):
            parameters.append(f"c{k}")
            if column.optional:
                parameters.append(f"e{k}")
            self._check(k, column)
        for i, step in enumerate(flat.steps):
            if not isinstance(step, f.Whole | f.Truth):
                self.body += code("TARGET = VALUE", TARGET=f"v{i}", VALUE=self._step(i, step))
        if self.wrong is not None:
            self.body += code("bad |= W", W=self.wrong)
        for k, i in enumerate(stored):
            self.body += code("RESULT[i] = VALUE", RESULT=f"r{k}", VALUE=self.at(i))
        parameters += [*self.tables.values(), *(f"r{k}" for k in range(len(stored)))]
        function = code(
            "def kernel():\n    bad = np.int64(0)\n    for i in range(count):\n        BODY\n    return bad >= 0\n",
            BODY=self.body,
        )
        (definition,) = function
        assert isinstance(definition, ast.FunctionDef)
        definition.args.args = [ast.arg(parameter) for parameter in parameters]
        module = ast.Module([*code("import numpy as np"), *function], [])
        text = ast.unparse(ast.fix_missing_locations(module)) + "\n"
        return Kernel(text, tuple(self.tables), stored)

    def at(self, i: int) -> ast.expr:
        """The value of a step."""
        step = self.flat.steps[i]
        return constant(step.value) if isinstance(step, f.Whole | f.Truth) else name(f"v{i}")

    def _new(self, value: ast.expr) -> ast.expr:
        """`value` in a variable of its own."""
        self.made += 1
        self.body += code("TARGET = VALUE", TARGET=f"w{self.made}", VALUE=value)
        return name(f"w{self.made}")

    def _table(self, values: Sequence[int]) -> str:
        return self.tables.setdefault(tuple(values), f"t{len(self.tables)}")

    # inputs

    def _check(self, k: int, column: f.InputColumn) -> None:
        """Take an input, and note whether it is in its range and on its grain."""
        if isinstance(column.kind, YesNo):
            return
        self.body += code("X = np.int64(C[i])", X=f"x{k}", C=f"c{k}")
        x = name(f"x{k}")
        wrong = expr("(X - LOW) | (HIGH - X)", X=x, LOW=constant(column.low), HIGH=constant(column.high))
        if is_small(column):  # its caller has looked
            return
        if column.low == 0:
            wrong = expr("X | (HIGH - X)", X=x, HIGH=constant(column.high))
        if column.step > 1:
            wrong = expr("W | -(X % STEP)", W=wrong, X=x, STEP=constant(column.step))
        if column.optional:
            wrong = expr("W if E[i] else np.int64(0)", W=wrong, E=f"e{k}")
        self.wrong = wrong if self.wrong is None else expr("A | (B)", A=self.wrong, B=wrong)

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
        if isinstance(known, f.Whole) and known.value & (known.value - 1) == 0:
            return expr("A >> S", A=left, S=constant(known.value.bit_length() - 1))
        if self.flat.ranges[step.left][1] < EXACT and self.flat.ranges[step.right][1] < EXACT:
            return expr("np.int64(np.float64(A) / np.float64(B))", A=left, B=right)
        return expr("np.int64(np.uint64(A) // np.uint64(B))", A=left, B=right)

    def _pick(self, index: ast.expr, values: Sequence[int]) -> ast.expr:
        """The figure at a place, by selects where there are few runs of equal ones."""
        found = runs(values)
        if len(found) > SELECTS:
            return expr("T[np.uintp(I)]", T=self._table(values), I=index)
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
        bucket = self._new(
            expr("np.uintp((V - LOW) >> S)", V=inside, LOW=constant(found.low), S=constant(found.shift))
        )
        return expr(
            "T[B] + np.int64(V >= N[B])",
            T=self._table(found.starts),
            N=self._table(found.next),
            B=bucket,
            V=inside,
        )

    def _halved(self, value: ast.expr, edges: Sequence[int]) -> ast.expr:
        """How many edges are not above `value`, by halving what is left a fixed number of times."""
        power = 1 << len(edges).bit_length()
        table = self._table([*edges, *[f.GREATEST] * (power - len(edges))])
        place = self._new(expr("np.int64(0)"))
        while power > 1:
            power //= 2
            place = self._new(
                expr(
                    "P + np.int64(STEP) if T[np.uintp(P + LAST)] <= V else P",
                    P=place,
                    STEP=constant(power),
                    LAST=constant(power - 1),
                    T=table,
                    V=value,
                )
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
        found = segments(edges, rates)
        if found is None:
            lines = line(edges, rates)
            place, steps = self._new(self._place(amount, edges)), None
            tables = (lines.rates, lines.bases)
        else:
            own = found.buckets
            last = constant(len(own.starts) - 1)
            place = self._new(
                expr(
                    "min(max(X - LOW, 0) >> S, LAST)",
                    X=amount,
                    LOW=constant(own.low),
                    S=constant(own.shift),
                    LAST=last,
                )
            )
            steps = found.steps
            tables = (found.rates, found.bases)
        index = place
        if len(rates) > 1:
            index = self._new(expr("C * WIDTH + P", C=column, WIDTH=constant(len(tables[0][0])), P=place))
        rate, base = (self._table([value for row in table for value in row]) for table in tables)
        paid = expr("R[np.uintp(I)] * X + B[np.uintp(I)]", R=rate, B=base, I=index, X=amount)
        if steps is None or found is None:
            return paid
        return expr(
            "PAID + S[np.uintp(I)] * max(X - N[np.uintp(P)], 0)",
            PAID=paid,
            S=self._table([value for row in steps for value in row]),
            N=self._table(found.buckets.next),
            I=index,
            P=place,
            X=amount,
        )

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
            table = self._table([int(i in inside) for i in range(places)])
            return expr("T[np.uintp(A)] != 0", T=table, A=self.at(step.operand))
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
