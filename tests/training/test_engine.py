"""The state of a run survives JSON, and an engine knows what is on."""

import dataclasses
import json

from formalrl.training.engine import RunState


def test_a_state_survives_json():
    state = RunState(
        step=3, controllers={"kl": {"coef": 0.25}}, micro_batch_size=7, best_value=0.5, table_answers=["a"]
    )
    assert RunState(**json.loads(json.dumps(dataclasses.asdict(state)))) == state


def test_only_regularizers_with_a_coefficient_are_active(make_engine):
    engine = make_engine(regularizers={"entropy": {"coef": 0.1}, "kl": {"coef": 0.0}})
    assert list(engine.active_regularizers) == ["entropy"]
    assert engine.reference is None


def test_forbidden_tokens_are_not_permitted(make_engine):
    plain, fewer = make_engine(), make_engine(forbidden_tokens=["3", "4"])
    assert plain.num_permitted - fewer.num_permitted == 2
    assert 0 < fewer.num_permitted < fewer.policy.vocab_size
