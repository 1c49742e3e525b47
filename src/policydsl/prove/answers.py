"""For whom, and for which amounts, do two policies answer differently, and by how much? Decided, never sampled.

Every combination of the finite facts that either policy looks at is taken, and in each the one
amount that varies is followed over its whole range through both policies at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import islice
from math import gcd
from typing import TypeAlias

from policydsl.canonical import canonical
from policydsl.differences import ORDER, Answers, Change, Group, How, Outcome, Stretch, Why
from policydsl.expressions import Compare, CompareOp, Constant, Expr, Input, Ref, Value
from policydsl.facts import Category, Fact
from policydsl.ir import Allotment, Definition, Lookup, Program
from policydsl.kinds import YES_NO, Day, Kind, MemberOf, Quantity, SetOf
from policydsl.needs import definitions_of
from policydsl.nodes import Node, evolve, node
from policydsl.prove import pieces as p
from policydsl.prove import wording
from policydsl.prove.cells import (
    Axis,
    Cell,
    Reach,
    TooMany,
    amounts_in,
    amounts_valued,
    axes,
    cells,
    conditions,
    facts_of,
    givens_about,
    keys_of,
    reach,
)  # fmt: skip
from policydsl.prove.limits import consistent
from policydsl.prove.notches import FiguredWorld, kind_of
from policydsl.prove.pieces import Beyond, Domain, Function, Piece, Unsure
from policydsl.prove.symbolic import Symbol, domain_of
from policydsl.prove.whom import Everybody, People, everybody, of_cell, said, together
from policydsl.prove.witnesses import candidates, inside, round_point, roundness, value_of

#: what an output (or a part of it) is in a case of a policy when it is computed; None is no answer
Replay: TypeAlias = Callable[[Program, str, Mapping[str, Value], "str | None"], Value]

#: a run of stretches shorter than this many grains that take turns is told as one
_SHORT = 1000
#: how many cases are computed in search of one that shows a difference
_TRIES = 400
_ON = "on"


def answers(old: Program, new: Program, replay: Replay) -> Iterator[Answers]:
    """What becomes of each output of either policy, in the order of the new one's text, dropped ones last."""
    for key in dict.fromkeys((*new.outputs, *old.outputs)):
        if key not in old.outputs or key not in new.outputs:
            program, outcome = (new, "added") if key in new.outputs else (old, "dropped")
            title = wording.named(program.definition(key).name)
            yield Answers(key, None, title, outcome)  # type: ignore[arg-type]
            continue
        before, after = old.definition(key), new.definition(key)
        parts = dict.fromkeys((*_parts(after), *_parts(before)))
        for part in parts:
            yield _of_part(old, new, key, part, replay)


def _of_part(old: Program, new: Program, key: str, part: str | None, replay: Replay) -> Answers:
    before, after = old.definition(key), new.definition(key)
    title = wording.output(after if part in _parts(after) else before, part)
    if part not in _parts(before) or part not in _parts(after):
        return Answers(key, part, title, "added" if part in _parts(after) else "dropped")
    kind = kind_of(after, part)
    if kind != kind_of(before, part) and not _both_members(kind, kind_of(before, part)):
        return Answers(key, part, title, "incomparable", kind, why="kind")
    if old.header.currency != new.header.currency and _has_money(old, key, kind):
        return Answers(key, part, title, "incomparable", kind, why="currency")
    if _closure(old, key) == _closure(new, key):
        return Answers(key, part, title, "same", kind)
    question = _Question(old, new, key, part, kind, title, replay)
    return question.answers()


def _has_money(program: Program, key: str, kind: Kind) -> bool:
    """Whether an output is an amount of money, or needs one."""
    needed = (program.fact(name).kind for name in program.definition(key).inputs)
    return any(isinstance(k, Quantity) and k.unit.power("money") != 0 for k in (kind, *needed))


def _parts(definition: Definition) -> tuple[str | None, ...]:
    """What an output gives: itself, its columns, or its payers."""
    body = definition.body
    if isinstance(body, Lookup) and len(body.results) > 1:
        return tuple(name.key for name in body.results)
    if isinstance(body, Allotment):
        return tuple(name.key for name in (*body.leaves, *body.subtotals))
    return (None,)


