"""Do the shares of a split make the whole, for every total, and does each land on the grain?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from heapq import merge

from policydsl.amounts import say_decimal, say_rate
from policydsl.checks import words
from policydsl.checks.bounds import bounds, common, first_on_grid, grain, period
from policydsl.checks.people import people
from policydsl.checks.reach import facts_of
from policydsl.checks.values import (
    NoAnswer,
    Unknown,
    divide,
    holder_of,
    known_amount,
    passes,
    rate_of,
    total_of,
    value,
)
from policydsl.checks.views import View, view
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.expressions import LARGEST_FRACTIONS, Input
from policydsl.facts import Quote
from policydsl.kinds import Kind, Quantity, is_money
from policydsl.model import Arm, Policy, Restated, Share, Split
from policydsl.nodes import Node, Span, node

#: How many totals are looked at where rounding jumps, before the check gives up.
_MOST_TOTALS = 20_000


@node
class Grid(Node):
    """A total that an input decides: every multiple of `step` from `low` to `high`. `key` is the
    input when the total is that input itself."""

    low: Fraction
    high: Fraction | None
    step: Fraction
    key: str | None = None

    def first(self, x: Fraction) -> Fraction | None:
        """The first total that is at least `x`."""
        found = first_on_grid(max(x, self.low), self.step)
        return found if self.high is None or found <= self.high else None

    def some(self, *from_low: int) -> list[Fraction]:
        """The totals so many steps above the lowest one."""
        base = first_on_grid(self.low, self.step)
        found = [base + n * self.step for n in from_low]
        return [x for x in found if self.high is None or x <= self.high]


@node
class Division(Node):
    """Shares that divide one whole: those of an arm, or the parts of a share.

    `known` pairs people with the whole they have, where that is a figure; else `grid` says what
    the whole can be. `name` is what is divided, `head` the arm.
    """

    split: Split
    shares: tuple[Share, ...]
    name: Words
    head: Words
    kind: Kind
    known: tuple[tuple[View, Fraction], ...]
    grid: Grid | None
    quotes: tuple[Quote, ...]
    above: Share | None = None


def family(policy: Policy, root: str) -> list[Split]:
    """The split of that name and the splits of its shares."""
    return [
        d
        for d in policy.definitions
        if isinstance(d, Split) and (d.parent[0] if d.parent else d.name.key) == root
    ]


def every_share(shares: tuple[Share, ...]) -> Iterator[Share]:
    for share in shares:
        yield share
        yield from every_share(share.parts)


# What is divided


def divisions(split: Split, seen: View) -> list[Division] | None:
    """Every division that a split makes, those of its shares' parts included; None when its total or
    its arms depend on more people than can be looked at."""
    splits = family(seen.policy, split.name.key if split.parent is None else split.parent[0])
    root = splits[0]
    if root.total is None:
        return []
    needed = set(facts_of(root.total, seen))
    for d in splits:
        for key in d.keys:
            needed |= facts_of(key.value, seen)
    found = people(needed, seen)
    if found is None:
        return None
    everyone = list(found)
    name = _total_name(split, root, seen)
    made: list[Division] = []
    for arm in split.arms:
        known, grids = _wholes(split, arm, root, everyone)
        distinct = {(w, frozenset(_relevant(v, needed))): (v, w) for v, w in known}
        head = _arm_words(split, arm, seen) or name
        quotes = (*split.quotes, *arm.quotes)
        kind = root.total.kind
        for grid in grids or (None,):
            figures = tuple(distinct.values())
            made += _nested(Division(split, arm.shares, name, head, kind, figures, grid, quotes), seen)
            distinct = {}  # figures are looked at once, and with them the first of the grids
    return made


def _wholes(
    split: Split, arm: Arm, root: Split, everyone: list[View]
) -> tuple[list[tuple[View, Fraction]], list[Grid]]:
    """What an arm divides: for each person it is for the whole as a figure, or else what it can be."""
    known: list[tuple[View, Fraction]] = []
    grids: dict[Grid, None] = {}
    for who in everyone:
        try:
            keys = [value(k.value, who) for k in split.keys]
            if not all(passes(t, k, who) for t, k in zip(arm.tests, keys, strict=False)):
                continue
        except (Unknown, NoAnswer):
            continue
        try:
            known.append((who, total_of(split, who)))
        except Unknown:
            grids.update(dict.fromkeys(_grids(split.parent, root, who)))
        except (NoAnswer, KeyError):
            continue
    return known, list(grids)


def _relevant(who: View, needed: set[str]) -> Iterator[tuple[str, object]]:
    return ((k, v) for k, v in who.facts.items() if k in needed)


def _arm_words(split: Split, arm: Arm, seen: View) -> Words | None:
    tests = [
        words.members(_in_order(t, k.category, seen), k.category, seen.policy)
        for t, k in zip(arm.tests, split.keys, strict=False)
        if t is not None
    ]
    return words.listed(tests) if tests else None


def _in_order(keys: frozenset[str], category: str | None, seen: View) -> list[str]:
    if category is None:
        return sorted(keys)
    return [m.name.key for m in seen.policy.category(category).members if m.name.key in keys]


def _total_name(split: Split, root: Split, seen: View) -> Words:
    if split.parent is not None:
        payer = split.parent[1]
        for d in family(seen.policy, root.name.key):
            for arm in d.arms:
                for share in every_share(arm.shares):
                    if share.payer.key == payer:
                        return words.named(share.payer)
        return words.both(payer, payer)
    total = root.total
    key = getattr(total, "key", None)
    if isinstance(key, str):
        if isinstance(total, Input) and key in seen.inputs:
            return words.named(seen.inputs[key].name)
        if key in seen.index:
            return words.named(seen.index[key].name)
    return words.both("the total", "总额")


def _grids(parent: tuple[str, str] | None, root: Split, who: View) -> list[Grid]:
    """What a total that depends on amounts can be, or the share of it that `parent` names."""
    assert root.total is not None
    if parent is None:
        r, step = bounds(root.total, who), grain(root.total, who)
        if step is None:
            return []
        if step == 0:  # whatever the case, there is nothing to divide
            return [Grid(Fraction(0), Fraction(0), Fraction(1))]
        # Of totals that have no least one, those from nothing on are looked at.
        low = Fraction(0) if r.low is None else r.low
        return [Grid(low, r.high, step, root.total.key if isinstance(root.total, Input) else None)]
    found: list[Grid] = []
    for d in family(who.policy, root.name.key):
        for arm in d.arms:
            if any(share.payer.key == parent[1] for share in every_share(arm.shares)):
                for whole in _grids(d.parent, root, who):
                    found += _grids_within(arm.shares, parent[1], d, whole, who)
    return found


def _grids_within(
    shares: tuple[Share, ...], payer: str, split: Split, whole: Grid, who: View
) -> Iterator[Grid]:
    """What the share of `payer` can be, who stands among `shares` or their parts."""
    for i, share in enumerate(shares):
        own = _grid_of_share(shares, i, split, whole, who)
        if own is not None:
            if share.payer.key == payer:
                yield own
            yield from _grids_within(share.parts, payer, split, own, who)


def _grid_of_share(shares: tuple[Share, ...], i: int, split: Split, whole: Grid, who: View) -> Grid | None:
    """What one of the shares of a whole can be; None when an amount among them is no figure."""
    share, rounding = shares[i], split.rounding
    turns = [s for s in shares if s.portion.how in ("percent", "ratio")]
    rate, step, less = rate_of(share), whole.step, Fraction(0)
    if rate is not None:
        step = whole.step * rate
    elif share.portion.how == "rest":
        rates = [r for s in shares if (r := rate_of(s)) is not None]
        rate = 1 - sum(rates, Fraction(0))
        for r in rates:
            step = common(step, whole.step * r) or step
        for other in shares:
            if other.portion.amount is not None:
                fixed = known_amount(other.portion.amount, who)
                if fixed is None:
                    return None
                less, step = less + fixed, common(step, abs(fixed)) or step
    else:
        return None
    slack = Fraction(0)
    if rounding is not None and turns:
        spread = rounding.holder == LARGEST_FRACTIONS
        if share in turns or (not spread and holder_of(shares, split) == i):
            exact = not spread and holder_of(shares, split) != i
            step = rounding.step if exact else common(whole.step, rounding.step) or step
            slack = rounding.step * len(turns)
    if not step:
        return None
    low = whole.low * rate - less
    high = None if whole.high is None else whole.high * rate - less + slack
    return Grid(low if low < 0 else max(low - slack, Fraction(0)), high, step)


def _nested(division: Division, seen: View) -> Iterator[Division]:
    """The division itself, and those of its shares' parts."""
    yield division
    for i, share in enumerate(division.shares):
        if not share.parts:
            continue
        known = []
        for who, whole in division.known:
            try:
                known.append((who, divide(division.shares, whole, division.split, who)[i][1]))
            except (Unknown, NoAnswer):
                continue
        grid = division.grid
        if grid is not None:
            grid = _grid_of_share(division.shares, i, division.split, grid, seen)
        name = words.named(share.payer)
        head = name
        if division.head != division.name and division.above is None:
            head = words.both(f"{name.en} ({division.head.en})", f"{division.head.zh}的{name.zh}")
        yield from _nested(
            Division(
                division.split,
                share.parts,
                name,
                head,
                division.kind,
                tuple(known),
                grid,
                division.quotes,
                share,
            ),
            seen,
        )


