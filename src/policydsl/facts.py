"""What does a policy know of a case, and of itself? Its header, names, quotes, categories and inputs."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from policydsl.expressions import Value
from policydsl.kinds import DAY, Currency, Kind
from policydsl.nodes import Node, Span, field, node, span_field


@node
class Name(Node):
    """A name as written, its ASCII alias for programmers, its label for people; `english` where readers of
    English are told neither the label nor the key: payout (from 2021-01-01)."""

    written: str
    alias: str | None = None
    label: str | None = None
    english: str | None = None
    span: Span = span_field()

    @property
    def key(self) -> str:
        """What the compiler and generated code call it: the alias, if there is one."""
        return self.alias or self.written

    @property
    def shown(self) -> str:
        """What people read: the label, or the name as written."""
        return self.label or self.written


@node
class Quote(Node):
    """Words of the notice and the number of the clause they stand in: 二（五）. `document` is the number of the
    notice, else its title, where what the words support is taken over from another policy."""

    clause: str
    words: str
    document: str = ""
    span: Span = span_field()

    @property
    def place(self) -> str:
        """The clause, after the notice where that is another one: 鲁医保发〔2020〕60号一（二）."""
        return self.document + self.clause


Bond: TypeAlias = Literal["amends", "adopts", "under", "replaces"]


@node
class Relation(Node):
    """One name of a line `amends shandong_2020`, `under "医保发〔2021〕32号" "…的通知"`: another document by the
    name of its policy, its number or its title; of `replaces`, also what falls in those amended."""

    bond: Bond
    name: str
    title: str | None = None
    because: str | None = None
    span: Span = span_field()


@node
class Header(Node):
    """What stands under `policy`. `effective_to` of None is "until further notice"."""

    name: Name
    title: str
    document: str | None
    issuer: str | None
    draft: bool
    issued_on: date | None
    text: str | None
    effective_from: date | None
    effective_to: date | None
    currency: Currency
    month_end: Literal["last", "next"]
    notes: tuple[str, ...] = ()
    effective_span: Span | None = field(default=None, eq=False)
    place: str | None = None
    relations: tuple[Relation, ...] = ()
    span: Span = span_field()


@node
class Member(Node):
    """One member of a category, with the code other systems know it by. `because` says why its label is
    no wording of the notice."""

    name: Name
    code: str | None = None
    because: str | None = None
    span: Span = span_field()


@node
class Group(Node):
    """A name for several members, given by key (groups within it are already taken apart)."""

    name: Name
    members: tuple[str, ...]
    because: str | None = None
    span: Span = span_field()


@node
class Category(Node):
    """A finite kind. In an ordered one the members go from the highest to the lowest level:
    一级 before 二级, so that 二级以上 is both."""

    name: Name
    members: tuple[Member, ...]
    groups: tuple[Group, ...] = ()
    ordered: bool = False
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Fact(Node):
    """An input of the policy, or with `open` a figure that another document sets.

    `low` and `high` are included; `grain` is the smallest step of a quantity in its unit
    (1/100 for 元). `default` is the value of a fact that is not given; `optional` says that it
    may not exist (then its value is None).
    """

    name: Name
    kind: Kind
    low: Fraction | date | None = None
    high: Fraction | date | None = None
    grain: Fraction | None = None
    optional: bool = False
    default: Value = None
    has_default: bool = False
    open: bool = False
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = span_field()


def day_fact(header: Header, span: Span | None = None) -> Fact:
    """The day of the case: a fact of every policy with dated values, and taken with any case. A day on
    which the policy is not in force is out of its range."""
    name = Name("办理日期", "on", "办理日期", span=span or header.span)
    return Fact(name, DAY, header.effective_from, header.effective_to, span=span or header.span)
