"""What kinds of value are there? Quantities with units, days, yes/no, members, sets of members."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from policydsl.nodes import Node, node

#: The base dimensions a unit is a product of powers of, in the order they are written.
DIMENSIONS = ("money", "person", "household", "case", "year", "month", "day")


@node
class Unit(Node):
    """A product of powers of base dimensions, as sorted pairs: 元/人·年 is money¹ person⁻¹ year⁻¹."""

    powers: tuple[tuple[str, int], ...] = ()

    def power(self, dimension: str) -> int:
        return dict(self.powers).get(dimension, 0)

    def times(self, other: Unit, sign: int = 1) -> Unit:
        """The product with `other`, or with `sign=-1` the quotient by it."""
        powers = dict(self.powers)
        for dimension, power in other.powers:
            powers[dimension] = powers.get(dimension, 0) + sign * power
        return unit(**powers)


def unit(**powers: int) -> Unit:
    """`unit(money=1, person=-1)`; dimensions of power 0 are dropped."""
    return Unit(tuple((d, powers[d]) for d in DIMENSIONS if powers.get(d)))


PURE = Unit()
MONEY = unit(money=1)


@node
class Quantity(Node):
    """A rational number in a unit. `percent` says that people write it as a percentage."""

    unit: Unit
    percent: bool = False


@node
class YesNo(Node):
    pass


@node
class Day(Node):
    pass


@node
class MemberOf(Node):
    """One member of the category of that key."""

    category: str


@node
class SetOf(Node):
    """Any number of members of the category of that key."""

    category: str


Kind: TypeAlias = Quantity | YesNo | Day | MemberOf | SetOf

YES_NO = YesNo()
DAY = Day()
RATE = Quantity(PURE, percent=True)
NUMBER = Quantity(PURE)
AMOUNT = Quantity(MONEY)


@node
class Currency(Node):
    """ISO code, the sign or word printed after an amount, and the grain (the smallest unit)."""

    code: str
    sign: str
    grain: Fraction


CURRENCIES = {
    code: Currency(code, sign, Fraction(grain))
    for code, sign, grain in (
        ("CNY", "元", "0.01"), ("HKD", "HKD", "0.01"), ("MOP", "MOP", "0.01"), ("TWD", "TWD", "0.01"),
        ("USD", "USD", "0.01"), ("EUR", "EUR", "0.01"), ("GBP", "GBP", "0.01"), ("CHF", "CHF", "0.01"),
        ("JPY", "JPY", "1"), ("KRW", "KRW", "1"), ("KWD", "KWD", "0.001"),
    )
}  # fmt: skip


def is_money(kind: Kind) -> bool:
    """Whether `kind` is an amount of money, per person or per anything else included."""
    return isinstance(kind, Quantity) and kind.unit.power("money") == 1
