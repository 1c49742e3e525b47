"""Does the prover say of a random small policy what trying all its cases says? One policy, one list of differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from brute import Case, every_case, found
from policydsl import pipeline
from policydsl.diagnostics.model import is_error
from policydsl.expressions import Input
from policydsl.ir import Ensure, Program
from policydsl.kinds import Day, Quantity
from policydsl.lower import lower
from policydsl.model import Policy
from policydsl.prove.cells import reach
from policydsl.prove.decide import Verdict
from policydsl.source import Source
from small_policies import Draft, draft, promises

#: what a check finds that changes no answer: a row or a ground that nobody meets, or that never counts
HARMLESS = {"PD432", "PD433", "PD434", "PD502", "PD503", "PD505"}


class Tally:
    """How many policies and properties were looked at, and what became of them."""

    def __init__(self) -> None:
        self.policies = 0
        self.skipped: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()


def readable(text: str) -> tuple[Policy | None, set[str]]:
    """A policy to prove things of, unless `check` finds fault with its answers."""
    file, found = pipeline.read(Source("small.pol", text))
    from policydsl import checks
    from policydsl.resolve import resolve

    policy, unresolved = resolve(file)
    diagnostics = [*found, *unresolved]
    if policy is not None:
        diagnostics += checks.run(policy, complete=not diagnostics)
    wrong = {d.code.number for d in diagnostics if is_error(d)} - HARMLESS
    return (None, wrong) if wrong else (policy, wrong)


def differences(seed: int, tally: Tally) -> Iterator[str]:
    """Each property of the policy of this seed whose verdict is not the truth."""
    written = draft(seed)
    policy, wrong = readable(written.text)
    if policy is None:
        tally.skipped.update(wrong)
        return
    program = lower(policy)
    used = {fact.name.key for fact in program.facts}
    written.facts = {key: many for key, many in written.facts.items() if key in used}
    written.members = {key: names for key, names in written.members.items() if key in used}
    cases = every_case(program)
    if not cases:
        tally.skipped["nobody"] += 1
        return
    lines = promises(written, seed, answers(written, cases))
    text = written.text + "\n".join(lines)
    policy, wrong = readable(text)
    if policy is None:
        tally.skipped.update(wrong)
        return
    tally.policies += 1
    program = lower(policy)
    for line, verdict in zip(lines, pipeline.prove(program), strict=True):
        truth = found(verdict.ensure, cases)
        tally.outcomes[f"{verdict.outcome} {truth}"] += 1
        problem = disagree(program, verdict, truth, cases)
        if problem is not None:
            yield f"seed {seed}: {problem}\n{written.text}{line}\n{verdict.witness}"


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


def disagree(program: Program, verdict: Verdict, truth: str, cases: Sequence[Case]) -> str | None:
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
    roots += [g.condition for g in program.givens]
    along = {ensure.along} if ensure.along is not None and ensure.members is None else set()
    return along | {
        e.key
        for e in reach(program, roots).expressions
        if isinstance(e, Input) and isinstance(e.kind, Quantity | Day)
    }
