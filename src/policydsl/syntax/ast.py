"""What did the author write? One record for each thing a policy file can say, names not yet bound."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from policydsl.expressions import RoundingMode
from policydsl.facts import Name, Quote
from policydsl.kinds import Unit
from policydsl.nodes import Node, Span, field, node, span_field


@node
class Path(Node):
    """`payout`, `funding.central`, “20种大病”: one word or several parted by dots."""

    words: tuple[str, ...]
    span: Span = span_field()


@node
class Figure(Node):
    """A printed figure: `580元/人·年`, `60%`, `1/3`, `3个月`, `15万元`; `value` has 万 and % worked in.

    `percent` and `points` tell 60% and 2个百分点; `myriad` tells that 万 or 亿 was written;
    `currency` is an ISO code, or "" for none; `origin` is the string after a figure from elsewhere.
    """

    value: Fraction
    unit: Unit
    percent: bool = False
    points: bool = False
    myriad: bool = False
    currency: str = ""
    origin: str | None = None
    written: str = field(default="", eq=False)
    span: Span = span_field()


@node
class DateFigure(Node):
    """A day; None when the figures name no day that exists."""

    value: date | None
    written: str = field(default="", eq=False)
    span: Span = span_field()


@node
class YesNo(Node):
    value: bool
    span: Span = span_field()


@node
class Nothing(Node):
    """`none` / 无: an optional fact that does not exist, or an empty set."""

    span: Span = span_field()


@node
class Members(Node):
    """`yinchuan, shizuishan` in a cell, `(destitute, orphan)` in an example."""

    paths: tuple[Path, ...]
    span: Span = span_field()


@node
class Arithmetic(Node):
    op: Literal["+", "-", "*", "/"]
    left: Value
    right: Value
    span: Span = span_field()


@node
class Negative(Node):
    operand: Value
    span: Span = span_field()


@node
class Extreme(Node):
    """`greater of (a, b)`, `smaller of (a, b)`."""

    which: Literal["greatest", "least"]
    operands: tuple[Value, ...]
    span: Span = span_field()


@node
class IfThen(Node):
    condition: Value
    then: Value
    otherwise: Value
    span: Span = span_field()


@node
class Undefined(Node):
    """`undefined`: no answer here; the reason follows as a `because`."""

    because: str | None = None
    span: Span = span_field()


@node
class Finished(Node):
    """`(cost × 60% rounded half up to 1元)`: a value with clauses, in parentheses."""

    value: Value
    clauses: tuple[Clause, ...]
    span: Span = span_field()


@node
class Compare(Node):
    op: Literal["<", "<=", ">", ">="]
    left: Value
    right: Value
    span: Span = span_field()


@node
class Is(Node):
    """`area is river`, `残疾等级 为 二级 以上` (then `reach` is "over")."""

    left: Value
    right: Value
    negated: bool = False
    reach: Literal["over", "under"] | None = None
    span: Span = span_field()


@node
class In(Node):
    """`status in (a, b)`, `status not in needy`."""

    left: Value
    members: tuple[Path, ...]
    negated: bool = False
    span: Span = span_field()


@node
class Has(Node):
    """`statuses has orphan`, `statuses has any of (a, b)`."""

    left: Value
    members: tuple[Path, ...]
    span: Span = span_field()


@node
class Presence(Node):
    """`has interrupted`: whether an optional fact exists."""

    path: Path
    span: Span = span_field()


@node
class Within(Node):
    """`joined within 3个月 after interrupted`, `参保日期 在 中断日期 后 3个月内`."""

    day: Value
    length: Figure
    start: Value
    span: Span = span_field()


@node
class InPeriod(Node):
    """`joined within collection`, `参保日期 在 集中参保期 内`."""

    day: Value
    period: Path
    span: Span = span_field()


@node
class Logic(Node):
    op: Literal["and", "or"]
    operands: tuple[Value, ...]
    span: Span = span_field()


@node
class Not(Node):
    operand: Value
    span: Span = span_field()


@node
class Equal(Node):
    """The one top-level `=` of an `ensure` or `require`."""

    left: Value
    right: Value
    span: Span = span_field()


Value: TypeAlias = (
    Path | Figure | DateFigure | YesNo | Nothing | Members | Arithmetic | Negative | Extreme | IfThen
    | Undefined | Finished | Compare | Is | In | Has | Presence | Within | InPeriod | Logic | Not | Equal
)  # fmt: skip


# Cells of tables


@node
class Range(Node):
    """`100001-200000`, `over 1万元 up to 10万元`, `500001 and over`; a missing bound is None.

    `the_part`: 的部分 stands after it.
    """

    low: Value | None
    low_closed: bool
    high: Value | None
    high_closed: bool
    the_part: bool = False
    span: Span = span_field()


@node
class Any(Node):
    """`any`, 不限."""

    span: Span = span_field()


@node
class NoLimit(Node):
    """`no limit`, 上不封顶."""

    span: Span = span_field()


Cell: TypeAlias = Value | Range | Any | NoLimit


@node
class Head(Node):
    """A column head: `ordinary common (%)`; with `check`, a column `= base` that is only checked."""

    words: tuple[Path | Any, ...]
    unit: str | None
    check: bool = False
    span: Span = span_field()


@node
class Row(Node):
    cells: tuple[Cell, ...]
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Rows(Node):
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    span: Span = span_field()


# Clauses


@node
class Round(Node):
    """`round half up to 0.01元`. `mode` None is a bare 取整, `step` None one without a unit."""

    mode: RoundingMode | None
    step: Figure | None
    scope: Literal["total", "slice", "product"] = "total"
    holder: Path | Literal["*"] | None = None
    because: str | None = None
    span: Span = span_field()


@node
class Limit(Node):
    """`capped at …`, `at least …`, and in a schedule `cap …` (the amount above it counts for nothing)."""

    which: Literal["cap", "floor", "amount_cap"]
    bound: Value
    because: str | None = None
    span: Span = span_field()


@node
class Continuous(Node):
    because: str | None = None
    span: Span = span_field()


@node
class AsPrinted(Node):
    """`as printed`: the figures stand so in the notice, however odd they look."""

    because: str | None = None
    span: Span = span_field()


@node
class Because(Node):
    """A reason for the declaration as a whole."""

    text: str
    span: Span = span_field()


Clause: TypeAlias = Round | Limit | Continuous | AsPrinted | Because


@node
class Restate(Node):
    figure: Figure
    within: Figure | None = None
    span: Span = span_field()


@node
class Rise(Node):
    """`up 30元`, 较上年增加30元; `down` is negative."""

    figure: Figure
    down: bool
    span: Span = span_field()


@node
class Prior(Node):
    """`was 550元/人·年 "implied by 580 - 30"`, 上年为 550元: the figure of the year before, with its origin."""

    figure: Figure
    span: Span = span_field()


@node
class Type(Node):
    """`money per person per year`, `set of status`, `optional date`. `per` are dimension words;
    `unit` is a unit written in one piece (金额/人·年)."""

    word: Path
    per: tuple[str, ...] = ()
    unit: str | None = None
    optional: bool = False
    set_of: bool = False
    span: Span = span_field()


# Declarations


@node
class Field(Node):
    """A line of the header. `title` is the text after a name (`under "医保发〔2021〕32号" "…的通知"`), `paths`
    the names as written, with their places."""

    key: str
    words: tuple[str | DateFigure, ...]
    paths: tuple[Path, ...] = ()
    title: str | None = None
    because: str | None = None
    span: Span = span_field()


@node
class Policy(Node):
    name: Name
    fields: tuple[Field, ...]
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Member(Node):
    """`because` says that the label is the author's own wording, and why."""

    name: Name
    code: str | None = None
    because: str | None = None
    span: Span = span_field()


