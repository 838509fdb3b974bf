"""Streams give the same numbers by name, block and seed."""

from __future__ import annotations

import numpy as np

from birge.rng import Streams, blocks


def test_same_name_same_numbers_other_name_other_numbers() -> None:
    s = Streams(7)
    assert (s.at("a", 3).random(5) == s.at("a", 3).random(5)).all()
    assert (s.at("a", 3).random(5) != s.at("b", 3).random(5)).any()
    assert (s.at("a", 3).random(5) != Streams(8).at("a", 3).random(5)).any()


def test_a_bound_block_is_that_block() -> None:
    assert (Streams(7, block=3).at("a").random(5) == Streams(7).at("a", 3).random(5)).all()


def test_streams_are_uncorrelated() -> None:
    x = Streams(1).at("x").standard_normal(20_000)
    y = Streams(1).at("y").standard_normal(20_000)
    assert abs(np.corrcoef(x, y)[0, 1]) < 4 / np.sqrt(20_000)


def test_blocks_cover_all_draws() -> None:
    assert blocks(2_500) == [(0, 1000), (1, 1000), (2, 500)]
    assert blocks(1) == [(0, 1)]
