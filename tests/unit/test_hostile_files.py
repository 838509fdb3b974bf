"""Files made to harm: deep, endless, multiplying or mutilated; each is refused with its reason, in bounded memory."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from birge.errors import BirgeError, InputError
from birge.plan import load
from birge.plan.table.files import opened
from birge.plan.table.xlsx import read as read_sheets
from birge.store.evidence import media_of
from birge.store.package import DESCRIPTOR, read_package

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>'
ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join([f'*{b}'] * 9)}]\n" for b, c in zip("abcdefghi", "bcdefghij", strict=True)
)
FOREIGN = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def workbook() -> dict[str, bytes]:
    """Return the parts of a small workbook."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("Birge").write_row(0, 0, ["birge-report-1", "r", "desk", "en"])
    with zipfile.ZipFile(out) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """Return parts as an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        ALIASES,
        "a: &a\n  b: *a\n",
        "a: " + "[" * 10_000 + "]" * 10_000,
        "a: " + "{b: " * 10_000 + "}" * 10_000,
        "a: !!python/object/apply:os.system ['true']\n",
        "? " * 3_000 + "x",
        "a: \ud7ff\x07\n",
    ],
    ids=["laughs", "itself", "deep list", "deep map", "object", "deep key", "control"],
)  # fmt: skip
def test_a_plan_that_is_a_bomb_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError):
        load(path)


@pytest.mark.parametrize("declared", [BOMB, FOREIGN], ids=["laughs", "foreign"])
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_workbook_with_entities_is_refused_by_every_reader(tmp_path: Path, declared: str, part: str) -> None:
    parts = workbook()
    body = parts[part].decode().partition("?>")[2]
    name = "&l9;" if declared == BOMB else "&e;"
    parts[part] = (declared + body.replace("birge-report-1", name).replace("Birge", name)).encode()
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(parts))
    with pytest.raises(InputError), opened(path) as (_, package):
        read_sheets(package)
    with pytest.raises(InputError, match="declares"):
        media_of(path.read_bytes())


@pytest.mark.parametrize("deep", ["[" * 10_000 + "]" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000])
@pytest.mark.parametrize("where", ["descriptor", "resource"])
def test_a_deep_package_is_refused(tmp_path: Path, deep: str, where: str) -> None:
    import json

    from birge.store.package import resource

    path = tmp_path / "a.zip"
    content = f'[{{"id": "x", "payload": {deep}}}]'.encode()
    told = {"birge": {"format": 1, "content": "release"}, "resources": [resource("data/event.json", content)]}
    text = json.dumps(told) if where == "resource" else f'{{"birge": {deep}, "resources": []}}'
    parts = {DESCRIPTOR: text.encode()} | ({"data/event.json": content} if where == "resource" else {})
    path.write_bytes(packed(parts))
    with pytest.raises(BirgeError):
        read_package(path, "release").rows("data/event.json")


@pytest.mark.parametrize(
    "name", ["../a.json", "/etc/a", "data/../../a.json", "data\\a.json", "files/x", "data/a.json\n"]
)
def test_a_package_that_names_a_place_outside_is_refused(tmp_path: Path, name: str) -> None:
    import json

    from birge.store.package import resource

    path = tmp_path / "a.zip"
    told = {"birge": {"format": 1, "content": "release"}, "resources": [resource(name, b"[]")]}
    path.write_bytes(packed({DESCRIPTOR: json.dumps(told).encode(), name: b"[]"}))
    with pytest.raises(BirgeError):
        read_package(path, "release")


def test_whatever_is_broken_in_an_archive_is_told_and_never_a_traceback(tmp_path: Path) -> None:
    whole = packed(workbook())
    dice = random.Random(20261125)
    path = tmp_path / "a.xlsx"
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            broken[dice.randrange(4, len(broken))] = dice.randrange(256)
        cut = bytes(broken[: dice.randint(20, len(broken))] if dice.random() < 0.2 else broken)
        path.write_bytes(cut)
        for reader in (
            lambda: media_of(path.read_bytes()),
            lambda: _sheets(path),
            lambda: read_package(path, "release"),
        ):
            try:
                reader()
            except BirgeError:
                continue


def _sheets(path: Path) -> None:
    with opened(path) as (kind, package):
        assert kind == "xlsx"
        read_sheets(package)
