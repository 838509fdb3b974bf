"""Forecast the back-test's series with AutoARIMA, AutoETS and Theta of statsforecast; writes mean and error to a file.

Runs in an environment of its own (`requirements/bench-forecast.in`):

    python benchmarks/outlook_peers.py PANEL_FOLDER peers.npz [PAIRS]

Series are logs of turnover up to the origin, as the outlook sees them; the error is that of the method's own 80 %
interval read as a normal.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from panel import HORIZON, ORIGINS, held_out, read_panel

PEERS = ("AutoARIMA", "AutoETS", "Theta")


def main(folder: str, out: str, count: int) -> None:
    """Write arrays mean and sd [peer, pair, origin, horizon] for the first `count` held-out pairs."""
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast.models import AutoARIMA, AutoETS, Theta

    panel = read_panel(folder)
    pairs = held_out(panel)[:count]
    logs = np.log(panel.turnover[pairs])
    mean = np.full((len(PEERS), len(pairs), len(ORIGINS), HORIZON), np.nan)
    sd = mean.copy()
    for o, origin in enumerate(ORIGINS):
        start = time.perf_counter()
        known = [y for y in panel.years if y <= origin]
        long = pd.DataFrame(
            {
                "unique_id": np.repeat(np.arange(len(pairs)), len(known)),
                "ds": np.tile(known, len(pairs)),
                "y": logs[:, : len(known)].ravel(),
            }
        )
        engine = StatsForecast(
            models=[AutoARIMA(season_length=1), AutoETS(season_length=1), Theta(season_length=1)], freq=1, n_jobs=1
        )
        made = engine.forecast(df=long, h=HORIZON, level=[80]).sort_values(["unique_id", "ds"])
        for k, peer in enumerate(PEERS):
            mean[k, :, o] = made[peer].to_numpy().reshape(len(pairs), HORIZON)
            width = (made[f"{peer}-hi-80"] - made[f"{peer}-lo-80"]).to_numpy() / 2 / 1.2815515655446004
            sd[k, :, o] = width.reshape(len(pairs), HORIZON)
        print(origin, f"{time.perf_counter() - start:.0f} s", flush=True)
    np.savez(out, mean=mean, sd=sd, pairs=pairs, peers=np.array(PEERS))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 600)
