"""A visit to a desk: who reads, in which language, what was sent; the page it is answered with.

A page is a function of a `Visit`; a form is `acted` on and, where it is refused, answered by the same page with what
was wrong beside what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from birge.errors import InputError
from birge.store.desk import Desk
from birge.store.errors import Broken, Conflict, Denied
from birge.texts import LANGUAGES, Translator, translator
from birge.web.blocks import Table
from birge.web.forms import Form, Sent, bound
from birge.web.reader import House
from birge.web.render import render
from birge.web.visitor import Visitor, visitor
from birge.web.working.content import in_words
from birge.web.working.refusals import reason, refusal
from birge.web.working.typed import beside, kept

__all__ = ["Page", "Visit", "acted", "texts", "visited"]

DONE = "__Host-birge-done"


def texts(lang: str) -> Translator:
    """Return the texts of a language; 404 for another."""
    if lang not in LANGUAGES:
        raise HTTPException(404)
    return translator(lang)


@dataclass(frozen=True)
class Visit:
    """Who reads a page and in which language; of a form that is shown again, what was sent and what was wrong."""

    request: Request
    t: Translator
    who: Visitor
    problems: tuple[str, ...] = ()
    status: int = 200
    sent: Sent | None = None

    @property
    def house(self) -> House:
        """The registry, the jobs and the settings of this server."""
        found: House = self.request.app.state.house
        return found

    @property
    def side(self) -> str:
        """The side of who reads."""
        return self.who.actor.side

    def desk(self) -> AbstractContextManager[Desk]:
        """Look into the registry with the rights of who reads."""
        return self.house.registry.view(self.who.actor)

    def show(
        self,
        title: str,
        forms: Sequence[Form] = (),
        lead: tuple[str, ...] = (),
        tables: tuple[Table, ...] = (),
        first: tuple[Table, ...] = (),
        told: tuple[str, ...] = (),
    ) -> Response:
        """Answer with tables and forms; the form that was sent to this address has in it what was typed.

        What stands `first`, and what is `told` after it, is read before a form is sent.
        """
        if (sent := self.sent) is not None:
            forms = [kept(f, sent, self.t) if f.action == self.request.url.path else f for f in forms]
        problems = self.summary(forms)
        facts: dict[str, Any] = {"desks": _desks(self.t) if self.who.signed_in else []}
        facts |= {"title": title, "lead": lead, "problems": problems, "forms": list(forms), "tables": tables}
        done = self.sent is None and DONE in self.request.cookies
        facts |= {"first": first, "told": told, "done": done}
        page = lambda: render(self.request, self.t, "form.html", self.who, **facts)  # noqa: E731
        answer = bound(self.request, self.who, page, self.status)
        if done:
            answer.delete_cookie(DONE, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def summary(self, forms: Sequence[Form]) -> tuple[str, ...]:
        """Return what is said at the top: how many fields need another look, and what stands beside no field."""
        if self.sent is None or not self.sent.refused:
            return self.problems
        marked = {f.name for form in forms for f in form.fields if f.problem}
        rest = [p for p in self.sent.refused if not beside(p, marked)]
        count = (self.t.plural("{n} field needs another look.", "{n} fields need another look.", len(marked)),)
        return (*(count if marked else ()), *(refusal(p, self.t) for p in rest))

    def misfit(self, error: InputError) -> Visit:
        """Return this visit with the problems of what was typed, each to stand beside its field."""
        if self.sent is not None:
            self.sent.refused.extend(error.problems)
        return self.refused(*(refusal(p, self.t) for p in error.problems))

    def refused(self, *problems: str, status: int = 422) -> Visit:
        """Return this visit with what was wrong."""
        return replace(self, problems=problems, status=status)


Page = Callable[[Visit], Response]


def visited(request: Request, lang: str, anybody: bool = False) -> Visit:
    """Return the visit of a page; raises Denied where nobody has signed in, unless it is for `anybody`."""
    t, who = texts(lang), visitor(request)
    return Visit(request, t, who if anybody else who.admitted())


def acted(request: Request, lang: str, sent: Sent, do: Callable[[Desk], str], again: Page) -> Response:
    """Do something at a desk, all of it or nothing, and go to the address it returns.

    Where it is refused, show the page `again` with every problem; of a conflict, with what stands there now.
    """
    t = texts(lang)
    sent.who.admitted()
    visit = Visit(request, t, sent.who, sent=sent)
    try:
        with sent.house.registry.desk(sent.who.actor) as desk:
            to = do(desk)
    except InputError as error:
        return again(visit.misfit(error))
    except Conflict as error:
        now = [f"{label}: {value}" for label, value in in_words(error.theirs or {}, t)]
        told = t("What you typed stands in the form. Send it again to write it over the newer version.")
        return again(visit.refused(t("Somebody else was first."), reason(error, t), *now, told, status=409))
    except Denied as error:
        return again(visit.refused(t("You may not do this."), reason(error, t), status=403))
    except Broken as error:
        return again(visit.refused(reason(error, t)))
    answer = RedirectResponse(to, 303)
    # read once by the next page, which says that it worked
    answer.set_cookie(DONE, "1", max_age=30, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _desks(t: Translator) -> list[tuple[str, str]]:
    return [
        ("tasks", t("My tasks")),
        ("rounds", t("Reporting rounds")),
        ("councils", t("Councils and sessions")),
        ("change", t("Changes of the plan")),
        ("texts", t("Translations")),
        ("exchange", t("Exchange")),
        ("records", t("Records")),
    ]
