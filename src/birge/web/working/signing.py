"""The signing of a session's protocol on paper: forms to enter, correct and withdraw it, and what they do."""

from __future__ import annotations

from birge.errors import InputError
from birge.store.council import sign, unsign
from birge.store.desk import Desk
from birge.store.kinds import LANGUAGES, Meeting, Signing
from birge.store.own import own
from birge.store.progress import attach
from birge.store.records import Record
from birge.texts import Translator
from birge.web.forms import Field, Form, Sent
from birge.web.working.points import SPEECH
from birge.web.working.typed import day, payload, seen

__all__ = ["signed", "signing_forms", "unsigned"]


def signing_forms(desk: Desk, t: Translator, mine: Record) -> list[Form]:
    """Return the form to enter the signing of the own side's session, or to correct it and to withdraw it."""
    held: Meeting = mine.payload
    speech, s = tuple((x, SPEECH[x]) for x in LANGUAGES), held.signing
    by = s.signatories if s else {}
    fields = (
        Field("date", t("Day of signing"), "date", s.date.isoformat() if s else "", needed=True),
        Field("place", t("Place"), value=s.place if s else "", needed=True),
        *(
            Field(f"by.{x}", t("Signed for {side} by", side=t.country(x)), value=by.get(x, ""), needed=True)
            for x in desk.parties
        ),
        Field(
            "prevailing", t("Prevailing language"), "select", (s.prevailing or "") if s else "", (("", "-"), *speech)
        ),
        Field("scan", t("Scan of the signed paper ({kinds}, up to 25 MB)", kinds="PDF, PNG, JPEG"), "file"),
    )
    action = f"/{t.lang}/sessions/{held.id}/signing"
    if s:
        fields += (Field("correction", t("Reason"), "area", needed=True),)
        line = t("A new scan replaces the one there is. What was entered before stays in the history.")
        buttons = (("", t("Correct the signing")),)
        corrected = Form(action, fields, buttons, t("Correct the signing"), (line,), folded=True, files=True)
        return [corrected, _unsigning_form(t, mine)]
    line = t("The paper is signed by hand; here it is only entered. Every released point has to be agreed.")
    return [Form(action, fields, (("", t("Enter the signing")),), t("Signing"), (line,), folded=True, files=True)]


def _unsigning_form(t: Translator, mine: Record) -> Form:
    fields = (
        Field("seen", "", "hidden", str(mine.newest)),
        Field("withdrawn", t("Reason"), "area", needed=True),
    )
    line = t(
        "For an entry made in error, where no paper was signed. The decisions it made are taken back, the points are "
        "open again, and the other side is told with the next package."
    )
    action, buttons = f"/{t.lang}/sessions/{mine.payload.id}/signing/back", (("", t("Withdraw the signing")),)
    return Form(action, fields, buttons, t("Withdraw the signing"), (line,), folded=True)


def signed(desk: Desk, sent: Sent, ident: str, lang: str) -> None:
    """Enter the signing as it was typed, with its scan; the scan there is stays where none is sent."""
    by = {side: name for side in desk.parties if (name := sent.text(f"by.{side}"))}
    mine, why = own(desk, "meeting", ident), sent.text("correction")
    before = mine.payload.signing if mine else None
    scans = [attach(desk, f.file, f.filename or "scan") for f in sent.files("scan")]
    made = payload(
        lambda: Signing.model_validate(
            {
                "date": day(sent.text("date"), "date"),
                "place": sent.text("place"),
                "signatories": by,
                "scan": scans[0].hash if scans else before.scan if before else None,
                "prevailing": sent.text("prevailing") or None,
                "correction": {lang: why} if why else None,
            }
        )
    )
    sign(desk, ident, made)


def unsigned(desk: Desk, sent: Sent, ident: str, lang: str) -> None:
    """Withdraw the own side's entry of the signing, at the version of the session that was read."""
    why = sent.text("withdrawn")
    if not why:
        raise InputError.at("withdrawn", "no-reason", "no reason is given", "say why it is withdrawn")
    unsign(desk, ident, {lang: why}, seen(sent))  # type: ignore[dict-item]