def _both_members(one: Kind, other: Kind) -> bool:
    return isinstance(one, MemberOf) and isinstance(other, MemberOf)


def _closure(program: Program, key: str) -> object:
    """All that an output is computed from, in a form that is the same when its answers are: the
    definitions it needs, the facts they ask for, the members these know, and the conditions on them."""
    needed: dict[str, object] = {}
    facts: set[str] = set()
    pending = [key]
    while pending:
        name = pending.pop()
        if name not in needed:
            definition = program.definition(name)
            needed[name] = canonical(definition)
            facts |= set(definition.inputs)
            pending += definitions_of(definition)
    asked = [fact for fact in program.facts if fact.name.key in facts]
    return (
        needed,
        {fact.name.key: (canonical(fact), _members(program, fact)) for fact in asked},
        sorted(str(canonical(g.condition)) for g in program.givens if facts & set(g.inputs)),
    )


def _members(program: Program, fact: Fact) -> tuple[str, ...]:
    if isinstance(fact.kind, MemberOf | SetOf):
        return tuple(m.name.key for m in program.category(fact.kind.category).members)
    return ()


# one output, in both policies


@node
class _Side(Node):
    """One of the two policies, what the output reaches in it, and the comparisons there that are taken as facts."""

    program: Program
    reach: Reach
    givens: tuple[Expr, ...]
    facts: Mapping[str, Fact]
    on: date | None = None


def _side(program: Program, root: Expr, on: date | None) -> _Side:
    found = reach(program, [root])
    givens = tuple(givens_about(program, keys_of(found)))
    if givens:
        found = reach(program, [root, *givens])
    return _Side(program, found, givens, {f.name.key: f for f in program.facts}, on)


