"""From a target of the plan to an event on the ensemble, under its settlement rule; or why there is none.

`goal(indicator, target, outlook) → Goal | reason`; a goal draws its scale by block, so a run of fewer draws
has the same first draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from birge.assess.joint import Joint
from birge.assess.shapley import Game
from birge.models.outlook import Posterior, prices
from birge.models.outlook.evidence import REVISION
from birge.plan.schema import Indicator, Target
from birge.rng import BLOCK, Streams, blocks

__all__ = ["Goal", "goal"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Goal:
    """Turnover of `year` as `basis` records it reaches `value`, mn USD; a first print lies below the settled figure."""

    id: str
    year: int
    basis: str
    value: float
    first_release: bool
    price_year: int | None = None
    """The year whose USD the value is in; None for nominal USD."""
    electricity: bool = True
    """Whether electricity (HS 2716) counts."""

    def scale(self, made: Posterior, streams: Streams) -> Floats:
        """Return what the bound block's settled turnover is multiplied by to give the figure that counts."""
        scale = np.ones(streams.draws)
        if self.first_release:
            scale *= np.exp(-streams.at("assess/revision").normal(*REVISION, BLOCK)[: streams.draws])
        if self.price_year is not None:
            index = prices(made, streams, self.price_year)
            assert index is not None
            scale /= index[:, made.inputs.years.index(self.year)]
        return scale

    def scales(self, made: Posterior, root: Streams, draws: int) -> Floats:
        """Return `scale` of all blocks."""
        return np.concatenate([self.scale(made, replace(root, block=b, draws=n)) for b, n in blocks(draws)])

    def game(self, joint: Joint, scale: Floats) -> Game:
        """Return the game whose event is this goal."""
        game = joint.game(self.year, self.basis, self.value, electricity=self.electricity)
        return replace(
            game,
            base=game.base * scale[:, None],
            new=game.new * scale[:, None, None],
            fixed=game.fixed * scale,
        )


def goal(indicator: Indicator, target: Target, made: Posterior, power: bool = False) -> Goal | str:
    """Return the goal of a target on turnover, or the reason why it is not modelled.

    A target in real USD is in those of the indicator's newest baseline year on its basis. `power` says whether the pair
    has a power model, without which electricity cannot be left out.
    """
    s, years, reporters = target.settlement, made.inputs.years, made.inputs.reporters
    if indicator.kind == "observed":
        return "observed only"
    if indicator.variable != "trade.flow":
        return f"no model writes {indicator.variable}"
    if indicator.select:
        return "only turnover over both directions is modelled"
    if target.basis not in reporters:
        return "the target does not say whose statistics count"
    if target.year not in years:
        return f"{target.year} is not in the years {years[0]}-{years[-1]} that are open"
    base = None
    if s.prices == "real":
        base = max((b.year for b in indicator.baseline if b.basis in (None, target.basis)), default=None)
        if base is None:
            return "a real target needs a baseline that says in whose year's USD it is"
        if prices(made, Streams(0, draws=1), base) is None:
            return f"no deflator: USD prices of {base} are not in the factbook"
    if s.electricity == "out" and not power:
        return "electricity (HS 2716) is not separated in the figures, and there is no power model for the pair"
    value = target.value - (0.5 * 10.0**-s.decimals if s.decimals is not None else 0.0)
    return Goal(target.id, target.year, target.basis, value, s.release == "first_release", base, s.electricity == "in")