# Whether it is divided whole


def check_division(division: Division, seen: View) -> Iterator[Diagnostic]:
    shares = division.shares
    mixed = any(s.portion.how == "fixed" for s in shares) and any(rate_of(s) is not None for s in shares)
    if mixed and division.grid is not None:
        fixed = next(s for s in shares if s.portion.how == "fixed")
        yield Diagnostic(codes.MIXED_SHARES, fixed.portion.span, {"total": division.name})
        return
    summed = list(_sums(division, seen))
    yield from summed
    yield from _restated(division, seen)
    if summed:
        return
    yield from _holder(division, seen)
    yield from _values(division, seen)


def _terms(shares: Sequence[Share], figures: Sequence[str]) -> Words:
    said = [
        words.both(f"{words.named(s.payer).en} {f}", f"{words.leading(words.named(s.payer)).zh}{f}")
        for s, f in zip(shares, figures, strict=True)
    ]
    return words.listed(said, " + ")


def _place(division: Division) -> Span:
    """Where the wrong figure is likely to stand: one that the quotes do not have, or all of them."""
    shares = division.shares
    printed = set(words.figures_in(division.quotes))
    if printed:
        odd = [s for s in shares if (f := _printed_figure(s)) is not None and f not in printed]
        if len(odd) == 1:
            return odd[0].portion.span
    contradicted = [
        s for s in shares if s.restated and any(_disagrees(division, s, r) is not None for r in s.restated)
    ]
    if len(contradicted) == 1:
        return contradicted[0].portion.span
    return shares[0].portion.span.to(shares[-1].portion.span)