class _Question:
    def __init__(
        self,
        old: Program,
        new: Program,
        key: str,
        part: str | None,
        kind: Kind,
        title: object,
        replay: Replay,
    ) -> None:
        self.key, self.part, self.kind, self.title, self.replay = key, part, kind, title, replay
        root = Ref(key, kind, part, span=new.definition(key).span)
        on_old, on_new = _days(old, new)
        self.root = root
        self.sides = (_side(old, root, on_old), _side(new, root, on_new))
        self.together = _merged(old, new)
        self.reach = Reach(
            tuple(e for side in self.sides for e in side.reach.expressions),
            tuple(d for side in self.sides for d in side.reach.definitions),
        )

    def answers(self) -> Answers:
        fixed = {_ON} if self.sides[0].on is not None else set[str]()
        valued = {k for side in self.sides for k in amounts_valued(side.program, [self.root])} - fixed
        if self._facts_differ():
            return self._said("incomparable", why="facts")
        along = self._along(valued, fixed)
        others = tuple(sorted(valued - {along}))
        try:
            groups = self._groups(along, others, fixed)
        except TooMany:
            return self._said("open", along, why="cells", others=others)
        except Beyond:
            return self._said("open", along, why="product", others=others)
        differing = tuple(g for g in groups if any(set(s.hows) - {"same", "neither"} for s in g.stretches))
        if others:
            return self._said("open", along, differing, "amounts", others)
        return self._said("different" if differing else "same", along, groups if differing else ())

    def _said(
        self,
        outcome: Outcome,
        along: str | None = None,
        groups: tuple[Group, ...] = (),
        why: Why | None = None,
        others: tuple[str, ...] = (),
    ) -> Answers:
        return Answers(self.key, self.part, self.title, outcome, self.kind, along, groups, why, others)  # type: ignore[arg-type]

    def _facts_differ(self) -> bool:
        """Whether a fact that both need is of another kind in one of them."""
        old, new = (side.facts for side in self.sides)
        needed = set(self.sides[0].program.definition(self.key).inputs)
        needed &= set(self.sides[1].program.definition(self.key).inputs)
        return any(old[key].kind != new[key].kind for key in needed)

    def _along(self, valued: set[str], fixed: set[str]) -> str | None:
        """The amount that is followed: one that makes up the value, else one that conditions compare."""
        if isinstance(self.kind, MemberOf):
            return None  # the bands that choose a member are compared as conditions
        order = [f.name.key for f in self.together.facts]
        if valued:
            return min(valued, key=order.index)
        compared = {
            key
            for side in self.sides
            for e in conditions(side.reach)
            for key in amounts_in(side.program, e)
            if key not in fixed
        }
        return min(compared, key=order.index) if compared else None

    # every combination

    def _groups(self, along: str | None, others: tuple[str, ...], fixed: set[str]) -> tuple[Group, ...]:
        grain, domain = self._range(along)
        followed = {along, *others, *fixed}
        atoms = self._atoms(followed)
        axes_ = [*self._finite(), *(Axis(f"@{i}", (False, True)) for i in range(len(atoms)))]
        axes_ += [self._ends(key) for key in others]
        asked = [k for f in self.together.facts for k in (f.name.key, f"?{f.name.key}")]
        found: dict[tuple[Stretch, ...], list[tuple[People, Cell, tuple[_Extreme | None, ...]]]] = {}
        there: list[People] = []
        for cell in cells(axes_):
            facts = {k: v for k, v in cell.facts.items() if not k.startswith("@")}
            truths = {atom: bool(cell.facts[f"@{i}"]) for i, atom in enumerate(atoms)}
            joint = Cell(facts, {atom.expr: truth for atom, truth in truths.items()}, cell.turns)
            if not consistent(joint, self.together):
                continue
            old, new = (
                self._function(side, Cell(facts, _of_side(truths, place), cell.turns), along, grain, domain)
                for place, side in enumerate(self.sides)
            )
            people = of_cell(joint, asked)
            there.append(people)
            stretches = tuple(_stretches(old, new, isinstance(self.kind, MemberOf)))
            extremes = _extremes(old, new, stretches)
            said_ = tuple(self._stretch(s, along, grain) for s in stretches)
            found.setdefault(said_, []).append((people, joint, extremes))
        every = everybody(there)
        groups = [self._group(said_, whom, every, along, grain) for said_, whom in found.items()]
        return tuple(sorted(groups, key=_weight))

    def _range(self, along: str | None) -> tuple[Fraction, Domain]:
        """The grain and the points of the amount that is followed, of both policies taken together."""
        facts = [side.facts[along] for side in self.sides if along in side.facts] if along else []
        if not facts:
            return Fraction(1), (0, 0)
        if isinstance(facts[0].kind, Day):
            grain = Fraction(1)
        else:
            grains = [f.grain or Fraction(1, 100) for f in facts]
            grain = grains[0]
            for other in grains[1:]:
                grain = Fraction(
                    gcd(grain.numerator * other.denominator, other.numerator * grain.denominator),
                    grain.denominator * other.denominator,
                )
        domains = [_domain(f, grain) for f in facts]
        highs = [high for _, high in domains]
        return grain, (
            min(low for low, _ in domains),
            None if None in highs else max(h for h in highs if h is not None),
        )

    def _atoms(self, followed: set[str | None]) -> list[_Atom]:
        """The comparisons of amounts that are not followed. One that speaks of inputs and figures alone
        is the same question in both policies; one that names a definition is each policy's own."""
        found: dict[_Atom, None] = {}
        for place, side in enumerate(self.sides):
            for e in conditions(side.reach):
                if amounts_in(side.program, e) - followed:
                    own = any(isinstance(x, Ref) for x in reach(side.program, (e,)).expressions)
                    found[_Atom(e, place if own else None)] = None
        for key in self._needed():
            if key not in followed:
                found.update(dict.fromkeys(atom for side in self.sides for atom in self._bounds(side, key)))
        return list(found)

    def _needed(self) -> set[str]:
        return {key for side in self.sides for key in side.program.definition(self.key).inputs}

    def _bounds(self, side: _Side, key: str) -> Iterator[_Atom]:
        """The ends of an amount's range that are not those of both policies: beyond them only one answers."""
        fact = side.facts.get(key)
        every = next(f for f in self.together.facts if f.name.key == key)
        if fact is None or not isinstance(fact.kind, Quantity | Day):
            return
        root = Input(key, fact.kind, span=self.root.span)
        ends: tuple[tuple[CompareOp, Fraction | date | None, Fraction | date | None], ...] = (
            (">=", fact.low, every.low),
            ("<=", fact.high, every.high),
        )
        for op, end, widest in ends:
            if end is not None and end != widest:
                bound = Constant(end, fact.kind, span=self.root.span)
                yield _Atom(Compare(op, root, bound, YES_NO, span=self.root.span), None)

    def _finite(self) -> Iterator[Axis]:
        for axis in axes(self.together, self.reach, ()):
            fact = next((f for f in self.together.facts if f.name.key == axis.fact), None)
            if fact is not None and isinstance(fact.kind, MemberOf):
                members = self.together.category(fact.kind.category).members
                yield evolve(axis, values=tuple(m.name.key for m in members))
            else:
                yield axis

    def _ends(self, key: str) -> Axis:
        fact = next(f for f in self.together.facts if f.name.key == key)
        return Axis(
            key, tuple(dict.fromkeys(x for x in (fact.low, fact.high) if x is not None)) or (Fraction(0),)
        )

    # one combination

    def _function(
        self, side: _Side, cell: Cell, along: str | None, grain: Fraction, domain: Domain
    ) -> Function:
        """The output of one policy, without an answer where it refuses the facts."""
        beyond = any(
            not cell.atoms[a.expr]
            for key in self._needed()
            for a in self._bounds(side, key)
            if a.expr in cell.atoms
        )
        if beyond or not _known(side, cell):
            return p.nowhere(domain)
        if side.on is not None:
            cell = Cell({**cell.facts, _ON: side.on}, cell.atoms, cell.turns)
        world = FiguredWorld(side.program, cell, along, grain, domain, exact=True)
        try:
            function = self._as_function(world.result(self.key, self.part), domain)
            for given in side.givens:
                function = p.choose(world.condition(given), function, p.nowhere(domain))
        except Unsure:
            raise Beyond from None
        if along is not None and along in side.facts:
            low, high = _domain(side.facts[along], grain)
            function = tuple(_within(function, low, high))
        return function

    def _as_function(self, symbol: Symbol, domain: Domain) -> Function:
        if isinstance(symbol, str):
            assert isinstance(self.kind, MemberOf)
            members = [m.name.key for m in self.together.category(self.kind.category).members]
            return p.constant(Fraction(members.index(symbol)), domain)
        if isinstance(symbol[0], Piece):
            return symbol
        one, nought = p.constant(Fraction(1), domain), p.constant(Fraction(0), domain)
        return p.choose(symbol, one, nought)

    # groups in words, and a case of each

    def _stretch(self, stretch: _Points, along: str | None, grain: Fraction) -> Stretch:
        if along is None:
            return Stretch(None, None, stretch.hows)
        fact = next(f for f in self.together.facts if f.name.key == along)
        low, high = (None if n is None else value_of(fact, n, grain) for n in (stretch.low, stretch.high))
        return Stretch(low, high, stretch.hows)  # type: ignore[arg-type]

    def _group(
        self,
        stretches: tuple[Stretch, ...],
        people: Sequence[tuple[People, Cell, tuple[_Extreme | None, ...]]],
        every: Everybody,
        along: str | None,
        grain: Fraction,
    ) -> Group:
        whom = said(together((p_ for p_, _, _ in people), every), self.reach, self.together)
        changes: list[Change | None] = []
        for place in range(3):
            ranked = sorted(
                ((extreme, cell) for _, cell, extremes in people if (extreme := extremes[place]) is not None),
                key=lambda pair: (-abs(pair[0].by or 0), pair[1].turns),
            )
            changes.append(self._change(ranked, along, grain))
        return Group(whom, stretches, *changes)

    def _change(
        self, ranked: Iterable[tuple[_Extreme, Cell]], along: str | None, grain: Fraction
    ) -> Change | None:
        """The first of the differences that a case shows when it is computed."""
        first: Change | None = None
        for extreme, cell in islice(ranked, 4):
            for facts in islice(self._people(cell, along, extreme.at, grain), _TRIES):
                old, new = (self._computed(side, facts) for side in self.sides)
                by = _numeric(new) - _numeric(old) if old is not None and new is not None else None
                if isinstance(self.kind, MemberOf):
                    by = None
                if by == extreme.by and (by is not None or old != new):
                    return Change(facts, old, new, by, extreme.endless)
                if first is None:
                    first = Change(facts, old, new, extreme.by, extreme.endless, confirmed=False)
        return first

    def _computed(self, side: _Side, facts: Mapping[str, Value]) -> Value:
        own = {key: value for key, value in facts.items() if key in side.facts}
        if side.on is not None:
            own[_ON] = side.on
        return self.replay(side.program, self.key, own, self.part)

    def _people(self, cell: Cell, along: str | None, at: int, grain: Fraction) -> Iterator[dict[str, Value]]:
        """Whole cases of a combination: what is not told apart in it has values near the figures it is compared with."""
        given = facts_of(cell)
        choices: list[tuple[str, list[Value]]] = []
        needed = self._needed()
        needed |= {
            key
            for side in self.sides
            for given in side.givens
            for key in keys_of(reach(side.program, [given]))
        }
        for fact in self.together.facts:
            key = fact.name.key
            if key == along and given.get(key, 0) is not None:
                given[key] = value_of(fact, at, grain)
            elif key in needed and key not in given:
                choices.append((key, list(candidates(self.together, fact, self.reach))))
        count = 1
        for _, values in choices:
            count *= len(values)
        for place in range(count):
            picked: dict[str, Value] = {}
            for key, values in choices:
                place, which = divmod(place, len(values))
                picked[key] = values[which]
            yield {**picked, **given}


