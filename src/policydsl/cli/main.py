"""What does the command `policydsl` do first? It finds the command meant, and lets no exception out."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policydsl.cli.console import Fault
    from policydsl.diagnostics.model import Language


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit status: 0 holds, 1 the policy or case is at fault, 2 the call is.

    Without `arguments` those of the process are meant, which ends when this returns.
    """
    if arguments is not None:
        return _main(arguments)
    # A run is short and its records live as long as it: collecting garbage, during it and once more
    # at its end, would take a seventh of its time.
    gc.disable()
    try:
        return _main(sys.argv[1:])
    finally:
        gc.freeze()


def _main(arguments: list[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        from policydsl import __version__

        sys.stdout.write(f"policydsl {__version__}\n")
        return 0
    import gc

    from policydsl.cli.console import default_language, prepare_streams

    gc.set_threshold(100_000)  # a command lives shortly and makes records without cycles
    prepare_streams()
    language = _language_asked(arguments) or default_language()
    try:
        try:
            status = _run(arguments, language)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    except BrokenPipeError:
        return _reader_left()
    except Exception as error:
        return _our_fault(error, language)
    return status


def _fault(fault: Fault, language: Language) -> int:
    from policydsl.cli.console import err

    err(f"错误：{fault.zh}" if language == "zh" else f"error: {fault.en}")
    return fault.status


def _run(arguments: list[str], language: Language) -> int:
    from policydsl.cli.console import Fault

    if arguments[:1] == ["check"] and arguments[1:] and not any(a.startswith("-") for a in arguments):
        from policydsl.cli.checking import check

        try:
            return check(arguments[1:], "text", language)
        except Fault as fault:
            return _fault(fault, language)
    import click

    from policydsl.cli.commands import group, usage_words
    from policydsl.cli.console import Stop, err

    word = "错误：" if language == "zh" else "error: "
    try:
        with group.make_context("policydsl", list(arguments)) as context:
            status = group.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        err(error.ctx.get_help() if error.ctx else "")
        return 2
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        err(word + usage_words(error, language))
        return 2
    except Fault as fault:
        return _fault(fault, language)
    except Stop as stop:
        return stop.status
    return int(status or 0)


def _language_asked(arguments: list[str]) -> Language | None:
    """What `--lang` says, looked for before the arguments are read, for the errors of reading them."""
    if arguments[:1] == ["fmt"]:  # there it is the script of the keywords
        return None
    for i, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else None
        if argument == "--lang" and i + 1 < len(arguments):
            value = arguments[i + 1]
        if value == "zh":
            return "zh"
        if value == "en":
            return "en"
    return None


def _reader_left() -> int:
    """End quietly when who reads our output has gone (`policydsl check … | head -1`)."""
    import os

    # What is still buffered must not fail again when the interpreter closes the stream.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


def _our_fault(error: Exception, language: Language) -> int:
    import os

    if os.environ.get("POLICYDSL_DEBUG"):
        import traceback

        traceback.print_exc()
    from policydsl.diagnostics.codes_cli import INTERNAL_ERROR
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.diagnostics.render import one
    from policydsl.source import Source, Span

    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    diagnostic = Diagnostic(INTERNAL_ERROR, Span(Source("", ""), 0, 0), {"what": what})
    sys.stderr.write(f"{one(diagnostic, language)}\n")
    return 2
