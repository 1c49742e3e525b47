"""`policydsl new`: how does a first policy file begin?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import language_option
from policydsl.cli.console import Fault, either, out

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language


@click.command(
    "new",
    help=either(
        "Write a commented first policy file, in English or (--lang zh) Chinese keywords.",
        "新建带说明的政策文件；加 --lang en 则用英文关键词。",
    ),
)
@click.argument("file")
@language_option
def command(file: str, language: Language) -> int:
    from importlib.resources import files

    from policydsl.files import reason_of

    text = files("policydsl.cli").joinpath(f"skeleton.{language}.pol").read_text(encoding="utf-8")
    try:
        # Mode x: an existing file is never touched, not even when it appears this very moment.
        with open(file, "x", encoding="utf-8", newline="\n") as new:
            new.write(text)
    except FileExistsError:
        raise Fault(
            f"“{file}” exists already and is left as it is; choose another name",
            f"“{file}”已经存在，未作改动；请换一个文件名",
        ) from None
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise Fault(f"“{file}” cannot be written: {reason.en}", f"“{file}”无法写入：{reason.zh}") from None
    if language == "zh":
        out(f"已新建 {file}。下一步：policydsl check {file}")
    else:
        out(f"wrote {file}; next: policydsl check {file}")
    return 0
