"""From a target of the plan to an event on the ensemble, under its settlement rule; or why there is none.

`goal(indicator, target, years, reporters) → Goal | reason`; a goal draws its scale by block, so a run of fewer draws
has the same first draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from birge.assess.joint import Joint
from birge.assess.shapley import Game
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

    def scale(self, streams: Streams) -> Floats:
        """Return what the bound block's settled turnover is multiplied by to give the figure that counts."""
        if not self.first_release:
            return np.ones(streams.draws)
        return np.exp(-streams.at("assess/revision").normal(*REVISION, BLOCK)[: streams.draws])

    def scales(self, root: Streams, draws: int) -> Floats:
        """Return `scale` of all blocks."""
        return np.concatenate([self.scale(replace(root, block=b, draws=n)) for b, n in blocks(draws)])

    def game(self, joint: Joint, scale: Floats) -> Game:
        """Return the game whose event is this goal."""
        game = joint.game(self.year, self.basis, self.value)
        return replace(
            game,
            base=game.base * scale[:, None],
            new=game.new * scale[:, None, None],
            fixed=game.fixed * scale,
        )


def goal(indicator: Indicator, target: Target, years: tuple[int, ...], reporters: tuple[str, ...]) -> Goal | str:
    """Return the goal of a target on turnover, or the reason why it is not modelled."""
    s = target.settlement
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
    if s.prices == "real":
        return "the target names no price basis and no deflator is modelled: only nominal targets have odds"
    if s.electricity == "out":
        return "electricity (HS 2716) is not separated from other goods in the figures the outlook reads"
    value = target.value - (0.5 * 10.0**-s.decimals if s.decimals is not None else 0.0)
    return Goal(target.id, target.year, target.basis, value, s.release == "first_release")
