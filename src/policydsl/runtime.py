"""All that generated evaluators import: errors of case data, categories, exact conversions.

Standard library only. No state but constants, so everything here is thread-safe.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)
from enum import StrEnum
from typing import Final, Literal, NoReturn, Self, TypeAlias, TypeVar

#: The version of this interface; a module generated for another one refuses to be imported.
API: Final = 1

_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "PC101": ("{name} was not given", "没有提供“{name}”"),
    "PC102": ("there is no input {name}", "没有名为“{name}”的输入项"),
    "PC103": ("{name} must be {allowed}", "“{name}”应为{allowed}"),
    "PC104": ("{name} is outside {allowed}", "“{name}”超出范围{allowed}"),
    "PC105": ("{name} must be a multiple of {allowed}", "“{name}”应为{allowed}的整数倍"),
    "PC106": ("{name} must be one of {allowed}", "“{name}”应为以下之一：{allowed}"),
    "PC107": ("the facts contradict {allowed}", "所给情况与前提不符：{allowed}"),
    "PC108": ("the policy gives no answer here: {allowed}", "政策对此情形不作规定：{allowed}"),
    "PC109": ("{name} has too many digits", "“{name}”位数过多"),
}


class PolicyError(ValueError):
    """A fact of a case that an evaluator cannot take, or a case that has no answer.

    `code` is PC101 … PC109, `output` the evaluator, `name` the input, `value` what was given,
    `allowed` what is taken instead. The value stands in `message()` and never in `str(e)`, which
    goes to logs.
    """

    def __init__(self, code: str, output: str, name: str, value: object = None, allowed: str = "") -> None:
        super().__init__(code, output, name, value, allowed)
        self.code = code
        self.output = output
        self.name = name
        self.value = value
        self.allowed = allowed

    def __reduce__(self) -> tuple[type[PolicyError], tuple[str, str, str, object, str]]:
        return type(self), (self.code, self.output, self.name, self.value, self.allowed)

    def _words(self, language: Literal["en", "zh"]) -> str:
        return _MESSAGES[self.code][language == "zh"].format(name=self.name, allowed=self.allowed)

    def __str__(self) -> str:
        return f"{self.code}: {self.output}: {self._words('en')}"

    def message(self, language: Literal["en", "zh"] = "en") -> str:
        """The whole error for the person who entered the case, the value included."""
        words = self._words(language)
        if self.value is None or self.code in ("PC101", "PC102", "PC107", "PC108"):
            return words
        shown = self.value.isoformat() if isinstance(self.value, date) else repr(self.value)
        shown = shown if len(shown) <= 80 else shown[:77] + "…"
        return f"{words}，所给为{shown}" if language == "zh" else f"{words}; got {shown}"


def require_api(version: int) -> None:
    """Refuse a module that was generated for another version of this interface."""
    if version != API:
        raise ImportError(
            f"this module was generated for interface {version} of policydsl.runtime, "
            f"which has interface {API}: compile the policy again"
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """What a generated module says of itself.

    `status` is "issued" or "draft"; `in_force` the first and the last day (None: not stated, or
    until further notice). `open_figures` are the figures another document sets: they are
    arguments of the evaluators that need them. `meaning` changes when an answer may change,
    `interface` when a caller may have to.
    """

    name: str
    title: str
    document: str | None
    status: Literal["issued", "draft"]
    in_force: tuple[date | None, date | None]
    open_figures: tuple[str, ...]
    meaning: str
    interface: str

    def require_in_force(self, on: date) -> None:
        """Raises PolicyError PC104 for a day on which the policy is not in force."""
        first, last = self.in_force
        if (first is not None and on < first) or (last is not None and on > last):
            allowed = f"≥ {first}" if last is None else f"≤ {last}" if first is None else f"{first} .. {last}"
            raise PolicyError("PC104", self.name, "on", on, allowed)


class Category(StrEnum):
    """A finite kind. A member's value is its key, `label` what people read, `code` what other
    systems write, `written` the name in the policy file."""

    label: str
    code: str | None
    written: str

    def __new__(cls, value: str, label: str, code: str | None = None, written: str | None = None) -> Self:
        self = str.__new__(cls, value)
        self._value_ = value
        self.label = label
        self.code = code
        self.written = label if written is None else written
        return self

    @classmethod
    def parse(cls, text: str) -> Self:
        """The member of this key, label, code or written name. Raises PolicyError PC106."""
        for member in cls:
            if text == member.value:
                return member
        for member in cls:
            if text in (member.label, member.code, member.written):
                return member
        raise PolicyError("PC106", "", cls.__name__, text, _names(cls))


C = TypeVar("C", bound=Category)


def one_of(members: Sequence[str], between: str = ", ") -> str:
    """The members of a category, for a message: the first twenty, and of more the last and how many there are."""
    if len(members) <= 21:
        return between.join(members)
    return f"{between.join(members[:20])} … {members[-1]} ({len(members)})"


def _names(category: type[Category]) -> str:
    return one_of([member.value for member in category])


def _by_key(category: type[C], key: object) -> C | None:
    return next((member for member in category if member.value == key), None)


# Exact conversions. The ambient decimal context is never used: a caller may have set it to three
# digits. The first context holds what a case may contain (a number beyond 10**40, or with more
# digits than that, is trapped before it becomes an integer), the second any answer.

_INWARD: Final = Context(
    prec=60,
    Emax=40,
    Emin=-40,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, Inexact, Overflow, Underflow],
)
_OUTWARD: Final = Context(
    prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, capitals=1, clamp=0, flags=[], traps=[]
)
_DIGITS: Final = 10**18
_PLACES: Final = 9

#: `exact(times(x, HUNDRED)).__trunc__()`: an amount in its grains, or a trap where it has a part of a
#: grain. The method is what `int` calls in the end, in two thirds of its time.
times: Final = _INWARD.multiply
exact: Final = _INWARD.to_integral_exact
HUNDRED: Final = Decimal(100)
#: `decimal(9608000, CENT)` is 96080.00.
decimal: Final = _OUTWARD.multiply
CENT: Final = Decimal("0.01")


def decimals(count: int, places: int) -> Decimal:
    """`count` with its last `places` digits after the point."""
    return _OUTWARD.scaleb(Decimal(count), -places)


# The inputs of evaluators: what a value has to be, and what to say of one that is not. Generated
# code tests the usual case itself and comes here when something is wrong.


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount, a rate, a count: `low` .. `high` are counted in 1/`scale` of the unit, and the value
    is a multiple of `step` of them. `whole` says that the value is an int and not a Decimal.

    Without bounds a value has at most 18 digits before the point; `free` says that no grain is
    declared, and then it has at most nine after it.
    """

    name: str
    low: int | None
    high: int | None
    step: int
    scale: int
    sign: str
    whole: bool = False
    free: bool = False
    optional: bool = False
    required: bool = True

    def read(self, output: str, value: object) -> int | None:
        """`value` counted in 1/`scale` of the unit. Raises PolicyError."""
        if value is None and self.optional:
            return None
        if self.whole:
            if type(value) is not int:
                raise PolicyError("PC103", output, self.name, value, "int")
            if not -_DIGITS < value < _DIGITS:
                raise PolicyError("PC109", output, self.name, value)
            return self._within(output, value * self.scale, value)
        if type(value) is not Decimal:
            raise PolicyError("PC103", output, self.name, value, "Decimal")
        if not value.is_finite() or (not value and value.is_signed()):
            raise PolicyError("PC104", output, self.name, value, self._range())
        if value and value.adjusted() >= 18:
            raise PolicyError(*self._too_great(output), value, self._range())
        try:
            return self._within(output, int(exact(times(value, self.scale))), value)
        except ArithmeticError:
            if self.free:
                raise PolicyError("PC109", output, self.name, value) from None
            raise PolicyError("PC105", output, self.name, value, self._count(self.step)) from None

    def read_grains(self, output: str, value: object) -> int | None:
        """`value` given as an int that counts 1/`scale` of the unit already. Raises PolicyError."""
        if value is None and self.optional:
            return None
        if type(value) is not int:
            raise PolicyError("PC103", output, self.name, value, "int")
        if not -_DIGITS * self.scale < value < _DIGITS * self.scale:
            raise PolicyError(*self._too_great(output), value, self._range())
        return self._within(output, value, value)

    def _too_great(self, output: str) -> tuple[str, str, str]:
        return ("PC109" if self.low is None and self.high is None else "PC104", output, self.name)

    def _within(self, output: str, count: int, value: object) -> int:
        if (self.low is not None and count < self.low) or (self.high is not None and count > self.high):
            raise PolicyError("PC104", output, self.name, value, self._range())
        if count % self.step:
            raise PolicyError("PC105", output, self.name, value, self._count(self.step))
        return count

    def _count(self, count: int) -> str:
        whole, part = divmod(abs(count), self.scale)
        places = len(str(self.scale)) - 1
        digits = f"{part:0{places}d}".rstrip("0") if places else ""
        return f"{'-' if count < 0 else ''}{whole}{'.' if digits else ''}{digits}{self.sign}"

    def _range(self) -> str:
        if self.low is None:
            return "…" if self.high is None else f"≤ {self._count(self.high)}"
        return (
            f"≥ {self._count(self.low)}"
            if self.high is None
            else f"{self._count(self.low)} .. {self._count(self.high)}"
        )


