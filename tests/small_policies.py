"""What small policies can there be? Random ones as texts, of every construct, with few enough cases to try them all.

`draft` writes a policy without properties. `promises` then writes properties for it, most of them at
the very edge of what holds, from the answers to all its cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from random import Random

#: at most so many combinations of facts
MOST_CASES = 340

MODES = ("half up", "half down", "half even", "up", "down", "ceiling", "floor")
OVERLAPS = ("first", "greatest", "least", "sum")
ORDERS = ("<=", "<", ">=", ">")
_SLIPS = (Fraction(-1), Fraction(1), Fraction(1), Fraction(1, 2))


class Draft:
    """A policy text, and the names in it that a property can speak of."""

    def __init__(self, unit: Fraction) -> None:
        #: one step of its amounts: 1元, 0.1元, 0.01元
        self.unit = unit
        self.lines: list[str] = []
        self.money: list[str] = []
        self.yes_no: list[str] = []
        self.rates: list[str] = []
        self.counts: list[str] = []
        #: amounts that depend on a period, and parts of the cost that are rounded
        self.periods: list[str] = []
        self.rounded: list[str] = []
        #: what can rise, and the members of a category by its name
        self.along: list[str] = []
        self.members: dict[str, tuple[str, ...]] = {}
        self.facts: dict[str, int] = {}

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def say(number: Fraction) -> str:
    """A decimal as a policy writes it."""
    whole, part = divmod(abs(number), 1)
    digits = ""
    while part:
        digit, part = divmod(part * 10, 1)
        digits += str(digit)
    return f"{'-' if number < 0 else ''}{whole}{'.' + digits if digits else ''}"


def draft(seed: int, *, careless: bool = False) -> Draft:
    """A random policy of two to six definitions; `check` may still find fault with it, and often does
    with a `careless` one, which has gaps, overlaps, rows left out, shares that do not make the whole."""
    return _Writer(Random(seed), careless=careless, days=Random(f"days {seed}")).write()


class _Writer:
    def __init__(self, random: Random, *, careless: bool = False, days: Random | None = None) -> None:
        self.r = random
        self.careless = careless
        #: what is chosen with it leaves the other choices as they are
        self.days = days or random
        self.dated = False
        self.named_period = False
        self.d = Draft(random.choice([Fraction(1), Fraction(1), Fraction(1, 10), Fraction(1, 100)]))
        self.low = 0
        self.high = 0
        self.chinese = random.random() < 0.1

    def chance(self, one_in: int) -> bool:
        return self.r.randrange(one_in) == 0

    def slips(self, one_in: int) -> bool:
        """Whether a careless author makes a mistake here."""
        return self.careless and self.chance(one_in)

    def yuan(self, steps: int | Fraction) -> str:
        return f"{say(steps * self.d.unit)}元"

    def figure(self) -> str:
        """An amount near those of the policy, sometimes between two of them."""
        halves = Fraction(1, 2) if self.d.unit == 1 and self.chance(6) else Fraction(0)
        return self.yuan(self.r.randint(0, 12) + halves)

    def write(self) -> Draft:
        self.head()
        makers: list[Callable[[str], None]] = [
            self.rule, self.rule, self.rule, self.condition_rule, self.tiers, self.tiers, self.table,
            self.table, self.split, self.param, self.rounded_rule, self.rounded_rule, self.counting_rule,
        ]  # fmt: skip
        if "joined" in self.d.facts:
            makers += [self.period_rule] * 3
        for i in range(self.r.randint(2, 5)):
            make = self.r.choice(makers)
            if self.dated and self.days.randrange(2):
                self.editions(make, f"d{i}")
            else:
                make(f"d{i}")
        if not self.d.money:
            self.rule("d9")
        return self.d

    def editions(self, make: Callable[[str], None], name: str) -> None:
        """A definition that is declared twice, each from its day; once if the second turns out to be of another
        kind or to have other parts."""
        d = self.d
        before, facts = self.known(), dict(d.facts)
        at = len(d.lines)
        make(name)
        first, after = d.lines[at:], self.known()
        self.know(before)
        make(name)
        second = d.lines[at + len(first) :]
        del d.lines[at:]
        day = f"2021-01-0{self.days.randint(2, 8)}"
        if self.known() == after and d.facts == facts and "\n  from 2021" not in "\n".join((*first, *second)):
            d.lines += [*_dated(first, name, "2021-01-01"), *_dated(second, name, day)]
        else:
            d.lines += first
            if d.facts != facts:
                d.facts = facts | {key: many for key, many in d.facts.items() if key in "".join(first)}
        self.know(after)

    def known(self) -> list[list[str]]:
        d = self.d
        return [list(names) for names in (d.money, d.yes_no, d.rates, d.counts, d.periods, d.rounded)]

    def know(self, names: Sequence[Sequence[str]]) -> None:
        d = self.d
        d.money, d.yes_no, d.rates, d.counts, d.periods, d.rounded = map(list, names)

    # what is known of a case

    def head(self) -> None:
        d, r = self.d, self.r
        d.lines.append('policy small "小"')
        self.dated = self.chance(6)
        if self.dated:
            d.lines.append("  effective 2021-01-01 to 2021-01-08")
            d.facts["on"] = 8
        if self.chance(3):
            d.lines.append("  month_end next_day")
        self.low = r.choice([0, 0, 0, 0, 1, -3])
        self.high = self.low + r.randint(8, 13)
        grain = {Fraction(1): " in whole 元", Fraction(1, 10): " in whole 角"}.get(d.unit, "")
        d.lines.append(f"input cost: money{grain} in {self.yuan(self.low)} .. {self.yuan(self.high)}")
        d.facts["cost"] = self.high - self.low + 1
        d.along.append("cost")
        d.money.append("cost")
        every = ["group", "level", "marks", "flag", "extra", "stays", "joined", "gone"]
        r.shuffle(every)
        if self.chance(6):
            every.insert(0, "joined")
        for name in dict.fromkeys(every[: r.randint(1, 4)]):
            self.fact(name, grain)
        if "joined" in d.facts and self.days.randrange(3) == 0:
            self.named_period = True
            first, last = self.days.choice(
                [("2021-01-28", "2021-02-01"), ("2020-02-28", "2020-02-29"), ("2021-01-31", "2021-01-31")]
            )
            d.lines.append(f"period window: {first} to {last}")
        for _ in range(r.choice([0, 0, 0, 1, 1, 2])):
            self.given()

    def fact(self, name: str, grain: str) -> None:
        d, r = self.d, self.r
        size = {
            "group": 3,
            "level": 3,
            "marks": 8,
            "flag": 2,
            "extra": 4,
            "stays": 4,
            "joined": 12,
            "gone": 5,
        }[name]
        total = size
        for many in d.facts.values():
            total *= many
        if total > MOST_CASES or (name == "extra" and self.chance(2)):
            return
        d.facts[name] = size
        match name:
            case "group":
                d.lines.append('category group: ga "甲", gb "乙", gc "丙"; gbc has gb, gc')
                d.members["group"] = ("ga", "gb", "gc")
            case "level":
                d.lines.append("ordered category level: la, lb, lc")
                d.members["level"] = ("la", "lb", "lc")
            case "marks":
                d.lines.append("category status: sa, sb, sc\ninput marks: set of status")
            case "flag":
                d.lines.append("input flag: yes_no")
                d.yes_no.append("flag")
            case "extra":
                default = " if not given 0元" if self.chance(3) else ""
                d.lines.append(f"input extra: money{grain} in 0元 .. {self.yuan(3)}{default}")
                d.along.append("extra")
                d.money.append("extra")
            case "stays":
                d.lines.append("input stays: cases in 0 .. 3")
                d.along.append("stays")
            case "joined":
                first = r.choice(["2021-01-25 .. 2021-02-05", "2020-02-24 .. 2020-03-06"])
                d.lines.append(f"input joined: date in {first}")
                d.along.append("joined")
            case _:
                d.lines.append("input gone: optional date in 2021-01-29 .. 2021-02-01")

    def given(self) -> None:
        condition = self.condition(1)
        more = self.r.choice(["", "", " when ", " exactly when "])
        self.d.lines.append(f"given {condition}{more + self.condition(0) if more else ''}")

    # values and conditions

    def amount(self, depth: int) -> str:
        r, d = self.r, self.d
        if depth <= 0 or self.chance(5):
            kind = r.randrange(5)
            if kind == 0:
                return self.figure()
            if kind == 1 and "stays" in d.facts:
                return f"stays × {self.yuan(r.randint(1, 3))}/次"
            return r.choice(d.money[-3:] if r.randrange(2) else d.money)
        one = self.amount(depth - 1)
        kind = r.randrange(12)
        match kind:
            case 0 | 1:
                return f"({one} + {self.amount(depth - 1)})"
            case 2 | 3:
                return f"({one} - {self.amount(depth - 1)})"
            case 4 | 5 | 6:
                return f"({one} × {self.rate()})"
            case 7:
                return f"({one} ÷ {r.choice([2, 3, 4])} rounded {self.rounding()})"
            case 8:
                which = r.choice(["greater of", "smaller of"])
                return f"{which} ({one}, {self.amount(depth - 1)})"
            case 9:
                return f"(if {self.condition(depth - 1)} then {one} else {self.amount(depth - 1)})"
            case 10:
                return f"(({one}) × {self.rate()} rounded {self.rounding()})"
            case _:
                return one

    def rate(self) -> str:
        if self.d.rates and self.chance(3):
            return self.r.choice(self.d.rates)
        if self.d.counts and self.chance(4):
            return self.r.choice(self.d.counts)
        return f"{self.r.choice([0, 10, 30, 50, 50, 60, 70, 100, 120])}%"

    def rounding(self) -> str:
        """The mode and the step, a whole multiple of a fen."""
        steps = [Fraction(1), Fraction(2), Fraction(3), Fraction(5)]
        if self.d.unit > Fraction(1, 100):
            steps += [Fraction(1, 2), Fraction(1, 10)]
        return f"{self.r.choice(MODES)} to {self.yuan(self.r.choice(steps))}"

    def condition(self, depth: int) -> str:
        r, d = self.r, self.d
        if depth > 0 and not self.chance(3):
            one, two = self.condition(depth - 1), self.condition(depth - 1)
            return r.choice([f"({one}) and ({two})", f"({one}) or ({two})", f"not ({one})"])
        choices: list[Callable[[], str]] = [self.comparison, self.comparison]
        if "group" in d.facts:
            choices.append(
                lambda: r.choice(
                    [
                        "group is ga",
                        "group is gb",
                        "group in (gb, gc)",
                        "group in gbc",
                        "group is not gc",
                        "group not in (ga, gb)",
                    ]
                )
            )
        if "level" in d.facts:
            choices.append(lambda: r.choice(["level is lb and over", "level is lb and under", "level is la"]))
        if "marks" in d.facts:
            choices += [lambda: r.choice(["marks has sa", "marks has sb", "marks has any of (sb, sc)"])] * 2
        if "joined" in d.facts:
            choices.append(
                lambda: (
                    f"joined {r.choice(['over', 'below', 'up to', 'from'])} {r.choice(['2021-01-31', '2021-02-02', '2020-02-29', '2020-02-28'])}"
                )
            )
            choices.append(
                lambda: (
                    f"joined within {r.choice(['1个月', '3天', '1个月', '0天', '1年'])} after {r.choice(['2020-12-31', '2021-01-28', '2020-01-31', '2020-02-26', '2019-02-28'])}"
                )
            )
        if "gone" in d.facts:
            choices.append(
                lambda: r.choice(
                    ["has gone", "has gone and gone over 2021-01-30", "has gone and gone below 2021-01-31"]
                )
            )
            if "joined" in d.facts:
                choices += [
                    lambda: f"has gone and joined within {r.choice(['1天', '3天', '1个月'])} after gone"
                ] * 2
        if self.named_period:
            choices += [lambda: "joined within window"] * 2
        if self.dated:
            choices.append(
                lambda: f"on {r.choice(['from', 'over', 'up to', 'below'])} 2021-01-0{r.randint(1, 8)}"
            )
            choices.append(
                lambda: f"on within {r.choice(['0天', '3天', '1个月'])} after 2021-01-0{r.randint(1, 6)}"
            )
        if "stays" in d.facts:
            choices.append(
                lambda: f"stays {r.choice(['over', 'below', 'up to', 'from', 'is'])} {r.randint(0, 3)}次"
            )
        if d.yes_no:
            choices += [lambda: r.choice(d.yes_no)] * 2
        return r.choice(choices)()

    def comparison(self) -> str:
        left = self.r.choice([*self.d.money, "cost"])
        op = self.r.choice(["over", "below", "up to", "from", "<", "<=", ">", ">=", "is", "is not"])
        right = self.figure() if self.r.randrange(4) else self.r.choice(self.d.money)
        if right == left or (op.startswith("is") and right.endswith(".5元")):
            right = self.yuan(self.r.randint(0, 12))  # an amount that there is
        return f"{left} {op} {right}"

    # lines after a value

    def finish(self, *, wanted: bool = False) -> None:
        """Roundings and limits, in any order."""
        lines = [f"  round {self.rounding()}"] if wanted or self.r.randrange(3) else []
        if self.chance(4):
            lines.insert(
                self.r.randint(0, len(lines)), f"  {self.r.choice(['capped at', 'at least'])} {self.bound()}"
            )
        if self.chance(12):
            lines.append(f"  round {self.rounding()}")
        self.d.lines += lines

    def bound(self) -> str:
        return self.amount(1) if self.chance(3) else self.figure()

    # definitions

    def param(self, name: str) -> None:
        d, r = self.d, self.r
        kind = r.randrange(4)
        if kind == 0:
            more = r.choice(["", "", " + 10个百分点"])
            d.lines.append(f"param {name} = {r.choice([20, 40, 50, 80])}%{more}")
            d.rates.append(name)
        elif kind == 1 and self.dated:
            d.lines.append(
                f"param {name}: money\n  from 2021-01-01: {self.figure()}\n  from 2021-01-0{r.randint(3, 8)}: {self.figure()}"
            )
            d.money.append(name)
        elif kind == 2 and self.total(4) <= MOST_CASES and "wait" not in d.facts:
            d.facts["wait"] = 4
            d.lines.append("param wait: days open in 0天 .. 3天")
            d.lines.append(
                f"rule {name} when wait {r.choice(['over', 'below', 'up to', 'is'])} {r.randint(0, 3)}天"
            )
            d.yes_no.append(name)
        else:
            figure = self.figure()
            more = r.choice(["", "", f" = {figure}", f", namely {figure}", f", up {self.yuan(1)}"])
            d.lines.append(f"param {name} = {figure}{more}")
            d.money.append(name)

    def total(self, more: int) -> int:
        for many in self.d.facts.values():
            more *= many
        return more

    def rule(self, name: str) -> None:
        d = self.d
        base = self.amount(self.r.randint(1, 2))
        if self.chance(10):
            base = f'if {self.condition(0)} then {base} else undefined because "x"'
        d.lines.append(
            f"rule {name} = {base}" if not base.startswith("if") else f"rule {name}: money = {base}"
        )
        self.grounds(lambda: self.amount(1))
        self.finish()
        d.money.append(name)

    def rounded_rule(self, name: str) -> None:
        """Part of the cost, often below zero at first, rounded so that the middle is met."""
        r, d = self.r, self.d
        half = Fraction(1, 2) if d.unit == 1 and self.chance(2) else 0
        middle = self.yuan(r.randint(self.low + 1, self.high - 1) + half)
        base = r.choice(["cost", f"cost - {middle}", f"cost - {middle}", f"{middle} - cost"])
        share = r.choice(["", "", " × 50%", " × 50%", " × 25%", " × 75%"])
        d.lines.append(f"rule {name} = ({base}){share}" if " " in base else f"rule {name} = {base}{share}")
        steps = [1, 2, 2, 3, 5] if share or d.unit == Fraction(1, 100) else [2, 2, 3, 5]
        d.lines.append(f"  round {r.choice(MODES[:5])} to {self.yuan(r.choice(steps))}")
        d.money.append(name)
        d.rounded.append(name)

    def counting_rule(self, name: str) -> None:
        """How many of some conditions hold."""
        self.d.lines.append(f"rule {name}: count = {self.r.choice([0, 0, 5])}")
        for i in range(self.r.randint(1, 3)):
            self.d.lines.append(f"  except g{i} when {self.condition(1)}: 1")
        self.d.lines.append("  when several apply, count")
        self.d.counts.append(name)

    def period_rule(self, name: str) -> None:
        """An amount for those who joined within a period."""
        self.d.lines.append(f"rule {name} = {self.figure()}")
        self.d.lines.append(f"  except g0 when {self.period()}: {self.figure()}")
        if self.chance(2):
            self.d.lines.append(f"  except g1 when {self.period()}: {self.figure()}")
            self.d.lines.append(f"  when several apply, {self.r.choice(OVERLAPS)}")
        self.d.money.append(name)
        self.d.periods.append(name)

    def period(self) -> str:
        day = self.r.choice(["2020-01-31", "2020-02-26", "2020-02-24", "2021-01-26", "2021-01-28"])
        return f"joined within {self.r.choice(['1个月', '3天', '5天', '0天'])} after {day}"

    def grounds(self, value: Callable[[], str], *, exempt: bool = True) -> None:
        d, r = self.d, self.r
        many = r.choice([0, 0, 1, 2, 3])
        for i in range(many):
            if exempt and self.chance(5):
                d.lines.append(f"  exempt g{i} when {self.condition(1)}")
                continue
            d.lines.append(f"  except g{i} when {self.condition(1)}: {value()}")
            if self.chance(4):
                d.lines.append(f"  except g{i}.h{i} when {self.condition(0)}: {value()}")
        if many > 1 and r.randrange(8) and not self.slips(2):
            d.lines.append(f"  when several apply, {r.choice(OVERLAPS) if exempt else 'first'}")

    def condition_rule(self, name: str) -> None:
        self.d.lines.append(f"rule {name} when {self.condition(2)}")
        if self.chance(4):
            self.grounds(lambda: self.r.choice(["yes", "no"]), exempt=False)
        self.d.yes_no.append(name)

    def edges(self, most: int = 3) -> list[Fraction]:
        """Some bounds between the least and the greatest cost."""
        halves = Fraction(1, 2) if self.d.unit == 1 and self.chance(4) else Fraction(0)
        among = range(self.low + 1, self.high)
        return [e + halves for e in sorted(self.r.sample(among, self.r.randint(1, min(most, len(among)))))]

    def bare(self, steps: Fraction) -> str:
        """An amount in a column whose head has the unit; one below zero has its own."""
        return self.yuan(steps) if steps < 0 else say(steps * self.d.unit)

    def ranges(self, edges: Sequence[Fraction]) -> list[str]:
        """Ranges that meet at the edges, each edge in the lower or the upper one."""
        lower = [e + self.r.choice(_SLIPS) if self.slips(4) else e for e in edges]
        if self.d.unit != 1:
            lower = [Fraction(round(e)) for e in lower]
        ends, starts = ([self.bare(e) for e in row] for row in (edges, lower))
        upper = [self.r.randrange(2) for _ in edges]
        begins = [1 - one if self.slips(5) else one for one in upper]
        found = [f"{'below' if upper[0] else 'up to'} {ends[0]}"]
        for i in range(1, len(edges)):
            found.append(
                f"{'from' if begins[i - 1] else 'over'} {starts[i - 1]} {'below' if upper[i] else 'up to'} {ends[i]}"
            )
        found.append(f"{starts[-1]} and over" if begins[-1] else f"over {starts[-1]}")
        if self.slips(6):
            found[-1] += f" up to {self.bare(Fraction(self.high - 1))}" if not begins[-1] else ""
        return found

    def printed_ranges(self) -> list[str]:
        """Ranges as notices print them: each begins a step above the end of the one before."""
        first = max(self.low, 0)
        ends = sorted(self.r.sample(range(first + 1, self.high), self.r.randint(1, 2)))
        begins = [first, *(end + 1 for end in ends)]
        low = [say(n * self.d.unit) for n in begins]
        high = [say(n * self.d.unit) for n in ends]
        return [*(f"{a}-{b}" for a, b in zip(low, high, strict=False)), f"{low[-1]} and over"]

    def columns(self) -> tuple[str, list[str]]:
        """The key of the columns of a schedule, and their heads."""
        if "group" in self.d.facts and self.r.randrange(2):
            return ", by group", self.r.choice([["ga", "gbc"], ["ga", "gb", "gc"]])
        if "level" in self.d.facts and self.chance(3):
            return ", by level", ["la", "lb", "lc"]
        return "", [""]

    def tiers(self, name: str) -> None:
        d, r = self.d, self.r
        mode = r.choice(["marginal", "marginal", "slab", "slab", "interpolated"])
        by, heads = self.columns()
        rates = mode == "marginal" or (mode == "slab" and r.randrange(2) == 0)
        unit = "%" if rates else "元"
        amount = "cost"
        if mode != "interpolated" and self.chance(4):
            amount = r.choice(d.money)
        d.lines.append(f"tiers {name} of {amount}, {mode}{by}")
        d.lines.append(f"  | {amount} (元) | " + " | ".join(f"{h or 'x'} ({unit})" for h in heads) + " |")
        continuous = False
        if mode == "interpolated":
            points = [self.low, *map(int, self.edges(2)), self.high]
            ranges = [f"{self.bare(p)} to {self.bare(p)}" for p in map(Fraction, points)]
        else:
            ranges = self.ranges(self.edges())
            if self.chance(6):
                ranges, continuous = self.printed_ranges(), True
            elif mode == "marginal" and self.chance(4):
                ranges[0] = f"over {self.bare(Fraction(self.low))} {ranges[0]}"
        for one in ranges:
            d.lines.append(f"  | {one} | " + " | ".join(self.cell(unit, mode) for _ in heads) + " |")
        if continuous and not self.slips(3):
            d.lines.append('  bands continuous because "x"')
        if self.chance(5):
            d.lines.append(f"  cap {self.figure()}")
        if mode == "marginal" and self.chance(5):
            d.lines.append(f"  round {self.rounding()}\n  {r.choice(['each slice', 'each product'])}")
        self.finish(wanted=bool(r.randrange(5)))
        d.money.append(name)

    def cell(self, unit: str, mode: str) -> str:
        if unit == "%":
            if self.d.rates and self.chance(8):
                return self.r.choice(self.d.rates)
            return str(self.r.choice([0, 10, 20, 40, 50, 60, 75, 100]))
        if mode == "slab" and self.chance(8):
            return self.r.choice(self.d.money)
        return say(self.r.randint(0, 9) * self.d.unit)

    def table(self, name: str) -> None:
        d, r = self.d, self.r
        keys = [k for k in ("group", "level") if k in d.facts and r.randrange(2)]
        amount = r.choice(["cost", "cost", *d.money]) if not keys or r.randrange(2) else None
        kind = r.choice(["money", "money", "money", "rate", "count"])
        hit = r.choice(["", "", "first", *(OVERLAPS if kind == "money" else ("greatest",))])
        if kind == "count":
            hit = "count"
        several = kind == "money" and not hit and self.chance(4)
        heads = [*keys, *([f"{amount} (元)"] if amount else [])]
        by = ", ".join([*keys, *([amount] if amount else [])])
        unit = {"money": "（元）", "rate": "（%）", "count": ""}[kind]
        d.lines.append(f"table {name}{'' if several else f': {kind}'}{f', {hit}' if hit else ''} by {by}")
        results = ["p", "q"] if several else [name]
        d.lines.append("  | " + " | ".join([*heads, *(f"{x} {unit}" for x in results)]) + " |")
        rows: list[list[str]] = [[]]
        for key in keys:
            a, b, c = d.members[key]
            parts = r.choice([[a, f"{b}, {c}"], [a, b, c], [f"{a}, {c}", b]])
            rows = [[*row, part] for row in rows for part in parts]
        if amount:
            rows = [[*row, part] for row in rows for part in self.ranges(self.edges(2))]
        if hit and hit != "count":
            for _ in range(r.randint(1, 2)):
                rows.insert(r.randint(0, len(rows)), self.any_row(keys, amount))
        elif hit:
            rows = [self.any_row(keys, amount) for _ in range(r.randint(2, 4))]
        if self.slips(3) and len(rows) > 1:
            del rows[r.randrange(len(rows))]
        if self.slips(4):
            rows.insert(r.randint(0, len(rows)), self.any_row(keys, amount))
        for row in rows:
            cells = [self.result(kind, hit) for _ in results]
            d.lines.append("  | " + " | ".join([*row, *cells]) + " |")
        if kind == "money":
            self.finish()
        d.money += [f"{name}.{x}" for x in results] if several else [name] if kind == "money" else []
        d.rates += [name] if kind == "rate" else []
        d.counts += [name] if kind == "count" else []

    def any_row(self, keys: Sequence[str], amount: str | None) -> list[str]:
        row = [self.r.choice(["any", *self.d.members[key]]) for key in keys]
        return [*row, self.r.choice(["any", *self.ranges(self.edges(2))])] if amount else row

    def result(self, kind: str, hit: str) -> str:
        if kind == "money":
            if self.chance(12):
                return 'undefined because "x"'
            return self.r.choice(self.d.money) if self.chance(8) else say(self.r.randint(0, 9) * self.d.unit)
        return str(self.r.choice([0, 20, 50, 80, 100])) if kind == "rate" else "1"

    def split(self, name: str) -> None:
        d, r = self.d, self.r
        total = r.choice(d.money)
        by, arms = "", [""]
        if "group" in d.facts and r.randrange(2):
            by, arms = " by group", ["ga: ", "gb, gc: "]
        d.lines.append(f"split {name} of {total}{by}")
        holder = r.choice(["", "x", "y", "*"])
        kinds = set()
        for arm in arms:
            kind = r.choice(["ratio", "percent", "rest", "inner", "all" if arm else "rest", "fixed", "named"])
            kinds.add(kind)
            d.lines.append(f"  {arm}{self.shares(kind)}")
        step = r.choice(
            [Fraction(1), Fraction(1), Fraction(1, 2) if d.unit > Fraction(1, 100) else Fraction(2)]
        )
        if holder and r.randrange(8) and not self.slips(4):
            who = "remainder to largest fractions" if holder == "*" else f"remainder to {holder}"
            if holder == "*":
                d.lines.append(f"  round down to {self.yuan(step)}, {who}")
            else:
                d.lines.append(f"  round {r.choice(MODES)} to {self.yuan(step)}, {who}")
        d.money += [f"{name}.x", *([f"{name}.y"] if kinds != {"all"} else [])]
        if self.chance(4) and "all" not in kinds and "inner" not in kinds:
            d.lines.append(f"split {name}.y\n  {name}u, {name}v by {r.randint(1, 3)}:{r.randint(1, 3)}")
            d.lines.append(f"  round {r.choice(MODES)} to {self.yuan(step)}, remainder to {name}v")
            d.money += [f"{name}.{name}u", f"{name}.{name}v"]

    def shares(self, kind: str) -> str:
        r = self.r
        part = r.choice([10, 20, 30, 50, 60, 70])
        match kind:
            case "ratio":
                return f"x, y by {r.randint(1, 4)}:{r.randint(1, 4)}"
            case "percent":
                return f"x {part}%, y {100 - part - (10 if self.slips(4) else 0)}%"
            case "fixed":
                return f"x {self.figure()}, y rest"
            case "named":
                figures = [
                    line.split()[1].rstrip(":")
                    for line in self.d.lines
                    if line.startswith("param d") and "元" in line
                ]
                return f"x {r.choice([*figures, self.figure()])}, y rest"
            case "rest":
                return f"x {part}%, y rest"
            case "inner":
                return f"x {part}%, of which xa {part // 2}%, xb rest; y {100 - part}%"
            case _:
                return "x all"


def _dated(lines: Sequence[str], name: str, day: str) -> list[str]:
    """The lines of a definition with the day from which it holds after its name, and after that of a part of it."""
    head = re.compile(
        rf"(?m)^(rule {name}(?:: \w+)?|(?:tiers|table|param) {name}|split {name}(?:\.y)?)(?!\w|\.)"
    )
    return [head.sub(rf"\1 from {day}", line) for line in lines]


# properties


#: for each name of a value, what it is in each case that has an answer
Answers = Mapping[str, Mapping[int, Fraction]]


def promises(written: Draft, seed: int, answers: Answers, many: int = 5) -> list[str]:
    """Properties of every form, with figures at the edge of the answers there are."""
    return [line for i in range(many) if (line := _Promise(written, Random(seed * 31 + i), answers).write())]


class _Promise:
    def __init__(self, written: Draft, random: Random, answers: Answers) -> None:
        self.d = written
        self.r = random
        self.answers = answers
        self.w = _Writer(random)
        self.w.d = written
        self.w.low, self.w.high, self.w.dated = 0, written.facts["cost"], False

    def write(self) -> str:
        made = [n for n in self.d.money if n not in ("cost", "extra") and self.answers.get(n)]
        if not made:
            return ""
        self.names = made
        form = self.r.choice(
            [
                self.figure,
                self.figure,
                self.two,
                self.two,
                self.three,
                self.change,
                self.change,
                self.change,
                self.step,
                self.logic,
            ]
        )
        line = form()
        if line and self.r.randrange(3) == 0:
            line += f" when {self.w.condition(self.r.choice([0, 1]))}"
        return line and f"ensure {line}"

    def edge(self, values: Sequence[Fraction], op: str) -> Fraction:
        """A figure at which `op` just holds of all values, or just does not, and sometimes another."""
        if self.r.randrange(5) == 0:
            return self.r.choice(list(values))
        best = max(values) if op in ("<", "<=") else min(values)
        return best + self.r.choice([0, 0, 0, 1, -1]) * self.r.choice([self.d.unit, Fraction(1, 100)])

    def figure(self) -> str:
        name = self.r.choice(self.names)
        values = list(self.answers[name].values())
        if self.r.randrange(6) == 0:
            return f"{name} {self.r.choice(['is', 'is not'])} {self.amount(self.r.choice(values))}"
        op = self.r.choice(ORDERS)
        return f"{name} {op} {self.amount(self.edge(values, op))}"

    def amount(self, value: Fraction) -> str:
        return f"{say(value)}元" if value >= 0 else f"0元 - {say(-value)}元"

    def two(self) -> str:
        """One value against a part of another and a figure."""
        one, two = self.r.choice(self.names), self.r.choice([*self.names, "cost", "cost"])
        both = self.answers[one].keys() & self.answers[two].keys()
        if not both or one == two:
            return ""
        share = self.r.choice([Fraction(1), Fraction(1), Fraction(1, 2), Fraction(7, 10)])
        op = self.r.choice(ORDERS)
        figure = self.edge([self.answers[one][i] - share * self.answers[two][i] for i in sorted(both)], op)
        right = two if share == 1 else f"{two} × {say(share * 100)}%"
        sign = "+" if figure >= 0 else "-"
        return f"{one} {op} {right} {sign} {say(abs(figure))}元" if figure else f"{one} {op} {right}"

    def three(self) -> str:
        """A sum that is equal to something, or not."""
        splits = sorted({n.split(".")[0] for n in self.names if n.endswith(".x")})
        if splits and self.r.randrange(2):
            name = self.r.choice(splits)
            if f"{name}.y" in self.d.money:
                return f"{name}.x + {name}.y = {name}.total"
        one, two, three = (self.r.choice(self.names) for _ in range(3))
        if self.r.randrange(3) == 0:
            return f"{one} = {two}"
        return f"{one} + {two} {self.r.choice(ORDERS)} {three} {self.r.choice('+-')} {self.w.figure()}"

    def change(self) -> str:
        along = self.r.choice(self.d.along)
        if self.d.periods and self.r.randrange(2):
            return (
                f"as joined rises: {self.r.choice(self.d.periods)} does not {self.r.choice(['fall', 'rise'])}"
            )
        how = self.r.choice(["fall", "fall", "rise", "jump", "jump"])
        return f"as {along} rises: {self.output()} does not {how}"

    def step(self) -> str:
        if not self.d.members:
            return ""
        name = self.r.choice(sorted(self.d.members))
        one, two = self.r.sample(self.d.members[name], 2)
        return f"as {name} from {one} to {two}: {self.output()} does not {self.r.choice(['fall', 'rise'])}"

    def output(self) -> str:
        one = self.r.choice(self.names[-2:] if self.r.randrange(2) else self.names)
        if self.d.rounded and self.r.randrange(4) == 0:
            one = self.r.choice(self.d.rounded)
            return f"cost - {one}"
        match self.r.randrange(6):
            case 0 | 1:
                return f"cost - {one}"
            case 2:
                return f"{one} + {self.r.choice(self.names)}"
            case _:
                return one

    def logic(self) -> str:
        return self.w.condition(2)
