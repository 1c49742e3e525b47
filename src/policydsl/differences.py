"""How do two policies differ? In what they declare, in how they are called, and in what they answer.

`old` and `new` are two editions of a policy, or any two that answer the same questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from policydsl.diagnostics.model import Words
from policydsl.expressions import Value
from policydsl.facts import Name, Quote
from policydsl.ir import Program
from policydsl.kinds import Kind
from policydsl.nodes import Node, field, node

#: what the new policy does with a case, against the old: "other" is a result without an order (a
#: member), "gained" one that only the new policy has, "lost" one that only the old had, "neither" none.
How: TypeAlias = Literal["same", "higher", "lower", "other", "gained", "lost", "neither"]
ORDER: tuple[How, ...] = ("higher", "lower", "other", "gained", "lost", "same", "neither")


@node
class Stretch(Node):
    """The amounts (or days) from `low` to `high`, both included (None: without end), and what the new policy
    does there. Several `hows` alternate, because of roundings."""

    low: Fraction | date | None
    high: Fraction | date | None
    hows: tuple[How, ...]


@node
class Change(Node):
    """A person whose answer differs: the facts, both answers (None: no answer), and by how much the new
    one is more (None: they have no order, or one is missing). With `endless` the difference grows
    without end along the amount, and the person is one of many. An unconfirmed one was not found by
    computing a case: the conditions that tell this person apart may never meet."""

    facts: Mapping[str, Value]
    old: Value
    new: Value
    by: Fraction | None
    endless: bool = False
    confirmed: bool = True


@node
class Group(Node):
    """Some people (`whom`; nothing when they are all) and what becomes of them along the amount."""

    whom: Words
    stretches: tuple[Stretch, ...]
    gain: Change | None = None
    loss: Change | None = None
    other: Change | None = None


Outcome: TypeAlias = Literal["same", "different", "added", "dropped", "incomparable", "open"]
Why: TypeAlias = Literal["kind", "facts", "currency", "cells", "product", "amounts"]


@node
class Answers(Node):
    """What becomes of one output, or of a `part` of it, as `along` varies (None: no amount does).

    "same" is proved for every input; "different" names all groups for whom anything differs.
    "incomparable": its kind or its currency differs, or the kind of a fact it needs. "open": it could not be decided, and
    `why`; with "amounts", `others` were looked at only at the ends of their ranges, and what was
    found there is told.
    """

    key: str
    part: str | None
    title: Words
    outcome: Outcome
    kind: Kind | None = None
    along: str | None = None
    groups: tuple[Group, ...] = ()
    why: Why | None = None
    others: tuple[str, ...] = ()


@node
class Declared(Node):
    """A declaration that was added, dropped or changed: what it is called, and each difference in it as
    what was written before and what is now (nothing: it was not there). `quotes` are the clauses of
    the new policy, or of the old where it was dropped."""

    what: Literal["added", "dropped", "changed"]
    word: str
    title: Words
    details: tuple[tuple[Words, Words, Words], ...] = ()
    quotes: tuple[Quote, ...] = ()


@node
class Incompatible(Node):
    """What a caller of the old policy's evaluators meets in the new one's. `breaks` says whether a call
    that worked may now fail or mean something else; what does not break is an addition."""

    breaks: bool
    text: Words


@node
class Tally(Node):
    """Rows that have `key` in the columns they are counted by: how many gain, lose, stay the same, or have no
    answer under one of the policies; what the gains and the losses add up to, and the old and new sums of
    the rows that have both answers, in the unit of the output."""

    key: tuple[str, ...]
    gained: int = 0
    lost: int = 0
    same: int = 0
    unanswered: int = 0
    gains: Fraction = Fraction(0)
    losses: Fraction = Fraction(0)
    old: Fraction = Fraction(0)
    new: Fraction = Fraction(0)


@node
class Comparison(Node):
    """Two policies and all that differs. `same` is whether their meanings are equal as a whole; `counted` is
    what came of a list of people, by output, counted by what stands in its columns `by`."""

    old: Program
    new: Program
    declared: tuple[Declared, ...]
    answers: tuple[Answers, ...]
    same: bool
    counted: Mapping[str, tuple[Tally, ...]] = field(factory=dict)
    by: tuple[str, ...] = ()
    lacking: Mapping[str, tuple[Name, ...]] = field(factory=dict)