@dataclass(frozen=True, slots=True)
class YesNo:
    """A fact that holds or does not: strictly a bool."""

    name: str
    optional: bool = False
    required: bool = True

    def read(self, output: str, value: object) -> bool | None:
        """`value`, if it is True or False. Raises PolicyError."""
        if type(value) is bool or (value is None and self.optional):
            return value
        raise PolicyError("PC103", output, self.name, value, "bool")


@dataclass(frozen=True, slots=True)
class Day:
    """A day from `low` to `high`: strictly a date, not a datetime."""

    name: str
    low: date | None = None
    high: date | None = None
    optional: bool = False
    required: bool = True

    def read(self, output: str, value: object) -> date | None:
        """`value`, if it is a day in the range. Raises PolicyError."""
        if value is None and self.optional:
            return None
        if type(value) is not date:
            raise PolicyError("PC103", output, self.name, value, "date")
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            low, high = ("…" if bound is None else bound.isoformat() for bound in (self.low, self.high))
            raise PolicyError("PC104", output, self.name, value, f"{low} .. {high}")
        return value


@dataclass(frozen=True, slots=True)
class Member:
    """A member of `category`. Its key as a plain string, which is what it is on the wire, is taken
    for the member."""

    name: str
    category: type[Category]
    optional: bool = False
    required: bool = True

    def read(self, output: str, value: object) -> Category | None:
        """The member. Raises PolicyError."""
        if value is None and self.optional:
            return None
        if type(value) is self.category:
            return value
        if type(value) is str and (found := _by_key(self.category, value)) is not None:
            return found
        raise PolicyError("PC106", output, self.name, value, _names(self.category))


