"""Where are the text of a policy's notice and the record of what was verified? Found by folder, read once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from policydsl.cli.console import Fault
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.source import Source, Span

if TYPE_CHECKING:
    from policydsl.citations.lock import Entry, Lock
    from policydsl.diagnostics.model import Language
    from policydsl.pipeline import Checked

LOCK = "sources.lock"
_PROJECT = "pyproject.toml"
#: more than a record of a thousand policies; what is longer is cut, and then its seal does not fit
_LARGEST_LOCK = 32 * 1024 * 1024


class Texts:
    """The folders of texts and the locks of one call. `folders` are those of `--sources`; without them those that the
    nearest pyproject.toml names."""

    def __init__(self, folders: Sequence[str] = ()) -> None:
        self._folders = tuple(folders)
        self._settings: dict[str, tuple[str, ...]] = {}
        self._locks: dict[str, Lock | Diagnostic] = {}
        self._reported: set[str] = set()
        #: how many policies were judged by a lock only, by which, and how many by neither
        self.by_lock: dict[str, int] = {}
        self.unchecked = 0

    def checked(self, checked: Checked) -> Checked:
        """The same with what is wrong with the quotes of the policy, if it names its text."""
        from policydsl import pipeline

        name = checked.policy.header.text if checked.policy is not None else None
        if name is None:
            return checked
        path = checked.source.name
        notice = self.text(path, name)
        lock = self.lock_of(path)
        if isinstance(notice, Diagnostic):
            return checked.telling((notice,))
        recorded = self.entry(path, lock) if lock is not None else None
        if isinstance(recorded, Diagnostic):
            first = lock not in self._reported
            self._reported.add(lock or "")
            return checked.telling((recorded,)) if first else checked
        if notice is None:
            if recorded is None:
                self.unchecked += 1
            else:
                self.by_lock[shown(lock or "")] = self.by_lock.get(shown(lock or ""), 0) + 1
        return pipeline.with_quotes(checked, notice, recorded, shown(lock) if lock is not None else "")

    def verified(self, checked: Checked) -> Entry | None:
        """What is verified of a policy's quotes: by its text where that is at hand, else by the lock."""
        from policydsl.tasks import locks

        name = checked.policy.header.text if checked.policy is not None else None
        if name is None or checked.file is None:
            return None
        path = checked.source.name
        notice = self.text(path, name)
        if isinstance(notice, Source):
            return locks.entry(checked.file, notice)
        lock = self.lock_of(path)
        found = self.entry(path, lock) if lock is not None else None
        return None if isinstance(found, Diagnostic) else found

    def remark(self, language: Language) -> str | None:
        """One line on the policies whose quotes were not judged by their texts; None when all were."""
        zh = language == "zh"
        parts = []
        for lock, n in self.by_lock.items():
            parts.append(
                f"{n}个文件的摘引只与 {lock} 的记录核对，手头没有原文"
                if zh
                else f"the quotes of {n} file{'' if n == 1 else 's'} were compared with the record {lock} only: the "
                f"notices are not at hand"
            )
        if n := self.unchecked:
            parts.append(
                f"{n}个文件的摘引没有核对：没有原文（--sources），也没有 {LOCK} 的记录"
                if zh
                else f"the quotes of {n} file{'' if n == 1 else 's'} were not checked: there is neither the notice "
                f"(--sources) nor a record in {LOCK}"
            )
        return ("；" if zh else "; ").join(parts) or None

    # texts

    def text(self, policy: str, name: str) -> Source | Diagnostic | None:
        """The text called `name` of the policy at that path; None when no folder has it."""
        if os.path.isabs(name) or ".." in name.replace("\\", "/").split("/"):
            return None
        for folder in self.folders(policy):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                return _read(path)
        return None

    def folders(self, policy: str) -> tuple[str, ...]:
        """Where the texts of the policy at that path are looked for."""
        if self._folders:
            return self._folders
        project = _upward(policy, _PROJECT)
        if project is None:
            return ()
        if project not in self._settings:
            self._settings[project] = _settings(project)
        return self._settings[project]

    # locks

    def lock_of(self, policy: str) -> str | None:
        """The path of the nearest lock at or above the policy's folder."""
        return _upward(policy, LOCK)

    def lock(self, path: str) -> Lock | Diagnostic:
        """What the lock at that path records."""
        if path not in self._locks:
            from policydsl.diagnostics.codes_quotes import LOCK_BROKEN
            from policydsl.tasks import locks

            try:
                with open(path, encoding="utf-8") as file:
                    self._locks[path] = locks.read(shown(path), file.read(_LARGEST_LOCK))
            except (OSError, UnicodeDecodeError):
                reason = Words("it cannot be read", "读不出来")
                where = Span(Source(shown(path), ""), 0, 0)
                self._locks[path] = Diagnostic(LOCK_BROKEN, where, {"lock": shown(path), "reason": reason})
        return self._locks[path]

    def entry(self, policy: str, lock: str) -> Entry | Diagnostic | None:
        found = self.lock(lock)
        return found if isinstance(found, Diagnostic) else found.get(key(policy, lock))