@node
class _Atom(Node):
    """A comparison that is taken as a fact, of both policies (None) or of one."""

    expr: Expr
    place: int | None


def _of_side(truths: Mapping[_Atom, bool], place: int) -> dict[Expr, bool]:
    return {atom.expr: truth for atom, truth in truths.items() if atom.place in (None, place)}


def _days(old: Program, new: Program) -> tuple[date | None, date | None]:
    """Where both depend on the day of the case but are never in force together: the last day of the
    old and the first of the new; otherwise none, and the day is a fact like any other."""
    if not all(any(f.name.key == _ON for f in program.facts) for program in (old, new)):
        return None, None
    last, first = old.header.effective_to, new.header.effective_from
    return (last, first) if last is not None and first is not None and last < first else (None, None)


def _merged(old: Program, new: Program) -> Program:
    """The new policy with the facts and the members that only the old one knows."""
    categories = [_with_members(c, old) for c in new.categories]
    known = {c.name.key for c in categories}
    categories += [c for c in old.categories if c.name.key not in known]
    before = {f.name.key: f for f in old.facts}
    facts = [_widened(f, before.get(f.name.key)) for f in new.facts]
    asked = {f.name.key for f in facts}
    facts += [f for f in old.facts if f.name.key not in asked]
    return evolve(new, categories=tuple(categories), facts=tuple(facts))


