"""Rollouts of ranks and rounds become one, and parts of them can be taken out again."""

import dataclasses

import torch

from formalrl.sampling import Samples
from formalrl.training.rollouts import concatenate, decode_rows, select_groups, written_tokens
from formalrl.types import Prompt


def test_parts_are_joined_in_order_and_shorter_ones_padded(make_rollouts):
    first, second = make_rollouts([[1.0], [0.0]], lengths=[1, 1]), make_rollouts([[0.5, None]], lengths=[3, 2])
    both = concatenate([first, second])
    assert len(both) == 4
    assert both.prompt_index.tolist() == [0, 1, 2, 2]
    assert both.samples.mask.tolist() == [[1, 0, 0], [1, 0, 0], [1, 1, 1], [1, 1, 0]]
    assert both.samples.completion_ids.tolist() == [[10, 0, 0], [11, 0, 0], [10, 20, 30], [11, 21, 0]]
    assert both.rewards()[:3].tolist() == [1.0, 0.0, 0.5]
    assert both.rewards()[3].isnan()
    assert [p.text for p in both.prompts] == ["prompt 0", "prompt 1", "prompt 0"]
    assert both.correct == [True, False, False, None]


def test_one_part_is_left_as_it_is(make_rollouts):
    part = make_rollouts([[1.0]])
    assert concatenate([part]) is part


def test_kept_tokens_are_padded_along_positions(make_rollouts):
    bits = torch.tensor([[[7, 9]]], dtype=torch.uint8)
    first = make_rollouts([[1.0]], lengths=[1], kept=bits)
    second = make_rollouts([[0.0]], lengths=[2], kept=torch.ones(1, 2, 2, dtype=torch.uint8))
    assert concatenate([first, second]).samples.kept.tolist() == [[[7, 9], [0, 0]], [[1, 1], [1, 1]]]


def test_the_end_token_is_not_written(make_rollouts):
    rollouts = make_rollouts([[1.0, 0.0]], lengths=[1, 3])
    rows = [tuple(completion.token_ids) for completion in rollouts.completions]
    assert written_tokens(rollouts, ends=()) == rows
    assert written_tokens(rollouts, ends=(rows[1][-1],)) == [
        rows[0][:-1] if rows[0][-1] == rows[1][-1] else rows[0],
        rows[1][:-1],
    ]


def test_selected_groups_are_the_groups_themselves(make_rollouts):
    rollouts = make_rollouts([[1.0, 0.0], [0.5], [0.25, 0.75]], lengths=[1, 2, 3, 1, 2])
    chosen = select_groups(rollouts, [0, 2])
    assert chosen.prompt_index.tolist() == [0, 0, 1, 1]
    assert [p.text for p in chosen.prompts] == ["prompt 0", "prompt 2"]
    assert [len(ids) for ids in chosen.prompt_ids] == [1, 3]
    assert chosen.rewards().tolist() == [1.0, 0.0, 0.25, 0.75]
    assert chosen.samples.mask.sum(1).tolist() == [1, 2, 1, 2]
    assert [c.text for c in chosen.completions] == ["answer 0", "answer 1", "answer 3", "answer 4"]


def test_all_groups_are_the_rollouts_themselves(make_rollouts):
    rollouts = make_rollouts([[1.0], [0.0]])
    assert select_groups(rollouts, [0, 1]) is rollouts


def test_rows_are_decoded_without_padding_and_equal_ones_once():
    calls = []

    def decode(ids):
        calls.append(ids)
        return " ".join(map(str, ids))

    ids = torch.tensor([[4, 5, 0], [4, 5, 0], [4, 5, 6], [4, 5, 0]])
    mask = torch.tensor([[1.0, 1, 0], [1, 1, 0], [1, 1, 1], [1, 1, 0]])
    samples = Samples(ids, mask, mask, torch.tensor([True, True, True, False]))
    completions = decode_rows(samples, decode)
    assert [c.text for c in completions] == ["4 5", "4 5", "4 5 6", "4 5"]
    assert [c.finished for c in completions] == [True, True, True, False]
    assert completions[2].token_ids == (4, 5, 6)
    assert calls == [[4, 5], [4, 5, 6], [4, 5]]  # the third: the same tokens, but cut off


def test_taking_all_parts_and_joining_them_again_changes_nothing(make_rollouts):
    rollouts = make_rollouts([[1.0, None], [0.5], [0.25, 0.75]], lengths=[1, 2, 3, 1, 2])
    again = concatenate([select_groups(rollouts, [g]) for g in range(3)])
    for field in dataclasses.fields(Samples):
        before, after = getattr(rollouts.samples, field.name), getattr(again.samples, field.name)
        assert before is after is None or torch.equal(before, after), field.name
    assert again.prompt_index.equal(rollouts.prompt_index)
    assert again.scores == rollouts.scores


def test_reaching_a_limit_that_the_task_drew_is_no_truncation(make_rollouts):
    rollouts = make_rollouts([[1.0, 0.0], [0.5, 0.5]], lengths=[2, 3, 3, 3], unfinished=[1, 2, 3])
    drawn = [Prompt("a", {"max_completion_length": 3}), Prompt("b", {"max_completion_length": 4})]
    assert dataclasses.replace(rollouts, prompts=drawn).truncated().tolist() == [False, False, True, True]
    free = [Prompt("a"), Prompt("b")]
    assert dataclasses.replace(rollouts, prompts=free).truncated().tolist() == [False, True, True, True]
