"""What Python does a policy compile to? One typed module, exact in integers, that reads like the notice."""

from __future__ import annotations

from collections.abc import Iterator

from policydsl.backends.python.digest import digests
from policydsl.backends.python.layout import lay_out
from policydsl.backends.python.module import DefinitionUnsupported, build
from policydsl.backends.python.names import name_problems, public_names
from policydsl.backends.python.standalone import inline, runtime_names, runtime_tree
from policydsl.diagnostics.codes_backends import UNROUNDED_QUOTIENT
from policydsl.diagnostics.model import Diagnostic
from policydsl.ir import Program

__all__ = ["CannotCompile", "compile_program", "digests", "problems"]


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
