"""Two installations that exchange by file only: nothing private goes out, nothing comes in unseen."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from birge.errors import InputError
from birge.plan import load, plan_hash
from birge.plan.schema import State
from birge.store import plans
from birge.store.agreement import standing_plan
from birge.store.audit import verify
from birge.store.council import convene, points, sign, signing_of, unsign, withdraw
from birge.store.errors import Broken, Denied
from birge.store.kinds import (
    KINDS,
    Answer,
    Comment,
    Council,
    Letter,
    Meeting,
    Point,
    Progress,
    Round,
    Run,
    ScenarioRecord,
    Signing,
    Translation,
)
from birge.store.package import read_package
from birge.store.progress import attach, report, standing
from birge.store.records import create, edit, listing, publish, read, retire, share, submit, take_back, versions
from birge.store.registry import ANYONE, Registry
from birge.store.release import apply, receive, release
from birge.store.transfer import export
from tests.store.registries import SMALL

TODAY = date(2026, 9, 1)
CANARY = "canary-7f3a"


@pytest.fixture
def geo(make: Callable[..., Registry]) -> Registry:
    """The installation of the first side."""
    return make("GEO")


@pytest.fixture
def arm(make: Callable[..., Registry]) -> Registry:
    """The installation of the other side."""
    return make("ARM")


def say(item: str, state: State = State.IN_PROGRESS, **more: Any) -> Progress:
    return Progress(item=item, reported=more.pop("reported", TODAY), state=state, **more)


def send(registry: Registry, path: Path) -> str:
    with registry.desk(f"secretariat-{registry.setting('side').lower()}") as desk:
        return release(desk, path)


def take(registry: Registry, path: Path) -> Any:
    with registry.desk(f"secretariat-{registry.setting('side').lower()}") as desk:
        return apply(desk, path)


def agreed(registry: Registry) -> str | None:
    with registry.view(f"viewer-{registry.setting('side').lower()}") as desk:
        stand = standing_plan(desk.connection, TODAY)
        return stand.digest if stand and stand.agreed else None


def test_both_sides_come_to_hold_the_same_agreed_plan(geo: Registry, arm: Registry, tmp_path: Path) -> None:
    with geo.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, load(SMALL)[0], date(2026, 1, 1)).id
    send(geo, tmp_path / "1.zip")
    with arm.view("viewer-arm") as desk:
        seen = receive(desk, tmp_path / "1.zip")
        assert [(i.state, i.kind) for i in seen.items] == [("new", "plan")]
        assert listing(desk, "plan") == []
    take(arm, tmp_path / "1.zip")
    with arm.desk("approver-arm") as desk:
        plans.confirm(desk, ident)
    with geo.desk("approver-geo") as desk:
        plans.confirm(desk, ident)
    assert agreed(geo) is None
    assert agreed(arm) is None
    send(arm, tmp_path / "2.zip")
    send(geo, tmp_path / "3.zip")
    assert [i.kind for i in take(geo, tmp_path / "2.zip").of("new")] == ["confirmation"]
    receipt = take(arm, tmp_path / "3.zip")
    assert [i.kind for i in receipt.of("new")] == ["confirmation"]
    assert [i.kind for i in receipt.of("equal")] == ["plan"]
    assert agreed(geo) == agreed(arm) == plan_hash(load(SMALL)[0])
    send(geo, tmp_path / "4.zip")
    with arm.view("viewer-arm") as desk:
        again = receive(desk, tmp_path / "4.zip")
    assert again.agreed == agreed(arm)
    assert {i.state for i in again.items} == {"equal"}
    for registry in (geo, arm):
        with registry.view(f"viewer-{registry.setting('side').lower()}") as desk:
            assert verify(desk.connection) == []


@pytest.fixture
def exchanged(geo: Registry, arm: Registry, tmp_path: Path) -> tuple[Registry, Registry]:
    """Both installations after they have agreed on the plan."""
    with geo.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, load(SMALL)[0], date(2026, 1, 1)).id
    with geo.desk("approver-geo") as desk:
        plans.confirm(desk, ident)
    send(geo, tmp_path / "plan.zip")
    take(arm, tmp_path / "plan.zip")
    with arm.desk("approver-arm") as desk:
        plans.confirm(desk, ident)
    send(arm, tmp_path / "yes.zip")
    take(geo, tmp_path / "yes.zip")
    return geo, arm


def test_no_draft_comment_or_internal_run_is_in_any_package(
    exchanged: tuple[Registry, Registry], tmp_path: Path
) -> None:
    geo, arm = exchanged
    with geo.desk("secretariat-geo") as desk:
        secret = attach(desk, io.BytesIO(f"{CANARY} draft file".encode()), f"{CANARY}.txt")
        proof = attach(desk, io.BytesIO(b"an act that goes out"), "act.txt")
        out = report(desk, say("draft", text={"en": "goes out"}, evidence=(proof,)))
        share(desk, out.id, 1)
        edit(desk, out.id, 1, say("draft", text={"en": f"{CANARY} newer draft"}, evidence=(secret,)))
        report(desk, say("open", text={"en": f"{CANARY} submitted only"}))
        report(desk, say("one", text={"en": f"{CANARY} draft"}), draft=True)
        note = create(desk, "comment", Comment(id=str(uuid4()), on="draft", text=f"{CANARY} comment"))
        submit(desk, note.id, 1)
        document = {"odds": 0.381966, "note": CANARY, "computed": f"{CANARY} status"}
        run = Run(plan_hash="0" * 64, as_of=TODAY, seed=1, draws=10, release="test", document=document)
        submit(desk, create(desk, "run", run).id, 1)
        create(desk, "scenario", ScenarioRecord(id="low-water", document={"note": CANARY}))
        create(desk, "round", Round(id="r1", opened=TODAY, closes=TODAY, organisations=("desk",)))
        letter = Letter(number=f"{CANARY}-12", date=TODAY)
        create(
            desk,
            "answer",
            Answer(round="r1", organisation="desk", letter=letter, entered=TODAY, reports=(), file=secret),
        )
        create(
            desk, "text", Translation(of="one", field="title", lang="ru", text=CANARY, state="machine", source="0" * 64)
        )
        gone = create(desk, "council", Council(id="gone", title={"en": f"{CANARY} old wording"}, body="other"))
        submit(desk, gone.id, 1)
        second = edit(desk, gone.id, 1, Council(id="gone", title={"en": "new wording"}, body="other"))
        share(desk, submit(desk, gone.id, second.version).id, 2)
    send(geo, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        contents = {n: archive.read(n) for n in archive.namelist()}
    for name, content in contents.items():
        for private in (CANARY, "0.381966", "secretariat-geo", "approver-geo", "low-water"):
            assert private.encode() not in content, (name, private)
    assert b"goes out" in b"".join(contents.values())
    assert f"files/{proof.hash}" in contents
    assert f"files/{secret.hash}" not in contents
    take(arm, tmp_path / "out.zip")
    with arm.view("viewer-arm") as desk:
        assert read(desk, out.id).payload.text == {"en": "goes out"}
        assert desk.files.read(proof.hash) == b"an act that goes out"
        assert [r.payload.title for r in listing(desk, "council")] == [{"en": "new wording"}]


def test_updated_equal_and_contested_are_told_apart_before_anything_is_applied(
    exchanged: tuple[Registry, Registry], tmp_path: Path
) -> None:
    geo, arm = exchanged
    with geo.desk("secretariat-geo") as desk:
        ours = Point(meeting="m-1", number="1", text={"ru": "до 1 июня"})
        share(desk, submit(desk, create(desk, "point", ours).id, 1).id, 1)
        same = Point(meeting="m-1", number="2", text={"ru": "согласовано"})
        share(desk, submit(desk, create(desk, "point", same).id, 1).id, 1)
        said = report(desk, say("draft", State.DONE, finished=TODAY))
        share(desk, said.id, 1)
    send(geo, tmp_path / "a.zip")
    with arm.desk("secretariat-arm") as desk:
        theirs = ours.model_copy(update={"text": {"ru": "до 1 июля"}})
        mine = create(desk, "point", theirs)
        submit(desk, mine.id, 1)
        submit(desk, create(desk, "point", same).id, 1)
        report(desk, say("draft", State.IN_PROGRESS))
        before = [r.payload for r in listing(desk, "point")]
        seen = receive(desk, tmp_path / "a.zip")
        assert [(i.kind, i.key) for i in seen.of("contested")] == [
            *sorted([("point", "m-1:1"), ("progress", "draft@2026-09-01:side")], key=lambda k: _order(seen, k))
        ]
        assert [(i.kind, i.key) for i in seen.of("new")] == [("point", "m-1:2")]
        contested = next(i for i in seen.of("contested") if i.kind == "point")
        assert contested.ours is not None
        assert (contested.ours["text"], contested.theirs["text"]) == (theirs.text, ours.text)
        assert [r.payload for r in listing(desk, "point")] == before
    take(arm, tmp_path / "a.zip")
    with arm.view("viewer-arm") as desk:
        assert len(listing(desk, "point", key="m-1:1")) == 2
        assert read(desk, mine.id).payload == theirs
        assert [s.agree for s in standing(desk, TODAY)] == [False]
    with geo.desk("secretariat-geo") as desk:
        edit(desk, said.id, 1, say("draft", State.IN_PROGRESS))
        share(desk, submit(desk, said.id, 2).id, 2)
    send(geo, tmp_path / "b.zip")
    with arm.view("viewer-arm") as desk:
        seen = receive(desk, tmp_path / "b.zip")
        assert [i.kind for i in seen.of("updated")] == ["progress"]
        assert len(seen.of("equal")) == 4
    take(arm, tmp_path / "b.zip")
    with arm.view("viewer-arm") as desk:
        assert [r.version for r in versions(desk, said.id)] == [2]
        assert {i.state for i in receive(desk, tmp_path / "a.zip").items} == {"equal", "older"}


def _order(seen: Any, key: tuple[str, str]) -> int:
    return [(i.kind, i.key) for i in seen.items].index(key)


def test_what_is_sent_back_comes_as_contested(geo: Registry, arm: Registry, tmp_path: Path) -> None:
    with geo.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, load(SMALL)[0], date(2026, 1, 1)).id
    send(geo, tmp_path / "a.zip")
    take(arm, tmp_path / "a.zip")
    with arm.desk("approver-arm") as desk:
        plans.confirm(desk, ident, sent_back=True, note={"en": "whose statistics?"})
    send(arm, tmp_path / "b.zip")
    (item,) = take(geo, tmp_path / "b.zip").items
    assert (item.state, item.reason) == ("contested", "sent back")
    assert item.theirs["note"] == {"en": "whose statistics?"}


def test_a_retired_record_is_gone_on_both_sides(exchanged: tuple[Registry, Registry], tmp_path: Path) -> None:
    geo, arm = exchanged
    with geo.desk("secretariat-geo") as desk:
        made = create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other"))
        share(desk, submit(desk, made.id, 1).id, 1)
    send(geo, tmp_path / "a.zip")
    take(arm, tmp_path / "a.zip")
    with geo.desk("secretariat-geo") as desk:
        retire(desk, made.id, 1)
        share(desk, submit(desk, made.id, 2).id, 2)
    with geo.desk("approver-geo") as desk:
        publish(desk, made.id, 2)
    send(geo, tmp_path / "b.zip")
    take(arm, tmp_path / "b.zip")
    with arm.view("viewer-arm") as desk:
        assert listing(desk, "council") == []
        assert read(desk, made.id).level == "public"
        assert verify(desk.connection) == []


def test_the_other_side_witnesses_a_rewritten_chain(exchanged: tuple[Registry, Registry], tmp_path: Path) -> None:
    geo, arm = exchanged
    send(arm, tmp_path / "a.zip")
    with geo.view("viewer-geo") as desk:
        assert receive(desk, tmp_path / "a.zip").witness == "holds"
    _rewrite(geo)
    with geo.view("viewer-geo") as desk:
        assert verify(desk.connection) == []
        assert receive(desk, tmp_path / "a.zip").witness == "broken"
    assert arm.setting("side") == "ARM"


def _rewrite(registry: Registry) -> None:
    """Write the whole chain anew with another user name, consistently, as somebody with the database could."""
    from sqlalchemy import select

    from birge.store.canonical import canonical, digest
    from birge.store.engine import writing
    from birge.store.tables import audit

    with writing(registry.engine) as connection:
        rows = connection.execute(select(audit).order_by(audit.c.seq)).fetchall()
        if registry.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        connection.execute(audit.delete())
        previous = ""
        for row in rows:
            entry = json.loads(row.entry) | {"previous": previous}
            entry["user"] = entry["user"].replace("secretariat", "somebody")
            text = canonical(entry)
            previous = digest(text)
            connection.execute(audit.insert().values(seq=row.seq, entry=text, hash=previous))


def _forged(path: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write a package with changed contents and right hashes: an untruthful sender, not a damaged file."""
    from birge.store.package import write_package

    with zipfile.ZipFile(path) as archive:
        contents = {n: archive.read(n) for n in archive.namelist()}
    descriptor = json.loads(contents.pop("datapackage.json"))
    contents["birge"] = json.dumps(descriptor["birge"]).encode()
    change(contents)
    facts = json.loads(contents.pop("birge"))
    write_package(target, descriptor["name"], descriptor["title"], descriptor["created"], facts, contents)
    return target


