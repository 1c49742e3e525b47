"""What can be computed? A dozen pure, exact expressions, shared by the model and the ir.

Quantities are rationals in the unit of their kind: money in whole currency units (元, not
分), a rate as the number it is (60% is 3/5). There is no recursion and no function.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from policydsl.kinds import Kind
from policydsl.nodes import Node, Span, evolve, node, span_field

#: A value of a case or a result. A member is its key; None is "does not exist" (optional facts).
Value: TypeAlias = Fraction | bool | date | str | frozenset[str] | None

RoundingMode: TypeAlias = Literal["half_up", "half_down", "half_even", "up", "down", "ceiling", "floor"]
CompareOp: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!="]
DurationUnit: TypeAlias = Literal["day", "month", "year"]


@node
class Constant(Node):
    """A figure of the policy: 60%, 10000元, 2021-12-31, 银川市; `origin` names one from elsewhere."""

    value: Value
    kind: Kind
    origin: str | None = None
    span: Span = span_field()


@node
class Input(Node):
    """The fact of the case that has this key."""

    key: str
    kind: Kind
    span: Span = span_field()


@node
class Ref(Node):
    """The value of another definition; `part` is a payer, a result column, or None for the whole."""

    key: str
    kind: Kind
    part: str | None = None
    span: Span = span_field()


@node
class Add(Node):
    left: Expr
    right: Expr
    kind: Kind
    span: Span = span_field()


@node
class Subtract(Node):
    left: Expr
    right: Expr
    kind: Kind
    span: Span = span_field()


@node
class Multiply(Node):
    left: Expr
    right: Expr
    kind: Kind
    span: Span = span_field()


@node
class Divide(Node):
    left: Expr
    right: Expr
    kind: Kind
    span: Span = span_field()


@node
class Extreme(Node):
    """The greater of, or the smaller of, two or more values."""

    which: Literal["greatest", "least"]
    operands: tuple[Expr, ...]
    kind: Kind
    span: Span = span_field()


@node
class Round(Node):
    """`operand` to a whole multiple of `step` (in the unit of the kind: 1/100 is 0.01元)."""

    operand: Expr
    step: Fraction
    mode: RoundingMode
    kind: Kind
    span: Span = span_field()


@node
class If(Node):
    condition: Expr
    then: Expr
    otherwise: Expr
    kind: Kind
    span: Span = span_field()


@node
class Compare(Node):
    """Two quantities or two days compared; `==` and `!=` also compare yes/no values."""

    op: CompareOp
    left: Expr
    right: Expr
    kind: Kind
    span: Span = span_field()


@node
class And(Node):
    operands: tuple[Expr, ...]
    kind: Kind
    span: Span = span_field()


@node
class Or(Node):
    operands: tuple[Expr, ...]
    kind: Kind
    span: Span = span_field()


@node
class Not(Node):
    operand: Expr
    kind: Kind
    span: Span = span_field()


@node
class IsMember(Node):
    """Whether a member is one of `members` (`is`, `in`, 以上 on an ordered category, a group)."""

    operand: Expr
    members: frozenset[str]
    kind: Kind
    span: Span = span_field()


@node
class HasAny(Node):
    """Whether a set of members holds at least one of `members`."""

    operand: Expr
    members: frozenset[str]
    kind: Kind
    span: Span = span_field()


@node
class Present(Node):
    """Whether the optional input of this key was given a value."""

    key: str
    kind: Kind
    span: Span = span_field()


@node
class Within(Node):
    """Whether `start` <= `day` <= `start` + `length`; a month that is too short ends on its last
    day, or on the next month's first when `overflow` is "next"."""

    day: Expr
    start: Expr
    length: int
    unit: DurationUnit
    kind: Kind
    overflow: Literal["last", "next"] = "last"
    span: Span = span_field()


@node
class Undefined(Node):
    """No answer here, and the author's reason."""

    because: str
    kind: Kind
    span: Span = span_field()


Expr: TypeAlias = (
    Constant | Input | Ref | Add | Subtract | Multiply | Divide | Extreme | Round | If | Compare
    | And | Or | Not | IsMember | HasAny | Present | Within | Undefined
)  # fmt: skip


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside `expr`, in reading order."""
    match expr:
        case Constant() | Input() | Ref() | Present() | Undefined():
            return ()
        case Add() | Subtract() | Multiply() | Divide() | Compare():
            return (expr.left, expr.right)
        case Extreme() | And() | Or():
            return expr.operands
        case Round() | Not() | IsMember() | HasAny():
            return (expr.operand,)
        case If():
            return (expr.condition, expr.then, expr.otherwise)
        case Within():
            return (expr.day, expr.start)


def rebuilt(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
    """`expr` with other expressions inside it, in the order of `children`."""
    match expr:
        case Constant() | Input() | Ref() | Present() | Undefined():
            return expr
        case Add() | Subtract() | Multiply() | Divide() | Compare():
            return evolve(expr, left=parts[0], right=parts[1])
        case Extreme() | And() | Or():
            return evolve(expr, operands=parts)
        case Round() | Not() | IsMember() | HasAny():
            return evolve(expr, operand=parts[0])
        case If():
            return evolve(expr, condition=parts[0], then=parts[1], otherwise=parts[2])
        case Within():
            return evolve(expr, day=parts[0], start=parts[1])


@node
class Interval(Node):
    """The amounts between two bounds, as printed; a bound of None is open to infinity."""

    low: Expr | None
    low_closed: bool
    high: Expr | None
    high_closed: bool
    span: Span = span_field()


#: What a row asks of one key: one of some members, an amount in an interval, or anything (None).
Test: TypeAlias = frozenset[str] | Interval | None


@node
class Rounding(Node):
    """A `round …` line. `scope` says what is rounded: the total, each slice's amount, each product.

    In a split `holder` is the payer who takes what rounding leaves over, or `LARGEST_FRACTIONS`.
    """

    mode: RoundingMode
    step: Fraction
    scope: Literal["total", "slice", "product"] = "total"
    holder: str | None = None
    because: str | None = None
    span: Span = span_field()


LARGEST_FRACTIONS = "*"


@node
class Limit(Node):
    """A `capped at …` or `at least …` line."""

    which: Literal["cap", "floor"]
    bound: Expr
    because: str | None = None
    span: Span = span_field()


#: The lines after a definition's value, applied in the order written.
Finish: TypeAlias = Rounding | Limit
