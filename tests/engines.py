"""What must every engine that computes many cases answer? Rows aimed at edges, and what the interpreter says of them.

An engine is a function from a `Flat` and rows to a `Raw`. `differences` compares it with the interpreter:
the code of each row that is refused, and of each other row every value, ground and missing answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

import drawing
from policydsl import flat as f
from policydsl.expressions import Constant, Expr, If, Value, children
from policydsl.facts import Fact
from policydsl.flatten import flatten
from policydsl.interpret import evaluate, problems
from policydsl.ir import Formula, Given, Program
from policydsl.kinds import AMOUNT, YES_NO, Day, MemberOf, Quantity, SetOf, YesNo, is_money
from policydsl.needs import expressions_of
from policydsl.nodes import evolve
from policydsl.runtime import PolicyError
from programs import CENT, at, define, given_input, ref
from random_programs import EVERYTHING

Row: TypeAlias = Mapping[str, Value]
#: The code of a row that is refused; else for each output its parts by name (None: the value), or None
#: where it has no answer.
Outcome: TypeAlias = "str | dict[str, dict[str | None, object] | None]"


@dataclass
class Raw:
    """What an engine gave: for each row its code or None; for each output a truth a row, "it has no answer", and
    for each of its columns the integers and truths. Rows with a code, and missing answers, may hold anything."""

    codes: Sequence[str | None]
    fails: dict[str, Sequence[bool]] = field(default_factory=dict)
    values: dict[tuple[str, str | None], Sequence[Any]] = field(default_factory=dict)


Engine: TypeAlias = Callable[[f.Flat, Sequence[Row]], Raw]


def differences(program: Program, rows: Sequence[Row], engine: Engine) -> list[str]:
    """Where the engine and the interpreter disagree, in words; a policy that does not fit has none."""
    flat = flatten(program)
    if isinstance(flat, tuple):
        return []
    return compared(program, flat, rows, engine(flat, rows), [expected(program, row) for row in rows])


def compared(
    program: Program, flat: f.Flat, rows: Sequence[Row], raw: Raw, answers: Sequence[Outcome]
) -> list[str]:
    found = []
    for i, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        given = outcome(flat, raw, i)
        if "PC108" in (
            given,
            answer,
        ):  # of the row, or of each of its outputs: both say that there is no answer
            none: Outcome = dict.fromkeys((output.key for output in flat.outputs), None)
            given, answer = (none if o == "PC108" else o for o in (given, answer))
        if given != answer:
            found.append(f"{dict(row)}: {given} instead of {answer}")
    return found


# the interpreter


def expected(program: Program, row: Row) -> Outcome:
    wanted = program.outputs
    defaults = {fact.name.key for fact in program.facts if fact.has_default and not fact.optional}
    given = {
        key: value
        for key, value in row.items()
        if key in needs(program) and not (value is None and key in defaults)  # as in a table: not given
    }
    wrong = problems(program, given, wanted)
    if wrong:
        return wrong[0].code
    answer: dict[str, dict[str | None, object] | None] = {}
    for key in wanted:
        try:
            step = evaluate(program, given, (key,)).step(key)
        except PolicyError as error:
            assert error.code == "PC108"
            answer[key] = None
            continue
        parts: dict[str | None, object] = {k: v for k, v in step.parts if k != "total"}
        if step.value is not None:
            parts[None] = step.value
        answer[key] = parts
    return answer


def needs(program: Program) -> set[str]:
    return {key for output in program.outputs for key in program.definition(output).inputs}


# an engine's columns, read


def outcome(flat: f.Flat, raw: Raw, i: int) -> Outcome:
    code = raw.codes[i]
    if code is not None:
        return code
    answer: dict[str, dict[str | None, object] | None] = {}
    for output in flat.outputs:
        if raw.fails[output.key][i]:
            answer[output.key] = None
            continue
        answer[output.key] = {c.part: value_of(c, raw.values[output.key, c.part][i]) for c in output.columns}
    return answer


def value_of(column: f.ResultColumn, value: Any) -> object:
    """What an integer or a truth of a result stands for."""
    if column.part == "held" and column.kind is None:
        return tuple(key for bit, key in enumerate(column.members) if int(value) >> bit & 1)
    if column.kind is None:
        return column.members[int(value)]
    match column.kind:
        case YesNo():
            return bool(value)
        case Quantity():
            return Fraction(int(value), column.den)
        case Day():
            return date(1970, 1, 1) + timedelta(int(value))
        case MemberOf():
            return column.members[int(value)]
        case SetOf():
            return frozenset(m for bit, m in enumerate(column.members) if int(value) >> bit & 1)


# inputs, made ready as `InputColumn` says


def checked(column: f.InputColumn, row: Row) -> tuple[str | None, int, bool]:
    """The code of what is wrong with an input of a row, its count (`safe` where something is), and whether
    the fact exists."""
    value = row.get(column.key)
    if value is None:
        if column.optional:
            return None, column.safe, False
        if column.default is not None:
            return None, column.default, True
        return "PC101", column.safe, True
    match value:
        case bool():
            return None, int(value), True
        case str():
            if value not in column.members:
                return "PC106", column.safe, True
            return None, column.members.index(value), True
        case frozenset():
            if not value <= set(column.members):
                return "PC106", column.safe, True
            return None, sum(1 << column.members.index(m) for m in value), True
        case date():
            count = Fraction((value - date(1970, 1, 1)).days)
        case Fraction():
            count = value * column.den
    if not column.low <= count <= column.high:
        return "PC104", column.safe, True
    if count % column.step:
        return ("PC109" if column.free else "PC105"), column.safe, True
    return None, int(count), True


@dataclass
class Prepared:
    """Rows as columns: the code of each row so far, the counts of each input, and whether each fact exists."""

    codes: list[str | None]
    counts: dict[str, list[int]]
    exists: dict[str, list[bool]]


def prepared(flat: f.Flat, rows: Sequence[Row]) -> Prepared:
    result = Prepared([None] * len(rows), {}, {})
    for column in flat.inputs:
        counts, exists = [], []
        for i, row in enumerate(rows):
            code, count, exist = checked(column, row)
            result.codes[i] = result.codes[i] or code
            counts.append(count)
            exists.append(exist)
        result.counts[column.key] = counts
        result.exists[column.key] = exists
    return result


def judged(
    flat: f.Flat, codes: Sequence[str | None], truth: Callable[[int], Sequence[Any]]
) -> list[str | None]:
    """The codes with those of the givens after them; `truth` gives the column of a step."""
    result = list(codes)
    for given in flat.givens:
        fails = [False] * len(result) if given.fails is None else truth(given.fails)
        holds = truth(given.holds)
        for i, code in enumerate(result):
            if code is None and (fails[i] or not holds[i]):
                result[i] = "PC108" if fails[i] else "PC107"
    return result


# the steps by their definition


def plain(flat: f.Flat, rows: Sequence[Row]) -> Raw:
    """Step by step in Python's integers, each asserted to lie in its range: what a `Flat` means."""
    ready = prepared(flat, rows)
    columns: list[list[Any]] = []
    for step, (low, high) in zip(flat.steps, flat.ranges, strict=True):
        if isinstance(step, f.Column | f.Flag):
            column: list[Any] = list(ready.counts[step.fact])
        elif isinstance(step, f.Exists):
            column = list(ready.exists[step.fact])
        else:
            column = [run(step, [columns[j][i] for j in f.reads(step)]) for i in range(len(rows))]
        for value in column:
            assert low <= value <= high, (step, value, low, high)
        columns.append(column)
    raw = Raw(judged(flat, ready.codes, lambda i: columns[i]))
    for output in flat.outputs:
        raw.fails[output.key] = [False] * len(rows) if output.fails is None else columns[output.fails]
        for column_ in output.columns:
            raw.values[output.key, column_.part] = columns[column_.value]
    return raw


