"""Rules that every registered model obeys, on both plans."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from birge.assess.evaluate import evaluate, order, starts
from birge.factbook import Factbook, read_observations
from birge.models.registry import MODELS
from birge.plan import load
from birge.plan.load import embedded_path
from birge.rng import Streams
from birge.variables import variables

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
BOOK = Factbook.embedded().extended(read_observations(SMALL.with_name("small-observations.csv")))
AS_OF = {"embedded": date(2026, 11, 24), "small": date(2027, 9, 1), "past": date(2025, 9, 1)}
PLANS = {"embedded": embedded_path(), "small": SMALL, "past": embedded_path()}


def setups(name: str):
    plan = load(PLANS[name])[0]
    return {m.id: m.setup(plan, BOOK, None, AS_OF[name]) for m in MODELS}


def world(name: str, block: int = 0, draws: int = 1_000, seed: int = 1, inputs=None):
    inputs = inputs or setups(name)
    prepared = {m.id: m.prepare(inputs[m.id], Streams(seed)) for m in MODELS}
    return evaluate(MODELS, prepared, starts(draws), Streams(seed, block, draws), tolerance=1e-6).world


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.id)
def test_every_variable_it_names_is_declared(model) -> None:
    assert set(model.reads) | set(model.writes) <= set(variables())
    assert not any(variables()[w].plan_may_act for w in model.writes)


def test_one_writer_per_variable_and_an_order_exists() -> None:
    assert sorted(m.id for g in order(MODELS) for m in g) == sorted(m.id for m in MODELS)


@pytest.mark.parametrize("name", PLANS)
def test_outputs_have_the_declared_names_dims_and_bounds(name: str) -> None:
    made = world(name)
    for model in MODELS:
        for written in model.writes:
            value, declared = made[written], variables()[written]
            assert value.shape[0] == 1_000
            assert value.ndim == 1 + len(declared.dims), written
            assert not np.isnan(value).any(), written
            finite = value[np.isfinite(value)]
            assert (finite >= declared.bounds[0]).all(), written
            assert (finite <= declared.bounds[1]).all(), written


@pytest.mark.parametrize("name", PLANS)
def test_same_seed_same_numbers_other_seed_other_numbers(name: str) -> None:
    first, again, other = world(name), world(name), world(name, seed=2)
    for key, value in first.items():
        assert (value == again[key]).all(), key
        # arrays over crossings and over effects there are empty where a pair has none
        assert (value != other[key]).any() or value.size == 0, key


def test_a_short_block_is_the_beginning_of_the_block() -> None:
    whole, part = world("embedded", 3), world("embedded", 3, draws=200)
    for key, value in part.items():
        assert (value == whole[key][:200]).all(), key


@pytest.mark.parametrize("name", PLANS)
def test_inputs_are_frozen_and_survive_pickling(name: str) -> None:
    inputs = setups(name)
    for model in MODELS:
        assert isinstance(inputs[model.id], model.inputs)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(inputs[model.id], dataclasses.fields(model.inputs)[0].name, None)
    copy = pickle.loads(pickle.dumps(inputs))
    first, second = world(name, draws=50, inputs=inputs), world(name, draws=50, inputs=copy)
    for key, value in first.items():
        assert (value == second[key]).all(), key


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.id)
def test_every_model_has_a_page(model) -> None:
    page = (Path(__file__).parents[2] / "docs" / "models" / f"{model.id}.md").read_text("utf-8")
    for heading in ("Question", "Equations", "Inputs", "Example", "Evidence", "Limits"):
        assert f"## {heading}" in page, (model.id, heading)
