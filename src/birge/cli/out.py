"""Files that commands write where `--out` says."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_out"]


def write_out(path: Path, content: str | bytes) -> None:
    """Write a file; raises InputError where it cannot be written."""
    from birge.errors import InputError

    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise InputError.at("--out", "file-unwritable", message, "name a file in a folder that exists") from error