def _swap(name: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(contents: dict[str, bytes]) -> None:
        assert old.encode() in contents[name], (name, old)
        contents[name] = contents[name].replace(old.encode(), new.encode())

    return change


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_swap("birge", '"from": "GEO"', '"from": "ARM"'), InputError),
        (_swap("birge", "GEO-ARM", "GEO-AZE"), InputError),
        (_swap("birge", '"format": 1', '"format": 2'), Broken),
        (_swap("birge", '"release"', '"export"'), Broken),
        (_swap("data/records.csv", ",GEO,", ",ARM,"), InputError),
        (_swap("data/records.csv", ",progress,", ",comment,"), InputError),
        (_swap("data/records.csv", ",progress,", ",nonsense,"), InputError),
        (_swap("data/records.csv", "draft@", "open@"), InputError),
        (_swap("data/records.csv", "id,kind", "kind,id"), Broken),
        (_swap("data/records.csv", "T08", "T8"), InputError),
        (_swap("data/progress.json", "in progress", "done"), InputError),
        (_swap("data/progress.json", "in progress", "stopped"), InputError),
        (lambda c: c.pop("data/progress.json"), InputError),
        (lambda c: c.pop("data/records.csv"), Broken),
        (lambda c: c.__setitem__("data/records.csv", b"\xff\xfe"), Broken),
        (lambda c: c.__setitem__("data/records.csv", c["data/records.csv"] + b'"x'), Broken),
        (lambda c: c.__setitem__("data/records.csv", c["data/records.csv"] + b"x,y\n"), Broken),
        (lambda c: c.__setitem__("data/progress.json", b"[{}]"), InputError),
        (lambda c: c.__setitem__("data/progress.json", b"[" * 100_000), Broken),
        (lambda c: c.__setitem__("data/progress.json", b'[{"id":"x"}, 3]'), Broken),
        (lambda c: c.__setitem__("data/progress.json", b'[{"id":[1],"payload":[]}]'), InputError),
        (_swap("birge", '"head"', '"heart"'), Broken),
        (_swap("birge", '"seq": ', '"seq": 99999999999999'), Broken),
        (lambda c: c.__setitem__("data/secrets.json", b"[]"), InputError),
        (lambda c: c.__setitem__("data/comment.json", b'[{"id":"x","payload":{}}]'), InputError),
        (lambda c: c.__setitem__("data/progress.json", b"{}"), Broken),
        (lambda c: c.__setitem__("../evil.json", b"[]"), Broken),
        (lambda c: c.__setitem__(f"files/{'0' * 64}", b"evil"), Broken),
        (lambda c: c.__setitem__(f"files/{hashlib.sha256(b'<svg>').hexdigest()}", b"<svg>"), InputError),
    ],
)
def test_an_untruthful_package_changes_nothing(
    exchanged: tuple[Registry, Registry],
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
    expected: type[Exception],
) -> None:
    geo, arm = exchanged
    with geo.desk("secretariat-geo") as desk:
        share(desk, report(desk, say("draft")).id, 1)
    send(geo, tmp_path / "a.zip")
    forged = _forged(tmp_path / "a.zip", tmp_path / "b.zip", change)
    with pytest.raises(expected):
        take(arm, forged)
    with arm.view("viewer-arm") as desk:
        assert listing(desk, "progress") == []
        assert verify(desk.connection) == []


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_a_version_that_came_before_with_another_content_is_refused(
    exchanged: tuple[Registry, Registry], tmp_path: Path
) -> None:
    geo, arm = exchanged
    with geo.desk("secretariat-geo") as desk:
        share(desk, report(desk, say("draft")).id, 1)
    send(geo, tmp_path / "a.zip")
    take(arm, tmp_path / "a.zip")

    def change(contents: dict[str, bytes]) -> None:
        rows = json.loads(contents["data/progress.json"])
        rows[0]["payload"]["state"] = "stopped"
        from birge.store.canonical import canonical, digest

        old = digest(canonical(json.loads(contents["data/progress.json"])[0]["payload"]))
        contents["data/progress.json"] = json.dumps(rows).encode()
        new = digest(canonical(rows[0]["payload"]))
        contents["data/records.csv"] = contents["data/records.csv"].replace(old.encode(), new.encode())

    forged = _forged(tmp_path / "a.zip", tmp_path / "b.zip", change)
    with arm.view("viewer-arm") as desk:
        assert [i.kind for i in receive(desk, forged).of("refused")] == ["progress"]
    with pytest.raises(InputError, match="another content"):
        take(arm, forged)


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_damaged_and_hostile_files_are_refused(exchanged: tuple[Registry, Registry], tmp_path: Path) -> None:
    geo, arm = exchanged
    send(geo, tmp_path / "a.zip")
    content = (tmp_path / "a.zip").read_bytes()
    bad = {
        "cut.zip": content[:-30],
        "text.zip": b"no package",
        "empty.zip": b"",
        "flipped.zip": content[:200] + bytes([content[200] ^ 1]) + content[201:],
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Broken):
            read_package(tmp_path / name, "release")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("datapackage.json", b" " * 100_000_000)
    with pytest.raises(Broken, match="unpacks to"):
        read_package(tmp_path / "bomb.zip", "release")
    with pytest.raises(InputError):
        read_package(tmp_path / "absent.zip", "release")
    with pytest.raises(InputError, match="file of this name"):
        send(geo, tmp_path / "a.zip")
    assert arm.setting("parties") == "GEO-ARM"


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_a_package_is_received_by_whom_it_is_for(exchanged: tuple[Registry, Registry], tmp_path: Path) -> None:
    geo, arm = exchanged
    send(geo, tmp_path / "a.zip")
    with pytest.raises(InputError):
        take(geo, tmp_path / "a.zip")
    for who in ("viewer-arm", "reporter-arm", "admin-arm"):
        with arm.desk(who) as desk, pytest.raises(Denied):
            apply(desk, tmp_path / "a.zip")
    with geo.desk("viewer-geo") as desk, pytest.raises(Denied):
        release(desk, tmp_path / "b.zip")
    export(geo, "secretariat-geo", tmp_path / "all.zip")
    with pytest.raises(Broken, match="holds export"):
        take(arm, tmp_path / "all.zip")


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_a_release_is_a_data_package(exchanged: tuple[Registry, Registry], tmp_path: Path) -> None:
    geo, _ = exchanged
    made = send(geo, tmp_path / "a.zip")
    assert hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest() == made
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        descriptor = json.loads(archive.read("datapackage.json"))
        assert descriptor["profile"] == "data-package"
        for facts in descriptor["resources"]:
            content = archive.read(facts["path"])
            assert facts["bytes"] == len(content)
            assert facts["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert set(facts["name"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def messenger(folder: Path) -> Callable[[Registry, Registry], None]:
    """Return what brings a new package from one registry to another."""
    paths = (folder / f"{n}.zip" for n in range(9))

    def pass_on(sender: Registry, receiver: Registry) -> None:
        path = next(paths)
        send(sender, path)
        take(receiver, path)

    return pass_on


def test_a_signing_in_error_is_withdrawn_on_both_and_a_wording_stated_since_does_not_count(
    geo: Registry, arm: Registry, tmp_path: Path
) -> None:
    sides = ((geo, "secretariat-geo"), (arm, "secretariat-arm"))
    words = Point(meeting="s-1", number="1", text={"ru": "Открыть"})
    signing = Signing(date=TODAY, place="Tbilisi", signatories={"GEO": "A", "ARM": "B"})
    pass_on = messenger(tmp_path)

    def state(registry: Registry, who: str, said: Point) -> None:
        with registry.desk(who) as desk:
            there = [r for r in listing(desk, "point") if r.side == desk.actor.side]
            made = edit(desk, there[0].id, there[0].newest, said) if there else create(desk, "point", said)
            share(desk, submit(desk, made.id, made.version).id, made.version)

    for registry, who in sides:
        with registry.desk(who) as desk:
            submit(desk, create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other")).id, 1)
            convene(desk, Meeting(id="s-1", council="igc", title={"en": "First"}, date=TODAY))
        state(registry, who, words)
    pass_on(arm, geo)
    with geo.desk("secretariat-geo") as desk:
        assert [r.payload.id for r in sign(desk, "s-1", signing)] == ["s-1-1"]
    # stated on a machine that the signing has not reached
    state(arm, "secretariat-arm", words.model_copy(update={"text": {"ru": "Открыть весной"}}))
    pass_on(geo, arm)
    pass_on(arm, geo)
    for registry, who in sides:
        with registry.view(who) as desk:
            assert [(p.state, p.differs, p.late) for p in points(desk, "s-1")] == [("agreed", (), ("ARM",))]
    with arm.desk("secretariat-arm") as desk, pytest.raises(InputError, match="no signing was entered by our side"):
        unsign(desk, "s-1", {"en": "not ours"})
    with arm.desk("secretariat-arm") as desk:
        # the second side enters the same paper: its decision is the signed wording, not what it has stated since
        (made,) = sign(desk, "s-1", signing)
        assert made.payload.title == words.text
        unsign(desk, "s-1", {"en": "once was enough"})
    with geo.desk("secretariat-geo") as desk:
        unsign(desk, "s-1", {"en": "another session was signed"})
    pass_on(geo, arm)
    for registry, who in sides:
        with registry.view(who) as desk:
            assert signing_of(desk, "s-1") is None
            assert listing(desk, "decision") == []
            assert [(p.state, p.differs) for p in points(desk, "s-1")] == [("contested", ("text.ru",))]
    state(arm, "secretariat-arm", words)
    pass_on(arm, geo)
    with geo.desk("secretariat-geo") as desk:
        assert [r.payload.id for r in sign(desk, "s-1", signing)] == ["s-1-1"]
        mine = next(r for r in listing(desk, "meeting") if r.side == "GEO")
        told = [(bool(v.payload.signing), v.payload.withdrawn) for v in versions(desk, mine.id)]
        assert told == [
            (False, None),
            (True, None),
            (False, {"en": "another session was signed"}),
            (True, None),
        ]
        assert verify(desk.connection) == []


def test_the_second_side_enters_the_same_paper(geo: Registry, arm: Registry, tmp_path: Path) -> None:
    """A point that was taken back, or stated, before the signing arrived hinders nobody and changes nothing."""
    signing = Signing(date=TODAY, place="Tbilisi", signatories={"GEO": "A", "ARM": "B"})
    pass_on = messenger(tmp_path)

    def state(desk: Any, number: str) -> None:
        made = create(desk, "point", Point(meeting="s-1", number=number, text={"ru": f"Пункт {number}"}))
        share(desk, submit(desk, made.id, made.version).id, made.version)

    for registry, who in ((geo, "secretariat-geo"), (arm, "secretariat-arm")):
        with registry.desk(who) as desk:
            submit(desk, create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other")).id, 1)
            convene(desk, Meeting(id="s-1", council="igc", title={"en": "First"}, date=TODAY))
            for number in ("1", "2"):
                state(desk, number)
    pass_on(arm, geo)
    with geo.desk("secretariat-geo") as desk:
        assert [r.payload.point for r in sign(desk, "s-1", signing)] == ["1", "2"]
        # a decision that is taken back later takes nothing out of the paper
        decided = next(r for r in listing(desk, "decision") if r.payload.point == "2")
        take_back(desk, decided.id, decided.newest)
        assert [(p.number, p.state) for p in points(desk, "s-1")] == [("1", "agreed"), ("2", "agreed")]
    with arm.desk("secretariat-arm") as desk:
        withdraw(desk, "s-1", "1")
        state(desk, "3")
    pass_on(geo, arm)
    with arm.desk("secretariat-arm") as desk:
        assert [(p.number, p.state) for p in points(desk, "s-1")] == [("1", "agreed"), ("2", "agreed"), ("3", "late")]
        assert [r.payload.title["ru"] for r in sign(desk, "s-1", signing)] == ["Пункт 1", "Пункт 2"]
        assert verify(desk.connection) == []
    pass_on(arm, geo)
    with geo.view("secretariat-geo") as desk:
        assert [(p.number, p.state) for p in points(desk, "s-1")] == [("1", "agreed"), ("2", "agreed"), ("3", "late")]


def test_what_is_taken_back_is_taken_back_as_far_as_it_went(geo: Registry) -> None:
    title = {"id": "wall", "title": {"en": "Wall"}, "source": {"title": "fictional"}}
    with geo.desk("secretariat-geo") as desk:
        made = create(desk, "barrier", KINDS["barrier"].payload.model_validate(title))
        share(desk, submit(desk, made.id, 1).id, 1)
    with geo.desk("approver-geo") as desk:
        publish(desk, made.id, 1)
    with geo.desk("secretariat-geo") as desk:
        gone = take_back(desk, made.id, 1)
        assert (gone.submitted, gone.shared, gone.published) == (2, 2, 1), "an approver takes it from the public"
    with geo.view(ANYONE) as desk:
        assert [r.key for r in listing(desk, "barrier")] == ["wall"]
    with geo.desk("approver-geo") as desk:
        publish(desk, made.id, 2)
    with geo.view(ANYONE) as desk:
        assert listing(desk, "barrier") == []
