"""The result of one assessment: records to read, arrays to analyse (xarray), a document and a file to keep."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from birge.assess.document import Document, Facts, PerTarget, plain
from birge.assess.fans import fans
from birge.assess.figures import NextFigure
from birge.assess.joint import Joint
from birge.assess.milestones import MilestoneOdds
from birge.assess.supply import PowerAnswer
from birge.assess.verdicts import Verdict
from birge.factbook import MirrorYear
from birge.factbook.growth import GrowthPart
from birge.factbook.targets import PastTarget
from birge.models.schedule import Schedule
from birge.plan.schema import Plan

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["Assessment", "MilestoneOdds", "NextFigure", "Verdict"]

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


@dataclass(frozen=True)
class Assessment:
    """One run. Odds are fractions, money is mn USD; `verdicts` follow the plan's targets.

    `failed` says why a draw has no answer; `vintages` are the dates of publication of the figures that were read;
    `delays` months by measure or milestone.
    """

    plan: Plan
    plan_hash: str
    as_of: date
    facts_until: date
    facts_hash: str
    seed: int
    draws: int
    failed_draws: int
    failed: dict[int, str]
    runtime_s: float
    scenario: str | None
    counterfactual: str
    without: tuple[str, ...]
    delays: dict[str, float]
    verdicts: tuple[Verdict, ...]
    headline: Verdict
    joint: Joint
    never: NDArray[np.float64]
    dates: Schedule
    unverified: dict[str, float]
    next_figure: NextFigure | None
    past_targets: tuple[PastTarget, ...]
    mirror: tuple[MirrorYear, ...]
    vintages: dict[str, date]
    warnings: tuple[str, ...]
    growth: tuple[GrowthPart, ...] = ()
    power: PowerAnswer | None = None

    @cached_property
    def dataset(self) -> xr.Dataset:
        """Return the whole run as one xarray Dataset: turnover, effects and dates by draw, odds by target."""
        from birge.assess.dataset import dataset

        return dataset(self)

    def odds(self) -> list[dict[str, Any]]:
        """Return one row per target, as plain data."""
        return [asdict(v.target) for v in self.verdicts]

    def attribution(self, target: str | None = None) -> list[dict[str, Any]]:
        """Return one row per measure for `target` (the headline if None)."""
        return [asdict(m) for m in self.verdict(target).measures]

    def milestones(self, target: str | None = None) -> list[dict[str, Any]]:
        """Return one row per milestone for `target` (the headline if None)."""
        return [asdict(m) for m in self.verdict(target).milestones]

    def sensitivity(self, target: str | None = None) -> list[dict[str, Any]]:
        """Return one row per drawn input, the one on which the odds of `target` hang most first."""
        return [asdict(s) for s in self.verdict(target).sensitivity]

    def verdict(self, target: str | None = None) -> Verdict:
        """Return all there is to say on `target` (the headline if None).

        Raises KeyError for a target that this run does not have.
        """
        if target is None:
            return self.headline
        found = {v.target.id: v for v in self.verdicts}
        if target not in found:
            raise KeyError(f"no target {target!r}; this run has {', '.join(found)}")
        return found[target]

    def fan(self, levels: tuple[float, ...] = LEVELS) -> xr.DataArray:
        """Return quantiles of turnover with the plan [quantile, year, reporter], mn USD, of draws with an answer."""
        fan = self.dataset["turnover_with"].quantile(list(levels), dim="draw", skipna=True)
        return fan.rename("turnover").assign_attrs(unit="mn USD/year")

    def to_netcdf(self, path: str) -> None:
        """Write `dataset` to `path` (netCDF 3); with plan hash, vintages, seed and version it can be made again."""
        from birge.assess.dataset import write

        write(self.dataset, path)

    def document(self) -> dict[str, Any]:
        """Return the JSON document; `birge assess --schema` prints its schema."""
        head = self.headline
        return plain(
            Document(
                plan=self.plan.id,
                plan_hash=self.plan_hash,
                origin=self.plan.origin,
                as_of=self.as_of,
                facts_until=self.facts_until,
                facts=Facts(len(self.vintages), self.facts_hash),
                seed=self.seed,
                draws=self.draws,
                failed_draws=self.failed_draws,
                runtime_s=self.runtime_s,
                scenario=self.scenario,
                counterfactual=self.counterfactual,
                without=self.without,
                delays=self.delays,
                headline=head.target.id,
                targets=tuple(v.target for v in self.verdicts),
                measures=head.measures,
                milestones=head.milestones,
                needed=head.needed,
                groups=head.groups,
                sensitivity=head.sensitivity,
                by_target={
                    v.target.id: PerTarget(v.measures, v.milestones, v.needed, v.groups, v.sensitivity)
                    for v in self.verdicts
                },
                delay_costs={v.target.id: v.delay for v in self.verdicts if v.delay is not None},
                unverified=self.unverified,
                next_figure=self.next_figure,
                past_targets=self.past_targets,
                fans=fans(self.joint),
                growth=self.growth,
                power=self.power,
                warnings=self.warnings,
            )
        )
