"""Data Packages (Frictionless): a ZIP with `datapackage.json` and resources, each with its size and SHA-256.

The same content at the same time makes the same bytes, so a package is known by its hash. Nothing is unpacked before
names, sizes and ratio are checked, and nothing is used before every hash is.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from birge.errors import InputError
from birge.store.canonical import canonical
from birge.store.errors import Broken

__all__ = ["Package", "read_package", "resource", "write_package"]

DESCRIPTOR = "datapackage.json"
DESCRIPTOR_CAP = 20_000_000
CAP = 500_000_000
RATIO_CAP = 200
SLACK = 1_000_000
EPOCH = (1980, 1, 1, 0, 0, 0)
NAME = re.compile(r"^(data/[a-z0-9_-]+\.(json|csv)|files/[0-9a-f]{64}|database\.(sqlite|dump))\Z")
CHUNK = 1 << 20
MEDIA = {"json": "application/json", "csv": "text/csv"}


@dataclass(frozen=True)
class Package:
    """A package whose names, sizes and hashes have been checked; contents are read when asked for."""

    path: Path
    hash: str
    facts: Mapping[str, Any]
    names: tuple[str, ...]

    def bytes(self, name: str) -> bytes:
        """Return a resource as it lies in the package; raises Broken if it holds none of this name."""
        if name not in self.names:
            raise Broken(f"{self.path}: holds no {name}")
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(name)

    @property
    def head(self) -> tuple[int, str]:
        """Return the number and hash of the head of the chain that the package states."""
        stated = self.facts.get("head")
        if (
            not isinstance(stated, dict)
            or not isinstance(stated.get("seq"), int)
            or not isinstance(stated.get("hash"), str)
        ):
            raise Broken(f"{self.path}: states no head of a chain")
        return stated["seq"], stated["hash"]

    def text(self, name: str) -> str:
        """Return a resource as text."""
        try:
            return self.bytes(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Broken(f"{self.path}: {name} is not UTF-8") from error

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a JSON resource; none where the package does not hold it."""
        if name not in self.names:
            return []
        try:
            rows = json.loads(self.text(name))
        except (ValueError, RecursionError) as error:
            raise Broken(f"{self.path}: {name} is no JSON") from error
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            raise Broken(f"{self.path}: {name} holds no rows")
        return rows


def resource(path: str, content: bytes | Path) -> dict[str, Any]:
    """Return the descriptor of a resource: name, path, format, size, hash."""
    suffix = path.rsplit(".", 1)[-1] if "." in path else ""
    facts: dict[str, Any] = {
        "name": re.sub(r"[^a-z0-9]+", "-", path),
        "path": path,
        "bytes": content.stat().st_size if isinstance(content, Path) else len(content),
        "hash": f"sha256:{_hash(content)}",
    }
    if suffix in MEDIA:
        facts |= {"format": suffix, "mediatype": MEDIA[suffix], "encoding": "utf-8"}
    return facts


def write_package(
    path: Path, name: str, title: str, created: str, facts: Mapping[str, Any], resources: Mapping[str, bytes | Path]
) -> str:
    """Write a package and return its SHA-256; the file is whole or absent. `facts` stand under the key `birge`."""
    if path.exists():
        raise InputError.at(str(path), "file-exists", "there is a file of this name", "choose another name")
    names = sorted(resources)
    descriptor = {
        "profile": "data-package",
        "name": name,
        "title": title,
        "created": created,
        "birge": dict(facts),
        "resources": [resource(n, resources[n]) for n in names],
    }
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(DESCRIPTOR, EPOCH), canonical(descriptor), zipfile.ZIP_DEFLATED)
            for n in names:
                _add(archive, n, resources[n])
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return _hash(path)


def read_package(path: Path, content: str, cap: int | None = CAP) -> Package:
    """Open a package that is said to hold `content` (release, export or backup), and check all of it.

    `cap` limits what it may unpack to, in bytes; None for a package of our own.

    Raises Broken if it is damaged, unsafe, or holds something else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = {i.filename: i for i in archive.infolist()}
            if len(infos) != len(archive.infolist()):
                raise Broken(f"{path}: a name stands there twice")
            whole = sum(i.file_size for i in infos.values())
            if cap is not None and (whole > cap or whole > SLACK + RATIO_CAP * path.stat().st_size):
                raise Broken(f"{path}: unpacks to {whole:,} bytes")
            if DESCRIPTOR not in infos or infos[DESCRIPTOR].file_size > DESCRIPTOR_CAP:
                raise Broken(f"{path}: no data package")
            descriptor = json.loads(archive.read(DESCRIPTOR))
            listed = {r["path"]: r for r in descriptor["resources"]}
            if set(listed) != set(infos) - {DESCRIPTOR}:
                raise Broken(f"{path}: its list and its files differ")
            for name, facts in listed.items():
                if not NAME.match(name):
                    raise Broken(f"{path}: {name!r} is no name of a resource")
                _check(path, archive, name, facts)
            facts = descriptor["birge"]
            if facts["format"] != 1 or facts["content"] != content:
                raise Broken(
                    f"{path}: holds {facts['content']}, format {facts['format']}; expected {content}, format 1"
                )
    except OSError as error:
        raise InputError.at(
            str(path), "file-unreadable", error.strerror or str(error), "name a file that exists"
        ) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        TypeError,
        ValueError,
        EOFError,
        AttributeError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise Broken(f"{path}: no data package, or damaged") from error
    return Package(path, _hash(path), facts, tuple(sorted(listed)))


def _check(path: Path, archive: zipfile.ZipFile, name: str, facts: Mapping[str, Any]) -> None:
    found = hashlib.sha256()
    size = 0
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            found.update(chunk)
            size += len(chunk)
    if size != facts["bytes"] or f"sha256:{found.hexdigest()}" != facts["hash"]:
        raise Broken(f"{path}: {name} does not have its hash")
    if name.startswith("files/") and name != f"files/{found.hexdigest()}":
        raise Broken(f"{path}: {name} is not named by its hash")


def _add(archive: zipfile.ZipFile, name: str, content: bytes | Path) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    if isinstance(content, bytes):
        archive.writestr(info, content)
        return
    with content.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            target.write(chunk)


def _hash(content: bytes | Path) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    found = hashlib.sha256()
    with content.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()
