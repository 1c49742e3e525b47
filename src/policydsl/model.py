"""What does a policy mean? Its constructs with names bound, units typed, tables laid out.

Here shares, bands and grounds still exist as the author wrote them, so the checks look at this
and `lower` turns it into the ir.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from policydsl.expressions import Constant, Expr, Finish, Interval, Limit, Rounding, Test, Value
from policydsl.facts import Category, Fact, Header, Name, Quote
from policydsl.kinds import Kind
from policydsl.nodes import Node, Span, node, span_field


@node
class Restated(Node):
    """`，即 348元` or `= 551元`: the figure as printed beside an expression. `within` is a tolerance."""

    value: Constant
    within: Fraction | None = None
    span: Span = span_field()


@node
class Version(Node):
    """A value in force from a day on (None: from the policy's first day), with its restatements; `end`
    is the last day where one is written."""

    start: date | None
    value: Expr
    restated: tuple[Restated, ...] = ()
    end: date | None = None
    span: Span = span_field()


@node
class Param(Node):
    """`param subsidy = 550元/人·年, up 30元`. An open param has no version; its range may be None.

    `rise` is the `up` figure (negative for `down`), `prior` the figure of the year before as far as
    the policy states it: `was 550元`.
    """

    name: Name
    kind: Kind
    versions: tuple[Version, ...]
    open: bool = False
    rise: Constant | None = None
    finish: tuple[Finish, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    low: Fraction | date | None = None
    high: Fraction | date | None = None
    prior: Constant | None = None
    span: Span = span_field()


@node
class Key(Node):
    """A word of a `by` header: `value` is what is looked up (an Input, or a Ref to a definition),
    `category` its category's key, or None for a quantity or a day."""

    name: str
    value: Expr
    category: str | None
    span: Span = span_field()


@node
class Portion(Node):
    """A payer's part as written. "percent": `rate`. "ratio": `weight` of the ratio's `weights`.
    "fixed": `amount`. "rest", "all". `span` is the figure's (or the word's)."""

    how: Literal["percent", "ratio", "fixed", "rest", "all"]
    rate: Fraction | None = None
    amount: Expr | None = None
    weight: Fraction | None = None
    weights: tuple[Fraction, ...] = ()
    span: Span = span_field()


@node
class Share(Node):
    """`市县 20%，即 116元，其中 市 26元、县 90元`: `parts` divide the share further."""

    payer: Name
    portion: Portion
    restated: tuple[Restated, ...] = ()
    parts: tuple[Share, ...] = ()
    span: Span = span_field()


@node
class Arm(Node):
    """The shares for the members in `tests`, one test a key (None: any). `head` spans its members."""

    tests: tuple[frozenset[str] | None, ...]
    shares: tuple[Share, ...]
    head: str = ""
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Split(Node):
    """`split funding of subsidy …`, or with `parent` a split of a share: `split funding.ningxia by area`
    has the parent ("funding", "ningxia") and that payer's share as its total (then `total` is None).
    """

    name: Name
    parent: tuple[str, str] | None
    total: Expr | None
    keys: tuple[Key, ...]
    arms: tuple[Arm, ...]
    rounding: Rounding | None = None
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Column(Node):
    """A column of cells: the members it stands for (one test a key), and its head as written.

    `percent_head`: the head says （%）, so a bare 60 in a cell is 60%.
    """

    tests: tuple[frozenset[str] | None, ...]
    title: str
    percent_head: bool = False
    span: Span = span_field()


@node
class Band(Node):
    """A row of a schedule: the interval as printed, the cells, and the figures of `= base` and
    `= quick_deduction` columns, which are only checked. A point of an interpolated schedule is an
    interval whose two bounds are the same."""

    interval: Interval
    cells: tuple[Expr, ...]
    base: Constant | None = None
    quick_deduction: Constant | None = None
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Tiers(Node):
    """`tiers payout of cost, marginal, by group, disease` and its table.

    `mode` None: the author has not said (a diagnostic). `continuous`: the line `bands continuous`.
    `of_the_part`: a range says 的部分, which means marginal. `cells_are_rates` tells rates from amounts.
    `as_printed`: the line of that name, which vouches for figures that break a pattern.
    """

    name: Name
    kind: Kind
    amount: Expr
    mode: Literal["marginal", "slab", "interpolated"] | None
    keys: tuple[Key, ...]
    columns: tuple[Column, ...]
    bands: tuple[Band, ...]
    cells_are_rates: bool
    of_the_part: bool = False
    continuous: bool = False
    continuous_because: str | None = None
    cap: Limit | None = None
    finish: tuple[Finish, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    as_printed: bool = False
    span: Span = span_field()


@node
class Row(Node):
    """A row of a table: one test a key, one value a result; `cells` are the spans of its key cells."""

    tests: tuple[Test, ...]
    results: tuple[Expr, ...]
    cells: tuple[Span, ...] = ()
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


Overlap: TypeAlias = Literal["first", "greatest", "least", "sum", "count"]


@node
class Table(Node):
    """`table deductible: money by group, city`. A table whose one result has the table's own name is
    that value; the columns of others are reached as `table.column`. `overlap` None: rows must agree.
    `as_printed` as for `Tiers`."""

    name: Name
    keys: tuple[Key, ...]
    results: tuple[Name, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[Row, ...]
    overlap: Overlap | None = None
    overlap_because: str | None = None
    finish: tuple[Finish, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    as_printed: bool = False
    span: Span = span_field()


@node
class Ground(Node):
    """`except full when …: 300元`, `exempt newborn when …` (then `exempt` is True and `value` is the
    zero of the rule's kind). `inner` grounds are written with a dotted name: `except full.veteran`."""

    name: Name
    when: Expr
    value: Expr
    exempt: bool
    inner: tuple[Ground, ...] = ()
    because: str | None = None
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Rule(Node):
    """A value or a yes/no `rule x when …`, with its grounds. `overlap` None: grounds must agree."""

    name: Name
    kind: Kind
    base: Expr
    restated: tuple[Restated, ...] = ()
    grounds: tuple[Ground, ...] = ()
    overlap: Overlap | None = None
    overlap_because: str | None = None
    finish: tuple[Finish, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    span: Span = span_field()


Definition: TypeAlias = Param | Split | Tiers | Table | Rule


@node
class Edition(Node):
    """One of the declarations a dated value has: the key of its definition and the days it is written
    for (None: the policy's first day, or until the next)."""

    key: str
    start: date | None
    end: date | None = None
    span: Span = span_field()


@node
class Timeline(Node):
    """A value that several declarations give, each for some days. Each is a definition of its own, with a
    key that no text can name; where the value is a single one (`single`) there is also a rule of the
    name that picks the edition by the day of the case. Of splits and tables with several results
    lowering makes it, and of rules whose grounds can be told apart (`grounded`)."""

    name: Name
    word: Literal["param", "split", "tiers", "table", "rule"]
    editions: tuple[Edition, ...]
    single: bool
    grounded: bool = False
    span: Span = span_field()


@node
class Period(Node):
    """`period collection: 2021-09-01 to 2021-12-31`; both days are part of it."""

    name: Name
    first: Expr
    last: Expr
    span: Span = span_field()


@node
class Given(Node):
    condition: Expr
    because: str | None = None
    span: Span = span_field()


@node
class Property(Node):
    """An `ensure` or a `require`: `holds`, or `output` does not fall, rise or jump as the input
    `along` rises, or goes from the first of `members` to the second; `when` limits it to a part of
    the inputs. A `require` that is "about" a figure is a target, one "in_principle" may be left with a reason."""

    holds: Expr | None = None
    output: Expr | None = None
    along: str | None = None
    change: Literal["fall", "rise", "jump"] | None = None
    when: Expr | None = None
    because: str | None = None
    quotes: tuple[Quote, ...] = ()
    members: tuple[str, str] | None = None
    strength: Literal["binds", "about", "in_principle"] = "binds"
    span: Span = span_field()


@node
class Expectation(Node):
    """An expected result; `part` is a payer, a column, or "ground"."""

    output: str
    part: str | None
    value: Value
    kind: Kind | None
    span: Span = span_field()


@node
class Example(Node):
    title: str
    facts: tuple[tuple[str, Value], ...]
    expects: tuple[Expectation, ...]
    refused: bool = False
    span: Span = span_field()


@node
class Waive(Node):
    """Figures of the notice that are not encoded, and why."""

    figures: tuple[str, ...]
    because: str
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Accept(Node):
    """A finding the law really has: `accept rate payout because "…"`. `finding` is "rate", "notch",
    "gap", "overlap", "unprotected" or "departure", `target` the key of a definition."""

    finding: str
    target: str | None
    because: str
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Policy(Node):
    """One policy file. `definitions` stand in the order of the text; they do not form a cycle."""

    header: Header
    categories: tuple[Category, ...]
    facts: tuple[Fact, ...]
    givens: tuple[Given, ...]
    definitions: tuple[Definition, ...]
    ensures: tuple[Property, ...] = ()
    requires: tuple[Property, ...] = ()
    examples: tuple[Example, ...] = ()
    waives: tuple[Waive, ...] = ()
    accepts: tuple[Accept, ...] = ()
    #: keys of names that something in the policy uses (an example or a `waive` is no use)
    used: frozenset[str] = frozenset()
    timelines: tuple[Timeline, ...] = ()
    periods: tuple[Period, ...] = ()

    def fact(self, key: str) -> Fact:
        return next(f for f in self.facts if f.name.key == key)

    def category(self, key: str) -> Category:
        return next(c for c in self.categories if c.name.key == key)

    def definition(self, key: str) -> Definition | None:
        """The definition of this key; of a split that is divided further, the outermost one."""
        return next((d for d in self.definitions if d.name.key == key), None)
