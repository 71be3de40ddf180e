"""From rollouts to tensors: what counts, what does not, and where the padding goes."""

import pytest
import torch

from formalrl.training.collate import collate, pad_left


def test_prompts_are_padded_on_the_left():
    ids, mask = pad_left([[5, 6, 7], [8]], pad_token_id=2)
    assert ids.tolist() == [[5, 6, 7], [2, 2, 8]]
    assert mask.tolist() == [[1.0, 1.0, 1.0], [0.0, 0.0, 1.0]]


def test_everything_that_was_sampled_arrives(make_rollouts):
    rollouts = make_rollouts([[0.0, 1.0], [0.5, 0.25]], lengths=[2, 1, 1, 2])
    batch = collate(rollouts, pad_token_id=0)
    assert batch.prompt_ids.tolist() == [[0, 1], [1, 2]]
    assert batch.prompt_index.tolist() == [0, 0, 1, 1]
    assert batch.rewards.tolist() == [0.0, 1.0, 0.5, 0.25]
    assert batch.completion_ids.tolist() == [[10, 20], [11, 0], [12, 0], [13, 23]]
    assert batch.mask.tolist() == [[1, 1], [1, 0], [1, 0], [1, 1]]
    assert batch.old_logprobs.tolist() == [[-0.5, -0.5], [-0.5, 0], [-0.5, 0], [-0.5, -0.5]]


def test_failed_rows_are_dropped_and_groups_renumbered(make_rollouts):
    batch = collate(make_rollouts([[None, None], [0.5, None], [1.0, 0.0]]), pad_token_id=0)
    assert batch.rewards.tolist() == [0.5, 1.0, 0.0]
    assert batch.prompt_index.tolist() == [0, 1, 1]
    assert batch.prompt_ids.tolist() == [[0, 1, 2], [1, 2, 3]]
    assert not torch.isnan(batch.rewards).any()


def test_groups_with_too_few_scored_rows_are_dropped(make_rollouts):
    rollouts = make_rollouts([[0.5, None], [1.0, 0.0]])
    assert collate(rollouts, pad_token_id=0, min_group_size=2).rewards.tolist() == [1.0, 0.0]
    assert collate(rollouts, pad_token_id=0, min_group_size=3) is None
    assert collate(make_rollouts([[None, None]]), pad_token_id=0) is None


@pytest.mark.parametrize(
    ("truncation", "mask", "rewards"),
    [
        ("keep", [[1, 1], [1, 1]], [1.0, 0.5]),
        ("mask", [[1, 1], [0, 0]], [1.0, 0.5]),  # counts in the baseline, not in the loss
        ("penalize", [[1, 1], [1, 1]], [1.0, 0.25]),
    ],
)
def test_truncated_completions(make_rollouts, truncation, mask, rewards):
    rollouts = make_rollouts([[1.0, 0.5]], lengths=[2, 2], unfinished=[1])
    penalty = 0.25 if truncation == "penalize" else 0.0
    batch = collate(rollouts, pad_token_id=0, truncation=truncation, truncation_penalty=penalty)
    assert batch.mask.tolist() == mask
    assert batch.rewards.tolist() == rewards
    assert (batch.old_logprobs * (1 - batch.mask)).abs().sum() == 0


def test_recorded_kept_tokens_follow_their_rows(make_rollouts):
    kept = torch.arange(4, dtype=torch.uint8).reshape(4, 1, 1)
    batch = collate(make_rollouts([[None, 1.0], [None, 0.0]], kept=kept), pad_token_id=0)
    assert batch.kept.flatten().tolist() == [1, 3]
