"""The compiler on one page: text → tokens → ast → model → checked model → ir → answers.

Nothing below this module knows the order of the passes, and nothing here opens a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from policydsl.diagnostics.model import Diagnostic, Language, is_error, order
from policydsl.model import Policy, Table, Tiers
from policydsl.resolve import resolve
from policydsl.source import Source
from policydsl.syntax.ast import Policy as PolicyLine
from policydsl.syntax.parse import parse

if TYPE_CHECKING:
    from datetime import date

    from policydsl.backends.columns.executor import Engine as ColumnsEngine
    from policydsl.backends.columns.executor import Executor
    from policydsl.backends.python import Together
    from policydsl.backends.sql import Dialect, Shape
    from policydsl.backends.sql import Field as SqlField
    from policydsl.backends.sql import Form as SqlForm
    from policydsl.backends.sql import Kind as SqlKind
    from policydsl.backends.sql import Result as SqlResult
    from policydsl.changes import Change
    from policydsl.citations.lock import Entry, Lock
    from policydsl.citations.shown import Covered
    from policydsl.differences import Answers, Comparison, Incompatible
    from policydsl.examples import ExampleResult
    from policydsl.explain import Explanation
    from policydsl.expressions import Value
    from policydsl.flat import Flat, Spelling
    from policydsl.ir import Ensure, Example, Program
    from policydsl.prove.decide import Verdict
    from policydsl.related import Whole
    from policydsl.runtime import PolicyError
    from policydsl.sheets.grid import Grid
    from policydsl.sheets.vocabulary import Vocabulary
    from policydsl.sheets.workbook import Book
    from policydsl.syntax.ast import File
    from policydsl.syntax.format_words import Script
    from policydsl.trace import Broken, Step, Trace


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


def check(source: Source) -> Checked:
    """Read and check one policy: everything that is wrong with it, and when nothing is, its program."""
    return with_advice(with_bounds(with_proofs(check_file(*parse(source)))))


def read(source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
    """The declarations of one text, and what is wrong with its syntax."""
    return parse(source)


def format(source: Source, script: Script | None = None) -> str | tuple[Diagnostic, ...]:
    """The text in its one layout, with the keywords of `script` if one is named; or what is wrong with its
    syntax, and then it has no layout."""
    from policydsl.syntax.format import format_source

    return format_source(source, script)


def check_file(file: File, found: Sequence[Diagnostic] = ()) -> Checked:
    """What `check` says of declarations that are read already, before anything is proved; `found` is
    what is wrong with their syntax."""
    from policydsl import checks

    source = file.span.source
    whole = _whole(file)
    policy, unresolved = resolve(whole.file if whole is not None else file)
    diagnostics = [*found, *unresolved]
    if policy is not None:
        diagnostics += checks.run(policy, complete=not diagnostics)
    if whole is not None:
        diagnostics = [
            *found,
            *whole.found,
            *whole.sorted_out(unresolved, diagnostics[len(found) + len(unresolved) :]),
        ]
        if policy is not None:
            diagnostics += whole.misfits(policy)
    return Checked(source, tuple(sorted(diagnostics, key=order)), policy, file=file, whole=whole)


def _whole(file: File) -> Whole | None:
    """The policy with those it rests on; None when it names no others."""
    if not any(isinstance(d, PolicyLine) and any(f.paths for f in d.fields) for d in file.declarations):
        return None
    from policydsl import related

    return related.whole(file) if related.rests_on_others(file) else None


def with_bounds(checked: Checked) -> Checked:
    """The same with what becomes of the bounds from above, when there is nothing wrong before that."""
    policy, whole = checked.policy, checked.whole
    if policy is None or whole is None or any(map(is_error, checked.diagnostics)):
        return checked
    from policydsl.prove.report import diagnostic

    told = tuple(whole.held(policy, prove, diagnostic))
    notes = (*whole.notes(policy), *(d for d in told if d.code.severity == "note"))
    problems = [d for d in told if d.code.severity != "note"]
    diagnostics = tuple(sorted((*checked.diagnostics, *problems), key=order))
    return Checked(checked.source, diagnostics, policy, checked.verdicts, checked.file, whole, notes)


def with_proofs(checked: Checked) -> Checked:
    """The same with what became of its `ensure`s, when there is nothing wrong before that."""
    program = checked.program if checked.policy is not None and checked.policy.ensures else None
    if program is None:
        return checked
    from policydsl.prove.report import diagnostic

    verdicts = tuple(prove(program))
    told = [d for verdict in verdicts if (d := diagnostic(program, verdict)) is not None]
    diagnostics = tuple(sorted((*checked.diagnostics, *told), key=order))
    result = Checked(checked.source, diagnostics, checked.policy, verdicts, checked.file, checked.whole)
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

        told += notch_notes.warnings(checked.program, policy.accepts, policy.timelines)
    if told:
        checked.diagnostics = tuple(sorted((*checked.diagnostics, *told), key=order))
    return checked


def with_quotes(
    checked: Checked, notice: Source | None, recorded: Entry | None = None, lock: str = ""
) -> Checked:
    """The same with what is wrong with the quotes, figures and labels, judged by the notice's text, without it by what
    the lock recorded of this policy, without either by the quotes alone. `lock` is what messages call the lock; ""
    means that there is none."""
    if checked.file is None:
        return checked
    told = quote_problems(checked.file, notice, recorded, lock)
    if not told:
        return checked
    diagnostics = tuple(sorted((*checked.diagnostics, *told), key=order))
    return Checked(
        checked.source,
        diagnostics,
        checked.policy,
        checked.verdicts,
        checked.file,
        checked.whole,
        checked.notes,
    )


def quote_problems(
    file: File, notice: Source | None, recorded: Entry | None = None, lock: str = "", *, locking: bool = False
) -> tuple[Diagnostic, ...]:
    """What is wrong with what the declarations take from their notice; `locking`: the lock is about to be written."""
    from policydsl.citations.check import check
    from policydsl.citations.text import Notice

    text = Notice(notice) if notice is not None else None
    return tuple(check(file, text, recorded, lock, locking=locking))


def read_lock(name: str, text: str) -> Lock | Diagnostic:
    """What the lock in the file `name` says was verified, or why it is not to be trusted."""
    from policydsl.citations.lock import read

    return read(name, text)


def lock_entry(file: File, notice: Source) -> Entry:
    """What a lock records of a policy whose quotes have no problems."""
    from policydsl.citations.claims import claims
    from policydsl.citations.lock import entry
    from policydsl.citations.text import Notice

    return entry(claims(file), Notice(notice))


def lock_text(lock: Lock) -> str:
    """The text of a lock with these entries."""
    from policydsl.citations.lock import written

    return written(lock)


def text_name(file: File) -> str | None:
    """The name of the file that holds the notice, as the header gives it."""
    from policydsl.citations.claims import claims

    return claims(file).text


def coverage(files: Sequence[File], notice: Source) -> Covered:
    """Which figures of the notice the policies made from it encode or waive, and which nothing uses."""
    from policydsl.citations.coverage import coverage
    from policydsl.citations.shown import Covered
    from policydsl.citations.text import Notice

    text = Notice(notice)
    sources = tuple(file.span.source for file in files)
    return Covered(coverage(files, text), text, sources, tuple(map(_title, files)))


def _title(file: File) -> str:
    from policydsl.syntax.ast import Policy as Declared

    return next((d.name.shown for d in file.declarations if isinstance(d, Declared)), file.span.source.name)


def coverage_text(covered: Covered, language: Language, *, colour: bool = False) -> str:
    """The notice for people, with what is encoded, left out and used by nothing."""
    from policydsl.citations.shown import as_text

    return as_text(covered, language, colour=colour)


def coverage_json(covered: Covered) -> dict[str, Any]:
    """The figures and passages of the notice as an object for programs."""
    from policydsl.citations.shown import as_json

    return as_json(covered)


def coverage_html(covered: Covered, language: Language) -> str:
    """The notice as one self-contained page."""
    from policydsl.citations.shown import as_html

    return as_html(covered, language)


def remarks(checked: Checked) -> tuple[Diagnostic, ...]:
    """What can be said of a policy without errors beyond its problems: how its splits round at any
    total, and which properties are proved."""
    if checked.program is None:
        return ()
    from policydsl.citations.check import rises
    from policydsl.prove import report, split_notes

    risen = () if checked.file is None else rises(checked.file)
    proved = [remark for verdict in checked.verdicts if (remark := report.remark(verdict)) is not None]
    notes = checked.notes
    if checked.whole is None and checked.policy is not None:
        from policydsl.related import assumptions

        notes = (*notes, *assumptions(checked.policy))
    return (*split_notes.notes(checked.program), *proved, *risen, *notes)


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


def answer(program: Program, output: str, facts: Mapping[str, Value], part: str | None = None) -> Value:
    """An output, or a part of it, in one case; None where the policy has no answer, or refuses the facts."""
    from policydsl.runtime import PolicyError

    try:
        step = run(program, facts, (output,)).step(output)
    except PolicyError:
        return None
    found = step.value if part is None else step.part(part)
    assert not isinstance(found, tuple)
    return found


def answers(old: Program, new: Program) -> Iterator[Answers]:
    """What becomes of each output from one policy to another, for all inputs; a person who is named as an
    example was computed first."""
    from policydsl.prove.answers import answers

    return answers(old, new, answer)


def compare(old: Checked, new: Checked, outputs: Collection[str] | None = None) -> Comparison:
    """All that differs between two policies without errors: what they declare, and what they answer to every
    input; with `outputs` only these are compared."""
    from policydsl.difference import declared
    from policydsl.differences import Comparison
    from policydsl.sets.references import folded

    assert old.policy is not None and new.policy is not None
    assert old.program is not None and new.program is not None
    found = tuple(a for a in answers(old.program, new.program) if outputs is None or a.key in outputs)
    same = meaning(old.program) == meaning(new.program)
    return Comparison(old.program, new.program, tuple(declared(old.policy, new.policy, folded)), found, same)


def with_tallies(
    comparison: Comparison, rows: Sequence[Mapping[str, str]], heads: Sequence[str], by: Sequence[str]
) -> Comparison:
    """The same with these people counted, each a row of texts under `heads`: who gains and who loses."""
    from policydsl.difference.cases import counted, lacking
    from policydsl.nodes import evolve

    tallies = counted(comparison, rows, heads, by, answer)
    return evolve(comparison, counted=tallies, by=tuple(by), lacking=lacking(comparison, heads))


def comparison_lines(comparison: Comparison, language: Language) -> Iterator[str]:
    """A comparison for people, line by line."""
    from policydsl.difference.told import lines

    return lines(comparison, language)


def comparison_json(comparison: Comparison, language: Language) -> dict[str, Any]:
    """A comparison as an object for programs."""
    from policydsl.difference.told import as_json

    return as_json(comparison, language)


def comparison_page(comparison: Comparison, language: Language) -> str:
    """A comparison as one self-contained page."""
    from policydsl.difference.page import to_html

    return to_html(comparison, language)


def interface(old: Program, new: Program) -> tuple[Incompatible, ...]:
    """What a program that calls the old policy's evaluators meets in the new one's."""
    from policydsl.difference import interface

    return tuple(interface(old, new))


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


def compile_python_together(
    programs: Sequence[tuple[str, Program]],
    *,
    native_names: bool = False,
    flat: bool = False,
    dispatch_as: str | None = None,
    days: Sequence[tuple[date, date] | None] = (),
) -> Together | tuple[Diagnostic, ...]:
    """The modules that several policies compile to, equal categories in modules of their own, and with
    `dispatch_as` one that chooses by the day; or what stands in the way."""
    from policydsl.backends.python import CannotCompile, compile_together

    try:
        return compile_together(
            programs, native_names=native_names, flat=flat, dispatch_as=dispatch_as, days=days
        )
    except CannotCompile as error:
        return error.diagnostics


def days_in_force(checked: Sequence[Checked]) -> tuple[tuple[date, date] | None, ...]:
    """The first and the last day of each of these policies, held against each other; None: a draft, or none."""
    from policydsl import related
    from policydsl.sets.standing import days_of

    every = related.standings(checked)
    days = (days_of(standing, every) for standing in every)
    return tuple((held.first, held.last) if held is not None else None for held in days)


def can_write_sql() -> bool:
    """Whether the library that writes SQL is installed."""
    from importlib.util import find_spec

    return find_spec("sqlglot") is not None


def sql(
    program: Program,
    outputs: Sequence[str] | None,
    dialect: Dialect,
    *,
    table: str | Sequence[str] = "claims",
    shape: Shape = "grains",
    texts: Mapping[str, Mapping[str, int]] | None = None,
    keep: Sequence[str] = (),
    kind: SqlKind = "query",
    name: str | None = None,
    heading: Sequence[str] = (),
) -> str | tuple[Diagnostic, ...]:
    """One SELECT that computes these outputs (None: all) for every row of `table`, or what stands in the way.
    `texts` says which texts stand for which places of an input's category, if not the keys alone."""
    from policydsl.backends.sql import problems, sql_text
    from policydsl.flatten import flatten

    flat = flatten(program, outputs)
    if isinstance(flat, tuple):
        return flat
    found = tuple(
        problems(program, flat, dialect, shape=shape, texts=texts, keep=keep, macro=kind == "macro")
    )
    if found:
        return found
    return sql_text(flat, dialect, table=table, shape=shape, keep=keep, kind=kind, name=name, heading=heading)


