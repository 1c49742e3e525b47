"""What Python does a policy compile to? One typed module, exact in integers, that reads like the notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policydsl.backends.python import dispatch
from policydsl.backends.python.digest import digests
from policydsl.backends.python.layout import lay_out
from policydsl.backends.python.module import DefinitionUnsupported, build
from policydsl.backends.python.names import mangled, name_problems, public_names
from policydsl.backends.python.shared import shared_categories
from policydsl.backends.python.standalone import inline, runtime_names, runtime_tree
from policydsl.diagnostics.codes_backends import UNROUNDED_QUOTIENT
from policydsl.diagnostics.model import Diagnostic
from policydsl.ir import Program

__all__ = ["CannotCompile", "Together", "compile_program", "compile_together", "digests", "problems"]


class CannotCompile(Exception):
    """A program that this backend refuses, and why."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(", ".join(d.code.number for d in diagnostics))
        self.diagnostics = diagnostics


def problems(program: Program, *, native_names: bool = False) -> Iterator[Diagnostic]:
    """What keeps a checked program from being compiled to Python: names, and quotients not rounded."""
    found = False
    for diagnostic in name_problems(program, native_names=native_names):
        found = True
        yield diagnostic
    if found:
        return
    try:
        build(program, "")
    except DefinitionUnsupported as error:
        name = error.definition.name
        yield Diagnostic(UNROUNDED_QUOTIENT, name.span, {"name": name.shown})


def compile_program(
    program: Program, *, source_name: str, standalone: bool = False, native_names: bool = False
) -> str:
    """The text of the module that `program` compiles to, the same bytes each time.

    `source_name` is what the module says it was made from. With `standalone` it needs nothing but
    the standard library. Raises CannotCompile with what `problems` gives.
    """
    found = tuple(name_problems(program, native_names=native_names))
    if found:
        raise CannotCompile(found)
    try:
        if not standalone:
            return lay_out(build(program, source_name))
        module = build(program, source_name, runtime_names(runtime_tree()))
        return lay_out(inline(module, [p.identifier for p in public_names(program)]))
    except DefinitionUnsupported as error:
        name = error.definition.name
        facts = {"name": name.shown}
        raise CannotCompile((Diagnostic(UNROUNDED_QUOTIENT, name.span, facts),)) from None


@dataclass(frozen=True, slots=True)
class Together:
    """The texts of the modules of several policies, by module, and the outputs that the module which chooses by the
    day leaves out, because they are called differently from one policy to another."""

    texts: Mapping[str, str]
    left: tuple[str, ...] = ()

    @property
    def packaged(self) -> bool:
        """Whether any module imports another of them as a part of its package."""
        return any("\nfrom ." in text for text in self.texts.values())


def compile_together(
    programs: Sequence[tuple[str, Program]],
    *,
    native_names: bool = False,
    flat: bool = False,
    dispatch_as: str | None = None,
    days: Sequence[tuple[date, date] | None] = (),
) -> Together:
    """The modules that several policies compile to, the same bytes each time.

    `programs` are the policies, each with what its module says it was made from. Categories that are equal
    stand in a module of their own, which the others import: of their package, or with `flat` by its plain
    name. With `dispatch_as` there is a module of that name too, which calls the policy in force on a day;
    `days` are then the first and last day of each. Raises CannotCompile.
    """
    found = [d for _, p in programs for d in name_problems(p, native_names=native_names)]
    if found:
        raise CannotCompile(tuple(found))
    shared = shared_categories([program for _, program in programs])
    texts: dict[str, str] = {}
    editions: list[dispatch.Edition] = []
    for place, (source_name, program) in enumerate(programs):
        homes = {key: one.module for key, one in shared[place].items()}
        try:
            tree = build(program, source_name, shared=homes, flat=flat)
        except DefinitionUnsupported as error:
            name = error.definition.name
            raise CannotCompile((Diagnostic(UNROUNDED_QUOTIENT, name.span, {"name": name.shown}),)) from None
        texts[mangled(program.header.name.key)] = lay_out(tree)
        if dispatch_as is not None:
            editions.append(dispatch.Edition(program, tree, days[place], homes))
    texts.update({one.module: one.text for categories in shared for one in categories.values()})
    if dispatch_as is None:
        return Together(texts)
    double = tuple(dispatch.problems(editions))
    if double:
        raise CannotCompile(double)
    module, left = dispatch.dispatcher(editions, flat=flat)
    texts[dispatch_as] = lay_out(module)
    return Together(texts, left)
