"""`policydsl compile`: which Python evaluates these policies?"""

from __future__ import annotations

import keyword
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import language_option
from policydsl.cli.console import Fault, Stop, either, err, err_diagnostics, out

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Diagnostic, Label, Language
    from policydsl.ir import Program
    from policydsl.pipeline import Checked


@click.command(
    "compile",
    help=either(
        "Compile policy files, or all *.pol in folders, to a Python module each; categories that are equal in several "
        "stand once and are shared. Nothing is written when any of them has an error.",
        "将政策文件（或文件夹中全部 *.pol）各编译为一个Python模块，几个政策中相同的类别只生成一次、共同使用。"
        "任何一个有错误，则什么都不写。",
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
    "--dispatch",
    metavar="NAME",
    help=either(
        "One more module, whose functions call the policy in force on a day.",
        "另生成一个模块，其中的函数按日期调用当日施行的政策。",
    ),
)
@click.option(
    "--flat",
    is_flag=True,
    help=either(
        "Modules import each other by plain name, for a folder that stands on the path itself.",
        "模块之间按名称直接导入，用于文件夹本身在导入路径上的情形。",
    ),
)
@click.option(
    "--native-names",
    is_flag=True,
    help=either("Accept public names without an ASCII alias.", "对外名称可以没有英文别名。"),
)
@language_option
def command(
    paths: tuple[str, ...],
    folder: str,
    draft: bool,
    standalone: bool,
    dispatch: str | None,
    flat: bool,
    native_names: bool,
    language: Language,
) -> int:
    from policydsl import pipeline
    from policydsl.diagnostics.codes_cli import CALL_CODES, DRAFT, SAME_POLICY_NAME
    from policydsl.diagnostics.model import Diagnostic, is_error
    from policydsl.files import find_policies, read_source, write_all
    from policydsl.tasks import modules

    if dispatch is not None:
        _can_be_named(dispatch, standalone)
    found: list[Diagnostic] = []
    programs: dict[str, tuple[str, Checked]] = {}  # by module
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
        found += modules.problems(program, native_names=native_names)
        module = modules.module_name(program)
        # Compared without regard to case: on many file systems A.py and a.py are one file.
        if other := next((m for m in programs if m.lower() == module.lower()), None):
            label = _first(programs[other][1].program)
            facts = {"name": header.name.key, "file": f"{module}.py"}
            found.append(Diagnostic(SAME_POLICY_NAME, header.name.span, facts, (label,)))
        else:
            programs[module] = (source.name, checked)
    err_diagnostics(found, language)
    if any(map(is_error, found)):
        raise Stop(2 if any(d.code in CALL_CODES for d in found) else 1)
    if dispatch is not None and any(m.lower() == dispatch.lower() for m in programs):
        raise Fault(
            f"--dispatch {dispatch} is the name of a policy; choose another",
            f"--dispatch 的名称“{dispatch}”与一个政策的名称相同，请换一个",
        )
    if standalone:
        texts: Mapping[str, str] = {
            module: pipeline.compile_python(
                checked.program, source_name=short(path), standalone=True, native_names=native_names
            )
            for module, (path, checked) in programs.items()
            if checked.program is not None
        }
    else:
        texts = _together(programs, folder, dispatch, flat, native_names, language)
    written = {os.path.join(folder, f"{module}.py"): text for module, text in texts.items()}
    try:
        os.makedirs(folder, exist_ok=True)
        write_all(written)
    except OSError as error:
        raise Fault(f"cannot write to “{folder}”: {error}", f"“{folder}”无法写入：{error}") from None
    for name in written:
        out(name)
    return 0


def _together(
    programs: Mapping[str, tuple[str, Checked]],
    folder: str,
    dispatch: str | None,
    flat: bool,
    native_names: bool,
    language: Language,
) -> Mapping[str, str]:
    """The modules of all these policies, and what makes a package of the folder where they need one."""
    from policydsl.tasks import modules, standings

    checked = [c for _, c in programs.values()]
    together = modules.together(
        [(short(path), c.program) for path, c in programs.values() if c.program is not None],
        native_names=native_names,
        flat=flat,
        dispatch_as=dispatch,
        days=standings.days_in_force(checked) if dispatch is not None else (),
    )
    if isinstance(together, tuple):
        err_diagnostics(together, language)
        raise Stop(1)
    if together.left:
        names = together.left
        err(
            f"不在模块“{dispatch}”中（各政策的调用方式不同）：{'、'.join(names)}"
            if language == "zh"
            else f"not in module “{dispatch}”, because the policies are called differently: {', '.join(names)}"
        )
    if not together.packaged:
        return together.texts
    own = os.path.basename(os.path.realpath(folder))
    if not own.isidentifier():
        raise Fault(
            f"the modules import each other, and “{own}” cannot be the name of a package: "
            "name another folder, or add `--flat`",
            f"这些模块要互相导入，而“{own}”不能作包名：请换一个文件夹，或者加 `--flat`",
        )
    if os.path.exists(os.path.join(folder, "__init__.py")):
        return together.texts
    return {"__init__": "", **together.texts}


def _can_be_named(dispatch: str, standalone: bool) -> None:
    """Whether a module that chooses by the day can be called so."""
    if standalone:
        raise Fault(
            "--dispatch and --standalone do not go together: standalone modules share nothing",
            "--dispatch 不能与 --standalone 同用：独立的模块之间没有共用的内容",
        )
    if not dispatch.isidentifier() or keyword.iskeyword(dispatch) or dispatch == "__init__":
        raise Fault(
            f"“{dispatch}” cannot be the name of a module: use letters, digits and underscores, e.g. `--dispatch shandong`",
            f"“{dispatch}”不能作模块名：请用字母、数字和下划线，如 `--dispatch shandong`",
        )


def _first(program: Program | None) -> Label:
    from policydsl.diagnostics.model import Label, Words

    assert program is not None
    return Label(program.header.name.span, Words("the first is here", "第一个在这里"))


def short(path: str) -> str:
    """What the module calls its source: folder and file, so that it does not matter from where we are run."""
    parts = os.path.normpath(path).replace(os.sep, "/").split("/")[-2:]
    return "/".join(p for p in parts if p not in ("..", ""))
