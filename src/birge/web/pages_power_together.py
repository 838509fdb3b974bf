"""Power, what the two are worth to each other: ways of living together, what crosses and where, contracts of exchange.

For the two sides' analysts. Each is worked out once and kept; a page says that it is being computed.
"""

from __future__ import annotations

from functools import partial

from birge.models.power.contracts import seasons
from birge.models.power.slack import SLACK
from birge.models.power.system import System
from birge.pages.power import contracts
from birge.report.power import Drawing
from birge.report.power_contracts import Contracts, contracts_drawing
from birge.report.power_exchange import exchange_document
from birge.report.power_map import exchange_pictures
from birge.texts import country
from birge.web.blocks import Picture, Table
from birge.web.pages_power_ahead import shown
from birge.web.reader import Reader
from birge.web.shelf import taken

__all__ = ["together"]


def together(view: Reader, system: System, year: int, inflow: str) -> list[Table | Picture] | None:
    """Return gains by regime, what crosses by month and on a map, and contracts; None while they are computed."""
    pair = view.desk.parties
    whole = taken(("regimes", pair, year, inflow), partial(exchange_document, system, year, pair, inflow))
    offers = taken(("contracts", pair, year, inflow), partial(contracts, system, year, pair, inflow))
    if whole is None or offers is None:
        return None
    pictures = [d for d in exchange_pictures(system, whole, (), view.t) if d.name != "gains"]
    water, ratio, cap = (system.parameters[k] for k in ("water-price", "swap-ratio", "swap-cap"))
    missing = [d.price for n in system.nodes if n.economy in pair for d in system.curve(n.id)]
    made = Contracts(
        pair,
        year,
        inflow,
        "mode",
        (water.low, water.mode, water.high),
        seasons(system)[:1],
        offers,
        tuple(o for o in offers if o.ratio == ratio.mode and o.cap in (cap.low, cap.high)),
        (min(missing), max(missing)),
        SLACK,
        {},
    )
    return [shown(view, d) for d in (*pictures, _contracts(view, made))]


def _contracts(view: Reader, made: Contracts) -> Drawing:
    t = view.t
    names = {e: country(e, t.lang) for e in made.pair}
    source = t("Factbook tables of power; least cost of a year that ends with the water it began with.")
    return contracts_drawing(made, made.seasons[0].name, t, names, source)