def batch_sql(
    program: Program,
    flat: Flat,
    dialect: Dialect,
    *,
    table: str,
    shape: Shape,
    forms: Mapping[str, SqlForm],
    texts: Mapping[str, Mapping[str, int]],
    keep: Sequence[str],
) -> tuple[str, tuple[SqlField, ...], tuple[SqlResult, ...]] | tuple[Diagnostic, ...]:
    """The SELECT that computes these steps for every row of `table`, with the columns it reads, of which `forms` says how
    each is held, and those it gives after `keep`; or what stands in the way."""
    from policydsl.backends.sql import fields, problems, results, sql_text

    found = tuple(problems(program, flat, dialect, shape=shape, forms=forms, texts=texts, keep=keep))
    if found:
        return found
    text = sql_text(flat, dialect, table=table, shape=shape, forms=forms, texts=texts, keep=keep)
    return text, fields(flat, shape, forms, texts), results(flat, dialect, shape)


def pasted_table(name: str, data: bytes) -> Grid | Diagnostic:
    """The table in pasted text, given as its bytes."""
    from policydsl.sheets.pasted import decode, read_pasted

    source = decode(name, data)
    return source if isinstance(source, Diagnostic) else read_pasted(source)


def open_book(path: str, data: bytes) -> Book | Diagnostic:
    """The workbook that the bytes of the file at `path` are."""
    from policydsl.sheets.workbook import open_book

    return open_book(path, data)


