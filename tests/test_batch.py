import torch

from formalrl.batch import Batch


def batch() -> Batch:
    """Three prompts with 2, 1 and 2 completions of two tokens; row b holds the number b."""
    rows = torch.arange(5.0)[:, None].expand(5, 2)
    return Batch(
        prompt_ids=torch.tensor([[0, 10], [11, 12], [0, 13]]),
        prompt_mask=torch.tensor([[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]]),
        prompt_index=torch.tensor([0, 0, 1, 2, 2]),
        completion_ids=rows.long(),
        mask=torch.ones(5, 2),
        old_logprobs=-rows,
        rewards=torch.arange(5.0),
        advantages=rows,
    )


def test_length_is_the_number_of_rollouts():
    assert len(batch()) == 5


def test_selection_keeps_only_the_prompts_it_uses():
    part = batch().select(torch.tensor([0, 3, 4]))
    assert part.prompt_ids.tolist() == [[0, 10], [0, 13]]
    assert part.prompt_index.tolist() == [0, 1, 1]
    assert part.rewards.tolist() == [0.0, 3.0, 4.0] and part.advantages is not None and part.kept is None
    assert part.advantages[:, 0].tolist() == [0.0, 3.0, 4.0]


def test_every_rollout_keeps_its_prompt_in_micro_batches():
    whole = batch()
    parts = list(whole.micro_batches(2))
    assert [len(part) for part in parts] == [2, 2, 1]
    prompts = torch.cat([part.prompt_ids[part.prompt_index] for part in parts])
    assert torch.equal(prompts, whole.prompt_ids[whole.prompt_index])
    assert torch.equal(torch.cat([part.completion_ids for part in parts]), whole.completion_ids)


def test_replace_changes_a_copy():
    whole = batch()
    changed = whole.replace(rewards=torch.zeros(5))
    assert whole.rewards.sum() == 10 and changed.rewards.sum() == 0


def test_moving_keeps_absent_fields_absent():
    moved = batch().to("cpu")
    assert moved.returns is None and torch.equal(moved.mask, batch().mask)
