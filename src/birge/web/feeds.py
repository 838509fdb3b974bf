"""Dates as iCalendar: milestones, deadlines, decisions, meetings, events; days, as the two capitals' clocks differ."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from birge.plan.due import Only, due
from birge.web.reader import Reader

__all__ = ["calendar"]


def calendar(view: Reader, pillar: str | None, organisation: str | None) -> bytes:
    """Return the calendar of a pillar, an organisation, or all; raises InputError for an unknown one."""
    from icalendar import Calendar, Event

    made = Calendar()
    made.add("prodid", "-//Birge//birge//")
    made.add("version", "2.0")
    made.add("x-wr-calname", view.plan.title.get(view.t.lang))
    at = view.desk.now

    def put(uid: str, title: str, start: date, end: date | None, told: str, now: datetime = at) -> None:
        e = Event()
        e.add("uid", f"{uid}@{view.plan.id}.birge")
        e.add("dtstamp", now)
        e.add("dtstart", start)
        e.add("dtend", (end or start) + timedelta(days=1))
        e.add("summary", title)
        e.add("description", told)
        made.add_component(e)

    found = due(view.plan, view.day, view.t.lang, 10_000, Only(organisation, pillar))
    for row in (*found.silent, *found.overdue, *found.next):
        put(row.id, row.item, row.due, None, f"{row.organisation}; {row.last_word}")
    if organisation is None:
        if pillar is None:
            for m in view.plan.meetings:
                if m.date:
                    put(m.id, m.title.get(view.t.lang), m.date, None, view.t.named("place", m.place) if m.place else "")
        for e in view.plan.events:
            if e.start and (pillar is None or pillar == e.pillar):
                put(e.id, e.title.get(view.t.lang), e.start, e.end, view.t.named("place", e.place) if e.place else "")
    return bytes(made.to_ical())