def run(step: f.Step, given: Sequence[Any]) -> Any:
    """One step for one row; `given` are the values of `reads(step)`."""
    match step:
        case f.Whole() | f.Truth():
            return step.value
        case f.Sum():
            return given[0] + given[1]
        case f.Difference():
            return given[0] - given[1]
        case f.Product():
            return given[0] * given[1]
        case f.Quotient():
            assert given[0] >= 0
            assert given[1] >= 1
            return given[0] // given[1]
        case f.Least():
            return min(given)
        case f.Greatest():
            return max(given)
        case f.Choose():
            return given[1] if given[0] else given[2]
        case f.Place():
            return sum(edge <= given[0] for edge in step.edges)
        case f.Pick():
            return step.values[given[0]]
        case f.Bands():
            return bands(step, given)
        case f.Compare():
            left, right = given
            return {
                "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right,
                "==": left == right, "!=": left != right,
            }[step.op]  # fmt: skip
        case f.Both():
            return bool(given[0] and given[1])
        case f.Either():
            return bool(given[0] or given[1])
        case f.Opposite():
            return not given[0]
        case f.Among():
            return given[0] in step.values
        case f.SharesBit():
            return bool(given[0] & step.bits)
        case f.Column() | f.Flag() | f.Exists():
            raise AssertionError(step)


