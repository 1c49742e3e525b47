"""How does a command write its files? All of them or none, and a file that cannot be written is a fault of the call."""

from __future__ import annotations

from collections.abc import Mapping

from policydsl.cli.console import Fault


def write_or_fault(files: Mapping[str, str | bytes]) -> None:
    """Write every text under its path. Raises Fault when that cannot be done; then nothing is half-written."""
    from policydsl.files import reason_of, write_all

    try:
        write_all(files)
    except (OSError, ValueError) as error:
        reason, names = reason_of(error), sorted(files)
        raise Fault(
            f"cannot write “{', '.join(names)}”: {reason.en}", f"“{'、'.join(names)}”无法写入：{reason.zh}"
        ) from None
