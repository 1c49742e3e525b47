"""How is each answer computed? Definitions in the order they need each other, nothing left to interpret.

Bands, tables, grounds and splits keep their shape here, because every backend has its own
best form for each of them; the values inside are the expressions of `expressions.py`.

A definition may have no answer for a case: an `Undefined` is reached, no row or band takes it,
something is divided by zero. That is the answer's error (PC108) only where the value is read: a
branch not taken, an operand that `and` or `or` does not look at, and a ground that is passed over
read nothing.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, TypeAlias

from policydsl.expressions import Expr, Finish, Interval, Rounding, Test, Value
from policydsl.facts import Category, Fact, Header, Name, Quote
from policydsl.kinds import Kind
from policydsl.nodes import Node, Span, node, span_field

Overlap: TypeAlias = Literal["agree", "first", "greatest", "least", "sum", "count"]


@node
class Formula(Node):
    """A param or a plain rule: one expression."""

    value: Expr


@node
class Key(Node):
    """What a table, schedule or split is looked up by: an expression, and for a member its category."""

    value: Expr
    name: str
    category: str | None


@node
class Row(Node):
    """A row holds when every key passes its test; `results` has one value a result column."""

    tests: tuple[Test, ...]
    results: tuple[Expr, ...]
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Lookup(Node):
    """A table. For each result: the value of the row that holds, or what `overlap` makes of several.

    With "agree" the rows that hold are known to give the same; of those and with "first" only the
    first is read. "greatest" and "least" take each result for itself. Where no row holds, "sum" and
    "count" are 0 and the others have no answer. `results` names the columns; a table with one
    result is that value itself, and of one with several each quantity goes through the `finish`.
    A yes/no key is tested against the members "yes" and "no".
    """

    keys: tuple[Key, ...]
    results: tuple[Name, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[Row, ...]
    overlap: Overlap
    overlap_because: str | None = None


@node
class Column(Node):
    """The members of each key (None: any) for which this column of a schedule is read."""

    tests: tuple[frozenset[str] | None, ...]
    title: str
    span: Span = span_field()


@node
class Band(Node):
    """The amounts between two edges and the cell of each column: a rate, or an amount of money.

    `printed` is the interval as the notice writes it. With continuous bands the low edge of a
    band is the high edge of the one before it. `low_closed` says whether the low edge itself is
    in this band (slab only; a marginal slice of nothing pays nothing). `high` None: no limit.
    """

    low: Expr
    low_closed: bool
    high: Expr | None
    high_closed: bool
    cells: tuple[Expr, ...]
    printed: Interval
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Schedule(Node):
    """Bands over an amount.

    `marginal`: the sum over bands of (the part of the amount between the band's edges) × rate;
    below the first edge it pays nothing. `slab`: with rates, (amount − first low edge) × the rate
    of the band the amount is in; with amounts of money, that amount. `interpolated`: each band is
    a point (`low` = `high`), and the value between two points lies on the straight line; an amount
    on a point reads that point alone. A slab outside its bands and an interpolation outside its
    points have no answer. The first column whose tests hold is read. `cells_are_rates` tells rates
    from amounts. `cap`: the part of the amount above it counts for nothing. `each_slice`,
    `each_product`: the roundings of a marginal schedule's slices and of their products with the
    rates.
    """

    amount: Expr
    mode: Literal["marginal", "slab", "interpolated"]
    keys: tuple[Key, ...]
    columns: tuple[Column, ...]
    bands: tuple[Band, ...]
    cells_are_rates: bool
    cap: Expr | None = None
    each_slice: Rounding | None = None
    each_product: Rounding | None = None
    continuous_because: str | None = None


@node
class Ground(Node):
    """A named exception: when `when` holds the value is `value` (or what an inner ground gives)."""

    name: Name
    when: Expr
    value: Expr
    exempt: bool
    inner: tuple[Ground, ...] = ()
    because: str | None = None
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Exceptions(Node):
    """A rule with grounds: `base` where none holds; of several, what `overlap` says.

    "greatest" and "least" range over the grounds that hold, not over the base; equal values name
    the first in the text. "agree": several that hold are known to give the same, the first is
    named. "sum" adds the grounds that hold, "count" counts the outer ones; where none holds, they
    too give the base. Inner grounds are looked at only where their outer one holds, with the same
    overlap, and what they give stands for the outer value.
    """

    base: Expr
    grounds: tuple[Ground, ...]
    overlap: Overlap
    overlap_because: str | None = None


@node
class Portion(Node):
    """A payer's part of what is divided.

    "rate": `rate` of it (60% is 3/5, 8 of 8:2 is 4/5). "fixed": `amount`. "rest": what the other
    parts leave. "all": the whole. `written` is the portion as printed: 60%, 8:2, 13.5元.
    """

    how: Literal["rate", "fixed", "rest", "all"]
    rate: Fraction | None
    amount: Expr | None
    written: str


@node
class Part(Node):
    """One payer's share; `division` divides it further, and then it is a subtotal, not a leaf."""

    payer: str
    portion: Portion
    division: Division | None = None
    span: Span = span_field()


@node
class Division(Node):
    """How one amount is divided among payers, by the members of `keys` (() when there is one arm).

    With `rounding` every "rate" part but the holder's is rounded and the holder takes the whole
    minus the others; the parts of an arm always sum to the whole. In an arm without a rate nothing
    is rounded. Where the holder has no part, the payer of the rest is the holder, else the last
    payer of a rate; without a holder the payer of the rest takes what is left over. With
    `LARGEST_FRACTIONS` each rate is rounded down to the step, then one step each goes to the
    largest fractions, equal ones in the order of the text; what is left under a step (the total is
    off the step) goes to the first rate. A division below a part divides its rounded share;
    `quotes` are those of the `split` of a share that it was written as.
    """

    keys: tuple[Key, ...]
    arms: tuple[Arm, ...]
    rounding: Rounding | None = None
    quotes: tuple[Quote, ...] = ()


@node
class Arm(Node):
    tests: tuple[frozenset[str] | None, ...]
    parts: tuple[Part, ...]
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Allotment(Node):
    """A split, nested ones included. A payer who has no part in the arms taken gets 0.

    `leaves` are the payers that sum to the total, `subtotals` those whose share is divided
    further, both in the order of the text. A payer divided in one arm only is a subtotal.
    """

    total: Expr
    division: Division
    leaves: tuple[Name, ...]
    subtotals: tuple[Name, ...]


Body: TypeAlias = Formula | Lookup | Schedule | Exceptions | Allotment


@node
class Definition(Node):
    """One output: what it is called, its kind and grain (None: any rational), how it is computed.

    `finish` are the roundings and limits applied to the value, in order. `inputs` are the keys of
    all facts it needs, through other definitions too, in the order of the policy. `word` is the
    declaration word: param, split, tiers, table, rule. `notes` are comments above it.
    """

    name: Name
    kind: Kind
    grain: Fraction | None
    body: Body
    finish: tuple[Finish, ...]
    inputs: tuple[str, ...]
    word: Literal["param", "split", "tiers", "table", "rule"]
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Given(Node):
    """A condition that the facts of every case satisfy."""

    condition: Expr
    inputs: tuple[str, ...]
    because: str | None = None
    span: Span = span_field()


@node
class Ensure(Node):
    """A property. `holds` is a condition; or `output` does not fall, rise or jump as `along` rises, or
    as it goes from the first of `members` to the second. `when` limits it to a part of the inputs."""

    holds: Expr | None = None
    output: Expr | None = None
    along: str | None = None
    change: Literal["fall", "rise", "jump"] | None = None
    when: Expr | None = None
    because: str | None = None
    members: tuple[str, str] | None = None
    span: Span = span_field()


@node
class Expectation(Node):
    """`output` (or its `part`: a payer, a column, or "ground") is `value`."""

    output: str
    part: str | None
    value: Value
    kind: Kind | None
    span: Span = span_field()


@node
class Example(Node):
    """A worked case: facts by key, and what comes of them; with `refused`, nothing does."""

    title: str
    facts: tuple[tuple[str, Value], ...]
    expects: tuple[Expectation, ...]
    refused: bool = False
    span: Span = span_field()


@node
class Program(Node):
    """A checked policy, ready to run. `definitions` stand in the order they need each other;
    `outputs` are their keys in the order of the text. A policy with dated figures has the
    fact "on": the day of the case."""

    header: Header
    categories: tuple[Category, ...]
    facts: tuple[Fact, ...]
    givens: tuple[Given, ...]
    definitions: tuple[Definition, ...]
    outputs: tuple[str, ...]
    ensures: tuple[Ensure, ...]
    requires: tuple[Ensure, ...]
    examples: tuple[Example, ...]

    def definition(self, key: str) -> Definition:
        return next(d for d in self.definitions if d.name.key == key)

    def fact(self, key: str) -> Fact:
        return next(f for f in self.facts if f.name.key == key)

    def category(self, key: str) -> Category:
        return next(c for c in self.categories if c.name.key == key)