def sheet_table(book: Book, sheet: str | None, cells: str | None) -> Grid | Diagnostic:
    """The filled cells of a sheet, or those named by `cells` (A1:F9)."""
    from policydsl.sheets.workbook import choose_sheet, read_grid

    chosen = choose_sheet(book, sheet)
    return chosen if isinstance(chosen, Diagnostic) else read_grid(book, chosen, cells)


def table_block(
    grid: Grid,
    file: File | None,
    language: Language,
    *,
    name: str,
    kind: Literal["tiers", "table"] | None = None,
    mode: str | None = None,
    keys: tuple[str, ...] = (),
    amount: str | None = None,
) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The `tiers` or `table` block called `name` that a table of a sheet makes, with the names of the policy
    `file`, or without one in the language; None when it makes none. And what there is to say of it."""
    from policydsl.sheets.cells import Wishes, among
    from policydsl.sheets.draft import lay_out
    from policydsl.sheets.recognise import recognise
    from policydsl.sheets.vocabulary import is_traditional

    wishes = Wishes(name, language, kind, mode, keys, amount)
    if file is not None:
        wishes = among(wishes, file, _words(file))
    draft, told = recognise(grid, wishes)
    if draft is None:
        return None, told
    text = lay_out(draft, wishes.language, wishes.like)
    made, wrong = parse(Source(name, text))
    if wrong or len(made.declarations) != 1:  # a cell holds what no policy may
        return None, (*told, *wrong)
    drawn = format(made.span.source, "hant" if file is not None and is_traditional(file) else None)
    return (drawn if isinstance(drawn, str) else text), told


def _words(file: File) -> Vocabulary:
    """What a policy names, and the policies that it rests on."""
    from policydsl.sheets.vocabulary import vocabulary

    whole = _whole(file)
    return vocabulary(file, whole.file if whole is not None else file)


def export_tables(file: File, names: Sequence[str], language: Language) -> bytes | tuple[Diagnostic, ...]:
    """A workbook of the tables and schedules of a policy: those called `names`, or all; or what is wrong,
    nothing where the policy has none."""
    from policydsl.sheets.book import write_book
    from policydsl.sheets.exported import chosen

    tables, told = chosen(file, _words(file), names, language)
    if told or not tables:
        return told
    book = write_book(file, tables, language)
    return (book,) if isinstance(book, Diagnostic) else book


def is_exported(book: Book) -> bool:
    """Whether the workbook is one that `export_tables` made."""
    from policydsl.sheets import returned

    return returned.is_ours(book)


def returned_tables(book: Book, file: File | None) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """The text of a policy with what was changed in a workbook exported from it, the same text when
    nothing was; None with what is wrong, the policy `file` missing too."""
    from policydsl.sheets import returned

    of = returned.origin(book)
    if isinstance(of, Diagnostic):
        return None, (of,)
    if file is None:
        return None, (returned.needs_policy(book, of),)
    source = file.span.source
    new, told = returned.changes(book, of, file, _words(file))
    if any(map(is_error, told)):
        return None, told
    changed = Source(source.name, returned.apply(source.text, new), beside=source.beside)
    if new and format(source) == source.text:
        drawn = format(changed)
        changed = Source(source.name, drawn, beside=source.beside) if isinstance(drawn, str) else changed
    after, broken = parse(changed)
    if new and (broken or not returned.same_but_rows(file, after, new)):
        return None, broken or (returned.reaches_beyond(book),)
    return changed, told


def can_make_pages() -> bool:
    """Whether the library that pages are made with is installed."""
    from policydsl.pages import available

    return available()


def page(checked: Checked, language: Language) -> str:
    """A policy without errors as one HTML page for people, in Chinese or English."""
    from hashlib import sha256

    from policydsl import __version__
    from policydsl.backends.python.digest import digests
    from policydsl.document import build, to_html
    from policydsl.interpret import evaluate
    from policydsl.runtime import PolicyError

    policy, program = checked.policy, checked.program
    assert policy is not None and program is not None

    def compute(program: Program, facts: Mapping[str, Value], output: str) -> Step | None:
        try:
            return evaluate(program, facts, (output,)).step(output)
        except PolicyError:
            return None

    meaning, interface = digests(program)
    text = sha256(checked.source.text.encode()).hexdigest()
    made = build(
        policy,
        program,
        compute,
        language,
        proved=[verdict.outcome == "proved" for verdict in checked.verdicts],
        passed=[result.passed for result in test(program)],
        digests={"meaning": meaning, "interface": interface, "text": f"sha256:{text}"},
        maker=f"policydsl {__version__}",
    )
    return to_html(made)


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