@dataclass(frozen=True, slots=True)
class Members:
    """Any number of members of `category`, in any collection but a string; duplicates count once."""

    name: str
    category: type[Category]
    optional: bool = False
    required: bool = True

    def read(self, output: str, value: object) -> frozenset[Category] | None:
        """The members. Raises PolicyError."""
        if value is None and self.optional:
            return None
        if isinstance(value, str | bytes | bytearray | Mapping) or not isinstance(value, Collection):
            raise PolicyError("PC103", output, self.name, value, f"Collection[{self.category.__name__}]")
        one = Member(self.name, self.category)
        members: set[Category] = set()
        for element in value:
            member = one.read(output, element)
            assert member is not None
            members.add(member)
        return frozenset(members)


Input: TypeAlias = Quantity | YesNo | Day | Member | Members


def refusal(output: str, field: Input, value: object, *, grains: bool = False) -> PolicyError:
    """Why `value` is not taken for `field`. Generated code raises it where its own test failed."""
    try:
        if grains and isinstance(field, Quantity):
            field.read_grains(output, value)
        else:
            field.read(output, value)
    except PolicyError as error:
        return error
    return PolicyError("PC103", output, field.name, value, "…")


def first_refusal(output: str, fields: Iterable[tuple[Input, object]]) -> PolicyError:
    """Why the first of several values that is not taken is not."""
    for field, value in fields:
        try:
            field.read(output, value)
        except PolicyError as error:
            return error
    return PolicyError("PC108", output, output)