@node
class Group(Node):
    """`because` as for `Member`."""

    name: Name
    members: tuple[Path, ...]
    because: str | None = None
    span: Span = span_field()


@node
class Category(Node):
    name: Name
    members: tuple[Member, ...]
    groups: tuple[Group, ...]
    ordered: bool
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Period(Node):
    """`period collection: 2021-09-01 to 2021-12-31`: a name for some days, both ends included."""

    name: Name
    first: Value
    last: Value
    because: str | None = None
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Days(Node):
    """`from 2022-01-01`, `from 2022-01-01 to 2022-06-30`: the days on which a declaration holds, both
    included; without a last one until the next begins."""

    first: DateFigure
    last: DateFigure | None = None
    span: Span = span_field()


@node
class InputRange(Node):
    low: Value
    high: Value | None
    span: Span = span_field()


@node
class Input(Node):
    name: Name
    type: Type
    range: InputRange | None = None
    whole: Path | None = None
    default: Value | None = None
    because: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Given(Node):
    """`given a`, `given a when b`, `given a exactly when b`."""

    condition: Value
    other: Value | None = None
    exactly: bool = False
    because: str | None = None
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Version(Node):
    start: DateFigure | None
    value: Value
    restated: tuple[Restate, ...] = ()
    end: DateFigure | None = None
    span: Span = span_field()


