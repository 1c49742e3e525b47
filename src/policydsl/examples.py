"""Do the examples of a policy come out as its author says, and do its properties hold on them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from policydsl.expressions import Add, Expr, Input, Present, Ref, Subtract, Value, children
from policydsl.interpret import Environment, compute, evaluate, problems
from policydsl.ir import Ensure, Example, Expectation, Program
from policydsl.kinds import Kind, Quantity, YesNo
from policydsl.nodes import Node, node
from policydsl.runtime import PolicyError
from policydsl.trace import Broken, Computed, Step, Trace


@node
class Difference(Node):
    """An expected result and what came instead."""

    expected: Expectation
    got: Value | tuple[str, ...]


@node
class EnsureResult(Node):
    """An `ensure` decided on one case; `computed` is its condition with all values."""

    ensure: Ensure
    holds: bool
    computed: Computed


@node
class ExampleResult(Node):
    """What became of an example. It passed when nothing differs, no property is broken and there
    is no error; a refused one, when there is one. `trace` is the computation, `error` why there
    was none, `answered` the outputs that a refused example did have an answer for."""

    example: Example
    passed: bool
    differs: tuple[Difference, ...] = ()
    broken: tuple[EnsureResult, ...] = ()
    trace: Trace | None = None
    error: PolicyError | None = None
    answered: tuple[str, ...] = ()


def run_example(program: Program, example: Example) -> ExampleResult:
    """Compute one example and compare. Every `ensure` that its facts decide must hold on it."""
    facts = dict(example.facts)
    outputs = tuple(dict.fromkeys(e.output for e in example.expects))
    if example.refused:
        return _refused(program, example, facts, outputs)
    try:
        trace = evaluate(program, facts, outputs)
    except PolicyError as error:
        return ExampleResult(example, False, error=error)
    differs = tuple(_differences(example, trace))
    broken = tuple(r for r in check_ensures(program, facts) if not r.holds)
    return ExampleResult(example, not differs and not broken, differs, broken, trace)


def run_examples(program: Program) -> Iterator[ExampleResult]:
    """The result of each example, in the order of the text."""
    return (run_example(program, example) for example in program.examples)


def _differences(example: Example, trace: Trace) -> Iterator[Difference]:
    for expected in example.expects:
        step = trace.step(expected.output)
        got = step.value if expected.part is None else step.part(expected.part)
        if got != expected.value:
            yield Difference(expected, got)


def _refused(
    program: Program, example: Example, facts: Mapping[str, Value], outputs: tuple[str, ...]
) -> ExampleResult:
    """Nothing may come of the facts: they are wrong in themselves, or no output that is computed from
    them has an answer, and no property is broken. Facts that are merely too few for every output refuse
    nothing."""
    wrong = problems(program, facts, ())
    if wrong:
        return ExampleResult(example, True, error=wrong[0])
    error: PolicyError | None = None
    answered: list[str] = []
    trace: Trace | None = None
    for output in outputs or _concerned(program, facts):
        try:
            trace = evaluate(program, facts, (output,))
        except PolicyError as e:
            if error is None or error.code == "PC101":
                error = e
        else:
            answered.append(output)
    broken = tuple(r for r in check_ensures(program, facts) if not r.holds)
    passed = not answered and error is not None and error.code != "PC101" and not broken
    return ExampleResult(example, passed, (), broken, trace, error, tuple(answered))


def _concerned(program: Program, facts: Mapping[str, Value]) -> list[str]:
    """The outputs that an example without a named one is about: those that use most of its facts."""
    uses = {d.name.key: len(facts.keys() & set(d.inputs)) for d in program.definitions}
    most = max(uses.values(), default=0)
    return [output for output in program.outputs if uses[output] == most]


def check_ensures(program: Program, facts: Mapping[str, Value]) -> tuple[EnsureResult, ...]:
    """Each `ensure` that this one case decides. Left out: those whose facts are not all given,
    whose `when` does not hold, that meet a case without an answer, and those on how an output
    changes as a fact rises."""
    return tuple(result for ensure in program.ensures if (result := _decide(program, ensure, facts)))


def _decide(program: Program, ensure: Ensure, facts: Mapping[str, Value]) -> EnsureResult | None:
    if ensure.holds is None:
        return None
    try:
        if ensure.when is not None:
            when = _condition(program, ensure.when, facts)
            if when is None or not when.value:
                return None
        computed = _condition(program, ensure.holds, facts)
    except PolicyError:
        return None
    return None if computed is None else EnsureResult(ensure, computed.value is True, computed)


def _condition(program: Program, condition: Expr, facts: Mapping[str, Value]) -> Computed | None:
    """The value of a condition, or None when it reads a fact that is not given."""
    parts = list(_parts(condition))
    steps: dict[str, Step | PolicyError] = {}
    complete = {f.name.key: f.default for f in program.facts if f.has_default}
    complete |= dict(evaluate(program, facts, ()).facts)
    for key in dict.fromkeys(e.key for e in parts if isinstance(e, Ref)):
        try:
            trace = evaluate(program, facts, (key,))
        except PolicyError as error:
            if error.code != "PC108":
                raise
            steps[key] = error  # no answer: it is missing only if the condition reads it
        else:
            steps |= {step.definition.name.key: step for step in trace.steps}
    if not all(e.key in complete for e in parts if isinstance(e, Input | Present)):
        return None
    return compute(condition, Environment(complete, steps, program.header.name.key))


def _parts(expr: Expr) -> Iterator[Expr]:
    yield expr
    for child in children(expr):
        yield from _parts(child)


# counterexamples


def breaks(
    program: Program, ensure: Ensure, facts: Mapping[str, Value], before: Mapping[str, Value] | None
) -> Broken | None:
    """What comes of a case that breaks a property, or None when it does not break it.

    `before` are the facts at the point before, for a property about a change.
    """
    try:
        if ensure.holds is not None:
            result = _decide(program, ensure, facts)
            if result is None or result.holds:
                return None
            return Broken(
                _named_values(program, ensure.holds, facts), None, _answer(program, ensure.holds, facts)
            )
        assert ensure.output is not None and before is not None
        if ensure.when is not None and not all(_holds(program, ensure.when, f) for f in (facts, before)):
            return None
        now, was = (_amount(program, ensure.output, f) for f in (facts, before))
    except PolicyError:
        return None
    if now == was or (ensure.change == "fall" and now > was) or (ensure.change == "rise" and now < was):
        return None
    shown = (ensure.output.span.text, now, ensure.output.kind)
    return Broken((shown,), was, _answer(program, ensure.output, facts, was - now))


def _holds(program: Program, condition: Expr, facts: Mapping[str, Value]) -> bool:
    computed = _condition(program, condition, facts)
    return computed is not None and computed.value is True


def _amount(program: Program, expr: Expr, facts: Mapping[str, Value]) -> Fraction:
    computed = _condition(program, expr, facts)
    if computed is None or not isinstance(computed.value, Fraction):
        raise PolicyError("PC108", program.header.name.key, "", None, expr.span.text)
    return computed.value


def _named_values(
    program: Program, expr: Expr, facts: Mapping[str, Value]
) -> tuple[tuple[str, Value, Kind], ...]:
    """The outputs that a condition names, with their values."""
    found: dict[str, tuple[str, Value, Kind]] = {}
    for part in _parts(expr):
        if isinstance(part, Ref):
            computed = _answered(program, part, facts)
            if computed is not None:
                found.setdefault(part.span.text, (part.span.text, computed.value, part.kind))
    return tuple(found.values())


def _answered(program: Program, expr: Expr, facts: Mapping[str, Value]) -> Computed | None:
    """The value of an output that a condition names; None where it has none, and was not looked at."""
    try:
        return _condition(program, expr, facts)
    except PolicyError:
        return None


def _answer(
    program: Program, expr: Expr, facts: Mapping[str, Value], change: Fraction = Fraction(0)
) -> tuple[str, Value, Kind] | None:
    """The first output in `expr` and its value, moved so that `expr` would change by `change`."""
    for part, sign in _signed(expr, 1):
        if isinstance(part, Ref):
            value = _answered(program, part, facts)
            if value is not None and isinstance(value.value, Fraction):
                return part.span.text, value.value + sign * change, part.kind
    for part in _parts(expr):
        if isinstance(part, Ref) and (value := _answered(program, part, facts)) is not None:
            return part.span.text, value.value, part.kind
    return _any_answer(program, facts)


def _any_answer(program: Program, facts: Mapping[str, Value]) -> tuple[str, Value, Kind] | None:
    """An output that these facts decide, for a property that names none."""
    for definition in program.definitions:
        named = definition.name.key in program.outputs  # an edition by date has a key that no text can name
        if named and isinstance(definition.kind, Quantity | YesNo) and definition.word != "split":
            try:
                step = evaluate(program, facts, (definition.name.key,)).step(definition.name.key)
            except PolicyError:
                continue
            if step.value is not None:
                return definition.name.written, step.value, definition.kind
    return None


def _signed(expr: Expr, sign: int) -> Iterator[tuple[Expr, int]]:
    """The terms of a sum with their signs."""
    if isinstance(expr, Add | Subtract):
        yield from _signed(expr.left, sign)
        yield from _signed(expr.right, sign if isinstance(expr, Add) else -sign)
    else:
        yield expr, sign
