"""The compiler on one page: text → tokens → ast → model → checked model → ir → answers, programs, columns.

Nothing below this module knows the order of the passes, and nothing here opens a file. What a single
command asks beside this way stands in `tasks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from policydsl.diagnostics.model import Diagnostic, Language, is_error, order
from policydsl.model import Policy, Table, Tiers
from policydsl.resolve import resolve
from policydsl.source import Source
from policydsl.syntax.ast import Policy as PolicyLine
from policydsl.syntax.parse import parse

if TYPE_CHECKING:
    from policydsl.backends.columns.executor import Engine as ColumnsEngine
    from policydsl.backends.columns.executor import Executor
    from policydsl.citations.lock import Entry
    from policydsl.examples import ExampleResult
    from policydsl.explain import Explanation
    from policydsl.expressions import Value
    from policydsl.flat import Flat, Spelling
    from policydsl.ir import Ensure, Example, Program
    from policydsl.prove.decide import Verdict
    from policydsl.related import Whole
    from policydsl.runtime import PolicyError
    from policydsl.syntax.ast import File
    from policydsl.syntax.format_words import Script
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
        file: File | None = None,
        whole: Whole | None = None,
        notes: tuple[Diagnostic, ...] = (),
    ) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.policy = policy
        #: what became of each `ensure`; none was looked at when there was an error before
        self.verdicts = verdicts
        #: the declarations as they were read
        self.file = file
        #: the policy with those it rests on, when it names any
        self.whole = whole
        #: what can be said of how it stands to them, when nothing is an error
        self.notes = notes

    @cached_property
    def program(self) -> Program | None:
        """The policy ready to run, made when it is first asked for; None when anything is an error."""
        if self.policy is None or any(is_error(d) for d in self.diagnostics):
            return None
        from policydsl.lower import lower

        return lower(self.policy)

    def telling(
        self,
        more: Iterable[Diagnostic],
        *,
        verdicts: tuple[Verdict, ...] | None = None,
        notes: tuple[Diagnostic, ...] | None = None,
    ) -> Checked:
        """The same with more diagnostics, and with these verdicts and notes if they are given."""
        told = tuple(more)
        result = Checked(
            self.source,
            tuple(sorted((*self.diagnostics, *told), key=order)),
            self.policy,
            self.verdicts if verdicts is None else verdicts,
            self.file,
            self.whole,
            self.notes if notes is None else notes,
        )
        if "program" in vars(self) and not any(map(is_error, told)):
            result.program = self.program  # it is lowered once
        return result


# from the text to what is wrong with it


def read(source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
    """The declarations of one text, and what is wrong with its syntax."""
    return parse(source)


def format(source: Source, script: Script | None = None) -> str | tuple[Diagnostic, ...]:
    """The text in its one layout, with the keywords of `script` if one is named; or what is wrong with its
    syntax, and then it has no layout."""
    from policydsl.syntax.format import format_source

    return format_source(source, script)


def check(source: Source) -> Checked:
    """Read and check one policy: everything that is wrong with it, and when nothing is, its program."""
    return proved(check_file(*parse(source)))


def proved(checked: Checked) -> Checked:
    """The same with what becomes of its properties and the bounds from above, and with what is worth a look."""
    return with_advice(with_bounds(with_proofs(checked)))


def check_file(file: File, found: Sequence[Diagnostic] = ()) -> Checked:
    """What `check` says of declarations that are read already, before anything is proved; `found` is
    what is wrong with their syntax."""
    from policydsl import checks

    source = file.span.source
    rests = whole(file)
    policy, unresolved = resolve(rests.file if rests is not None else file)
    diagnostics = [*found, *unresolved]
    if policy is not None:
        diagnostics += checks.run(policy, complete=not diagnostics)
    if rests is not None:
        diagnostics = [
            *found,
            *rests.found,
            *rests.sorted_out(unresolved, diagnostics[len(found) + len(unresolved) :]),
        ]
        if policy is not None:
            diagnostics += rests.misfits(policy)
    return Checked(source, tuple(sorted(diagnostics, key=order)), policy, file=file, whole=rests)


def whole(file: File) -> Whole | None:
    """The policy with those it rests on; None when it names no others."""
    if not any(isinstance(d, PolicyLine) and any(f.paths for f in d.fields) for d in file.declarations):
        return None
    from policydsl import related

    return related.whole(file) if related.rests_on_others(file) else None


def with_proofs(checked: Checked) -> Checked:
    """The same with what became of its `ensure`s, when there is nothing wrong before that."""
    program = checked.program if checked.policy is not None and checked.policy.ensures else None
    if program is None:
        return checked
    from policydsl.prove.report import diagnostic

    verdicts = tuple(prove(program))
    told = (diagnostic(program, verdict) for verdict in verdicts)
    return checked.telling((d for d in told if d is not None), verdicts=verdicts)


def with_bounds(checked: Checked) -> Checked:
    """The same with what becomes of the bounds from above, when there is nothing wrong before that."""
    policy, whole = checked.policy, checked.whole
    if policy is None or whole is None or any(map(is_error, checked.diagnostics)):
        return checked
    from policydsl.prove.report import diagnostic

    told = tuple(whole.held(policy, prove, diagnostic))
    notes = (*whole.notes(policy), *(d for d in told if d.code.severity == "note"))
    return checked.telling((d for d in told if d.code.severity != "note"), notes=notes)


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

        told += notch_notes.warnings(checked.program, policy.accepts, policy.timelines)
    return checked.telling(told) if told else checked


def with_quotes(
    checked: Checked, notice: Source | None, recorded: Entry | None = None, lock: str = ""
) -> Checked:
    """The same with what is wrong with the quotes, figures and labels, judged by the notice's text, without it by what
    the lock recorded of this policy, without either by the quotes alone. `lock` is what messages call the lock; ""
    means that there is none."""
    if checked.file is None:
        return checked
    told = quote_problems(checked.file, notice, recorded, lock)
    return checked.telling(told) if told else checked


def quote_problems(
    file: File, notice: Source | None, recorded: Entry | None = None, lock: str = "", *, locking: bool = False
) -> tuple[Diagnostic, ...]:
    """What is wrong with what the declarations take from their notice; `locking`: the lock is about to be written."""
    from policydsl.citations.check import check
    from policydsl.citations.text import Notice

    text = Notice(notice) if notice is not None else None
    return tuple(check(file, text, recorded, lock, locking=locking))


def prove(program: Program) -> Iterator[Verdict]:
    """What becomes of each `ensure`, for all inputs; a counterexample is computed before it is believed."""
    from policydsl.prove.decide import decide

    def replay(
        ensure: Ensure, facts: Mapping[str, Value], before: Mapping[str, Value] | None
    ) -> Broken | None:
        from policydsl.examples import breaks  # only what seems refuted needs the interpreter

        return breaks(program, ensure, facts, before)

    return decide(program, replay)


# from a policy without errors to what comes of it


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


def meaning(program: Program) -> str:
    """A digest that is the same for two programs of one policy when all their answers are."""
    from policydsl.backends.python.digest import digests

    return digests(program)[0]


def compile_python(
    program: Program, *, source_name: str, standalone: bool = False, native_names: bool = False
) -> str:
    """The text of the Python module that evaluates the policy; `source_name` is named in its first line."""
    from policydsl.backends.python import compile_program

    return compile_program(program, source_name=source_name, standalone=standalone, native_names=native_names)


def flatten(program: Program, outputs: Sequence[str] | None = None) -> Flat | tuple[Diagnostic, ...]:
    """The steps in which these outputs are computed over columns (None: all), or what stands in the way."""
    from policydsl.flatten import flatten

    return flatten(program, outputs)


def columns_executor(
    flat: Flat,
    spellings: Mapping[str, Spelling],
    *,
    decimals: bool,
    mark: bool,
    engine: ColumnsEngine,
    threads: int | None,
) -> Executor:
    """What computes these steps for tables in memory."""
    from policydsl.backends.columns.executor import Executor

    return Executor(flat, spellings, decimals=decimals, mark=mark, engine=engine, threads=threads)
