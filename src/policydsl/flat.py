"""How is every output computed as a straight line of integer steps over columns?

What all engines that compute many cases at once share: NumPy, numba, Polars and SQL differ in how they
spell a step, not in what it means. A `Flat` is made by `flatten` for some outputs of a program. Its
`steps` stand in an order in which each reads only earlier ones, by their number; none has an effect,
none fails, and every one may be computed for every row.

**Values.** A step is an integer of 64 bits or a truth. `ranges[i]` is what `flatten` has proved of step i:
for every row, every integer lies in it, so nothing overflows as long as inputs lie in theirs. A quantity
is a count of 1/`den` of its unit, and `den` is known beforehand: 96080.00元 is 9608000 with den 100. A day
is the number of days since 1970-01-01, a member its place in its category (from 0), a set of members
a mask with bit i for member i.

**What may be missing.** A definition without an answer for a row (PC108: a fact that does not exist is
read, nothing was said for the case, something is divided by zero) has a truth `fails`; its other columns
then hold some integer of their range that means nothing. `flatten` has already worked out that only
what is read counts: a branch not taken, an operand behind a decisive one, and a ground passed over fail
nothing.

**Inputs.** Before the first step an engine looks at each `InputColumn` of each row and turns it into a
count, as `problem` of that class says. Where it finds a problem it notes the code and goes on with
`safe`, so that what is computed of that row stays in its ranges; the row is not answered. After the
inputs come the `givens`. The code of a row is that of the first problem: inputs in order, then givens
in order; a row without one has, for each output, PC108 or an answer. That is the interpreter's order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from policydsl.expressions import CompareOp
from policydsl.kinds import Kind, Quantity
from policydsl.nodes import Node, evolve, node

#: What the integers of every engine hold: 64 bits with a sign.
GREATEST = 2**63 - 1
LEAST = -GREATEST
#: Members of a category that a mask has room for, and grounds of a rule.
MASK_BITS = 62


# Integers.


@node
class Column(Node):
    """The count, day, place or mask of an input. Where the fact does not exist (an optional one): `safe`."""

    fact: str


@node
class Whole(Node):
    """An integer that is the same for every row."""

    value: int


@node
class Sum(Node):
    left: int
    right: int


@node
class Difference(Node):
    left: int
    right: int


@node
class Product(Node):
    left: int
    right: int


@node
class Quotient(Node):
    """left ÷ right without what is left over. The left is never below 0 and the right never below 1, so
    every engine's division of integers agrees: floor, truncation and unsigned division are the same.
    The right is nearly always a `Whole`."""

    left: int
    right: int


@node
class Least(Node):
    left: int
    right: int


@node
class Greatest(Node):
    left: int
    right: int


@node
class Choose(Node):
    """`then` where `test` holds, else `otherwise`; all three are computed for every row."""

    test: int
    then: int
    otherwise: int


@node
class Place(Node):
    """How many of `edges`, which ascend, are not above `value`: 0 to len(edges). With two edges or so it
    is a sum of comparisons, with hundreds a search."""

    value: int
    edges: tuple[int, ...]


@node
class Pick(Node):
    """`values[index]`; the index is in 0 .. len(values) − 1. With few values it is nested selects (runs of
    equal ones are common), with many a look-up in an array."""

    index: int
    values: tuple[int, ...]


@node
class Bands(Node):
    """What slices of an amount at their rates add up to (超额累进).

    `edges` are the steps that hold the low edge of each band; they ascend in every row, equal ones
    make an empty band, and each band ends where the next begins, the last has no end (a schedule with
    a top has a last band of rate 0). `rates` has a row for each column of the schedule, and `column` is
    the step that says which is read. With r the row of that column, x the amount and e the edges, each
    of these is the value; which is fastest depends on the engine, and on the number of bands:

        Σ r[i] × (min(max(x, e[i]), e[i+1]) − e[i])               slices
        Σ (r[i] − r[i−1]) × max(x − e[i], 0), with r[−1] = 0       telescoped: no upper edges
        r[k] × (x − e[k]) + Σ over i < k of r[i] × (e[i+1] − e[i]), where k is the band x is in; 0 below e[0]

    No intermediate of the first and the second leaves 64 bits, taken from the left.
    """

    amount: int
    edges: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    column: int


# Truths.


@node
class Truth(Node):
    value: bool


@node
class Flag(Node):
    """A yes/no input (False where it does not exist)."""

    fact: str


@node
class Exists(Node):
    """Whether an optional input was given a value."""

    fact: str


@node
class Compare(Node):
    """Two integers compared."""

    op: CompareOp
    left: int
    right: int


@node
class Both(Node):
    left: int
    right: int


@node
class Either(Node):
    left: int
    right: int


@node
class Opposite(Node):
    operand: int


@node
class Among(Node):
    """Whether an integer, a place in a category, is one of `values`, which ascend; never none, never all."""

    operand: int
    values: tuple[int, ...]


@node
class SharesBit(Node):
    """Whether the mask of a set and `bits` have a bit in common."""

    operand: int
    bits: int


Step: TypeAlias = (
    Column | Whole | Sum | Difference | Product | Quotient | Least | Greatest | Choose | Place | Pick | Bands
    | Truth | Flag | Exists | Compare | Both | Either | Opposite | Among | SharesBit
)  # fmt: skip

_TRUTHS = (Truth, Flag, Exists, Compare, Both, Either, Opposite, Among, SharesBit)


def is_truth(step: Step) -> bool:
    """Whether the step is a truth and not an integer."""
    return isinstance(step, _TRUTHS)


def reads(step: Step) -> tuple[int, ...]:
    """The steps that `step` reads, in the order of its fields."""
    match step:
        case Column() | Whole() | Truth() | Flag() | Exists():
            return ()
        case (
            Sum()
            | Difference()
            | Product()
            | Quotient()
            | Least()
            | Greatest()
            | Compare()
            | Both()
            | Either()
        ):
            return (step.left, step.right)
        case Choose():
            return (step.test, step.then, step.otherwise)
        case Place():
            return (step.value,)
        case Pick():
            return (step.index,)
        case Bands():
            return (step.amount, *step.edges, step.column)
        case Opposite() | Among() | SharesBit():
            return (step.operand,)


# What goes in and what comes out.


@node
class InputColumn(Node):
    """An input: what a row may hold, and how it is counted.

    `kind` says what it is. A quantity is taken times `den` and must come out whole (else PC105; with
    `free`, where no grain is declared, PC109), between `low` and `high` (else PC104), and a multiple of
    `step` (else PC105). A day is counted from 1970-01-01, between `low` and `high` (else PC104). A
    member is one of `members`, in their order, and so is each of a set (else PC106). A yes/no is itself. A
    value that is not there is fine for an `optional` input; for one with a `default` it is that; for
    any other it is PC101. PC103 is a value of the wrong type. `safe` is a value that has no problem,
    for rows that have one: a count, day, place or mask.

    `grains`: in tables of integers it is a count of the currency's smallest unit (cost_fen).
    """

    key: str
    kind: Kind
    low: int
    high: int
    den: int = 1
    step: int = 1
    members: tuple[str, ...] = ()
    optional: bool = False
    default: int | None = None
    free: bool = False
    safe: int = 0
    grains: bool = False


@node
class GivenTest(Node):
    """A condition on the inputs: PC107 where `holds` is false, and before that PC108 where `fails`.
    `text` is the condition as the policy writes it, `inputs` the facts it speaks of."""

    holds: int
    fails: int | None
    inputs: tuple[str, ...]
    text: str


@node
class ResultColumn(Node):
    """A column of an output.

    `part` is None for the value itself, else a payer, "total", a column of a table, "ground" or
    "held". A quantity is a count of 1/`den`; of a member, and of "ground", the value is a place in
    `members`; of "held" it is a mask of them. `kind` is None for "ground" and "held". `grains`: `den` is the currency's
    smallest unit, so the column is named in it (payout_fen).
    """

    part: str | None
    kind: Kind | None
    value: int
    den: int = 1
    members: tuple[str, ...] = ()
    grains: bool = False


@node
class OutputColumns(Node):
    """One output: its columns, and the truth that says where it has no answer (None: it always has one)."""

    key: str
    columns: tuple[ResultColumn, ...]
    fails: int | None


@node
class Flat(Node):
    """Some outputs of a policy as steps. `inputs` are the facts they need, in the policy's order, the figures
    another document sets among them; `givens` are those that speak of these facts alone. `minor` is what
    the smallest unit of the currency is called in names: fen."""

    name: str
    inputs: tuple[InputColumn, ...]
    steps: tuple[Step, ...]
    ranges: tuple[tuple[int, int], ...]
    givens: tuple[GivenTest, ...]
    outputs: tuple[OutputColumns, ...]
    minor: str

    def input(self, key: str) -> InputColumn:
        return next(column for column in self.inputs if column.key == key)


@node
class Spelling(Node):
    """How an input may be written in a table: the names of its column, those of a column in the currency's smallest
    unit, the texts that stand for members with their places, and what is wanted, for messages."""

    names: tuple[str, ...]
    minor: tuple[str, ...]
    places: Mapping[str, int]
    wanted: str


def column_name(flat: Flat, output: str, column: ResultColumn, *, decimals: bool) -> str:
    """payout_fen, funding.central_fen, assistance.ground; with `decimals` payout. A quantity that is no whole
    number of its unit is named with what it is multiplied by: share_x10000."""
    own = output if column.part is None else f"{output}.{column.part}"
    if not isinstance(column.kind, Quantity) or is_decimal(column, decimals):
        return own
    if column.grains:
        return f"{own}_{flat.minor}"
    return own if column.den == 1 else f"{own}_x{column.den}"


def is_decimal(column: ResultColumn, decimals: bool) -> bool:
    """Whether a column is given as decimals: when they are asked for, and its values have some."""
    return decimals and isinstance(column.kind, Quantity) and places_of(column.den) is not None


def places_of(den: int) -> int | None:
    """How many decimals 1/`den` has; None where they never end."""
    return next((p for p in range(19) if 10**p % den == 0), None)


def roots(flat: Flat) -> tuple[int, ...]:
    """The steps that are looked at from outside, without repetitions: givens, then outputs."""
    found: list[int | None] = []
    for given in flat.givens:
        found += [given.fails, given.holds]
    for output in flat.outputs:
        found.append(output.fails)
        found += [column.value for column in output.columns]
    return tuple(dict.fromkeys(i for i in found if i is not None))


def needed(steps: tuple[Step, ...], wanted: Iterable[int]) -> frozenset[int]:
    """The steps that `wanted` are computed from, themselves included."""
    found = set(wanted)
    for i in range(max(found, default=-1), -1, -1):
        if i in found:
            found.update(reads(steps[i]))
    return frozenset(found)


def renumbered(flat: Flat, kept: frozenset[int]) -> Flat:
    """`flat` with the steps in `kept` alone, which its outputs and givens do not look beyond."""
    order = sorted(kept)
    new = {old: i for i, old in enumerate(order)}

    def to(i: int | None) -> int | None:
        return None if i is None else new[i]

    return evolve(
        flat,
        steps=tuple(moved(flat.steps[i], new) for i in order),
        ranges=tuple(flat.ranges[i] for i in order),
        givens=tuple(evolve(g, holds=new[g.holds], fails=to(g.fails)) for g in flat.givens),
        outputs=tuple(
            evolve(o, fails=to(o.fails), columns=tuple(evolve(c, value=new[c.value]) for c in o.columns))
            for o in flat.outputs
        ),
    )


def moved(step: Step, new: Mapping[int, int]) -> Step:
    """`step` reading the steps of these new numbers."""
    match step:
        case Column() | Whole() | Truth() | Flag() | Exists():
            return step
        case (
            Sum()
            | Difference()
            | Product()
            | Quotient()
            | Least()
            | Greatest()
            | Compare()
            | Both()
            | Either()
        ):
            return evolve(step, left=new[step.left], right=new[step.right])
        case Choose():
            return Choose(new[step.test], new[step.then], new[step.otherwise])
        case Place():
            return evolve(step, value=new[step.value])
        case Pick():
            return evolve(step, index=new[step.index])
        case Bands():
            edges = tuple(new[edge] for edge in step.edges)
            return Bands(new[step.amount], edges, step.rates, new[step.column])
        case Opposite() | Among() | SharesBit():
            return evolve(step, operand=new[step.operand])