def bands(step: f.Bands, given: Sequence[int]) -> int:
    amount, *edges, column = given
    assert edges == sorted(edges)
    paid = 0
    for i, rate in enumerate(step.rates[column]):
        end = edges[i + 1] if i + 1 < len(edges) else max(amount, edges[i])
        paid += rate * (min(max(amount, edges[i]), end) - edges[i])
    return paid


# programs and rows


def ranged(program: Program) -> Program:
    """`program` with a range and a grain for every quantity, as 64 bits need."""

    def narrow(fact: Fact) -> Fact:
        if not isinstance(fact.kind, Quantity):
            return fact
        low = Fraction(-30) if fact.low is None else fact.low
        high = Fraction(300) if fact.high is None else fact.high
        return evolve(
            fact, low=low, high=high, grain=fact.grain or (CENT if is_money(fact.kind) else Fraction(1, 100))
        )

    return evolve(program, facts=tuple(narrow(fact) for fact in program.facts))


def figures(program: Program) -> tuple[list[Fraction], list[date]]:
    """The figures and days that stand anywhere in the program: where its answers turn."""
    amounts: set[Fraction] = set()
    days: set[date] = set()
    stack: list[Expr] = [e for d in program.definitions for e in expressions_of(d)]
    stack += [given.condition for given in program.givens]
    while stack:
        expr = stack.pop()
        if isinstance(expr, Constant):
            if isinstance(expr.value, Fraction):
                amounts.add(expr.value)
            elif isinstance(expr.value, date):
                days.add(expr.value)
        stack += children(expr)
    return sorted(amounts), sorted(days)


def rows_for(program: Program, count: int, seed: int, *, bad: bool = True) -> list[Row]:
    """Rows whose values lie on figures of the policy, beside them, at the ends of ranges, and anywhere; with
    `bad` a few are wrong in one way each."""
    rng = random.Random(seed)
    amounts, days = figures(program)
    rows: list[Row] = []
    for _ in range(count):
        row = {fact.name.key: value_for(program, fact, amounts, days, rng) for fact in program.facts}
        if bad and rng.random() < 0.15:
            fact = rng.choice(program.facts)
            row[fact.name.key] = rng.choice(list(wrong_values(program, fact)))
        rows.append(row)
    return rows


