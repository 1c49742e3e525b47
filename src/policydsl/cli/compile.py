"""`policydsl compile`: which Python evaluates these policies?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import language_option
from policydsl.cli.console import Fault, Stop, either, err_diagnostics, out

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Diagnostic, Label, Language
    from policydsl.ir import Program


@click.command(
    "compile",
    help=either(
        "Compile policy files, or all *.pol in folders, to a Python module each. "
        "Nothing is written when any of them has an error.",
        "将政策文件（或文件夹中全部 *.pol）各编译为一个Python模块。任何一个有错误，则什么都不写。",
    ),
)
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    metavar="DIR",
    help=either("Folder for the modules; made if needed.", "存放模块的文件夹，没有则新建。"),
)
@click.option("--draft", is_flag=True, help=either("Compile drafts too.", "征求意见稿也编译。"))
@click.option(
    "--standalone",
    is_flag=True,
    help=either("Modules that need nothing but the standard library.", "生成的模块只依赖标准库。"),
)
@click.option(
    "--native-names",
    is_flag=True,
    help=either("Accept public names without an ASCII alias.", "对外名称可以没有英文别名。"),
)
@language_option
def command(
    paths: tuple[str, ...], folder: str, draft: bool, standalone: bool, native_names: bool, language: Language
) -> int:
    from policydsl import pipeline
    from policydsl.diagnostics.codes_cli import CALL_CODES, DRAFT, SAME_POLICY_NAME
    from policydsl.diagnostics.model import Diagnostic, is_error
    from policydsl.files import find_policies, read_source, write_all

    found: list[Diagnostic] = []
    programs: dict[str, tuple[str, Program]] = {}  # by module
    for path in find_policies(paths):
        source = path if isinstance(path, Diagnostic) else read_source(path)
        if isinstance(source, Diagnostic):
            found.append(source)
            continue
        checked = pipeline.check(source)
        found += (d for d in checked.diagnostics if d.code.severity != "note")
        program = checked.program
        if program is None:
            continue
        header = program.header
        if header.draft and not draft:
            found.append(Diagnostic(DRAFT, header.name.span, {"title": header.title}))
        found += pipeline.python_problems(program, native_names=native_names)
        module = pipeline.python_module_name(program)
        # Compared without regard to case: on many file systems A.py and a.py are one file.
        if other := next((m for m in programs if m.lower() == module.lower()), None):
            label = _first(programs[other][1])
            facts = {"name": header.name.key, "file": f"{module}.py"}
            found.append(Diagnostic(SAME_POLICY_NAME, header.name.span, facts, (label,)))
        else:
            programs[module] = (source.name, program)
    err_diagnostics(found, language)
    if any(map(is_error, found)):
        raise Stop(2 if any(d.code in CALL_CODES for d in found) else 1)
    modules = {
        os.path.join(folder, f"{module}.py"): pipeline.compile_python(
            program, source_name=short(path), standalone=standalone, native_names=native_names
        )
        for module, (path, program) in programs.items()
    }
    try:
        os.makedirs(folder, exist_ok=True)
        write_all(modules)
    except OSError as error:
        raise Fault(f"cannot write to “{folder}”: {error}", f"“{folder}”写不进去：{error}") from None
    for name in modules:
        out(name)
    return 0


def _first(program: Program) -> Label:
    from policydsl.diagnostics.model import Label, Words

    return Label(program.header.name.span, Words("the first is here", "第一个在这里"))


def short(path: str) -> str:
    """What the module calls its source: folder and file, so that it does not matter from where we are run."""
    parts = os.path.normpath(path).replace(os.sep, "/").split("/")[-2:]
    return "/".join(p for p in parts if p not in ("..", ""))
