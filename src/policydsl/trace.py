"""What happened when a case was computed? Each definition's steps, with every value exact."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from policydsl.expressions import Expr, Finish, Rounding, Value
from policydsl.ir import Arm, Band, Column, Definition, Division, Ground, Part, Row
from policydsl.kinds import Kind
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
    (None when several made it together: sum, count). `results` are those of the rows that were
    looked at: of `held` in order, with "agree" and "first" of the first alone, with "count" none."""

    keys: tuple[Computed, ...]
    held: tuple[Row, ...]
    chosen: Row | None
    values: tuple[Value, ...]
    results: tuple[tuple[Computed, ...], ...] = ()


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

    A slab has one slice, the whole amount above the first edge (its `low` is that edge). An
    interpolated schedule has the two points around the amount, or the one it is on: `part` is the
    point's weight, and the weights sum to 1. `bounds` are the edges with how they were computed.
    """

    keys: tuple[Computed, ...]
    amount: Computed
    counted: Fraction
    column: int
    column_of: Column
    edges: tuple[tuple[Fraction, Fraction | None], ...]
    slices: tuple[Slice, ...]
    bounds: tuple[tuple[Computed, Computed | None], ...] = ()
    cap: Computed | None = None


@node
class HeldGround(Node):
    """A ground that held. `value` is what it gave, or what its inner grounds made of it; that of a
    ground passed over may be None when the policy gives no answer there."""

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
    """A payer's share before and after rounding. `holder`: it is the whole minus the others.
    `amount` is how a fixed share was computed."""

    part: Part
    exact: Fraction
    value: Fraction
    rounding: Rounding | None = None
    holder: bool = False
    division: DivisionTrace | None = None
    amount: Computed | None = None


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
    (leaves, subtotals and "total"), those of a table with several results its columns (and its
    `value` is None). A rule with grounds has "ground", the key of the one that gave the value
    ("base" when none held, the first of several that made it together), and "held", the keys of all
    that held. The key of an inner ground follows its outer one's: "full.veteran"."""

    definition: Definition
    body: BodyTrace
    finished: tuple[Finished, ...]
    value: Value
    parts: tuple[tuple[str, Value | tuple[str, ...]], ...] = ()

    def part(self, key: str) -> Value | tuple[str, ...]:
        return dict(self.parts)[key]


@node
class Trace(Node):
    """The facts of a case and the steps that led to its answers, each definition that was read once."""

    facts: tuple[tuple[str, Value], ...]
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step:
        return next(s for s in self.steps if s.definition.name.key == key)


@node
class Broken(Node):
    """What came of a case that breaks a property, when it was computed.

    `values` are the names, values and kinds the property is about; for a change, `before` is what
    it was at the point before. `output` is a result of the case (its name in the policy) with the
    value that makes an example of this case fail.
    """

    values: tuple[tuple[str, Value, Kind], ...]
    before: Value = None
    output: tuple[str, Value, Kind] | None = None
