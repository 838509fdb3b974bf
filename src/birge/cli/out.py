"""Files that commands write where `--out` says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["write_folder", "write_out"]


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files by name into `folder`, which is made where there is none; raises InputError where it cannot be."""
    from birge.errors import InputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder}: {error.strerror}"
        raise InputError.at("--out", "folder-unwritable", message, "name another folder") from error
    for name, content in files.items():
        write_out(folder / name, content)


def write_out(path: Path, content: str | bytes) -> None:
    """Write a file; raises InputError where it cannot be written."""
    from birge.errors import InputError

    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise InputError.at("--out", "file-unwritable", message, "name a file in a folder that exists") from error
