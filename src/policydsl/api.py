"""How does a Python program use a policy without compiling it ahead of time? Load it, ask it, have it explain."""

from __future__ import annotations

import os
from collections.abc import Mapping

from policydsl import pipeline
from policydsl.caseinput import Unreadable, expected, find_fact, find_output, names, nearest, take_value
from policydsl.diagnostics.model import Diagnostic, Language, is_error
from policydsl.diagnostics.render import text
from policydsl.expressions import Value
from policydsl.files import read_source
from policydsl.ir import Program
from policydsl.results import Answer, Grounds, Parts, as_python
from policydsl.runtime import PolicyError

__all__ = ["Answer", "Grounds", "Parts", "Policy", "PolicyFileError", "load"]


class PolicyFileError(ValueError):
    """A policy file that has errors, or that may not be used; `diagnostics` say which."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return self.message("en")

    def message(self, language: Language = "en") -> str:
        """The diagnostics as `policydsl check` prints them."""
        return text(self.diagnostics, language).rstrip("\n")


class Policy:
    """A checked policy, ready for any number of cases.

    `program` is its computable form, `diagnostics` the warnings and notes that remained.
    """

    __slots__ = ("diagnostics", "program")

    def __init__(self, program: Program, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.program = program
        self.diagnostics = diagnostics

    @property
    def name(self) -> str:
        return self.program.header.name.key

    @property
    def title(self) -> str:
        return self.program.header.title

    @property
    def draft(self) -> bool:
        """Whether the policy says of itself that it is not issued yet."""
        return self.program.header.draft

    @property
    def outputs(self) -> tuple[str, ...]:
        """What can be asked for, in the order of the file."""
        return self.program.outputs

    def inputs(self, output: str) -> tuple[str, ...]:
        """The facts that `output` needs, in the order of the file."""
        return self.program.definition(self._output(output)).inputs

    def evaluate(self, output: str, /, **facts: object) -> Answer:
        """The answer for one case, exactly.

        A fact is a Decimal, int, bool, date, member or collection of members, or a text as people
        write it ("15万元", "2021年8月10日", "固原市"). Money is in 元, a rate is the number it is
        (60% is Decimal("0.6") or "60%"). None says that an optional fact does not exist.

        Money and rates come back as Decimal (a rate without finite decimals as Fraction), whole
        counts as int, members as their key; a split as `Parts`, a rule with grounds as `Grounds`.

        Raises PolicyError for what is wrong with the case, KeyError for an output that does not exist.
        """
        key = self._output(output)
        trace = pipeline.run(self.program, self._facts(key, facts), (key,))
        return as_python(self.program, trace.step(key))

    def explain(self, output: str, /, *, language: Language = "zh", **facts: object) -> str:
        """Why the answer is what it is, as a calculation sheet. Raises as `evaluate` does."""
        key = self._output(output)
        explanation = pipeline.explain(self.program, self._facts(key, facts), key, language)
        return pipeline.explanation_text(explanation)

    def _output(self, name: str) -> str:
        definition = find_output(self.program, name)
        if definition is not None:
            return definition.name.key
        near = nearest(name, [n for k in self.outputs for n in names(self.program.definition(k).name)])
        hint = f"is {near!r} meant" if near else f"there are {', '.join(self.outputs)}"
        raise KeyError(f"{self.name} has no output {name!r}; {hint}")

    def _facts(self, output: str, given: Mapping[str, object]) -> dict[str, Value]:
        facts: dict[str, Value] = {}
        for name, value in given.items():
            fact = find_fact(self.program, name)
            if fact is None:
                raise PolicyError("PC102", output, name, value)
            key = fact.name.key
            try:
                facts[key] = take_value(self.program, fact, value)
            except Unreadable:
                raise PolicyError("PC103", output, key, value, expected(fact.kind, self.program).en) from None
        return facts

    def __repr__(self) -> str:
        return f"<Policy {self.name}{' (draft)' if self.draft else ''}>"


def load(path: str | os.PathLike[str], *, draft_ok: bool = True) -> Policy:
    """The policy in the file at `path`, checked.

    Raises PolicyFileError when the file has errors, cannot be read, or is a draft and
    `draft_ok` is False.
    """
    source = read_source(os.fspath(path))
    if isinstance(source, Diagnostic):
        raise PolicyFileError((source,))
    checked = pipeline.check(source)
    if checked.program is None:
        raise PolicyFileError(tuple(filter(is_error, checked.diagnostics)))
    if checked.program.header.draft and not draft_ok:
        raise PolicyFileError((draft(checked.program),))
    return Policy(checked.program, checked.diagnostics)


def draft(program: Program) -> Diagnostic:
    """That a policy is a draft, where only issued ones are wanted."""
    from policydsl.diagnostics.codes_cli import DRAFT

    return Diagnostic(DRAFT, program.header.name.span, {"title": program.header.title})
