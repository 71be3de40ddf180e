"""Metrics of rollouts by hand."""

import dataclasses
import math

import pytest
import torch

from formalrl.training.metrics import kl_metrics, rollout_metrics
from formalrl.types import Score


def test_rewards_and_errors_by_hand(make_rollouts):
    found = rollout_metrics(make_rollouts([[1.0, 0.0], [0.5, None], [0.5, 0.5]], lengths=[1, 2, 3, 1, 1, 1]))
    assert found["reward/mean"] == pytest.approx(0.5)  # 2.5 / 5: a failed scorer is not a score
    assert found["reward/std"] == pytest.approx(math.sqrt((0.25 + 0.25) / 5))
    assert found["reward/error_rate"] == pytest.approx(1 / 6)
    assert found["reward/error_rate/exception"] == pytest.approx(1 / 6)
    assert found["reward/zero_std_fraction"] == pytest.approx(2 / 3)  # one of three groups has spread
    assert found["train/accuracy"] == pytest.approx(1 / 5)
    assert found["completions/length_mean"] == pytest.approx(1.5)
    assert found["completions/count"] == 6


def test_single_completions_have_no_spread_to_lack(make_rollouts):
    assert "reward/zero_std_fraction" not in rollout_metrics(make_rollouts([[1.0], [0.5]]))
    assert rollout_metrics(make_rollouts([[1.0], [0.5, 0.5]]))["reward/zero_std_fraction"] == 1.0


def test_truncated_completions_are_counted(make_rollouts):
    found = rollout_metrics(make_rollouts([[1.0, 0.0, 0.5, 0.5]], unfinished=[0]))
    assert found["completions/truncated_fraction"] == 0.25


def test_a_step_whose_rewards_all_failed_has_no_mean(make_rollouts):
    found = rollout_metrics(make_rollouts([[None, None]]))
    assert found["reward/error_rate"] == 1.0
    assert not {"reward/mean", "reward/std", "train/accuracy"} & set(found)


def test_parts_are_averaged_over_the_rows_that_have_them(make_rollouts):
    rollouts = make_rollouts([[1.0, 0.0, None]])
    scores = [Score(1.0, parts={"parses": 1.0, "exact": 1.0}), Score(0.0, parts={"parses": 0.0}), rollouts.scores[2]]
    found = rollout_metrics(dataclasses.replace(rollouts, scores=scores))
    assert found["reward/parts/parses"] == 0.5
    assert found["reward/parts/exact"] == 1.0


def test_kl_per_token_and_per_sequence_by_hand(random_batch):
    batch = random_batch([2], [2], [2, 1]).replace(
        old_logprobs=torch.tensor([[-1.0, -1.0], [-1.0, 0.0]]), ref_logprobs=torch.tensor([[-1.5, -1.0], [-1.0, 9.0]])
    )
    found = kl_metrics(batch)
    # k3 of the first token: exp(-0.5) - 1 + 0.5; the others are 0 and padding; three tokens, two sequences
    assert found["policy/kl_ref"] == pytest.approx((math.exp(-0.5) - 0.5) / 3, abs=1e-6)
    assert found["policy/kl_sequence"] == pytest.approx(0.25)
    assert found["policy/ref_perplexity"] == pytest.approx(math.exp(3.5 / 3), abs=1e-5)  # padding is left out
    assert kl_metrics(batch.replace(ref_logprobs=None)) == {}
