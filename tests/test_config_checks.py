"""Settings that cannot work are refused before a model is loaded, with what - why - what to do."""

import dataclasses
from typing import Any

import pytest

from formalrl.config import TrainConfig, apply_overrides
from formalrl.config_checks import AT_LEAST, WITHIN
from formalrl.errors import ConfigError


@pytest.fixture(scope="module")
def config() -> TrainConfig:
    return TrainConfig("arithmetic")


def test_the_defaults_pass(config: TrainConfig):
    config.check()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_generations": 1}, "grpo compares completions of one prompt: set num_generations to 2 or more"),
        ({"num_generations": 1, "algorithm": "rloo"}, "rloo compares"),
        ({"max_steps": 0}, "max_steps is 0"),
        ({"temperature": 0.0}, "temperature is 0.0"),
        ({"top_p": 0.0}, "top_p is 0.0"),
        ({"top_p": 1.5}, "within (0, 1]"),
        ({"min_p": 1.0}, "min_p"),
        ({"metric_for_best_model": "reward"}, "a collapsed policy has a high reward too"),
        ({"metric_for_best_model": "acuracy"}, "Did you mean 'accuracy'?"),
        ({"sampler": "fsat"}, "Did you mean 'fast'?"),
        ({"report_to": ("wandbb",)}, "Did you mean 'wandb'?"),
        ({"truncation_penalty": 0.5}, "set truncation to penalize"),
        ({"truncation": "penalize"}, "truncation_penalty is 0"),
        ({"dynamic_sampling": True, "num_generations": 1, "algorithm": "ppo"}, "a group of one has none"),
        ({"prompt_selection": "learnability", "candidates_per_prompt": 1}, "nothing to choose from"),
        ({"replay_fraction": 0.5}, "does not say what falls short"),
        (
            {"max_at_k": 4, "algorithm": {"name": "grpo", "credit": "steps"}},
            "set max_at_k to 1, or algorithm.credit to completion",
        ),
        (
            {"replay_fraction": 0.5, "prompt_selection": "regret", "curriculum": {"advance_at": 0.5}},
            "set replay_fraction to 0, or curriculum.advance_at to none",
        ),
        ({"replay_fraction": 0.95}, "set it within [0, 0.9]"),
        ({"push_to_hub": True}, "hub_model_id"),
        ({"stop_strings": ("",)}, "empty text"),
        ({"model.use_peft": True}, "set model_name_or_path"),
        ({"warm_start.batch_size": 0}, "warm_start.batch_size"),
        ({"exploration.top_entropy": 0.0}, "set it within (0, 1]"),
        ({"exploration.clip_cov": 1.0}, "exploration.clip_cov is 1.0"),
        ({"exploration.clip_cov_low": 5.0}, "set clip_cov_low below clip_cov_high"),
        ({"curriculum.window": 0}, "curriculum.window is 0"),
        ({"curriculum.rehearsal": 1.0}, "curriculum.rehearsal is 1.0"),
        ({"curriculum.advance_at": float("inf")}, "which no success reaches"),
        ({"algorithm.num_minibatches": 65}, "num_minibatches"),
    ],
)
def test_what_cannot_work_is_refused(config: TrainConfig, changes: dict[str, Any], words: str):
    with pytest.raises(ConfigError) as error:
        apply_overrides(config, changes).check()
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", AT_LEAST)
def test_every_lower_bound_holds(config: TrainConfig, name: str):
    with pytest.raises(ConfigError, match=f"{name} is {AT_LEAST[name] - 1}"):
        dataclasses.replace(config, **{name: AT_LEAST[name] - 1}).check()


@pytest.mark.parametrize("name", WITHIN)
def test_every_interval_holds_at_its_lower_end(config: TrainConfig, name: str):
    low = float(WITHIN[name][1:-1].split(",")[0])
    value = low if WITHIN[name][0] == "(" else low - 0.1
    with pytest.raises(ConfigError, match=name):
        dataclasses.replace(config, **{name: value}).check()


def test_a_tracker_that_is_not_installed_is_named(config: TrainConfig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install trackio"):
        dataclasses.replace(config, report_to=("trackio",)).check()
