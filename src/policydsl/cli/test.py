"""`policydsl test`: do the examples of these policies come out as their authors say?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import format_option, language_option
from policydsl.cli.console import either, err_diagnostics, out, out_json

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language
    from policydsl.examples import ExampleResult
    from policydsl.ir import Program
    from policydsl.results import Json

#: The name and version of the form of `--format json`.
SCHEMA = "policydsl-test/1"


@click.command(
    "test",
    help=either(
        "Run the examples of policy files, or of all *.pol in folders.",
        "核对政策文件（或文件夹中全部 *.pol）中的举例。",
    ),
)
@click.argument("paths", nargs=-1, required=True)
@format_option("text", "json")
@language_option
def command(paths: tuple[str, ...], form: str, language: Language) -> int:
    from policydsl import pipeline
    from policydsl.cli import failures
    from policydsl.diagnostics.codes_cli import CALL_CODES
    from policydsl.diagnostics.model import Diagnostic, is_error
    from policydsl.files import find_policies, read_source

    refused: list[Diagnostic] = []  # what cannot be tested at all
    tested: list[tuple[str, Program, tuple[ExampleResult, ...]]] = []
    unfit = 0
    for path in find_policies(paths):
        source = path if isinstance(path, Diagnostic) else read_source(path)
        if isinstance(source, Diagnostic):
            refused.append(source)
            unfit += source.code not in CALL_CODES
            continue
        checked = pipeline.check(source)
        if checked.program is None:
            refused += filter(is_error, checked.diagnostics)
            unfit += 1
        else:
            tested.append((source.name, checked.program, pipeline.test(checked.program)))
    err_diagnostics(refused, language)
    results = [r for _, _, found in tested for r in found]
    failed = sum(not r.passed for r in results)
    if form == "json":
        files: list[Json] = [
            {
                "file": name,
                "policy": program.header.name.key,
                "examples": [failures.example_json(program, r, language) for r in found],
            }
            for name, program, found in tested
        ]
        out_json(
            {
                "schema": SCHEMA,
                "files": files,
                "summary": {"passed": len(results) - failed, "failed": failed, "files not tested": unfit},
            }
        )
    else:
        for name, program, found in tested:
            for result in found:
                if not result.passed:
                    out(failures.failure_text(name, program, result, language) + "\n")
        if tested or unfit:
            out(_summary(len(tested), len(results), failed, unfit, language))
    if any(d.code in CALL_CODES for d in refused):
        return 2
    return int(bool(failed or unfit))


def _summary(files: int, examples: int, failed: int, unfit: int, language: Language) -> str:
    if language == "zh":
        words = f"核对了{files}个文件的{examples}个举例：{examples - failed}个相符"
        words += f"，{failed}个不符" if failed else ""
        return words + (f"；另有{unfit}个文件有错误，未核对" if unfit else "")
    words = f"{examples} example{'' if examples == 1 else 's'} in {files} file{'' if files == 1 else 's'}: "
    words += f"{examples - failed} passed" + (f", {failed} failed" if failed else "")
    return words + (f"; {unfit} file{'' if unfit == 1 else 's'} with errors not tested" if unfit else "")
