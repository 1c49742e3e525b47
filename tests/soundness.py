"""Do the prover and the checks say of a random small policy what trying all its cases says?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from brute import Case, Found, every_case, found
from brute_checks import on_days, problems
from policydsl import checks, model, pipeline
from policydsl.diagnostics.model import Diagnostic, is_error, message
from policydsl.examples import breaks, run_examples
from policydsl.expressions import Constant, Expr, Input
from policydsl.ir import Definition, Ensure, Lookup, Program, Schedule
from policydsl.kinds import Day, Quantity
from policydsl.lower import lower
from policydsl.model import Policy
from policydsl.nodes import evolve
from policydsl.prove.cells import reach
from policydsl.prove.decide import Verdict
from policydsl.prove.report import diagnostic
from policydsl.resolve import resolve
from policydsl.runtime import PolicyError
from policydsl.source import Source
from policydsl.syntax.ast import File
from small_policies import Draft, draft, promises

#: what a check finds that changes no answer: a row or a ground that nobody meets, or that never counts
HARMLESS = {"PD432", "PD433", "PD434", "PD502", "PD503", "PD505"}


class Tally:
    """How many policies and properties were looked at, and what became of them."""

    def __init__(self) -> None:
        self.policies = 0
        self.skipped: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()


class Tried:
    """A policy with properties, and for each of them whether it holds, found by trying all cases.
    `unanswered` is a case without an answer that the policy does not leave open on purpose."""

    def __init__(
        self,
        text: str,
        program: Program,
        lines: Sequence[str],
        truths: Sequence[Found],
        unanswered: str | None,
    ) -> None:
        self.text = text
        self.program = program
        self.lines = lines
        self.truths = truths
        self.unanswered = unanswered


def readable(text: str) -> tuple[Policy | None, set[str]]:
    """A policy to prove things of, unless `check` finds fault with its answers."""
    return _usable(*pipeline.read(Source("small.pol", text)))


def _usable(file: File, unread: Sequence[Diagnostic]) -> tuple[Policy | None, set[str]]:
    policy, unresolved = resolve(file)
    diagnostics = [*unread, *unresolved]
    if policy is not None:
        diagnostics += checks.run(policy, complete=not diagnostics)
    wrong = {d.code.number for d in diagnostics if is_error(d)} - HARMLESS
    return (None, wrong) if wrong else (policy, wrong)


@cache
def tried(seed: int) -> Tried | set[str]:
    """The policy of this seed; or why there is none: what `check` finds wrong with it."""
    written = draft(seed)
    file, unread = pipeline.read(Source("small.pol", written.text))
    policy, wrong = _usable(file, unread)
    if policy is None:
        return wrong
    program = lower(policy)
    used = {fact.name.key for fact in program.facts}
    written.facts = {key: many for key, many in written.facts.items() if key in used}
    written.members = {key: names for key, names in written.members.items() if key in used}
    cases = every_case(program)
    if not cases:
        return {"nobody"}
    lines = promises(written, seed, answers(written, cases))
    # What the checks say of the answers is known by now.
    more, unread = pipeline.read(Source("promises.pol", "\n".join(lines)))
    policy, unresolved = resolve(evolve(file, declarations=(*file.declarations, *more.declarations)))
    assert policy is not None and not any(map(is_error, (*unread, *unresolved))), (written.text, lines)
    program = lower(policy)
    truths = [found(ensure, cases) for ensure in program.ensures]
    return Tried(written.text, program, lines, truths, unanswered(cases))


def unanswered(cases: Sequence[Case]) -> str | None:
    """A case in which the policy has no answer, other than by `undefined because "x"`."""
    for case in cases:
        for key, step in case.steps.items():
            if isinstance(step, PolicyError) and step.allowed != "x":
                return f"{key} has no answer ({step}) for {case.facts}"
    return None


def differences(seed: int, tally: Tally) -> Iterator[str]:
    """Each property of the policy of this seed whose verdict is not the truth, or whose counterexample
    does not come out again."""
    one = tried(seed)
    if not isinstance(one, Tried):
        tally.skipped.update(one)
        return
    tally.policies += 1
    if one.unanswered is not None:
        yield f"seed {seed}: {one.unanswered}\n{one.text}"
    for line, truth, verdict in zip(one.lines, one.truths, pipeline.prove(one.program), strict=True):
        tally.outcomes[f"{verdict.outcome} {truth}"] += 1
        problem = disagree(one.program, verdict, truth)
        if problem is None and verdict.witness is not None:
            witness = verdict.witness
            again = breaks(one.program, verdict.ensure, witness.facts, witness.before)
            problem = None if again == witness.broken else "the counterexample does not come out again"
        if problem is not None:
            yield f"seed {seed}: {problem}\n{one.text}{line}\n{verdict.witness}"


def misprinted(seed: int) -> Iterator[str]:
    """Each counterexample of the policy of this seed whose example, pasted into the policy, does not fail."""
    one = tried(seed)
    if not isinstance(one, Tried):
        return
    for verdict in pipeline.prove(one.program):
        told = diagnostic(one.program, verdict)
        if told is not None and verdict.witness is not None and verdict.witness.broken.output is not None:
            text = f"{one.text}{verdict.ensure.span.text}\n{told.facts['example']}\n"
            policy, _ = readable(text)
            if policy is None or [r.passed for r in run_examples(lower(policy))] != [False]:
                yield f"seed {seed}:\n{text}"


def answers(written: Draft, cases: Sequence[Case]) -> dict[str, dict[int, Fraction]]:
    """What each named amount is in each case."""
    told: dict[str, dict[int, Fraction]] = {name: {} for name in written.money}
    for i, case in enumerate(cases):
        for name in written.money:
            key, _, part = name.partition(".")
            if key in case.facts:
                value = case.facts[key]
            else:
                step = case.steps[key]
                if isinstance(step, Exception):
                    continue
                value = step.part(part) if part else step.value  # type: ignore[assignment]
            assert isinstance(value, Fraction)
            told[name][i] = value
    return told


def disagree(program: Program, verdict: Verdict, truth: Found) -> str | None:
    """What is wrong with a verdict, if anything."""
    if truth == "unclear":
        return None
    if verdict.outcome == "open":
        if len(amounts(program, verdict.ensure)) > 1:
            return None
        return f"left open ({verdict.why}), and it is {truth}"
    if (verdict.outcome == "proved") != (truth == "holds"):
        return f"{verdict.outcome}, and it is {truth}"
    return None


def amounts(program: Program, ensure: Ensure) -> set[str]:
    """The amounts and days that have to do with a property."""
    roots = [e for e in (ensure.holds, ensure.output, ensure.when) if e is not None]
    along = {ensure.along} if ensure.along is not None and ensure.members is None else set()
    return along | amounts_of(program, [*roots, *(g.condition for g in program.givens)])


def amounts_of(program: Program, roots: Sequence[Expr]) -> set[str]:
    """The amounts and days that decide some expressions, through definitions too."""
    return {
        e.key
        for e in reach(program, roots).expressions
        if isinstance(e, Input) and isinstance(e.kind, Quantity | Day)
    }


# what the other checks say

#: what each of these codes says is so in some case; to each the same found by trying all cases
SAYS = {
    "PD430": {"no row"},
    "PD431": {"rows differ"},
    "PD501": {"grounds clash"},
    "PD253": {"off the grain"},
    "PD311": {"a share off the grain"},
    "PD307": {"a share below nothing"},
}
BANDS = {"PD401", "PD402", "PD403", "PD404", "PD405", "PD406", "PD407", "PD408", "PD411"}
SHARES = {"PD301", "PD302", "PD303", "PD304", "PD305", "PD306", "PD307", "PD310", "PD311", "PD312", "PD314"}
OFF_GRAIN = {"PD253", "PD311"}
IN_NO_BAND = {"no band", "two bands", "slices do not make the amount"}
NOT_DIVIDED = {"shares do not make the whole", "a share below nothing", "a share off the grain"}
#: what each of these says is so in no case
NEVER = {
    "PD434": {"row never"},
    "PD432": {"row never", "row never first"},
    "PD433": {"row never", "row never first"},
    "PD502": {"ground never"},
    "PD503": {"ground never", "ground never first"},
}


def misjudged(seed: int, tally: Tally) -> Iterator[str]:
    """What the checks of bands, tables, grounds, splits and grains say of a careless policy, or do not
    say, and is not so."""
    written = draft(seed, careless=True)
    file, unread = pipeline.read(Source("small.pol", written.text))
    policy, unresolved = resolve(file)
    if policy is None or any(map(is_error, (*unread, *unresolved))):
        tally.skipped.update(d.code.number for d in (*unread, *unresolved))
        return
    diagnostics = list(checks.run(policy, complete=True))
    program = lower(policy)
    cases = every_case(program)
    tally.policies += 1
    told = {d.code.number for d in diagnostics}
    if not cases or "PD550" in told:
        tally.outcomes["nobody" if not cases else "somebody"] += 1
        certain = not any(len(amounts_of(program, [given.condition])) > 1 for given in program.givens)
        if cases or ("PD550" not in told and certain):
            yield f"seed {seed}: whether anybody satisfies the givens\n{written.text}"
        return
    windows = _windows(policy)
    truths = problems(program, cases, windows)
    fronts = {line.name.key for line in policy.timelines}
    for definition in program.definitions:
        key = definition.name.key
        if key in fronts or not on_days(cases, windows.get(key)):
            continue  # what is wrong is said of the edition in force
        spans = [d.span for d in policy.definitions if key in _names(d)]
        mine = [d for d in diagnostics if any(s.start <= d.span.start <= s.end for s in spans)]
        here = {what for what, where, _ in truths if where == key}
        tally.outcomes.update(here or {"nothing"})
        for problem in _judge(program, definition, mine, here, told):
            yield f"seed {seed}, {key}: {problem}\n{written.text}"


def _windows(policy: Policy) -> dict[str, tuple[date, date]]:
    """The first and the last day on which each edition of a dated value holds."""
    found: dict[str, tuple[date, date]] = {}
    for line in policy.timelines:
        starts = [edition.start or date.min for edition in line.editions]
        ends = [start - timedelta(1) for start in starts[1:]] + [date.max]
        for edition, start, end in zip(line.editions, starts, ends, strict=True):
            found[edition.key] = start, min(edition.end or date.max, end)
    return found


def _names(definition: model.Definition) -> tuple[str, ...]:
    """What a definition is called; a split of a share belongs to the split of that share too."""
    parent = definition.parent if isinstance(definition, model.Split) else None
    return (definition.name.key, *(parent[:1] if parent is not None else ()))


def _judge(
    program: Program, definition: Definition, mine: Sequence[Diagnostic], here: set[str], everywhere: set[str]
) -> Iterator[str]:
    told = {d.code.number for d in mine}
    for number in ("PD430", "PD431", "PD501"):
        # Shares that are wrong can be outside the range that they are taken to have.
        if SAYS[number] & here and number not in told and not SHARES & everywhere:
            yield f"{number} is not reported"
    if IN_NO_BAND & here and not BANDS & told and not SHARES & everywhere:
        yield "bands that do not meet are not reported"
    if NOT_DIVIDED & here and not SHARES & told:
        yield "shares that do not divide the whole are not reported"
    if "off the grain" in here and not (OFF_GRAIN | SHARES) & everywhere:
        yield "PD253 is not reported"
    for number in told & NEVER.keys():
        if not NEVER[number] & here:
            yield f"{number} is reported"
    if "PD505" in told and "grounds together" in here:
        yield "PD505 is reported"
    for number in told & {"PD430", "PD431", "PD501"}:
        if not SAYS[number] & here and _certain(program, definition, number, mine):
            yield f"{number} is reported"
    if (
        BANDS & told
        and not (IN_NO_BAND | {"a band of nothing"}) & here
        and _certain(program, definition, "", mine)
    ):
        yield f"{BANDS & told} is reported"


def _certain(program: Program, definition: Definition, number: str, mine: Sequence[Diagnostic]) -> bool:
    """Whether a check claims that its counterexample can be: it looks inputs up directly, and what is
    compared are inputs and figures. Of others it says that it may be."""
    body = definition.body
    if number == "PD501":
        return all(" can meet both " in message(d, "en") for d in mine if d.code.number == number)
    if isinstance(body, Lookup):
        results = [e for row in body.rows for e in row.results]
        return all(isinstance(key.value, Input) for key in body.keys) and all(
            isinstance(e, Constant) for e in results
        )
    if not isinstance(body, Schedule) or not isinstance(body.amount, Input) or body.cap is not None:
        return False
    bounds = [
        e.value
        for band in body.bands
        for e in (band.printed.low, band.printed.high)
        if isinstance(e, Constant)
    ]
    if body.mode == "marginal" and any(isinstance(x, Fraction) and x < 0 for x in bounds):
        return False  # what slices of amounts below zero are is not said
    amount = body.amount.key  # bands are compared as printed, whatever range and givens leave of the input
    return amount == "cost" and all(amount not in given.inputs for given in program.givens)