def _printed_figure(share: Share) -> Fraction | None:
    p = share.portion
    if p.rate is not None:
        return p.rate * 100
    amount = p.amount
    found = getattr(amount, "value", None)
    return found if isinstance(found, Fraction) else None


def _sums(division: Division, seen: View) -> Iterator[Diagnostic]:
    shares, policy = division.shares, seen.policy
    if any(s.portion.how == "rest" for s in shares):
        yield from _rest(division, policy)
        return
    rates = [rate_of(s) for s in shares]
    every_rate = [r for r in rates if r is not None]
    if len(every_rate) == len(shares):
        total = sum(every_rate, Fraction(0))
        if total != 1:
            yield _rates_wrong(division, total, every_rate)
        return
    wholes = [(who, whole) for who, whole in division.known]
    if not wholes and division.grid is not None:
        wholes = [(seen, x) for x in division.grid.some(0, 1)]
    for who, whole in wholes:
        try:
            parts = [exact for exact, _ in divide(shares, whole, division.split, who)]
        except (Unknown, NoAnswer):
            continue
        total = sum(parts, Fraction(0))
        if total != whole:
            yield _amounts_wrong(division, who, whole, parts, policy)
            return


def _rates_wrong(division: Division, total: Fraction, rates: list[Fraction]) -> Diagnostic:
    off = total - 1
    points = (
        f"{say_decimal(abs(off) * 100)}" if (abs(off) * 100).denominator == 1 else say_rate(abs(off))[:-1]
    )
    said = say_rate(total)
    if division.above is not None:
        return Diagnostic(
            codes.PARTS_RATES,
            _place(division),
            {
                "payer": division.name,
                "sum": said,
                "terms": _terms(division.shares, [say_rate(r) for r in rates]),
            },
        )
    return Diagnostic(
        codes.SHARES_NOT_WHOLE,
        _place(division),
        {
            "who": division.head,
            "sum": said,
            "points": points,
            "sign": words.both("too many", "多出") if off > 0 else words.both("too few", "少"),
            "terms": _terms(division.shares, [say_rate(r) for r in rates]),
            "hint": _joint(division.shares, rates, off),
        },
    )


