"""How much the corrections of the world matrix matter: ρ under other choices, as a table (decision 3)."""

from __future__ import annotations

import numpy as np

from birge.factbook.parameters import routing
from birge.factbook.world import WorldTrade, world_trade
from birge.models.trade.diversion import THETAS, ratios

PAIR = ("KAZ", "KGZ")


def home(world: WorldTrade, code: str, gdp: float) -> WorldTrade:
    """Return the world with another GDP of one economy: only its domestic sales change."""
    k = world.codes.index(code)
    sales = world.sales.copy()
    abroad = sales[k].sum() - sales[k, k]
    sales[k, k] = max(gdp - abroad, 0.1 * gdp)
    return WorldTrade(world.codes, sales)


def imports(world: WorldTrade, code: str, factor: float) -> WorldTrade:
    """Return the world with imports of one economy scaled, the difference sold in the rest of the world."""
    k, row = world.codes.index(code), world.codes.index("ROW")
    sales = world.sales.copy()
    moved = sales[:, k] * (factor - 1)
    moved[k] = 0
    sales[:, k] += moved
    sales[:, row] -= moved
    return WorldTrade(world.codes, sales)


def main() -> None:
    """Print the table."""
    base, raw = world_trade(), world_trade(corrected=False)
    k = base.codes.index("KGZ")
    bought = [w.sales[:, k].sum() - w.sales[k, k] for w in (base, raw)]
    print(f"imports of the Kyrgyz Republic, mn USD: {bought[0]:,.0f} corrected, {bought[1]:,.0f} as in the data")
    a = base.codes.index("KAZ")
    print(f"imports of Kazakhstan, mn USD: {base.sales[:, a].sum() - base.sales[a, a]:,.0f}")
    cases = {
        "as chosen": base,
        "GDP of the Kyrgyz Republic 13.99 bn": home(base, "KGZ", 13_987.6),
        "column of the Kyrgyz Republic as in the data": raw,
        "its imports 20 % lower": imports(base, "KGZ", 0.8),
        "its imports 20 % higher": imports(base, "KGZ", 1.2),
        "imports of Kazakhstan 17 % lower": imports(base, "KAZ", 0.83),
    }
    print("\n| world | pair alone | crossing, lowest routing | crossing, highest routing |\n|---|---|---|---|")
    four = int(np.flatnonzero(THETAS == 4)[0])
    for name, world in cases.items():
        made = ratios(world, PAIR, routing(PAIR))
        assert made is not None
        cells = [m.sum(axis=-1) for m in (made.alone[four], made.crossing[four, 0], made.crossing[four, -1])]
        print(f"| {name} | " + " | ".join(f"{x:.3f}, {y:.3f}" for x, y in cells) + " |")
    made = ratios(base, PAIR, routing(PAIR))
    assert made is not None
    print("\n| θ | pair alone | crossing, lowest routing | crossing, highest routing |\n|---|---|---|---|")
    for t, theta in enumerate(THETAS):
        cells = [m.sum(axis=-1) for m in (made.alone[t], made.crossing[t, 0], made.crossing[t, -1])]
        print(f"| {theta:g} | " + " | ".join(f"{x:.3f}, {y:.3f}" for x, y in cells) + " |")


if __name__ == "__main__":
    main()
