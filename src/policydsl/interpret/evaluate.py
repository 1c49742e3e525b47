"""What are the answers to one case? The facts checked, then each definition computed once, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import assert_never

from policydsl.amounts import say_decimal
from policydsl.expressions import Value
from policydsl.facts import Fact, day_fact
from policydsl.interpret.bodies import run
from policydsl.interpret.expressions import Environment, compute, truth
from policydsl.ir import Program
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo
from policydsl.needs import definitions_of, refs
from policydsl.runtime import PolicyError, one_of
from policydsl.trace import Step, Trace


def evaluate(program: Program, facts: Mapping[str, Value], outputs: Sequence[str] | None = None) -> Trace:
    """The answers to one case: the wanted outputs (None: all) and all that they read, each once.

    Only the facts that the wanted outputs need must be given; others that are given are checked
    all the same. An optional fact is given as None when it does not exist; a fact with a default
    may be left out. The trace holds the facts given, with the defaults that were needed, and the
    steps in the order of `program.definitions`; a definition that no answer read has no step.

    Raises the first of `problems`; else `PolicyError` PC108 where the policy gives no answer:
    `output` is the wanted output, `name` the definition at fault, `allowed` the reason. Raises
    KeyError for an output that does not exist.
    """
    wanted = program.outputs if outputs is None else tuple(outputs)
    complete, found, steps = _prepare(program, facts, wanted)
    if found:
        raise found[0]
    reads = _run(program, complete, wanted, steps)
    for key in wanted:
        step = steps[key]
        if isinstance(step, PolicyError):
            raise PolicyError(step.code, key, step.name, step.value, step.allowed)
    used: set[str] = set()
    queue = list(wanted)
    while queue:
        key = queue.pop()
        if key not in used:
            used.add(key)
            queue += reads[key]
    ordered = (steps[d.name.key] for d in program.definitions if d.name.key in used)
    return Trace(tuple(complete.items()), tuple(s for s in ordered if isinstance(s, Step)))


def problems(
    program: Program, facts: Mapping[str, Value], outputs: Sequence[str] | None = None
) -> tuple[PolicyError, ...]:
    """All that is wrong with the facts for the wanted outputs: missing and wrong facts in the
    policy's order, unknown ones, then the givens that they violate."""
    wanted = program.outputs if outputs is None else tuple(outputs)
    return tuple(_prepare(program, facts, wanted)[1])


_Steps = dict[str, "Step | PolicyError"]


def _prepare(
    program: Program, facts: Mapping[str, Value], wanted: Sequence[str]
) -> tuple[dict[str, Value], list[PolicyError], _Steps]:
    """The facts with their defaults in the policy's order, what is wrong with them, and the
    definitions that the givens needed."""
    needs = {key: program.definition(key).inputs if _has(program, key) else _unknown(key) for key in wanted}
    complete: dict[str, Value] = {}
    found: list[PolicyError] = []
    wrong: set[str] = set()
    for fact in program.facts:
        key = fact.name.key
        asker = next((output for output, inputs in needs.items() if key in inputs), None)
        output = asker or (wanted[0] if wanted else program.header.name.key)
        if key in facts:
            error = fact_problem(program, fact, facts[key], output)
            if error is None:
                complete[key] = facts[key]
            else:
                found.append(error)
                wrong.add(key)
        elif asker is not None:
            if fact.has_default:
                complete[key] = fact.default
            else:
                found.append(PolicyError("PC101", output, key))
                wrong.add(key)
    known = {fact.name.key for fact in program.facts}
    output = wanted[0] if wanted else program.header.name.key
    if "on" in facts and "on" not in known:  # nothing depends on the day, but the policy must be in force
        error = fact_problem(program, day_fact(program.header), facts["on"], output)
        found += [error] if error is not None else []
        known.add("on")
    found += [PolicyError("PC102", output, key, value) for key, value in facts.items() if key not in known]
    steps: _Steps = {}
    for given in program.givens:
        if not all(key in complete for key in given.inputs):
            continue
        _run(program, complete, tuple(refs(given.condition)), steps)
        env = Environment(complete, steps, output)
        text = " ".join(given.condition.span.text.split())
        try:
            holds = truth(compute(given.condition, env))
        except PolicyError as error:
            found.append(PolicyError(error.code, output, error.name, error.value, error.allowed))
            continue
        if not holds:
            found.append(PolicyError("PC107", output, ", ".join(given.inputs), None, text))
    return complete, found, steps


