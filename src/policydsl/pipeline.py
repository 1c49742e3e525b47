"""The compiler on one page: text → tokens → ast → model → checked model → ir → answers.

Nothing below this module knows the order of the passes, and nothing here opens a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from policydsl.diagnostics.model import Diagnostic, Language, is_error, order
from policydsl.model import Policy, Table, Tiers
from policydsl.resolve import resolve
from policydsl.source import Source
from policydsl.syntax.parse import parse

if TYPE_CHECKING:
    from policydsl.changes import Change
    from policydsl.examples import ExampleResult
    from policydsl.explain import Explanation
    from policydsl.expressions import Value
    from policydsl.ir import Ensure, Example, Program
    from policydsl.prove.decide import Verdict
    from policydsl.runtime import PolicyError
    from policydsl.syntax.ast import File
    from policydsl.trace import Broken, Trace


class Checked:
    """What became of one text: its diagnostics in order, and as much of it as was reached.

    `policy` lacks the declarations that could not be read or resolved; it is None when the text does
    not say which policy it is.
    """

    def __init__(
        self,
        source: Source,
        diagnostics: tuple[Diagnostic, ...],
        policy: Policy | None,
        verdicts: tuple[Verdict, ...] = (),
    ) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.policy = policy
        #: what became of each `ensure`; none was looked at when there was an error before
        self.verdicts = verdicts

    @cached_property
    def program(self) -> Program | None:
        """The policy ready to run, made when it is first asked for; None when anything is an error."""
        if self.policy is None or any(is_error(d) for d in self.diagnostics):
            return None
        from policydsl.lower import lower

        return lower(self.policy)


def check(source: Source) -> Checked:
    """Read and check one policy: everything that is wrong with it, and when nothing is, its program."""
    return with_advice(with_proofs(check_file(*parse(source))))


def read(source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
    """The declarations of one text, and what is wrong with its syntax."""
    return parse(source)


def check_file(file: File, found: Sequence[Diagnostic] = ()) -> Checked:
    """What `check` says of declarations that are read already, before anything is proved; `found` is
    what is wrong with their syntax."""
    from policydsl import checks

    source = file.span.source
    policy, unresolved = resolve(file)
    diagnostics = [*found, *unresolved]
    if policy is not None:
        diagnostics += checks.run(policy, complete=not diagnostics)
    return Checked(source, tuple(sorted(diagnostics, key=order)), policy)


def with_proofs(checked: Checked) -> Checked:
    """The same with what became of its `ensure`s, when there is nothing wrong before that."""
    program = checked.program if checked.policy is not None and checked.policy.ensures else None
    if program is None:
        return checked
    from policydsl.prove.report import diagnostic

    verdicts = tuple(prove(program))
    told = [d for verdict in verdicts if (d := diagnostic(program, verdict)) is not None]
    diagnostics = tuple(sorted((*checked.diagnostics, *told), key=order))
    result = Checked(checked.source, diagnostics, checked.policy, verdicts)
    if not any(map(is_error, told)):
        result.program = program
    return result


def with_advice(checked: Checked) -> Checked:
    """The same with what is no error but worth a look: schedules that leap, figures that break a pattern."""
    policy = checked.policy
    if policy is None or any(map(is_error, checked.diagnostics)):
        return checked
    told: list[Diagnostic] = []
    if any(isinstance(d, Tiers | Table) for d in policy.definitions):
        from policydsl.prove import patterns

        told += patterns.check(policy)
    slabs = any(isinstance(d, Tiers) and d.mode == "slab" for d in policy.definitions)
    if (slabs or any(a.finding == "notch" for a in policy.accepts)) and checked.program is not None:
        from policydsl.prove import notch_notes

        told += notch_notes.warnings(checked.program, policy.accepts)
    if told:
        checked.diagnostics = tuple(sorted((*checked.diagnostics, *told), key=order))
    return checked


def remarks(checked: Checked) -> tuple[Diagnostic, ...]:
    """What can be said of a policy without errors beyond its problems: how its splits round at any
    total, and which properties are proved."""
    if checked.program is None:
        return ()
    from policydsl.prove import report, split_notes

    proved = [remark for verdict in checked.verdicts if (remark := report.remark(verdict)) is not None]
    return (*split_notes.notes(checked.program), *proved)


def notches(checked: Checked) -> tuple[Diagnostic, ...]:
    """Where the outputs of a policy without errors leap, fall, or take more than all of an amount."""
    if checked.program is None or checked.policy is None:
        return ()
    from policydsl.prove import notch_notes

    return tuple(notch_notes.notes(checked.program, checked.policy.accepts))


def prove(program: Program) -> Iterator[Verdict]:
    """What becomes of each `ensure`, for all inputs; a counterexample is computed before it is believed."""
    from policydsl.prove.decide import decide

    def replay(
        ensure: Ensure, facts: Mapping[str, Value], before: Mapping[str, Value] | None
    ) -> Broken | None:
        from policydsl.examples import breaks  # only what seems refuted needs the interpreter

        return breaks(program, ensure, facts, before)

    return decide(program, replay)


def run(program: Program, facts: Mapping[str, Value], outputs: Sequence[str]) -> Trace:
    """The answers to one case and what they came from. Raises PolicyError for what is wrong with the case."""
    from policydsl.interpret import evaluate

    return evaluate(program, facts, outputs)


def problems(program: Program, facts: Mapping[str, Value], outputs: Sequence[str]) -> tuple[PolicyError, ...]:
    """All that is wrong with the facts of a case for these outputs, missing ones included."""
    from policydsl.interpret import problems

    return problems(program, facts, outputs)


def explain(program: Program, facts: Mapping[str, Value], output: str, language: Language) -> Explanation:
    """Why the answer to one case is what it is. Raises PolicyError for what is wrong with the case."""
    from policydsl.backends.python.digest import digests
    from policydsl.explain import explain

    meaning, _ = digests(program)
    return explain(program, run(program, facts, (output,)), output, language, meaning)


def explanation_text(explanation: Explanation) -> str:
    """The explanation as a calculation sheet for people."""
    from policydsl.explain import to_text

    return to_text(explanation)


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """The explanation as an object for programs."""
    from policydsl.explain import to_json

    return to_json(explanation)


def test(program: Program) -> tuple[ExampleResult, ...]:
    """What became of each example of the policy, in the order of the text."""
    from policydsl.examples import run_examples

    return tuple(run_examples(program))


def test_example(program: Program, example: Example) -> ExampleResult:
    """What became of one example."""
    from policydsl.examples import run_example

    return run_example(program, example)


def changes(file: File) -> Iterator[Change]:
    """Every mistake that copying the notice into this policy could have made, as a change of its text."""
    from policydsl.changes import changes

    return changes(file)


def meaning(program: Program) -> str:
    """A digest that is the same for two programs of one policy when all their answers are."""
    from policydsl.backends.python.digest import digests

    return digests(program)[0]


def python_problems(program: Program, *, native_names: bool) -> tuple[Diagnostic, ...]:
    """What stands in the way of compiling the policy to Python, its names above all."""
    from policydsl.backends.python import problems

    return tuple(problems(program, native_names=native_names))


def python_module_name(program: Program) -> str:
    """What the module of a policy is called: ningxia_2020."""
    from policydsl.backends.python.names import mangled

    return mangled(program.header.name.key)


def compile_python(
    program: Program, *, source_name: str, standalone: bool = False, native_names: bool = False
) -> str:
    """The text of the Python module that evaluates the policy; `source_name` is named in its first line."""
    from policydsl.backends.python import compile_program

    return compile_program(program, source_name=source_name, standalone=standalone, native_names=native_names)
