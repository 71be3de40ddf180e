"""Methods that hold tokens back or add to the reward leave the toy task learnable, in seconds; so does a curriculum."""

from pathlib import Path

import pytest
import torch

TOY = str(Path(__file__).parents[1] / "toy_task.py")
TWO_PASSES = {"name": "grpo", "num_ppo_epochs": 2}
METHODS = {
    "clip_cov": {"exploration": {"clip_cov": 0.05, "clip_cov_low": 0.5, "clip_cov_high": 100.0}},
    "kl_cov": {"regularizers": {"kl_cov": {"coef": 1.0, "fraction": 0.1}}},
    "top_entropy": {"exploration": {"top_entropy": 0.5}},
    "information": {
        "regularizers": {"pointwise_information": {"coef": 0.1, "coef_end": 0.0, "coef_schedule": "linear"}}
    },
}


def learned(tmp_path, **settings):
    """Return the metrics of every step, and means of two of them over the last ten."""
    from formalrl.api import train

    torch.set_num_threads(1)
    chosen = {"algorithm": TWO_PASSES, "max_steps": 80, "learning_rate": 3e-3, "eval_steps": 0} | settings
    rows = train(chosen.pop("task", TOY), output_dir=str(tmp_path / "run"), **chosen).metrics()
    accuracy, entropy = (sum(row[name] for row in rows[-10:]) / 10 for name in ("train/accuracy", "policy/entropy"))
    return rows, accuracy, entropy


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_learns(tmp_path, method):
    _, accuracy, entropy = learned(tmp_path, **METHODS[method])
    assert accuracy > 0.3  # chance: 0.09, a constant answer: 0.125
    if (
        method == "top_entropy"
    ):  # learns from the undecided half of the tokens, and stays undecided for longer: 0.3 without
        assert entropy > 0.6


@pytest.mark.slow
def test_steps_are_learned_from_their_own_rewards(tmp_path):
    task = {"name": TOY, "length": 2, "stepwise": True}
    rows, *_ = learned(tmp_path, task=task, algorithm=TWO_PASSES | {"credit": "steps"})
    rewards = [row["reward/mean"] for row in rows]
    assert sum(rewards[-10:]) / 10 > sum(rewards[:10]) / 10 + 0.1  # 0.07 and 0.24 with this seed


@pytest.mark.slow
def test_a_curriculum_reaches_the_last_level(tmp_path):
    rows, accuracy, _ = learned(tmp_path, curriculum={"advance_at": 0.6, "window": 5})
    levels = [row["curriculum/level"] for row in rows]
    assert levels == sorted(levels)
    assert set(levels) == {0, 1, 2}
    assert accuracy > 0.3