def key(policy: str, lock: str) -> str:
    """What a lock calls a policy: its path from the lock's folder, with `/`."""
    folder = os.path.dirname(os.path.abspath(lock))
    return os.path.relpath(os.path.abspath(policy), folder).replace(os.sep, "/")


def shown(path: str) -> str:
    """A path as messages give it: from the current folder where it lies below that."""
    here = os.getcwd() + os.sep
    return path[len(here) :] if path.startswith(here) else path


def _upward(policy: str, name: str) -> str | None:
    """The file of that name in the policy's folder or the nearest above it, up to the top of its project."""
    folder = os.path.dirname(os.path.abspath(policy))
    while True:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder or any(os.path.exists(os.path.join(folder, top)) for top in (_PROJECT, ".git")):
            return None
        folder = above


def _settings(project: str) -> tuple[str, ...]:
    """What `sources` under `[tool.policydsl]` says, as folders."""
    try:
        with open(project, "rb") as file:
            data = file.read()
    except OSError:
        return ()
    if b"tool.policydsl" not in data:
        return ()
    import tomllib

    try:
        tool: Any = tomllib.loads(data.decode("utf-8")).get("tool", {})
        said = tool.get("policydsl", {}).get("sources", [])
    except (ValueError, AttributeError):
        raise Fault(
            f"{shown(project)} is no TOML that can be read", f"{shown(project)} 不是可以读取的TOML"
        ) from None
    folders = [said] if isinstance(said, str) else said
    if not isinstance(folders, list) or not all(isinstance(f, str) for f in folders):
        raise Fault(
            f"`sources` in {shown(project)} is a folder or a list of folders",
            f"{shown(project)} 的 `sources` 应为一个文件夹或几个文件夹的列表",
        )
    return tuple(os.path.normpath(os.path.join(os.path.dirname(project), f)) for f in folders)


def _read(path: str) -> Source | Diagnostic:
    from policydsl.diagnostics import codes_cli, codes_quotes
    from policydsl.files import LIMIT, decode, read_bytes

    data = read_bytes(path)
    found = data if isinstance(data, Diagnostic) else decode(path, data)
    if isinstance(found, Source):
        return found
    where, facts = Span(Source(path, ""), 0, 0), {"path": path}
    match found.code:
        case codes_cli.FILE_TOO_LARGE:
            return Diagnostic(codes_quotes.NOTICE_TOO_LARGE, where, {**facts, "limit": LIMIT // 1024})
        case codes_cli.NOT_UTF8_GB18030:
            reads = Words("it reads as GB18030", "按GB18030可以读出")
        case codes_cli.NOT_UTF8_UTF16:
            reads = Words("it reads as UTF-16", "按UTF-16可以读出")
        case codes_cli.NOT_TEXT:
            reads = Words("it is no text in any encoding we know", "也不是能够识别的文本")
        case _:
            return found
    return Diagnostic(codes_quotes.NOTICE_NOT_UTF8, where, {**facts, "reads": reads})
