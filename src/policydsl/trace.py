"""What happened when a case was computed? Each definition's steps, with every value exact."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from policydsl.expressions import Expr, Finish, Rounding, Value
from policydsl.ir import Arm, Band, Column, Definition, Division, Ground, Part, Row
from policydsl.nodes import Node, node


@node
class Computed(Node):
    """An expression, its value, and how its parts came out (the branch not taken is left out)."""

    expr: Expr
    value: Value
    parts: tuple[Computed, ...] = ()


@node
class Finished(Node):
    """One rounding or limit: the value before it and after it."""

    clause: Finish
    before: Fraction
    after: Fraction
    bound: Computed | None = None


@node
class FormulaTrace(Node):
    value: Computed


@node
class LookupTrace(Node):
    """The keys' values, the rows that hold (first to last), and the row that gave the answer
    (None when several made it together: sum, count)."""

    keys: tuple[Computed, ...]
    held: tuple[Row, ...]
    chosen: Row | None
    values: tuple[Value, ...]


@node
class Slice(Node):
    """A band reached: its edges, the part of the amount between them, its cell, and the product.

    `part` and `product` are after their roundings; the exact ones are kept beside them.
    """

    number: int
    band: Band
    low: Fraction
    high: Fraction | None
    part_exact: Fraction
    part: Fraction
    cell: Computed
    product_exact: Fraction
    product: Fraction


@node
class ScheduleTrace(Node):
    """The amount (after the cap), the column read, the edges of all bands, the slices reached.

    A slab has one slice, the whole amount above the first edge; an interpolated schedule has the
    two points around the amount.
    """

    keys: tuple[Computed, ...]
    amount: Computed
    counted: Fraction
    column: int
    column_of: Column
    edges: tuple[tuple[Fraction, Fraction | None], ...]
    slices: tuple[Slice, ...]


@node
class HeldGround(Node):
    ground: Ground
    when: Computed
    value: Computed
    inner: tuple[HeldGround, ...] = ()


@node
class ExceptionsTrace(Node):
    """All grounds that held, in the notice's order, and the path to the one that gave the value
    (() for the base value; None when several made it together)."""

    base: Computed | None
    held: tuple[HeldGround, ...]
    chosen: tuple[Ground, ...] | None


@node
class PartTrace(Node):
    """A payer's share before and after rounding. `holder`: it is the whole minus the others."""

    part: Part
    exact: Fraction
    value: Fraction
    rounding: Rounding | None = None
    holder: bool = False
    division: DivisionTrace | None = None


@node
class DivisionTrace(Node):
    whole: Fraction
    division: Division
    keys: tuple[Computed, ...]
    arm: Arm
    parts: tuple[PartTrace, ...]


@node
class AllotmentTrace(Node):
    total: Computed
    division: DivisionTrace


BodyTrace: TypeAlias = FormulaTrace | LookupTrace | ScheduleTrace | ExceptionsTrace | AllotmentTrace


@node
class Step(Node):
    """One definition computed. `value` is the final value; a split's `parts` are its payers
    (leaves, subtotals and "total"), a table's its columns, a rule with grounds has "ground" and
    "held" (keys of grounds, "base" when none held)."""

    definition: Definition
    body: BodyTrace
    finished: tuple[Finished, ...]
    value: Value
    parts: tuple[tuple[str, Value | tuple[str, ...]], ...] = ()

    def part(self, key: str) -> Value | tuple[str, ...]:
        return dict(self.parts)[key]


@node
class Trace(Node):
    """The facts of a case and the steps that led to its answers, each definition once."""

    facts: tuple[tuple[str, Value], ...]
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step:
        return next(s for s in self.steps if s.definition.name.key == key)