@node
class Param(Node):
    name: Name
    type: Type | None
    versions: tuple[Version, ...]
    open: bool = False
    range: InputRange | None = None
    rise: Rise | None = None
    clauses: tuple[Clause, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    prior: Prior | None = None
    days: Days | None = None
    span: Span = span_field()


@node
class Portion(Node):
    """`60%`, `26元`, `rest`, `all`, the name of a figure; of a ratio, one weight of `weights`."""

    how: Literal["figure", "rest", "all", "named", "ratio"]
    figure: Figure | None = None
    named: Path | None = None
    weight: Fraction | None = None
    weights: tuple[Fraction, ...] = ()
    span: Span = span_field()


@node
class Share(Node):
    payer: Name
    portion: Portion
    restated: tuple[Restate, ...] = ()
    parts: tuple[Share, ...] = ()
    span: Span = span_field()


@node
class Arm(Node):
    """`mountain: …`; `members` is empty in a split without keys, and for `any`."""

    members: tuple[Name, ...]
    shares: tuple[Share, ...]
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Split(Node):
    """`parent` is the dotted head of a split of a share: ("funding", "ningxia")."""

    name: Name
    parent: Path | None
    total: Value | None
    keys: tuple[Path, ...]
    arms: tuple[Arm, ...]
    clauses: tuple[Clause, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    days: Days | None = None
    span: Span = span_field()


@node
class Tiers(Node):
    name: Name
    amount: Value
    mode: Path | None
    keys: tuple[Path, ...]
    rows: Rows
    clauses: tuple[Clause, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    days: Days | None = None
    span: Span = span_field()


@node
class Table(Node):
    name: Name
    type: Type | None
    overlap: Path | None
    overlap_because: str | None
    keys: tuple[Path, ...]
    rows: Rows
    clauses: tuple[Clause, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    days: Days | None = None
    span: Span = span_field()


@node
class Ground(Node):
    """`outer` is the first word of a dotted ground name. `value` None: `exempt`."""

    name: Name
    outer: str | None
    when: Value
    value: Value | None
    because: str | None = None
    quotes: tuple[Quote, ...] = ()
    span: Span = span_field()


@node
class Several(Node):
    word: Path
    because: str | None = None
    span: Span = span_field()


@node
class Rule(Node):
    """`yes_no`: the form `rule x when …`."""

    name: Name
    type: Type | None
    value: Value
    yes_no: bool = False
    restated: tuple[Restate, ...] = ()
    grounds: tuple[Ground, ...] = ()
    several: Several | None = None
    clauses: tuple[Clause, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    days: Days | None = None
    span: Span = span_field()


@node
class Change(Node):
    """`as cost rises: payout does not fall`; with `members`, `as group from ordinary to poor: …`."""

    along: Path
    output: Value
    change: Literal["fall", "rise", "jump"]
    members: tuple[Path, Path] | None = None
    span: Span = span_field()


@node
class Promise(Node):
    """An `ensure`, or with `below` a `require`. One that is `about` a figure is a target and binds
    nobody; one `in_principle` may be left with a reason."""

    property: Value | Change
    below: bool
    when: Value | None = None
    because: str | None = None
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    about: bool = False
    in_principle: bool = False
    span: Span = span_field()


@node
class Binding(Node):
    path: Path
    value: Value
    span: Span = span_field()


@node
class Example(Node):
    """`rows` is an example written as a table: one case a row, facts and results in columns."""

    title: str
    facts: tuple[Binding, ...]
    expects: tuple[Binding, ...]
    refused: bool = False
    rows: Rows | None = None
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Waive(Node):
    figures: tuple[str, ...]
    because: str
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Accept(Node):
    finding: Path
    target: Path | None
    because: str
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = span_field()


Declaration: TypeAlias = (
    Policy | Category | Period | Input | Given | Param | Split | Tiers | Table | Rule | Promise | Example
    | Waive | Accept
)  # fmt: skip


@node
class File(Node):
    """Everything in one policy file, in its order.

    `broken` are the words of declarations that could not be read: a name among them is not unknown.
    """

    declarations: tuple[Declaration, ...]
    broken: frozenset[str] = frozenset()
    span: Span = span_field()