def _widened(fact: Fact, before: Fact | None) -> Fact:
    """A fact with the range of both policies, and existing only if it must in both."""
    if before is None or before.kind != fact.kind:
        return fact
    low = None if None in (fact.low, before.low) else min(fact.low, before.low)  # type: ignore[type-var]
    high = None if None in (fact.high, before.high) else max(fact.high, before.high)  # type: ignore[type-var]
    return evolve(fact, low=low, high=high, optional=fact.optional or before.optional)


def _with_members(category: Category, old: Program) -> Category:
    before = next((c for c in old.categories if c.name.key == category.name.key), None)
    if before is None:
        return category
    known = {m.name.key for m in category.members}
    return evolve(
        category, members=(*category.members, *(m for m in before.members if m.name.key not in known))
    )


def _known(side: _Side, cell: Cell) -> bool:
    """Whether a policy takes the finite facts of a combination: it has these members, and a fact that does
    not exist is one that need not."""
    for key, value in cell.facts.items():
        fact = side.facts.get(key.removeprefix("?"))
        if fact is None:
            continue
        if key.startswith("?"):
            if value is False and not fact.optional:
                return False
        elif isinstance(value, Fraction | date):
            if not inside(fact, value):
                return False
        elif isinstance(fact.kind, MemberOf | SetOf):
            members = {m.name.key for m in side.program.category(fact.kind.category).members}
            held = value if isinstance(value, frozenset) else {value}
            if not held <= members:
                return False
    return True