def _joint(shares: tuple[Share, ...], rates: list[Fraction], off: Fraction) -> Words:
    """What to write: where two payers each have what is too much, they may bear it together."""
    for i in range(len(shares) - 1, 0, -1):
        if rates[i] == off == rates[i - 1] and i >= 2:
            one, two = words.named(shares[i - 1].payer), words.named(shares[i].payer)
            r = say_rate(off)
            return words.both(
                f"if {one.en} and {two.en} bear {r} together, write `{one.en}{two.en} {r}, of which "
                f"{one.en} …元, {two.en} …元`",
                f"如{one.zh}、{two.zh}合计负担{r}，写作 `{one.zh}{two.zh} {r}，其中 {one.zh} …元、{two.zh} …元`",
            )
    return words.both(
        "compare the percentages with the notice; together they make 100%",
        "请对照原文核对各方比例，合计应为100%",
    )


def _amounts_wrong(
    division: Division, who: View, whole: Fraction, parts: list[Fraction], policy: Policy
) -> Diagnostic:
    total = sum(parts, Fraction(0))
    off = total - whole
    more = off > 0
    say = [say_decimal(p) for p in parts]
    facts: dict[str, str | int | Words] = {
        "who": division.head,
        "total": words.leading(division.name),
        "whole": words.amount(whole, division.kind, policy),
        "sum": words.amount(total, division.kind, policy),
        "off": words.amount(abs(off), division.kind, policy),
        "sign": words.both("above", "多") if more else words.both("below", "少"),
        "terms": " + ".join(say),
        "quote": _quoted(division.quotes),
    }
    code = codes.PARTS_NOT_SHARE if division.above is not None else codes.AMOUNTS_NOT_TOTAL
    labels: tuple[Label, ...] = ()
    if division.above is not None:
        labels = (
            Label(division.above.portion.span, words.both("the share that is divided", "被划分的份额")),
        )
    return Diagnostic(code, _place(division), facts, labels, _case(division, who, whole))


def _quoted(quotes: tuple[Quote, ...]) -> Words:
    if not quotes:
        return words.both("compare the figures with the notice", "请对照原文核对各项金额")
    q = quotes[-1]
    clause = f" {q.clause}" if q.clause else ""
    return words.both(f"compare clause{clause}, “{q.words}”", f"请核对原文{q.clause}“{q.words}”")


def _case(division: Division, who: View, whole: Fraction) -> tuple[tuple[str, str], ...]:
    grid = division.grid
    if grid is not None and grid.key is not None and not division.known:
        return words.case(who, {grid.key: whole})
    return words.case(who)


def _rest(division: Division, policy: Policy) -> Iterator[Diagnostic]:
    """The rest, where the others take more than there is."""
    rest = next(s for s in division.shares if s.portion.how == "rest")
    wholes = list(division.known)
    if division.grid is not None:
        wholes += [(view(policy), x) for x in division.grid.some(0, 1)]
    for who, whole in wholes:
        try:
            values = divide(division.shares, whole, division.split, who)
        except (Unknown, NoAnswer):
            continue
        i = division.shares.index(rest)
        if values[i][1] < 0:
            others = whole - values[i][1]
            yield _negative(division, who, whole, rest, values[i][1], others, policy)
            return


def _negative(
    division: Division,
    who: View,
    whole: Fraction,
    share: Share,
    amount: Fraction,
    others: Fraction,
    policy: Policy,
) -> Diagnostic:
    return Diagnostic(
        codes.NEGATIVE_SHARE,
        share.portion.span,
        {
            "payer": words.named(share.payer),
            "amount": words.amount(amount, division.kind, policy),
            "others": words.amount(others, division.kind, policy),
            "total": words.leading(division.name),
            "whole": words.amount(whole, division.kind, policy),
        },
        case=_case(division, who, whole),
    )


