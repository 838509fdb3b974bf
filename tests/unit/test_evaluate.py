"""The fixed point over coupled models: a pair with a known answer, and one draw that diverges."""

from __future__ import annotations

import numpy as np
import pytest

from birge.assess.evaluate import evaluate, order
from birge.errors import BirgeError
from birge.rng import Streams
from birge.spec import Model


def linear(name: str, reads: str, writes: str) -> Model:
    """x' = a + b y, with (a, b) per draw as the prepared value."""
    return Model(
        id=name,
        inputs=dict,
        reads=(reads,),
        writes=(writes,),
        setup=lambda *a: {},
        prepare=lambda i, s: i,
        run=lambda p, world, s: {writes: p[0] + p[1] * world[reads]},
    )


def pair() -> list[Model]:
    return [linear("demand", "wait", "trucks"), linear("crossing", "trucks", "wait")]


def start(draws: int) -> dict[str, np.ndarray]:
    return {"wait": np.zeros(draws), "trucks": np.zeros(draws)}


def test_fixed_point_of_a_coupled_pair_and_a_diverging_draw() -> None:
    b = np.array([-0.5, 0.3, 1.5, 0.0])
    prepared = {"demand": (np.full(4, 10.0), b), "crossing": (np.full(4, 1.0), np.full(4, 0.8))}
    out = evaluate(pair(), prepared, start(4), Streams(1, draws=4), damping=0.7)
    exact = (10 + b * 1.0) / (1 - b * 0.8)
    fine = [0, 1, 3]
    assert out.failed.tolist() == [False, False, True, False]
    np.testing.assert_allclose(out.world["trucks"][fine], exact[fine], rtol=1e-7)
    assert (out.residual[fine] <= 1e-8).all()
    assert out.residual[2] > 1e-8


def test_a_draw_does_not_depend_on_its_neighbours() -> None:
    b = np.array([-0.5, 1.5, 0.69])
    both = evaluate(
        pair(),
        {"demand": (np.full(3, 10.0), b), "crossing": (np.ones(3), np.full(3, 0.8))},
        start(3),
        Streams(1, draws=3),
    )
    for i in (0, 2):
        alone = evaluate(
            pair(),
            {"demand": (np.full(1, 10.0), b[i : i + 1]), "crossing": (np.ones(1), np.full(1, 0.8))},
            start(1),
            Streams(1, draws=1),
        )
        assert alone.world["trucks"][0] == both.world["trucks"][i]


def test_order_puts_the_writer_first_and_keeps_cycles_together() -> None:
    models = [linear("c", "wait", "cost"), *pair(), linear("a", "nothing", "start")]
    groups = [[m.id for m in g] for g in order(models)]
    assert groups == [["demand", "crossing"], ["c"], ["a"]]


def test_two_writers_are_an_error() -> None:
    with pytest.raises(BirgeError, match="written by"):
        order([linear("a", "x", "y"), linear("b", "x", "y")])


def test_a_cycle_without_default_is_an_error() -> None:
    with pytest.raises(BirgeError, match="no default"):
        evaluate(pair(), {"demand": (1, 1), "crossing": (1, 1)}, {"wait": np.zeros(2)}, Streams(1, draws=2))