def value_for(
    program: Program, fact: Fact, amounts: Sequence[Fraction], days: Sequence[date], rng: random.Random
) -> Value:
    if fact.optional and rng.random() < 0.25:
        return None
    match fact.kind:
        case Quantity():
            grain = fact.grain or CENT
            low, high = fact.low, fact.high
            assert isinstance(low, Fraction)
            assert isinstance(high, Fraction)
            pool = [low, high, low + grain, high - grain, Fraction(0)]
            pool += [low + grain * rng.randrange(int((high - low) / grain) + 1) for _ in range(3)]
            near = [a + grain * k for a in amounts[:40] for k in (-1, 0, 1)]
            pool += [a for a in near if low <= a <= high and a % grain == 0]
            return rng.choice(pool)
        case YesNo():
            return rng.random() < 0.5
        case Day():
            low_day = fact.low if isinstance(fact.low, date) else date(2019, 11, 1)
            high_day = fact.high if isinstance(fact.high, date) else date(2022, 4, 30)
            ends = [d + timedelta(k) for d in days for k in (-1, 0, 1, 30, 31, 365)]
            ends += [low_day, high_day, date(2020, 2, 29), date(2021, 2, 28), date(2020, 12, 31)]
            ends += [low_day + timedelta(rng.randrange((high_day - low_day).days + 1))]
            return rng.choice([d for d in ends if low_day <= d <= high_day])
        case MemberOf():
            return rng.choice(program.category(fact.kind.category).members).name.key
        case SetOf():
            members = [m.name.key for m in program.category(fact.kind.category).members]
            return frozenset(m for m in members if rng.random() < 0.35)


def wrong_values(program: Program, fact: Fact) -> Iterator[Value]:
    """Values that the interpreter refuses, one for each way."""
    if not fact.optional and not fact.has_default:
        yield None
    match fact.kind:
        case Quantity():
            assert isinstance(fact.low, Fraction)
            assert isinstance(fact.high, Fraction)
            grain = fact.grain or CENT
            yield fact.low - grain
            yield fact.high + grain
            yield fact.low + grain / 2
        case MemberOf():
            yield "nobody"
        case SetOf():
            yield frozenset({"nobody"})
        case Day():
            if isinstance(fact.low, date):
                yield fact.low - timedelta(1)
            if isinstance(fact.high, date):
                yield fact.high + timedelta(1)
        case YesNo():
            pass
    if fact.optional or fact.has_default:
        yield None


def program_of(seed: int) -> Program:
    """The random program of a seed: ranges that fit 64 bits, one more definition that reads the others in a
    branch, and in every fourth program a condition that all cases satisfy."""
    program = ranged(drawing.program(seed))
    reading = If(given_input("flag", YES_NO), ref("e"), given_input("b"), AMOUNT, span=at())
    last = define("r", AMOUNT, Formula(reading), EVERYTHING, grain=None)
    program = evolve(
        program, definitions=(*program.definitions, last), outputs=(*program.outputs, last.name.key)
    )
    if seed % 4 == 0:
        condition = drawing.condition(seed)
        promise = Given(condition, tuple(EVERYTHING.split()), span=at("promised"))
        program = evolve(program, givens=(promise,))
    return program


# engines over arrays


def arrays(flat: f.Flat, rows: Sequence[Row]) -> Any:
    """The rows as an executor over arrays takes them. What is no integer, or not of a category, is noted
    as a problem; ranges and grains are left to the executor."""
    import numpy as np

    from policydsl.backends.columns.ready import Ready, dtype_of, earlier, problem

    ready = Ready(len(rows), {})
    for place, column in enumerate(flat.inputs):
        counts, exists, codes = [], [], []
        for row in rows:
            value = row.get(column.key)
            code, count, exist = checked(column, row)
            if isinstance(value, Fraction) and (value * column.den).denominator == 1:
                code, count = None, int(value * column.den)
            elif isinstance(value, date):
                code, count = None, (value - date(1970, 1, 1)).days
            counts.append(count)
            exists.append(exist)
            codes.append(0 if code is None else problem(place, code))
        ready.values[column.key] = np.array(counts, dtype_of(column))
        ready.exists[column.key] = np.array(exists) if column.optional else None
        if any(codes):
            ready.problems = earlier(ready.problems, np.array(codes, np.int32))
    return ready


