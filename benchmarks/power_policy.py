"""Time the policy of 36 months, measure its gap, and how far the value after the horizon has settled; prints all.

Times are wall clock and time of the process itself: on a shared machine the first says more about the others.
"""

from __future__ import annotations

import platform
import time
from datetime import UTC, datetime

import numpy as np

from birge.models.power import case, power_system
from birge.models.power.circle import settle, spread
from birge.models.power.policy import Policy, Setup, train, water_values
from birge.models.power.simulate import measure, simulate
from birge.rng import Streams

SYSTEM = power_system(("KAZ", "KGZ"))
VOLUMES = (6.5, 8.0, 9.4, 12.0, 15.0)


def policy(members: tuple[str, ...], **changes: float) -> Policy:
    """Train and measure the policy of 2026-2028, and print what it took."""
    cases = [case(SYSTEM, 2026 + m // 12, "swap", members=members) for m in range(36)]
    wall, own = time.perf_counter(), time.process_time()
    made = train(SYSTEM, cases, Setup({"toktogul": 9.4}, **changes))  # type: ignore[arg-type]
    trained = time.process_time() - own
    found = measure(made, 40, Streams(1))
    took = f"{time.perf_counter() - wall:.0f} s by the clock, {time.process_time() - own:.0f} s of the process"
    print(f"\n{'+'.join(members)} {changes or ''}: {took}, {trained:.0f} s of it training, {len(made.bounds)} sweeps")
    print(f"  bound {found.bound:,.0f}, cost {found.cost:,.1f} ± {found.error:.1f} mn USD, 36 months {found.own:,.0f}")
    print(f"  upper 95 % limit {100 * found.gap:.2f} % over the bound, ", end="")
    print(f"{100 * (found.upper - found.bound) / found.own:.1f} % of what the 36 months cost")
    return made


def main() -> None:
    """Print times, gaps and values of water."""
    print(datetime.now(UTC).date(), platform.machine(), platform.processor() or platform.system())
    made = policy(("KGZ",))
    plain = simulate(made, 150, Streams(1))
    print(f"  300 plain paths: cost {plain.cost.mean():,.0f} ± {plain.error:.0f} mn USD")
    true = simulate(made, 150, Streams(1), true_head=True)
    print(f"  with the head of the moment: {true.cost.mean() - plain.cost.mean():+,.0f} mn USD")
    _tail(made)
    for changes in ({"circle": 160}, {"outcomes": 16}):
        _compare(made, policy(("KGZ",), **changes), str(changes))
    policy(("KAZ", "KGZ"), close=0.001)


def _tail(made: Policy) -> None:
    """Print how far 24 and 60 further months in the circle move values of water."""
    of = made.horizon[-1].case
    states = [spread(SYSTEM, of, made.setup.circle, s.month) for s in made.circle]
    before = water_values(made, VOLUMES)
    for months in (24, 36):
        settle(made.circle, states, months // 12, 0.0, made.horizon[0].factor)
        after = water_values(made, VOLUMES)
        moved = np.abs(after - before) / before.mean()
        print(f"  {months} more months in the circle: values of water move by {100 * moved.mean():.2f} %, ", end="")
        print(f"most {100 * moved.max():.2f} % of their mean {before.mean():.0f} mn USD/km3")
        before = after


def _compare(one: Policy, other: Policy, name: str) -> None:
    """Print how far values of water differ between two ways to make the policy."""
    a, b = (water_values(p, VOLUMES) for p in (one, other))
    print(f"  {name}: values of water differ by {100 * np.abs(a - b).mean() / a.mean():.1f} % on average")


if __name__ == "__main__":
    main()
