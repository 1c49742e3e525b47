"""Which policy files does a path mean, and what text do they hold? Every file is opened and written here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from policydsl.diagnostics import codes_cli as codes
from policydsl.diagnostics.model import Code, Diagnostic, Fact, Words
from policydsl.source import Source, Span

#: The most bytes that a policy may have.
LIMIT = 512 * 1024

SUFFIX = ".pol"


def read_source(path: str) -> Source | Diagnostic:
    """The text of the policy file at `path` (UTF-8, with or without a byte order mark), or why there is none."""
    data = read_bytes(path)
    return data if isinstance(data, Diagnostic) else decode(path, data)


def read_bytes(path: str) -> bytes | Diagnostic:
    """The bytes at `path`, at most `LIMIT` of them."""
    try:
        with open(path, "rb") as file:
            data = file.read(LIMIT + 1)
    except FileNotFoundError:
        return _whole_file(codes.FILE_MISSING, path)
    except IsADirectoryError:
        return _whole_file(codes.FILE_IS_FOLDER, path)
    except (OSError, ValueError) as error:
        if os.path.isdir(path):  # Windows answers PermissionError for a folder
            return _whole_file(codes.FILE_IS_FOLDER, path)
        return _whole_file(codes.FILE_UNREADABLE, path, {"reason": _reason(error)})
    if len(data) > LIMIT:
        return _whole_file(codes.FILE_TOO_LARGE, path, {"limit": LIMIT // 1024})
    return data


def decode(path: str, data: bytes) -> Source | Diagnostic:
    """`data` as the text of the file called `path`."""
    try:
        return Source(path, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        at = error.start
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _whole_file(codes.NOT_UTF8_UTF16, path)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return _whole_file(codes.NOT_TEXT, path, {"offset": at + 1})
    first = next(i for i, character in enumerate(text) if not character.isascii())
    span = Span(Source(path, text), first, first + 1)
    return Diagnostic(codes.NOT_UTF8_GB18030, span, {"path": path})


def find_policies(paths: Iterable[str]) -> Iterator[str | Diagnostic]:
    """The policy files that `paths` mean, each once: files as they are, folders with all that is in them.

    The files of a folder come sorted by path. Hidden folders are passed over.
    """
    seen: set[str] = set()
    for path in paths:
        for found in _meant_by(path):
            if isinstance(found, str):
                real = os.path.realpath(found)
                if real in seen:
                    continue
                seen.add(real)
            yield found


def write_all(files: Mapping[str, str]) -> None:
    """Write every text under its path, as UTF-8: each is complete on disk before any takes its final name.

    Raises OSError; then no temporary file is left.
    """
    written: list[tuple[str, str]] = []
    try:
        for path, text in files.items():
            temporary = f"{path}.{os.getpid()}.tmp"
            written.append((temporary, path))
            with open(temporary, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        while written:
            os.replace(*written[0])
            written.pop(0)
    finally:
        for temporary, _ in written:
            if os.path.exists(temporary):
                os.unlink(temporary)


def _meant_by(path: str) -> Iterable[str | Diagnostic]:
    if os.path.isdir(path):
        return _in_folder(path)
    if "*" in path and not os.path.exists(path):  # the shell of Windows hands patterns on as they are
        from glob import glob

        return sorted(glob(path)) or (path,)
    return (path,)


def _in_folder(path: str) -> Iterator[str | Diagnostic]:
    found: list[str] = []
    refused: list[Diagnostic] = []

    def refuse(error: OSError) -> None:
        refused.append(_whole_file(codes.FILE_UNREADABLE, error.filename or path, {"reason": _reason(error)}))

    for folder, folders, names in os.walk(path, onerror=refuse):
        folders[:] = [f for f in folders if not f.startswith(".")]
        found += [os.path.join(folder, n) for n in names if n.endswith(SUFFIX) and not n.startswith(".")]
    yield from refused
    yield from sorted(found)
    if not found and not refused:
        yield _whole_file(codes.NO_POLICIES, path)


def _whole_file(code: Code, path: str, facts: Mapping[str, Fact] | None = None) -> Diagnostic:
    return Diagnostic(code, Span(Source(path, ""), 0, 0), {"path": path, **(facts or {})})


def _reason(error: OSError | ValueError) -> Words:
    if isinstance(error, PermissionError):
        return Words("permission denied", "没有权限")
    words = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Words(words.lower(), words)
