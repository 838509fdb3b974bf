"""The result of one assessment, as plain records; `document` is the JSON that faces and other tools read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from birge.assess.joint import Joint
from birge.assess.odds import GroupShare, InputSensitivity, MeasureShare, Needed, TargetOdds
from birge.factbook import MirrorYear
from birge.factbook.targets import PastTarget
from birge.models.schedule import Schedule
from birge.plan.schema import Plan

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Assessment", "MilestoneOdds", "NextFigure", "Verdict"]


@dataclass(frozen=True)
class MilestoneOdds:
    """When a milestone is likely to be done, and what a month earlier is worth in odds."""

    id: str
    planned: date | None
    p_on_time: float | None
    p50: date | None
    p80: date | None
    criticality: float
    odds_gain_per_month: float | None
    reason: str | None = None
    p10: date | None = None
    p90: date | None = None
    reported: date | None = None
    report_age_months: float | None = None
    odds_gain_per_month_se: float | None = None


@dataclass(frozen=True)
class Verdict:
    """All there is to say on one target: its measures, its milestones, what it would take."""

    target: TargetOdds
    measures: tuple[MeasureShare, ...]
    milestones: tuple[MilestoneOdds, ...]
    needed: Needed | None
    groups: tuple[GroupShare, ...] = ()
    sensitivity: tuple[InputSensitivity, ...] = ()


@dataclass(frozen=True)
class NextFigure:
    """A figure that is not known yet, and the headline's odds if it comes in its lowest or highest fifth (mn USD)."""

    reporter: str
    year: int
    low: float
    high: float
    odds_low: float
    odds_high: float


@dataclass(frozen=True)
class Assessment:
    """One run. Odds are fractions, money is mn USD, dates are ISO; `verdicts` follow the plan's targets."""

    plan: Plan
    plan_hash: str
    as_of: date
    facts_until: date
    seed: int
    draws: int
    failed_draws: int
    runtime_s: float
    scenario: str | None
    counterfactual: str
    verdicts: tuple[Verdict, ...]
    headline: Verdict
    joint: Joint
    dates: Schedule
    unverified: dict[str, float]
    next_figure: NextFigure | None
    past_targets: tuple[PastTarget, ...]
    mirror: tuple[MirrorYear, ...]
    warnings: tuple[str, ...]
    growth: Any = None
    """How growth of the newest years splits (a record of `birge.factbook`), None where nothing can be said."""

    def odds(self) -> list[dict[str, Any]]:
        """Return one row per target, as plain data."""
        return [asdict(v.target) for v in self.verdicts]

    def attribution(self, target: str | None = None) -> list[dict[str, Any]]:
        """Return one row per measure for `target` (the headline if None)."""
        return [asdict(m) for m in self._verdict(target).measures]

    def milestones(self, target: str | None = None) -> list[dict[str, Any]]:
        """Return one row per milestone for `target` (the headline if None)."""
        return [asdict(m) for m in self._verdict(target).milestones]

    def fan(self, levels: tuple[float, ...] = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)) -> xr.DataArray:
        """Return quantiles of turnover with the plan [quantile, year, reporter] in mn USD."""
        import xarray as xr

        return xr.DataArray(
            self._quantiles(levels),
            dims=("quantile", "year", "reporter"),
            coords={
                "quantile": list(levels),
                "year": list(self.joint.years),
                "reporter": list(self.joint.reporters),
            },
            name="turnover",
            attrs={"unit": "mn USD"},
        )

    def to_netcdf(self, path: str) -> None:
        """Write turnover by draw, with and without the plan, to `path`."""
        import xarray as xr

        dims = ("draw", "year", "reporter")
        xr.Dataset(
            {
                "turnover_with": (dims, self.joint.turnover(), {"unit": "mn USD"}),
                "turnover_without": (dims, self.joint.turnover(plan=False), {"unit": "mn USD"}),
            },
            coords={"year": list(self.joint.years), "reporter": list(self.joint.reporters)},
            attrs={"plan_hash": self.plan_hash, "seed": self.seed, "as_of": self.as_of.isoformat()},
        ).to_netcdf(path, engine="scipy")

    def document(self) -> dict[str, Any]:
        """Return the JSON document; its schema stands in the documentation."""
        head = self.headline
        document: dict[str, Any] = _plain(
            {
                "plan": self.plan.id,
                "plan_hash": self.plan_hash,
                "origin": self.plan.origin,
                "as_of": self.as_of,
                "facts_until": self.facts_until,
                "seed": self.seed,
                "draws": self.draws,
                "failed_draws": self.failed_draws,
                "runtime_s": self.runtime_s,
                "scenario": self.scenario,
                "headline": head.target.id,
                "targets": self.odds(),
                "measures": self.attribution(),
                "milestones": self.milestones(),
                "needed": asdict(head.needed) if head.needed else None,
                "groups": [asdict(g) for g in head.groups],
                "sensitivity": [asdict(s) for s in head.sensitivity],
                "by_target": {
                    v.target.id: {
                        "measures": [asdict(m) for m in v.measures],
                        "milestones": [asdict(m) for m in v.milestones],
                        "needed": asdict(v.needed) if v.needed else None,
                        "groups": [asdict(g) for g in v.groups],
                        "sensitivity": [asdict(s) for s in v.sensitivity],
                    }
                    for v in self.verdicts
                },
                "unverified": self.unverified,
                "next_figure": asdict(self.next_figure) if self.next_figure else None,
                "past_targets": [asdict(t) for t in self.past_targets],
                "warnings": self.warnings,
            }
        )
        return document

    def _verdict(self, target: str | None) -> Verdict:
        if target is None:
            return self.headline
        return next(v for v in self.verdicts if v.target.id == target)

    def _quantiles(self, levels: tuple[float, ...]) -> Any:
        import numpy as np

        return np.quantile(self.joint.turnover(), levels, axis=0)


def _plain(value: Any) -> Any:
    """Turn dates into ISO text and tuples into lists, all the way down."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
