"""Which mistakes in copying a notice would nobody notice? Each is made in turn, and all is looked at again.

A change is noticed when `check` has an error or a warning that it has not without the change, of quotes and
bounds from above too, or when an example no longer comes out, an `ensure` on its case included. A change that
leaves every answer of the policy as it was is no mistake, and is told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from policydsl import pipeline
from policydsl.amounts import say_name
from policydsl.changes import Change, changes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.expressions import Input, Present, Ref, children
from policydsl.facts import Name
from policydsl.ir import Body, Definition, Ensure, Program, Schedule
from policydsl.needs import definitions_of
from policydsl.nodes import Node, contents, evolve, node
from policydsl.source import Source
from policydsl.syntax import ast
from policydsl.tasks import locks

if TYPE_CHECKING:
    from policydsl.changes.writing import Edit, Slip
    from policydsl.citations.lock import Entry
    from policydsl.examples import ExampleResult

#: "idle": the change makes no difference to any answer.
Verdict: TypeAlias = Literal["noticed", "explained", "unnoticed", "idle"]

#: What `accept` calls a figure whose change nothing notices.
FINDING = "unprotected"

#: As many examples are tried before all are read: most changes are noticed by one that noticed another.
_FIRST = 12


@node
class Outcome(Node):
    """What became of one change.

    `name` is the declaration it is in, `line` the first line it changes and `shown` that line as
    changed, or as it was when the change takes it away. What noticed it is `code`, the number of a
    diagnostic, or else the example on the line `example`. `because` is the author's reason why nothing can.
    """

    name: Words
    line: int
    said: Words
    shown: str
    verdict: Verdict
    code: str | None = None
    example: int | None = None
    because: str | None = None


@node
class Report(Node):
    """The outcomes in the order of the text; `unneeded` are the lines of `accept unprotected` that
    explain none of them."""

    outcomes: tuple[Outcome, ...]
    unneeded: tuple[int, ...] = ()

    def count(self, verdict: Verdict) -> int:
        return sum(outcome.verdict == verdict for outcome in self.outcomes)


def broken_examples(program: Program) -> tuple[ExampleResult, ...]:
    """The examples that fail as it is: while there are any, nothing can be said about changes."""
    return tuple(result for result in pipeline.test(program) if not result.passed)


def mutate(source: Source, recorded: Entry | None = None) -> Report:
    """Make every change of `source`, a policy without errors whose examples pass, and say what notices it. `recorded`
    is what a lock has of its quotes; without it figures are judged by the words of the quotes alone."""
    if source.beside is not None:
        near = tuple(source.beside())  # the same for every change
        source = Source(source.name, source.text, beside=lambda: near)
    file, found = pipeline.read(source)
    trial = _Trial(file, found, recorded)
    outcomes = []
    needed: set[int] = set()
    for change in changes(file):
        outcome, accepted = trial.outcome(change)
        outcomes.append(outcome)
        needed.update(accepted)
    return Report(tuple(outcomes), tuple(line for line in trial.accept_lines() if line not in needed))


class _Trial:
    """One policy, as it is, and what is known of it that is the same for every change."""

    def __init__(self, file: ast.File, found: Sequence[Diagnostic], recorded: Entry | None) -> None:
        self.file = file
        self.recorded = recorded
        #: what the quotes of each declaration say of it; nothing is compared where no notice is named
        self.quoted: dict[int, Counter[str]] = {}
        self.has_notice = locks.text_name(file) is not None
        self.source = file.span.source
        self.cases = [case for d in file.declarations if isinstance(d, ast.Example) for case in _cases(d)]
        whole = pipeline.proved(pipeline.check_file(_with_examples(file, self.cases), found))
        assert whole.program is not None
        assert whole.policy is not None
        self.found = found
        self.usual = _counted(whole.diagnostics)
        self.program = whole.program
        self.meaning = _meaning(whole.program, whole.program)
        self.keys = _keys(whole.program)
        # Those of a policy that this one rests on explain nothing here.
        own = [a for a in whole.policy.accepts if a.span.source is self.source]
        self.accepts = [a for a in own if a.finding == FINDING]
        self.reach = _reach(whole.program)
        self.asked = {f.name.key for f in whole.program.facts if not f.has_default}
        self.ensured = [_used(ensure, self.reach) for ensure in whole.program.ensures]
        #: for each declaration the numbers of its examples, that first which noticed a change last
        self.order: dict[int, list[int]] = {}

    def accept_lines(self) -> list[int]:
        return [self.source.position(a.span.start)[0] for a in self.accepts]

    def outcome(self, change: Change) -> tuple[Outcome, list[int]]:
        """What becomes of the change, and the lines of the `accept`s that explain it."""
        declared = self.file.declarations[change.declaration]
        line, shown = _shown(self.source, change.slip)
        outcome = self.tried(change, Outcome(_title(declared), line, change.slip.said, shown, "unnoticed"))
        if outcome.verdict != "unnoticed":
            return outcome, []
        keys = self.targets(declared)
        accepts = [a for a in self.accepts if a.target is None or a.target in keys]
        if not accepts:
            return outcome, []
        lines = [self.source.position(a.span.start)[0] for a in accepts]
        return evolve(outcome, verdict="explained", because=accepts[0].because), lines

    def tried(self, change: Change, outcome: Outcome) -> Outcome:
        """The outcome with what notices the change, or that it makes no difference."""
        place = change.declaration
        changed, wrong = self.read(change)
        if changed is None:
            return evolve(outcome, verdict="noticed", code=wrong[0].code.number)
        if code := self.misquoted(place, changed):
            return evolve(outcome, verdict="noticed", code=code)
        declarations = tuple(changed if i == place else d for i, d in enumerate(self.file.declarations))
        file = evolve(self.file, declarations=declarations)
        if place not in self.order:
            self.order[place] = self.concerned(place)
        order = self.order[place]
        first, rest = order[:_FIRST], order[_FIRST:]
        for numbers in (first, rest) if rest else (first,):
            checked = pipeline.check_file(
                _with_examples(file, [self.cases[n] for n in numbers]), [*self.found, *wrong]
            )
            if code := self.new_problem(checked):
                return evolve(outcome, verdict="noticed", code=code)
            program = checked.program
            assert program is not None
            for n, example in zip(numbers, program.examples, strict=True):
                if not pipeline.test_example(program, example).passed:
                    order.remove(n)
                    order.insert(0, n)
                    line, _ = self.source.position(self.cases[n].span.start)
                    return evolve(outcome, verdict="noticed", example=line)
            if numbers is first and self.idle(program):
                return evolve(outcome, verdict="idle")
        # Last, because a proof costs more than most examples.
        code = self.new_problem(pipeline.proved(checked))
        return outcome if code is None else evolve(outcome, verdict="noticed", code=code)

    def new_problem(self, checked: pipeline.Checked) -> str | None:
        """The code of an error or warning that the policy gives more often than without the change."""
        for number, times in _counted(checked.diagnostics).items():
            if times > self.usual[number]:
                return number
        return None

    def misquoted(self, place: int, changed: ast.Declaration) -> str | None:
        """The code of what the quotes of the changed declaration say of it, and not of the declaration as it is."""
        if not self.has_notice:
            return None
        if place not in self.quoted:
            self.quoted[place] = self.quote_problems(place, self.file.declarations[place])
        usual = self.quoted[place]
        told = self.quote_problems(place, changed)
        return next((number for number, times in told.items() if times > usual[number]), None)

    def quote_problems(self, place: int, declared: ast.Declaration) -> Counter[str]:
        """How often each error and warning is given by the quotes of a declaration, read with the header and the
        categories; of these themselves, by all quotes."""
        frame = (ast.Policy, ast.Category)
        alone = not isinstance(declared, frame)
        declarations = tuple(
            declared if i == place else d
            for i, d in enumerate(self.file.declarations)
            if i == place or not alone or isinstance(d, frame)
        )
        file = evolve(self.file, declarations=declarations)
        return _counted(pipeline.quote_problems(file, None, self.recorded))

    def read(self, change: Change) -> tuple[ast.Declaration | None, tuple[Diagnostic, ...]]:
        """The changed declaration, read alone: nothing outside it depends on how it is read."""
        declared = self.file.declarations[change.declaration]
        span = declared.span
        line, _ = self.source.position(span.start)
        text = _edited(self.source.text, change.slip.edits, span.start, span.end)
        piece, wrong = pipeline.read(Source(self.source.name, "\n" * (line - 1) + text))
        if len(piece.declarations) != 1:
            return None, wrong
        return evolve(piece.declarations[0], quotes=declared.quotes, notes=declared.notes), wrong

    def idle(self, program: Program) -> bool:
        """Whether the changed policy gives every case the same answers, and binds the policies below
        it in the same way."""
        same = _meaning(program, self.program) == self.meaning
        return same and program.requires == self.program.requires

    def concerned(self, place: int) -> list[int]:
        """The numbers of the examples that could come out differently when this declaration changes."""
        declared = self.file.declarations[place]
        numbers = range(len(self.cases))
        if isinstance(declared, ast.Policy | ast.Category | ast.Given):
            return list(numbers)
        if isinstance(declared, ast.Promise):
            return []
        keys = self.targets(declared)
        return [n for n in numbers if self.program.examples[n].refused or self.read_by(n) & keys]

    def read_by(self, number: int) -> set[str]:
        """The definitions and facts that an example reads: for its results, and for every `ensure`
        that its facts may decide."""
        example = self.program.examples[number]
        read = {key for key, _ in example.facts}
        for expected in example.expects:
            read |= self.reach[expected.output]
        for used in self.ensured:
            if used.isdisjoint(self.asked - read):
                read |= used
        return read

    def targets(self, declared: ast.Declaration) -> set[str]:
        """The keys that a declaration is about: its own, or those that a condition names."""
        if isinstance(declared, ast.Given | ast.Promise):
            names = [path.words[0] for path in _paths(declared)]
        elif isinstance(declared, ast.Split) and declared.parent is not None:
            names = [declared.parent.words[0]]
        elif isinstance(declared, ast.Example | ast.Waive | ast.Accept):
            names = []
        else:
            names = [declared.name.written]
        return {self.keys[name] for name in names if name in self.keys}


def _cases(example: ast.Example) -> list[ast.Example]:
    """The example, or one for each row of its table."""
    if example.rows is None:
        return [example]
    rows = example.rows
    return [evolve(example, rows=evolve(rows, rows=(row,)), span=row.span) for row in rows.rows]


def _with_examples(file: ast.File, cases: Sequence[ast.Example]) -> ast.File:
    """The file with these examples instead of its own."""
    others = tuple(d for d in file.declarations if not isinstance(d, ast.Example))
    return evolve(file, declarations=(*others, *cases))


def _counted(diagnostics: Sequence[Diagnostic]) -> Counter[str]:
    """How often each error and warning is given. Places and words change with the text; codes do not."""
    return Counter(d.code.number for d in diagnostics if d.code.severity != "note")


def _meaning(program: Program, original: Program) -> str:
    """The digest of what the program computes. The days in force enter into it only where a figure
    depends on the day, and to which slice an edge belongs not at all, because a slice of nothing pays
    nothing."""
    definitions = tuple(_edgeless(d) for d in program.definitions)
    return pipeline.meaning(evolve(program, header=original.header, definitions=definitions))


def _edgeless(definition: Definition) -> Definition:
    body: Body = definition.body
    if not isinstance(body, Schedule) or body.mode != "marginal":
        return definition
    bands = tuple(evolve(band, low_closed=True, high_closed=True) for band in body.bands)
    return evolve(definition, body=evolve(body, bands=bands))


def _keys(program: Program) -> dict[str, str]:
    """The key of every definition, fact and category by each of its spellings."""
    names: list[Name] = [d.name for d in program.definitions]
    names += [fact.name for fact in program.facts]
    names += [category.name for category in program.categories]
    return {word: name.key for name in names for word in (name.written, name.key)}


def _reach(program: Program) -> dict[str, set[str]]:
    """For each definition all that it is computed from: definitions, facts and itself."""
    reach: dict[str, set[str]] = {}
    for definition in program.definitions:
        key = definition.name.key
        reach[key] = {key, *definition.inputs}
        for other in definitions_of(definition):
            reach[key] |= reach[other]
    return reach


def _used(ensure: Ensure, reach: Mapping[str, set[str]]) -> set[str]:
    """All that the condition of an `ensure` is computed from; it is decided on one case, or not at all."""
    used: set[str] = set()
    stack = [e for e in (ensure.holds, ensure.when) if e is not None]
    while stack:
        expr = stack.pop()
        if isinstance(expr, Ref):
            used |= reach[expr.key]
        elif isinstance(expr, Input | Present):
            used.add(expr.key)
        stack += children(expr)
    return used


def _paths(thing: object) -> Iterator[ast.Path]:
    if isinstance(thing, ast.Path):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _paths(part)
    elif isinstance(thing, Node):
        for part in contents(thing):
            yield from _paths(part)


def _title(declared: ast.Declaration) -> Words:
    """What people call a declaration; a condition without a name is called by its words."""
    match declared:
        case ast.Given() | ast.Promise():
            said = declared.condition if isinstance(declared, ast.Given) else declared.property
            start, end = declared.span.start, said.span.end
            words = " ".join(declared.span.source.text[start:end].split())
            return Words(words, words)
        case ast.Example() | ast.Waive() | ast.Accept():
            raise AssertionError("nothing is changed in these")
        case ast.Split(parent=ast.Path() as parent):
            words = ".".join(parent.words)
            return Words(words, words)
        case _:
            return Words(say_name(declared.name, "en"), say_name(declared.name, "zh"))


def _edited(text: str, edits: Sequence[Edit], start: int, end: int) -> str:
    """The part of `text` from `start` to `end` with the edits made."""
    parts = []
    for edit in edits:
        parts += [text[start : edit.start], edit.text]
        start = edit.end
    return "".join(parts) + text[start:end]


def changed_text(text: str, slip: Slip) -> str:
    """The whole text with one slip made."""
    return _edited(text, slip.edits, 0, len(text))


def _shown(source: Source, slip: Slip) -> tuple[int, str]:
    """The number of the line that a slip changes, and that line as the slip leaves it; as it was, when
    the slip takes it away."""
    if slip.at is not None:
        line, _ = source.position(slip.at)
        return line, source.line(line).strip()
    line, _ = source.position(slip.edits[0].start)
    return line, Source(source.name, changed_text(source.text, slip)).line(line).strip()
