"""Which Python modules do several policies compile to together? For `compile`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from policydsl.backends import python
from policydsl.backends.python import CannotCompile, Together
from policydsl.backends.python.names import mangled
from policydsl.diagnostics.model import Diagnostic
from policydsl.ir import Program


def problems(program: Program, *, native_names: bool) -> tuple[Diagnostic, ...]:
    """What stands in the way of compiling the policy to Python, its names above all."""
    return tuple(python.problems(program, native_names=native_names))


def module_name(program: Program) -> str:
    """What the module of a policy is called: ningxia_2020."""
    return mangled(program.header.name.key)


def together(
    programs: Sequence[tuple[str, Program]],
    *,
    native_names: bool = False,
    flat: bool = False,
    dispatch_as: str | None = None,
    days: Sequence[tuple[date, date] | None] = (),
) -> Together | tuple[Diagnostic, ...]:
    """The modules that several policies compile to, equal categories in modules of their own, and with
    `dispatch_as` one that chooses by the day; or what stands in the way."""
    try:
        return python.compile_together(
            programs, native_names=native_names, flat=flat, dispatch_as=dispatch_as, days=days
        )
    except CannotCompile as error:
        return error.diagnostics