def _disagrees(
    division: Division, share: Share, restated: Restated
) -> tuple[View, Fraction, Fraction] | None:
    """The first person, whole and exact figure that a restated figure is not."""
    printed = restated.value.value
    if not isinstance(printed, Fraction):
        return None
    kind = restated.value.kind
    pure = isinstance(kind, Quantity) and not kind.unit.powers
    i = division.shares.index(share)
    slack = restated.within or Fraction(0)
    wholes = list(division.known)
    if not wholes and division.grid is not None:
        here = view_of(division)
        wholes = [] if here is None else [(here, x) for x in division.grid.some(1, 2)]
    for who, whole in wholes:
        try:
            exact, final = divide(division.shares, whole, division.split, who)[i]
        except (Unknown, NoAnswer):
            continue
        if pure:
            exact = final = exact / whole if whole else exact
        if abs(final - printed) > slack and abs(exact - printed) > slack:
            return who, whole, exact
    return None


def view_of(division: Division) -> View | None:
    return division.known[0][0] if division.known else None


def _restated(division: Division, seen: View) -> Iterator[Diagnostic]:
    for share in division.shares:
        for restated in share.restated:
            found = _disagrees(division, share, restated)
            if found is None:
                continue
            who, whole, exact = found
            kind = restated.value.kind
            pure = isinstance(kind, Quantity) and not kind.unit.powers
            say = words.figure if pure else words.amount
            yield Diagnostic(
                codes.SHARE_RESTATED,
                restated.value.span,
                {
                    "payer": words.named(share.payer),
                    "portion": share.portion.span.text,
                    "total": words.leading(division.name),
                    "whole": words.amount(whole, division.kind, seen.policy),
                    "exact": say(exact, kind if pure else division.kind, seen.policy),
                    "printed": say(_as_fraction(restated), kind if pure else division.kind, seen.policy),
                    "quote": _quoted(division.quotes),
                },
                (Label(share.portion.span, words.both("its share as written", "所写份额")),),
                _case(division, who, whole),
            )


def _as_fraction(restated: Restated) -> Fraction:
    found = restated.value.value
    assert isinstance(found, Fraction)
    return found


# Rounding


def _turns(division: Division) -> list[Share]:
    return [s for s in division.shares if s.portion.how in ("percent", "ratio")]


def _holder(division: Division, seen: View) -> Iterator[Diagnostic]:
    """A rounding whose remainder nobody takes, with the first whole at which that matters."""
    rounding = division.split.rounding
    turns = _turns(division)
    if rounding is None or not turns or rounding.holder == LARGEST_FRACTIONS:
        return
    if holder_of(division.shares, division.split) is not None:
        return
    named = rounding.holder is not None
    breaks = [(who, w) for who, w in division.known if _broken(division, who, w)]
    if named and not breaks and division.grid is None:
        return  # the holder has no part here, and nothing is left over
    who = seen
    whole: Fraction | None = None
    if breaks:
        who, whole = breaks[0]
    elif division.known:
        who = division.known[0][0]
        whole = _first_break(division, who, division.known[0][1], None)
    elif division.grid is not None:
        whole = _first_break(division, who, division.grid.low, division.grid)
    if whole is None:
        return
    try:
        parts = divide(division.shares, whole, division.split, who)
    except (Unknown, NoAnswer):
        return
    policy, kind = seen.policy, division.kind
    total = sum((r for _, r in parts), Fraction(0))
    fits = [w for _, w in division.known if not _broken(division, who, w)]
    present = words.both("", "")
    if fits:
        now = words.amount(fits[0], kind, policy)
        present = words.both(f" ({now.en} divides exactly)", f"（{now.zh}时恰好整除）")
    last = turns[-1]
    i = division.shares.index(last)
    kept = [r for n, (_, r) in enumerate(parts) if n != i]
    settled = [*kept[:i], whole - sum(kept, Fraction(0)), *kept[i:]]
    yield Diagnostic(
        codes.NO_HOLDER,
        rounding.span,
        {
            "total": words.leading(division.name),
            "whole": words.amount(whole, kind, policy),
            "exact": _terms(division.shares, [words.amount(e, kind, policy).zh for e, _ in parts]),
            "rounded": " + ".join(words.amount(r, kind, policy).zh for _, r in parts),
            "sum": words.amount(total, kind, policy),
            "sign": words.both("more", "多") if total > whole else words.both("less", "少"),
            "present": present,
            "holder": last.payer.written,
            "settled": " + ".join(words.amount(r, kind, policy).zh for r in settled),
        },
        case=_case(division, who, whole) if not division.known or breaks else (),
    )


