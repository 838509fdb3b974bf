"""Open an office file only if it is one, is not too large, and does not unpack to too much."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from birge.errors import InputError

__all__ = ["MOST_BYTES", "MOST_PARTS", "MOST_UNPACKED", "opened"]

MOST_BYTES = 20 * 2**20
MOST_UNPACKED = 20 * 2**20
MOST_PARTS = 2_000
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError)
DOCTYPE = tuple("<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be"))
KINDS: dict[str, Literal["xlsx", "docx"]] = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx"}


@contextmanager
def opened(path: Path) -> Iterator[tuple[Literal["xlsx", "docx"], io.BytesIO]]:
    """Yield the kind and the bytes of the office file `path`; raises InputError with the reason where it is refused."""
    data = _bytes(path)
    where = path.name
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            kind = _kind(package, where)
    except BROKEN as error:
        raise InputError.at(where, "file-broken", str(error), "save it again as .xlsx or .docx") from error
    try:
        yield kind, io.BytesIO(data)
    except (*BROKEN, LookupError, AttributeError, TypeError, ArithmeticError, SyntaxError) as error:
        # A package whose parts contradict each other breaks the readers in many ways; it is the file that is wrong.
        what = f"the file cannot be read ({type(error).__name__}: {str(error)[:200]})"
        raise InputError.at(where, "file-broken", what, "open it in an office program and save it again") from error


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            message = f"{size / 2**20:,.0f} MB; a plan's table has at most {MOST_BYTES // 2**20} MB"
            raise InputError.at(path.name, "file-too-large", message, "take pictures and other sheets out of it")
        data = path.read_bytes()
    except OSError as error:
        what = error.strerror or str(error)
        raise InputError.at(str(path), "file-unreadable", what, "name a file that exists") from error
    if not data:
        raise InputError.at(path.name, "file-empty", "the file is empty", "export the table again")
    if data.startswith(OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise InputError.at(path.name, "file-encrypted", "the file has a password", "save it without a password")
        raise InputError.at(path.name, "file-old", "a file of Office 97-2003", "save it as .xlsx or .docx")
    if not data.startswith(b"PK"):
        raise InputError.at(path.name, "file-type", "neither XLSX nor DOCX", "save it as .xlsx or .docx")
    return data


def _kind(package: zipfile.ZipFile, where: str) -> Literal["xlsx", "docx"]:
    parts = package.infolist()
    if any(p.flag_bits & 1 for p in parts):
        raise InputError.at(where, "file-encrypted", "the file has a password", "save it without a password")
    # A part never unpacks to more than it declares: zipfile stops there and checks the sum.
    unpacked = sum(p.file_size for p in parts)
    if unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS:
        message = f"unpacks to {unpacked / 2**20:,.0f} MB in {len(parts):,} parts; at most {MOST_UNPACKED // 2**20} MB"
        raise InputError.at(where, "file-unpacks-too-large", message, "take pictures and other sheets out of it")
    names = {p.filename for p in parts}
    kinds = [kind for name, kind in KINDS.items() if name in names]
    if len(kinds) != 1:
        raise InputError.at(where, "file-type", "neither XLSX nor DOCX", "save it as .xlsx or .docx")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise InputError.at(where, "file-macros", "the file holds macros", "save it as .xlsx or .docx")
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")) and any(m in package.read(part) for m in DOCTYPE):
            raise InputError.at(where, "file-doctype", f"{part.filename} declares a document type", "export it again")
    return kinds[0]
