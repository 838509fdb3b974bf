"""Draw the picture of the README: `python -m birge.report.pictures docs/pictures --as-of 2026-11-24`.

The same drawing as on the page, on paper of its own, so that it can be read on white and on dark.
"""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path

from birge.assess.assessment import Assessment
from birge.charts import svg
from birge.charts.palette import HALO, INK
from birge.report.drawings import fan_drawing
from birge.report.words import statistics, target_name

__all__ = ["fan_picture", "main"]

WIDTH = 640


def fan_picture(run: Assessment) -> str:
    """Return the fan of the headline's side as SVG that stands alone."""
    target = run.headline.target
    side = next(k for k, p in enumerate(run.plan.parties) if p.code == target.basis)
    told = f"Past figures, fan of futures and the target {target_name(run.plan, target)}. As of {run.as_of}."
    title = f"Turnover {statistics(run.plan, target.basis)}, bn USD a year, current prices"
    head = {"text": title, "anchor": "start", "frame": "bounds", "fontSize": 14, "color": INK, "offset": 14}
    drawn = svg({**fan_drawing(run, side, WIDTH), "title": head}, "fan", title, told)
    drawn = re.sub(r"(\d+\.\d{2})\d+", r"\1", drawn)
    return re.sub(r"(</desc>)", rf'\1<rect width="100%" height="100%" fill="{HALO}"/>', drawn, count=1) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """Assess the embedded plan and write `fan.svg` to the folder that is named."""
    from birge.assess import assess

    read = argparse.ArgumentParser(description="Draw the pictures of the documentation.")
    read.add_argument("folder", type=Path, help="where fan.svg is written")
    read.add_argument("--as-of", type=date.fromisoformat, required=True, help="day of the assessment")
    read.add_argument("--draws", type=int, default=10_000, help="simulated futures")
    given = read.parse_args(arguments)
    run = assess(draws=given.draws, as_of=given.as_of)
    (given.folder / "fan.svg").write_text(fan_picture(run), "utf-8")


if __name__ == "__main__":
    main()