def _broken(division: Division, who: View, whole: Fraction) -> bool:
    try:
        parts = divide(division.shares, whole, division.split, who)
    except (Unknown, NoAnswer):
        return False
    return sum((r for _, r in parts), Fraction(0)) != whole


def _first_break(division: Division, who: View, start: Fraction, grid: Grid | None) -> Fraction | None:
    """The first whole from `start` at which the rounded parts are not it. Residues repeat after
    `period` steps, so one period of whole steps decides; after that a whole off the step breaks."""
    rounding = division.split.rounding
    assert rounding is not None
    if grid is not None:
        for whole in grid.some(*range(min(_MOST_TOTALS, 10 * period(_rates(division)) + 2))):
            if _broken(division, who, whole):
                return whole
        return None
    step = rounding.step
    whole = first_on_grid(start, step)
    for _ in range(min(_MOST_TOTALS, period(_rates(division)) + 1)):
        if _broken(division, who, whole):
            return whole
        whole += step
    off_step = start + who.policy.header.currency.grain
    return off_step if _broken(division, who, off_step) else None


def _rates(division: Division) -> list[Fraction]:
    return [r for s in division.shares if (r := rate_of(s)) is not None]


# What each payer gets


def _values(division: Division, seen: View) -> Iterator[Diagnostic]:
    policy = seen.policy
    step = _grain_of(division.kind, policy)
    off: set[str] = set()
    below: set[str] = set()
    wholes = list(division.known)
    if division.grid is not None:
        who = next((w for w, _ in division.known), seen)
        wholes += [(who, x) for x in division.grid.some(0, 1)]
        wholes += [(who, x) for x in _where_holder_falls(division, division.grid)]
    for who, whole in wholes:
        try:
            parts = divide(division.shares, whole, division.split, who)
        except (Unknown, NoAnswer):
            continue
        for share, (_, final) in zip(division.shares, parts, strict=True):
            key = share.payer.key
            if final < 0 and key not in below and share.portion.how != "rest":
                below.add(key)
                yield _negative(division, who, whole, share, final, whole - final, policy)
            if step is not None and (final / step).denominator != 1 and key not in off:
                off.add(key)
                yield Diagnostic(
                    codes.SHARE_OFF_GRAIN,
                    share.portion.span,
                    {
                        "payer": words.named(share.payer),
                        "amount": words.amount(final, division.kind, policy),
                        "grain": words.amount(step, division.kind, policy),
                        "total": words.leading(division.name),
                        "whole": words.amount(whole, division.kind, policy),
                        "holder": division.shares[-1].payer.written,
                    },
                    case=_case(division, who, whole),
                )


def _grain_of(kind: Kind, policy: Policy) -> Fraction | None:
    if is_money(kind):
        return policy.header.currency.grain
    return Fraction(1) if isinstance(kind, Quantity) and kind.unit.powers else None


def _where_holder_falls(division: Division, grid: Grid) -> Iterator[Fraction]:
    """The totals at which a rounded part has just risen, in order: only there can the holder, who
    takes the whole minus the others, come to less than nothing."""
    rounding = division.split.rounding
    i = holder_of(division.shares, division.split)
    if rounding is None or i is None or rounding.mode in ("down", "floor"):
        return
    rates = [
        r
        for n, s in enumerate(division.shares)
        if n != i and s.portion.how in ("percent", "ratio") and (r := rate_of(s))
    ]
    own = 1 - sum(rates, Fraction(0))
    if not rates or own < 0:
        return
    most = rounding.step * (len(rates) / own if own else period(rates))
    shift = Fraction(0) if rounding.mode in ("up", "ceiling") else Fraction(1, 2)
    jumps = merge(*(_jumps(r, rounding.step, shift, most) for r in rates))
    for _, jump in zip(range(_MOST_TOTALS), jumps, strict=False):
        at = grid.first(jump)
        if at is None:
            return
        yield at
        if at == jump and (after := grid.first(jump + grid.step)) is not None:
            yield after


def _jumps(rate: Fraction, step: Fraction, shift: Fraction, most: Fraction) -> Iterator[Fraction]:
    n = 0
    while (at := (n + shift) * step / rate) <= most:
        yield at
        n += 1