def _domain(fact: Fact, grain: Fraction) -> Domain:
    if isinstance(fact.kind, Day):
        low = fact.low if isinstance(fact.low, date) else date.min
        high = fact.high if isinstance(fact.high, date) else date.max
        return low.toordinal(), high.toordinal()
    return domain_of(fact.low, fact.high, grain)


def _within(function: Function, low: int, high: int | None) -> Iterator[Piece]:
    """The function between two points, and no answer beyond them."""
    for piece in function:
        start, end = piece.low, piece.high
        if start < low:
            before = low - 1 if end is None or end >= low else end
            yield p.void(start, before)
            if before == end:
                continue
            start = low
        if high is not None and (end is None or end > high):
            if start <= high:
                yield piece.on(start, high)
            yield p.void(max(start, high + 1), end)
        else:
            yield piece.on(start, end)


# one amount through both


@node
class _Points(Node):
    """The points from `low` to `high` and what the new function does there. `rounded`: one of the functions goes by
    steps there; `edge`: one of them changes its course at `low`."""

    low: int
    high: int | None
    hows: tuple[How, ...]
    rounded: bool = False
    edge: bool = False


@node
class _Extreme(Node):
    """Where the new function is most above, below or beside the old one, and by how much."""

    at: int
    by: Fraction | None
    endless: bool = False


def _stretches(old: Function, new: Function, unordered: bool) -> list[_Points]:
    """What the new function does against the old one, stretch by stretch."""
    more, less = p.compared(new, old, ">"), p.compared(new, old, "<")
    edges = sorted({piece.low for pieces in (old, new, more, less) for piece in pieces})
    highs: list[int | None] = [edge - 1 for edge in edges[1:]]
    last = old[-1].high
    found: list[_Points] = []
    for low, high in zip(edges, [*highs, last], strict=True):
        here = p.piece_at(old, low), p.piece_at(new, low)
        hows = _hows(low, high, here, (more, less), unordered)
        rounded = any(piece.starts is not None and len(piece.starts) > 1 for piece in here)
        found.append(_Points(low, high, hows, rounded, any(piece.low == low for piece in here)))
    return _told(found)


def _hows(
    low: int,
    high: int | None,
    values: tuple[Piece, Piece],
    truths: tuple[p.Condition, p.Condition],
    unordered: bool,
) -> tuple[How, ...]:
    old, new = values
    if old.starts is None or new.starts is None:
        if old.starts is None and new.starts is None:
            return ("neither",)
        return ("gained",) if old.starts is None else ("lost",)
    more, less = (p.piece_at(truth, low) for truth in truths)
    period = max(len(more.pattern), len(less.pattern))
    count = period if high is None else min(period, high - low + 1)
    found: set[How] = set()
    for n in range(low, low + count):
        up, down = more.at(n), less.at(n)
        if up is None or down is None:
            raise Beyond
        how: How = "same"
        if up is True or down is True:
            how = "other" if unordered else "higher" if up is True else "lower"
        found.add(how)
    return tuple(how for how in ORDER if how in found)


def _told(points: Sequence[_Points]) -> list[_Points]:
    """The stretches as people want them: alike ones joined, and short ones that take turns because of roundings,
    while neither function changes its course, told as one."""
    runs: list[list[_Points]] = []
    for here in points:
        if runs and not here.edge and _takes_turns(here) and _takes_turns(runs[-1][-1]):
            runs[-1].append(here)
        else:
            runs.append([here])
    told: list[_Points] = []
    for run, following in zip(runs, [*runs[1:], []], strict=True):
        alike = _joined(run)
        if told and alike[0].hows == told[-1].hows:
            told.append(alike.pop(0))
        last = [alike.pop()] if alike and following and alike[-1].hows == following[0].hows else []
        if len(alike) > 2:
            hows = {how for here in alike for how in here.hows}
            alike = [_Points(alike[0].low, alike[-1].high, tuple(how for how in ORDER if how in hows))]
        told += [*alike, *last]
    return _joined(told)


