"""The outlook's calibration on a small fixed slice of other pairs' trade; needs ../shared beside the repository."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PANEL = ROOT.parent / "shared" / "data" / "trade_advanced_guide"
sys.path.insert(0, str(ROOT / "benchmarks"))

needs_panel = pytest.mark.skipif(
    not (PANEL / "agtpa_applications.rda").exists(), reason="no ../shared/data/trade_advanced_guide"
)


@pytest.mark.shared
@needs_panel
def test_intervals_hold_on_pairs_that_tuning_never_saw() -> None:
    """Sixty pairs, two years ahead from 2000 and 2003: shares within 4 binomial errors, pairs taken as independent."""
    import outlook_backtest as bench
    from panel import held_out, read_panel

    panel = read_panel(PANEL)
    pairs = held_out(panel)[:60]
    origins = (2000, 2003)
    draws = np.stack([bench.forecasts((int(k), panel.years, panel.turnover[k], origins)) for k in pairs], axis=1)[
        ..., 1
    ]
    truth = np.log(panel.turnover[pairs][:, [o + 2 - panel.years[0] for o in origins]])
    for level in bench.LEVELS:
        share = bench.covered(draws, truth, level).mean()
        assert abs(share - level) < 4 * np.sqrt(level * (1 - level) / len(pairs)), level


@pytest.mark.shared
@needs_panel
def test_the_reader_finds_the_panel_whole() -> None:
    from panel import read_panel

    panel = read_panel(PANEL, positive=False)
    assert len(panel.countries) == 69
    assert len(panel.pairs) == 69 * 68 // 2
    assert panel.years == tuple(range(1986, 2007))
    assert (panel.turnover >= 0).all()


def test_nothing_after_the_origin_moves_a_forecast() -> None:
    import outlook_backtest as bench

    years = tuple(range(1986, 2007))
    rng = np.random.default_rng(1)
    known = np.exp(6 + np.cumsum(0.2 * rng.standard_normal(len(years))))
    changed = known.copy()
    changed[years.index(2001) :] *= 3.0
    first, second = (bench.forecasts((5, years, series, (1999, 2000))) for series in (known, changed))
    np.testing.assert_array_equal(first, second)