def _has(program: Program, key: str) -> bool:
    return any(d.name.key == key for d in program.definitions)


def _unknown(key: str) -> tuple[str, ...]:
    raise KeyError(key)


def _run(
    program: Program, facts: Mapping[str, Value], wanted: Sequence[str], steps: _Steps
) -> dict[str, set[str]]:
    """Compute what `wanted` may need into `steps`, and say what each of it did read.

    A definition without an answer is no error yet: it becomes one where it is read.
    """
    needed: set[str] = set()
    queue = list(wanted)
    by_key = {d.name.key: d for d in program.definitions}
    while queue:
        key = queue.pop()
        if key not in needed:
            needed.add(key)
            queue += definitions_of(by_key[key])
    reads: dict[str, set[str]] = {}
    for definition in program.definitions:
        key = definition.name.key
        if key not in needed:
            continue
        env = Environment(facts, steps, key)
        try:
            steps[key] = run(definition, env)
        except PolicyError as error:
            steps[key] = error
        reads[key] = env.read
    return reads


def fact_problem(program: Program, fact: Fact, value: Value, output: str) -> PolicyError | None:
    """What is wrong with `value` as the value of `fact`: its type, members, range or grain."""
    key, kind = fact.name.key, fact.kind
    if value is None:
        return None if fact.optional else PolicyError("PC101", output, key)

    def wrong(code: str, allowed: str) -> PolicyError:
        return PolicyError(code, output, key, value, allowed)

    match kind:
        case Quantity():
            if not isinstance(value, Fraction):
                return wrong("PC103", "Fraction")
        case YesNo():
            if not isinstance(value, bool):
                return wrong("PC103", "bool")
        case Day():
            if not isinstance(value, date) or isinstance(value, datetime):
                return wrong("PC103", "date")
        case MemberOf():
            if not isinstance(value, str):
                return wrong("PC103", "str")
            members = [m.name.key for m in program.category(kind.category).members]
            if value not in members:
                return wrong("PC106", one_of(members))
        case SetOf():
            if not isinstance(value, frozenset):
                return wrong("PC103", "frozenset")
            members = [m.name.key for m in program.category(kind.category).members]
            if not value <= set(members):
                return wrong("PC106", one_of(members))
        case _:
            assert_never(kind)
    if _outside(fact, value):
        return wrong("PC104", _range(program, fact))
    if fact.grain is not None and isinstance(value, Fraction) and value % fact.grain != 0:
        return wrong("PC105", _written(program, fact, fact.grain))
    return None


def _outside(fact: Fact, value: Value) -> bool:
    if isinstance(value, Fraction):
        assert not isinstance(fact.low, date)
        assert not isinstance(fact.high, date)
        return (fact.low is not None and value < fact.low) or (fact.high is not None and value > fact.high)
    if isinstance(value, date):
        assert not isinstance(fact.low, Fraction)
        assert not isinstance(fact.high, Fraction)
        return (fact.low is not None and value < fact.low) or (fact.high is not None and value > fact.high)
    return False


def _range(program: Program, fact: Fact) -> str:
    if fact.high is None:
        assert fact.low is not None
        return f"≥ {_written(program, fact, fact.low)}"
    if fact.low is None:
        return f"≤ {_written(program, fact, fact.high)}"
    return f"{_written(program, fact, fact.low)} .. {_written(program, fact, fact.high)}"


def _written(program: Program, fact: Fact, bound: Fraction | date) -> str:
    """A bound in digits that both languages read."""
    if isinstance(bound, date):
        return bound.isoformat()
    if isinstance(fact.kind, Quantity) and fact.kind.percent:
        return f"{say_decimal(bound * 100)}%"
    money = isinstance(fact.kind, Quantity) and fact.kind.unit.power("money")
    return f"{say_decimal(bound)}{program.header.currency.sign if money else ''}"
