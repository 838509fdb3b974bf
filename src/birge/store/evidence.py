"""Files by hash, outside of any folder a web server shows.

A file comes in as a stream with a cap; its kind is told from its first bytes, not from its name. Archives (DOCX, XLSX)
are refused where they unpack to more than a cap or a ratio, before anything is unpacked.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from birge.errors import InputError
from birge.store.errors import Broken, Missing

__all__ = ["CAP", "Files", "Kept", "media_of"]

CAP = 25_000_000
UNPACKED_CAP = 200_000_000
RATIO_CAP = 100
PARTS_CAP = 5_000
CHUNK = 1 << 20
BROKEN = (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError, OverflowError)
ALLOWED = "PDF, PNG, JPEG, DOCX, XLSX, UTF-8 text"


@dataclass(frozen=True)
class Kept:
    """A file as kept: its SHA-256, its size in bytes, its media type."""

    hash: str
    size: int
    media: str


@dataclass(frozen=True)
class Files:
    """The folder of the files; a file's name there is its hash."""

    root: Path

    def path(self, name: str) -> Path:
        """Return where the file with the hash `name` lies."""
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise Missing("a file is named by its SHA-256", hash=name[:80])
        return self.root / name[:2] / name

    def keep(self, stream: BinaryIO, cap: int = CAP) -> Kept:
        """Take in a file of at most `cap` bytes; raises InputError if it is too big or of a kind that is not taken."""
        data = io.BytesIO()
        while chunk := stream.read(CHUNK):
            if data.tell() + len(chunk) > cap:
                raise InputError.at("file", "file-size", f"larger than {cap:,} bytes", "send a smaller file")
            data.write(chunk)
        content = data.getvalue()
        kept = Kept(hashlib.sha256(content).hexdigest(), len(content), media_of(content))
        self.write(kept.hash, content)
        return kept

    def write(self, name: str, content: bytes) -> None:
        """Write a file under its hash; it is whole or absent, whatever happens meanwhile."""
        target = self.path(name)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.parent / f".{uuid4().hex}"
        with part.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)

    def read(self, name: str) -> bytes:
        """Return a file; raises Missing if it is not there and Broken if it is not what its name says."""
        try:
            content = self.path(name).read_bytes()
        except FileNotFoundError as error:
            raise Missing(f"the file {name} is not here", hash=name) from error
        if hashlib.sha256(content).hexdigest() != name:
            raise Broken(f"the file {name} was changed", hash=name)
        return content


def media_of(content: bytes) -> str:
    """Return the media type by the file's bytes; raises InputError for a kind that is not taken."""
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    lead = text.lstrip("\ufeff \t\r\n")[:20].lower()
    if not text.strip() or "\0" in text or lead.startswith("<"):
        raise InputError.at("file", "file-kind", "not a kind that is taken", f"send {ALLOWED}")
    return "text/plain"


def _office(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = [(i.file_size, i.compress_size) for i in archive.infolist()]
            names = set(archive.namelist())
    except BROKEN as error:
        raise InputError.at("file", "file-broken", "the archive is damaged", "send the file again") from error
    whole = sum(size for size, _ in sizes)
    if whole > UNPACKED_CAP or whole > RATIO_CAP * max(len(content), 1):
        raise InputError.at("file", "file-bomb", f"unpacks to {whole:,} bytes", "send a file without padding")
    if len(sizes) > PARTS_CAP or len(names) != len(sizes):
        what = f"{len(sizes):,} parts, or two of one name"
        raise InputError.at("file", "file-parts", what, "save it again in an office program")
    if part := _declares(content):
        raise InputError.at("file", "file-doctype", f"{part} declares a document type", "save it again")
    if any("vbaProject" in n for n in names):
        raise InputError.at("file", "file-macro", "the file holds macros", "save it without macros")
    if "word/document.xml" in names:
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    if "xl/workbook.xml" in names:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    raise InputError.at("file", "file-kind", "an archive that is neither DOCX nor XLSX", f"send {ALLOWED}")


def _declares(content: bytes) -> str | None:
    """Return the part that declares a document type, by which few bytes become many or other files are read."""
    marks = ["<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be")]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if not info.filename.lower().endswith((".xml", ".rels")):
                    continue
                with archive.open(info) as part:
                    last = b""
                    while chunk := part.read(CHUNK):
                        if any(m in last + chunk for m in marks):
                            return info.filename
                        last = chunk[-32:]
    except (*BROKEN, zlib.error, RuntimeError) as error:
        raise InputError.at("file", "file-broken", "the archive is damaged", "send the file again") from error
    return None