def count(output: str, field: Quantity, value: Decimal) -> int:
    """`value` in 1/`scale` of its unit. Raises PolicyError."""
    result = field.read(output, value)
    assert result is not None
    return result


def count_or_none(output: str, field: Quantity, value: Decimal | None) -> int | None:
    """`value` in 1/`scale` of its unit, None if it does not exist. Raises PolicyError."""
    return field.read(output, value)


def member(output: str, field: Member, category: type[C], value: C) -> C:
    """The member that `value` is, or whose key it is. Raises PolicyError."""
    if type(value) is category:
        return value
    found = _by_key(category, field.read(output, value))
    if found is None:
        raise refusal(output, field, value)
    return found


def members(output: str, field: Members, category: type[C], value: Collection[C]) -> frozenset[C]:
    """The members in `value`. Raises PolicyError."""
    if type(value) is frozenset and {*map(type, value)} <= {category}:
        return value
    given = field.read(output, value) or frozenset()
    return frozenset(member for member in category if member in given)


def problems(
    output: str,
    fields: Sequence[Input],
    givens: Sequence[tuple[Callable[..., bool], tuple[str, ...], str]],
    row: Mapping[str, object],
    answer: Callable[..., object],
) -> tuple[PolicyError, ...]:
    """All that is wrong with the facts in `row`: missing and wrong ones in the policy's order,
    unknown ones, contradictions; and when nothing is, whether there is an answer."""
    found: list[PolicyError] = []
    known: dict[str, object] = {}
    for field in fields:
        if field.name in row:
            try:
                known[field.name] = field.read(output, row[field.name])
            except PolicyError as error:
                found.append(error)
        elif field.required:
            found.append(PolicyError("PC101", output, field.name))
    names = {field.name for field in fields}
    found += [PolicyError("PC102", output, name, value) for name, value in row.items() if name not in names]
    for holds, needs, text in givens:
        if all(name in known for name in needs):
            try:
                if not holds(*(known[name] for name in needs)):
                    found.append(contradiction(output, needs, text))
            except PolicyError as error:
                found.append(asked_for(output, error))
    if found:
        return tuple(found)
    try:
        answer(**row)
    except PolicyError as error:
        return (error,)
    return ()


# Cases that have no answer.


def contradiction(output: str, names: Sequence[str], text: str) -> PolicyError:
    """The facts `names` violate the condition `text` that the policy says always holds."""
    return PolicyError("PC107", output, ", ".join(names), None, text)


def no_answer(definition: str, because: str) -> NoReturn:
    """The policy says that `definition` has no value here. Raises PolicyError PC108."""
    raise PolicyError("PC108", definition, definition, None, because)


def asked_for(output: str, error: PolicyError) -> PolicyError:
    """`error`, which arose in a definition that `output` reads, as the error of `output`."""
    return PolicyError(error.code, output, error.name, error.value, error.allowed)


V = TypeVar("V")


def present(definition: str, name: str, value: V | None) -> V:
    """The value of an optional fact that is read. Raises PolicyError PC108 if it does not exist."""
    if value is None:
        no_answer(definition, f"{name}: none")
    return value


# Integer rounding of n / d, d > 0, away from, towards or past zero as the mode says.


def half_up(n: int, d: int) -> int:
    """The nearest integer, halves away from zero (四舍五入)."""
    return (2 * n + d) // (2 * d) if n >= 0 else -((d - 2 * n) // (2 * d))


