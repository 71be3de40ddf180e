import torch

from formalrl.ops.step_returns import step_advantages, step_numbers, step_returns

ENDS = torch.tensor([[0.0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 0]])
"""Rows of 4, 3 and 2 tokens with 2, 2 and 1 steps."""
MASK = torch.tensor([[1.0, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]])
REWARDS = torch.tensor([[0.0, 1, 0, 4], [3, 0, 2, 0], [0, 8, 0, 0]])


def test_every_token_belongs_to_the_step_that_ends_next():
    assert step_numbers(ENDS)[MASK > 0].tolist() == [0, 0, 1, 1, 0, 1, 1, 0, 0]


def test_returns_by_hand():
    alone = step_returns(REWARDS, ENDS, 0.0)
    assert alone[MASK > 0].tolist() == [1, 1, 4, 4, 3, 2, 2, 8, 8]
    # 1 + 4 / 2 = 3 and 3 + 2 / 2 = 4
    assert step_returns(REWARDS, ENDS, 0.5)[MASK > 0].tolist() == [3, 3, 4, 4, 4, 2, 2, 8, 8]


def test_rewards_within_a_step_add_up():
    spread = torch.tensor([[0.25, 0.75, -1, 5], [3, 1, 1, 0], [4, 4, 0, 0]])
    assert torch.equal(step_returns(spread, ENDS, 0.5), step_returns(REWARDS, ENDS, 0.5))


def test_advantages_compare_the_same_step_of_a_group():
    returns = step_returns(REWARDS, ENDS, 0.0)
    group = torch.tensor([0, 0, 0])
    # step 0: 1, 3, 8 with mean 4; step 1: 4, 2 with mean 3
    centered = torch.tensor([[-3.0, -3, 1, 1], [-1, -1, -1, 0], [4, 4, 0, 0]])
    assert step_advantages(returns, ENDS, group, MASK, scale=False).tolist() == centered.tolist()
    # standard deviations: sqrt((9 + 1 + 16) / 2) = sqrt(13) and sqrt(2)
    scaled = step_advantages(returns, ENDS, group, MASK, scale=True)
    assert torch.allclose(scaled[:, 0], torch.tensor([-3.0, -1, 4]) / 13**0.5)
    assert torch.allclose(scaled[0, 2:], torch.tensor([1.0, 1]) / 2**0.5)


def test_steps_of_other_prompts_and_lonely_steps_do_not_count():
    returns = step_returns(REWARDS, ENDS, 0.0)
    apart = step_advantages(returns, ENDS, torch.tensor([0, 1, 1]), MASK, scale=True)
    assert apart[0].tolist() == [0, 0, 0, 0]
    assert apart[1, 1:].tolist() == [0, 0, 0]  # the second step of the second prompt is that of one row
    assert apart[1, 0] == -apart[2, 0] != 0


def test_padding_never_leaks():
    noisy = torch.where(MASK > 0, REWARDS, 50.0)
    returns = step_returns(noisy, ENDS, 0.0)
    advantages = step_advantages(returns, ENDS, torch.tensor([0, 0, 0]), MASK, scale=False)
    clean = step_advantages(step_returns(REWARDS, ENDS, 0.0), ENDS, torch.tensor([0, 0, 0]), MASK, scale=False)
    assert torch.equal(advantages, clean)