def _joined(points: Sequence[_Points]) -> list[_Points]:
    made: list[_Points] = []
    for here in points:
        if made and made[-1].hows == here.hows:
            made[-1] = evolve(made[-1], high=here.high)
        else:
            made.append(here)
    return made


def _takes_turns(here: _Points) -> bool:
    short = here.high is not None and here.high - here.low < _SHORT
    return short and here.rounded and set(here.hows) <= {"same", "higher", "lower"}


def _extremes(old: Function, new: Function, stretches: Sequence[_Points]) -> tuple[_Extreme | None, ...]:
    """The largest gain, the largest loss, and a point where one answers otherwise or alone."""
    gain: _Extreme | None = None
    loss: _Extreme | None = None
    other: _Extreme | None = None
    for piece in p.add(new, old, -1):
        if piece.starts is None:
            continue
        for sign in (1, -1):
            found = _peak(piece, sign)
            if found is None or found.by is None or sign * found.by <= 0:
                continue
            if sign > 0:
                gain = _greater(gain, found, sign)
            else:
                loss = _greater(loss, found, sign)
    for stretch in stretches:
        if {"other", "gained", "lost"} & set(stretch.hows):
            other = _Extreme(round_point(stretch.low, stretch.high), None)
            if "other" in stretch.hows:
                gain = loss = None
            break
    return gain, loss, other


def _greater(best: _Extreme | None, found: _Extreme, sign: int) -> _Extreme:
    """The larger difference; of equal ones the one at the rounder amount."""
    if best is None or best.by is None or found.by is None:
        return found
    one, other = ((e.endless, sign * (e.by or 0)) for e in (best, found))
    if one == other:
        return min(best, found, key=lambda e: roundness(e.at))
    return found if other > one else best


def _peak(piece: Piece, sign: int) -> _Extreme | None:
    """Where the piece is highest (with sign -1: lowest); of several points the roundest."""
    assert piece.starts is not None
    period = len(piece.starts)
    endless = piece.high is None and sign * piece.rise > 0
    if not piece.rise:
        best = max(sign * start for start in piece.starts)
        pattern = tuple(sign * start == best for start in piece.starts)
        count = period if piece.high is None else min(period, piece.high - piece.low + 1)
        if not any(pattern[n % period] for n in range(piece.low, piece.low + count)):
            best = max(sign * piece.parts(n) for n in range(piece.low, piece.low + count))
            pattern = tuple(sign * start == best for start in piece.starts)
        at = round_point(piece.low, piece.high, pattern)
    elif endless:  # a round amount from which on it is above nothing whatever the rounding
        least = min(sign * start for start in piece.starts)
        first = max(piece.low, -least // (sign * piece.rise) + 1, _SHORT)
        at = round_point(first, 10 * first)
    else:
        points: Sequence[int] = range(piece.low, piece.low + period)
        if piece.high is not None:
            ends = range(piece.low, min(piece.low + period, piece.high + 1))
            points = (*ends, *range(max(piece.low, piece.high - period + 1), piece.high + 1))
        best = max(sign * piece.parts(n) for n in points)
        at = min((n for n in points if sign * piece.parts(n) == best), key=roundness)
    return _Extreme(at, piece.at(at), endless)


def _numeric(value: Value) -> Fraction:
    if isinstance(value, bool):
        return Fraction(int(value))
    if isinstance(value, date):
        return Fraction(value.toordinal())
    return value if isinstance(value, Fraction) else Fraction(0)


def _weight(group: Group) -> tuple[bool, Fraction]:
    """Groups with the largest change first."""
    changes = [abs(c.by) for c in (group.gain, group.loss) if c is not None and c.by is not None]
    return (not changes and group.other is None, -max(changes, default=Fraction(0)))