def half_down(n: int, d: int) -> int:
    """The nearest integer, halves towards zero."""
    return -((d - 2 * n) // (2 * d)) if n >= 0 else (2 * n + d) // (2 * d)


def half_even(n: int, d: int) -> int:
    """The nearest integer, halves to the even one."""
    whole, rest = divmod(n, d)
    return whole + (2 * rest > d or (2 * rest == d and whole % 2 == 1))


def up(n: int, d: int) -> int:
    """The next integer away from zero (进一)."""
    return -(-n // d) if n >= 0 else n // d


def down(n: int, d: int) -> int:
    """The next integer towards zero (舍去)."""
    return n // d if n >= 0 else -(-n // d)


def ceiling(n: int, d: int) -> int:
    """The smallest integer that is not below."""
    return -(-n // d)


def floor(n: int, d: int) -> int:
    """The greatest integer that is not above."""
    return n // d


def quotient(round_off: Callable[[int, int], int], definition: str, n: int, d: int) -> int:
    """n / d rounded, d of either sign. Raises PolicyError PC108 where d is zero."""
    if d == 0:
        no_answer(definition, "÷ 0")
    return round_off(n, d) if d > 0 else round_off(-n, -d)


# Bands, days, remainders, grounds.

Ladder: TypeAlias = tuple[int, int, int, int, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]


def marginal(
    bands: Iterable[tuple[int | None, tuple[int, ...]]],
    column: int,
    start: int,
    scale: int,
    factor: int,
    offset: int,
    limit: int,
) -> Ladder:
    """Bands over an amount, made ready for it: what slices at their rates add up to is, from each
    edge to the next, rate × amount + base.

    `bands` have their upper edge and a rate a column; the amount, `start` (the lower edge of the
    first band) and `limit` (no amount is greater) are counted `scale` times finer than the edges.
    Rates are multiplied by `factor`, and `offset` is added to each base for the rounding that
    follows. The answer is the first band (start, upper edge, rate, base), which most amounts are
    in, and then all: upper edges for bisect_left, rates, bases.
    """
    edges, rates, bases = [start], [0], [offset]
    low, paid = start, 0
    high: int | None = None
    for high, cells in bands:
        rate = cells[column] * factor
        rates.append(rate)
        bases.append(paid - rate * low + offset)
        edge = limit if high is None else high * scale
        edges.append(edge)
        paid += rate * (edge - low)
        low = edge
    if high is not None:
        rates.append(0)
        bases.append(paid + offset)
        edges.append(limit)
    return edges[0], min(edges[1], limit), rates[1], bases[1], (tuple(edges[:-1]), tuple(rates), tuple(bases))


def end_of_period(
    start: date, length: int, unit: Literal["day", "month", "year"], overflow: Literal["last", "next"]
) -> date:
    """The last day of the period of `length` days, months or years after `start`, itself not counted.

    Where the month is too short the period ends on its last day, or with "next" on the first of
    the month after; one that runs out of the calendar ends on its last day.
    """
    if unit == "day":
        try:
            return start + timedelta(days=length)
        except OverflowError:
            return date.max
    months = start.year * 12 + start.month - 1 + (length if unit == "month" else 12 * length)
    year, month = divmod(months, 12)
    if year > date.max.year:
        return date.max
    days = monthrange(year, month + 1)[1]
    if start.day <= days:
        return date(year, month + 1, start.day)
    return date(year, month + 1, days) + timedelta(days=overflow == "next")


def largest_fractions(shares: Sequence[int], step: int) -> tuple[int, ...]:
    """The shares rounded down to whole steps; the steps that this leaves over go to the largest
    fractions, ties in order, and what is less than a step to the first."""
    rounded = [share - share % step for share in shares]
    left = sum(shares) - sum(rounded)
    for i in sorted(range(len(shares)), key=lambda i: -(shares[i] % step)):
        if left < step:
            break
        rounded[i] += step
        left -= step
    rounded[0] += left
    return tuple(rounded)


G = TypeVar("G")
Ordered = TypeVar("Ordered", int, date)


def greatest(held: Sequence[tuple[Ordered, G]]) -> tuple[Ordered, G]:
    """Of the grounds that hold, the first with the greatest value."""
    return max(held, key=lambda pair: pair[0])


def least(held: Sequence[tuple[Ordered, G]]) -> tuple[Ordered, G]:
    """Of the grounds that hold, the first with the least value."""
    return min(held, key=lambda pair: pair[0])


def together(held: Sequence[tuple[int, G | None]]) -> tuple[int, G | None]:
    """The sum of what the grounds that hold give, and the ground if it is one."""
    return sum(value for value, _ in held), held[0][1] if len(held) == 1 else None


def number_of(held: Sequence[tuple[int, G | None]], one: int) -> tuple[int, G | None]:
    """How many grounds hold, each counted as `one`, and the ground if it is one."""
    return len(held) * one, held[0][1] if len(held) == 1 else None