def raw_of(flat: f.Flat, answers: Any, count: int) -> Raw:
    """What an executor over arrays answered."""
    from policydsl.backends.columns.ready import place_and_code

    problems = [0] * count if answers.problems is None else answers.problems.tolist()
    raw = Raw([place_and_code(p)[1] if p else None for p in problems])
    for output in flat.outputs:
        fails = answers.fails[output.key]
        raw.fails[output.key] = [False] * count if fails is None else fails.tolist()
    raw.values = {key: column.tolist() for key, column in answers.values.items()}
    return raw


def blocked(flat: f.Flat, rows: Sequence[Row]) -> Raw:
    """Blocked NumPy."""
    from policydsl.backends.columns.numpy_blocks import run as run_blocks

    return raw_of(flat, run_blocks(flat, arrays(flat, rows)), len(rows))


def unjitted(flat: f.Flat, rows: Sequence[Row]) -> Raw:
    """The kernel's text, as Python runs it."""
    return _kernel(flat, rows, jit=False)


def jitted(flat: f.Flat, rows: Sequence[Row]) -> Raw:
    """The kernel that numba compiled."""
    return _kernel(flat, rows, jit=True)


def _kernel(flat: f.Flat, rows: Sequence[Row], *, jit: bool) -> Raw:
    from policydsl.backends.columns.jit import Compiled

    return raw_of(flat, Compiled(flat, jit=jit).run(arrays(flat, rows)), len(rows))


def lazily(flat: f.Flat, rows: Sequence[Row]) -> Raw:
    """Polars expressions, over decimals, texts and lists."""
    import polars as pl

    from policydsl.backends.columns.lazy import Steps, computed

    frame = pl.DataFrame(
        [series(column, rows) for column in flat.inputs] or [pl.Series("rows", range(len(rows)))]
    )
    answer = computed(Steps(flat), spellings(flat), frame.lazy(), {}, decimals=False).collect()
    if answer.height != len(rows):  # figures alone
        answer = pl.concat([answer] * len(rows))
    raw = Raw([None] * len(rows))
    errors = {o.key: answer[f"{o.key}.error"].to_list() for o in flat.outputs}
    raw.codes = [
        next((errors[key][i] for key in errors if errors[key][i] not in (None, "PC108")), None)
        for i in range(len(rows))
    ]
    for output in flat.outputs:
        raw.fails[output.key] = [code is not None for code in errors[output.key]]
        for column in output.columns:
            name = f.column_name(flat, output.key, column, decimals=False)
            values = answer[name].to_list()
            assert not any(v is not None and code for v, code in zip(values, errors[output.key], strict=True))
            raw.values[output.key, column.part] = [code_of(column, v) for v in values]
    return raw


def spellings(flat: f.Flat) -> dict[str, f.Spelling]:
    return {
        c.key: f.Spelling((c.key,), (f"{c.key}_{flat.minor}",), {m: i for i, m in enumerate(c.members)}, "")
        for c in flat.inputs
    }


def series(column: f.InputColumn, rows: Sequence[Row]) -> Any:
    """The values of an input as people keep them: decimals, texts, lists of texts, days."""
    from decimal import Decimal

    import polars as pl

    values: list[Any] = [row.get(column.key) for row in rows]
    match column.kind:
        case Quantity():
            tenths = [None if v is None else Decimal(int(v * 10**6)).scaleb(-6) for v in values]
            return pl.Series(column.key, tenths, pl.Decimal(20, 6))
        case YesNo():
            return pl.Series(column.key, values, pl.Boolean)
        case Day():
            return pl.Series(column.key, values, pl.Date)
        case MemberOf():
            return pl.Series(column.key, values, pl.String)
        case SetOf():
            lists = [None if v is None else sorted(v) for v in values]
            return pl.Series(column.key, lists, pl.List(pl.String))


def code_of(column: f.ResultColumn, value: Any) -> Any:
    """The integer of a value that came back as a member, a day, a list."""
    if isinstance(value, str):
        return column.members.index(value)
    if isinstance(value, list):
        return sum(1 << column.members.index(member) for member in value)
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days
    return value
