"""The ready study of a pair: its network, sections, costs, and market, from the factbook or the user's network."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from birge.errors import InputError
from birge.factbook import Factbook
from birge.factbook.network import Network, corridors
from birge.factbook.parameters import Parameter, road_shares
from birge.models.freight.choice import Market, demand, market
from birge.models.freight.goods import Costs, costs, sections_of

__all__ = ["Study", "milestones_of", "study", "trade_of"]


@dataclass(frozen=True)
class Study:
    """A pair with its network, costs, USD mn by direction and year, and market; None where crossings have no data."""

    pair: tuple[str, str]
    network: Network
    costs: Costs
    usd: tuple[float, float]
    year: int
    market: Market | None

    @property
    def constants(self) -> dict[str, float]:
        """Return the constants of crossings and of rail (mean of directions), as `routes` takes them."""
        if self.market is None:
            return {}
        named = dict(zip(self.market.crossings, self.market.constants.tolist(), strict=True))
        return named | {"rail": float(self.market.rail.mean())}


def trade_of(book: Factbook, pair: tuple[str, str]) -> tuple[float, float, int]:
    """Return mn USD in each direction and their year: the newest with full-year figures of one reporter for both.

    Where more than one reporter has both, their mean. Raises InputError if there is none.
    """
    flows = (f"{pair[0]}-{pair[1]}", f"{pair[1]}-{pair[0]}")
    known: dict[tuple[int, str], dict[str, float]] = {}
    for o in book.observations(pair):
        if o.kind in ("annual", "rounded") and o.months == (1, 12) and o.flow in flows and not o.derived and o.reporter:
            known.setdefault((o.year, o.reporter), {})[o.flow] = o.value
    whole = {key: v for key, v in known.items() if len(v) == 2}
    if not whole:
        message = f"no full-year figures of both directions for {pair[0]}-{pair[1]}"
        raise InputError.at("trade", "trade-unknown", message, "add your own with --facts")
    year = max(y for y, _ in whole)
    rows = [v for (y, _), v in whole.items() if y == year]
    return sum(r[flows[0]] for r in rows) / len(rows), sum(r[flows[1]] for r in rows) / len(rows), year


def milestones_of(network: Network) -> tuple[str, ...]:
    """Return the milestones that links and crossings wait for, in order of the network."""
    return tuple(dict.fromkeys(m for m, _ in network.openings().values()))


def study(
    pair: tuple[str, str],
    book: Factbook,
    opened: Collection[str] = (),
    regime: str = "normal",
    most: int = 40,
    network: Network | None = None,
) -> Study:
    """Return the study of `pair` on its embedded network, with trade between the `most` heaviest pairs of places.

    `network` is the embedded one with something changed, such as the waits at its crossings.

    Raises InputError if no network ships for the pair.
    """
    network = network or corridors(pair)
    if not network.nodes:
        message = f"no network ships for {pair[0]}-{pair[1]}"
        raise InputError.at("--pair", "network-missing", message, "import one: birge freight import, then --network")
    a, b, year = trade_of(book, pair)
    wanted = demand(network, pair, sections_of(pair), (a, b), most)
    by_road = tuple(_mean(p) for p in road_shares(pair))
    shares = {name: (low + high) / 2 for name, low, high in book.crossings(pair)}
    known = costs()
    made = market(network, pair, wanted, known, (by_road[0], by_road[1]), shares, regime, opened)
    return Study(pair, network, known, (a, b), year, made)


def _mean(p: Parameter) -> float:
    return dict(p.numbers)["mean"]
