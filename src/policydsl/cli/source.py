"""`policydsl source`: which figures of a notice does its policy encode, and what was verified of its quotes?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import format_option, language_option, sources_option
from policydsl.cli.console import Fault, Stop, either, err_diagnostics, has_colour, out, out_json
from policydsl.cli.sources import shown
from policydsl.cli.writing import write_or_fault

if TYPE_CHECKING:
    from policydsl.cli.sources import Texts
    from policydsl.diagnostics.model import Diagnostic, Language
    from policydsl.source import Source
    from policydsl.syntax.ast import File


@click.command(
    "source",
    help=either(
        "Print the notice of a policy: what is encoded, what is left out, and the figures that nothing uses.",
        "显示政策文件所依据的原文：已编入的、不编入的，以及没有处理的数。",
    ),
)
@click.argument("paths", nargs=-1, required=True)
@sources_option
@format_option("text", "json", "html")
@language_option
@click.option(
    "--update",
    is_flag=True,
    help=either(
        "Check the quotes and record in sources.lock what was verified, instead of printing.",
        "核对摘引，将核对结果记入sources.lock，不显示原文。",
    ),
)
def command(
    paths: tuple[str, ...], sources: tuple[str, ...], form: str, language: Language, update: bool
) -> int:
    from policydsl.cli.sources import Texts
    from policydsl.tasks import coverage

    texts = Texts(sources)
    read = _read(paths, texts, language)
    if update:
        return _update(paths, read, texts, language)
    groups = _by_notice(read, texts)
    if form == "html" and len(groups) > 1:
        raise Fault("`--format html` makes a page of one notice", "`--format html` 一次只生成一份原文的网页")
    covered = [coverage.covered(files, notice) for notice, files in groups]
    if form == "json":
        pages = [coverage.as_json(c) for c in covered]
        out_json(pages[0] if len(pages) == 1 else pages)
    elif form == "html":
        sys.stdout.write(coverage.as_html(covered[0], language))
    else:
        colour = has_colour(sys.stdout)
        sys.stdout.write("\n".join(coverage.as_text(c, language, colour=colour) for c in covered))
    return int(any(c.coverage.unused for c in covered))


def _by_notice(read: list[tuple[str, File, Source]], texts: Texts) -> list[tuple[Source, list[File]]]:
    """The notices in their order, each with all policies made from it: those that were named, and those that the
    lock knows to be made from the same text."""
    from policydsl import pipeline
    from policydsl.diagnostics.model import Diagnostic, is_error
    from policydsl.files import read_source
    from policydsl.tasks.locks import text_name

    groups: dict[str, tuple[Source, dict[str, File]]] = {}
    for path, file, notice in read:
        groups.setdefault(notice.name, (notice, {}))[1][os.path.abspath(path)] = file
    for path, file, notice in read:
        lock = texts.lock_of(path)
        entries = texts.lock(lock) if lock is not None else {}
        if lock is None or isinstance(entries, Diagnostic):
            continue
        others = (
            os.path.join(os.path.dirname(lock), k) for k, e in entries.items() if e.text == text_name(file)
        )
        for other in others:
            source = (
                read_source(shown(other)) if os.path.abspath(other) not in groups[notice.name][1] else None
            )
            if source is None or isinstance(source, Diagnostic):
                continue
            more, problems = pipeline.read(source)
            if not any(map(is_error, problems)) and text_name(more) == text_name(file):
                groups[notice.name][1][os.path.abspath(other)] = more
    return [(notice, list(files.values())) for notice, files in groups.values()]


def _read(paths: tuple[str, ...], texts: Texts, language: Language) -> list[tuple[str, File, Source]]:
    """Each policy that is meant, as it was read, and the text of its notice; what cannot be read ends the call."""
    from policydsl import pipeline
    from policydsl.diagnostics.codes_cli import CALL_CODES
    from policydsl.diagnostics.codes_quotes import NOTICE_MISSING
    from policydsl.diagnostics.model import Diagnostic, Words, is_error
    from policydsl.files import find_policies, read_source
    from policydsl.source import Source, Span
    from policydsl.tasks.locks import text_name

    found: list[tuple[str, File, Source]] = []
    wrong: list[Diagnostic] = []
    for path in find_policies(paths):
        source = path if isinstance(path, Diagnostic) else read_source(path)
        if isinstance(source, Diagnostic) or isinstance(path, Diagnostic):
            wrong.append(source if isinstance(source, Diagnostic) else path)  # type: ignore[arg-type]
            continue
        file, problems = pipeline.read(source)
        errors = [d for d in problems if is_error(d)]
        if errors:
            wrong += errors
            continue
        name = text_name(file)
        notice = texts.text(path, name) if name is not None else None
        if notice is None:
            if name is None:
                where = Words("its header names none (`text`)", "文件开头没有写明（`原文`）")
            elif not texts.folders(path):
                where = Words("no folder of texts is named", "没有指出原文所在文件夹")
            else:
                where = Words(f"no folder has {name}", f"文件夹中没有 {name}")
            notice = Diagnostic(NOTICE_MISSING, Span(Source(path, ""), 0, 0), {"file": path, "where": where})
        if isinstance(notice, Diagnostic):
            wrong.append(notice)
        else:
            found.append((path, file, notice))
    if wrong:
        err_diagnostics(wrong, language)
        raise Stop(2 if any(d.code in (*CALL_CODES, NOTICE_MISSING) for d in wrong) else 1)
    return found


def _update(
    paths: tuple[str, ...], read: list[tuple[str, File, Source]], texts: Texts, language: Language
) -> int:
    """Record every policy in its lock, all of them or none; what no longer exists is left out of the locks."""
    from policydsl import pipeline
    from policydsl.cli.sources import LOCK, key
    from policydsl.diagnostics.codes_quotes import HANT_MISSING
    from policydsl.diagnostics.model import Diagnostic, is_error
    from policydsl.tasks import locks

    wrong: list[Diagnostic] = []
    entries: dict[str, dict[str, object]] = {}
    for path, file, notice in read:
        found = pipeline.quote_problems(file, notice, locking=True)
        wrong += [d for d in found if is_error(d) or d.code is HANT_MISSING]
        lock = texts.lock_of(path) or os.path.join(_home(path, paths), LOCK)
        if lock not in entries:
            before = texts.lock(lock) if os.path.exists(lock) else {}
            if isinstance(before, Diagnostic):
                wrong.append(before)
                before = {}
            folder = os.path.dirname(os.path.abspath(lock))
            entries[lock] = {k: e for k, e in before.items() if os.path.exists(os.path.join(folder, k))}
        entries[lock][key(path, lock)] = locks.entry(file, notice)
    if wrong:
        err_diagnostics(wrong, language)
        raise Fault("nothing was recorded", "没有写入任何记录", status=1)
    write_or_fault({lock: locks.written(made) for lock, made in entries.items()})  # type: ignore[arg-type]
    for lock, made in entries.items():
        out(
            f"{shown(lock)}：记录了{len(made)}个政策文件"
            if language == "zh"
            else f"{shown(lock)}: {len(made)} polic{'y' if len(made) == 1 else 'ies'} recorded"
        )
    return 0


def _home(path: str, paths: tuple[str, ...]) -> str:
    """Where a first lock is made: in the folder that was named, else beside the policy."""
    whole = os.path.abspath(path)
    named = [os.path.abspath(p) for p in paths if os.path.isdir(p)]
    return next((p for p in named if whole.startswith(p + os.sep)), os.path.dirname(whole))
