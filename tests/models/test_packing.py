"""Every token once, at its own position, and every prediction from the right place."""

import torch

from formalrl.models.packing import completion_lengths, lay_out_rows, pack, sharing_pays


def by_hand(random_batch):
    """Prompts of 1 and 2 tokens, completions of 2, 3 and 1."""
    batch = random_batch([1, 2], [2, 1], [2, 3, 1])
    return batch.replace(
        prompt_ids=torch.tensor([[99, 10], [20, 21]]),
        completion_ids=torch.tensor([[1, 2, 99], [3, 4, 5], [6, 99, 99]]),
    )


def test_pack_by_hand(random_batch):
    batch = by_hand(random_batch)
    packed = pack(batch, completion_lengths(batch), compact=False)
    assert packed.input_ids.tolist() == [[10, 20, 21, 1, 3, 4]]  # the last tokens 2, 5 and 6 predict nothing
    assert packed.position_ids.tolist() == [[0, 0, 1, 1, 1, 2]]
    assert packed.keep.view(3, 3).tolist() == [[0, 3, 0], [0, 4, 5], [2, 2, 2]]  # padding: any place
    assert packed.expand is None


def test_compact_packing_computes_every_distribution_once(random_batch):
    batch = by_hand(random_batch)
    packed = pack(batch, completion_lengths(batch), compact=True)
    assert packed.keep.tolist() == [0, 2, 3, 4, 5]
    assert packed.keep[packed.expand].view(3, 3).tolist() == [[0, 3, 0], [0, 4, 5], [2, 2, 2]]


def test_rows_by_hand(random_batch):
    batch = by_hand(random_batch)
    rows = lay_out_rows(batch, completion_lengths(batch))
    assert rows.input_ids[0, :2].tolist() == [10, 1]
    assert rows.input_ids[1].tolist() == [10, 3, 4]
    assert rows.input_ids[2, :2].tolist() == [20, 21]
    assert rows.keep.view(3, 3).tolist() == [[0, 1, 1], [3, 4, 5], [7, 7, 7]]
    assert rows.position_ids is None


def test_a_masked_row_has_no_length(random_batch):
    batch = random_batch([2], [3], [3, 0, 2])
    assert completion_lengths(batch).tolist() == [3, 0, 2]


def test_sharing_pays_where_prompts_are_repeated(random_batch):
    for prompts, groups, lengths, pays in [
        ([20], [4], [4] * 4, True),
        ([20] * 4, [1] * 4, [4] * 4, False),
        ([2], [4], [60] * 4, False),
        ([5, 5], [8, 8], [1] * 16, True),
    ]:
        batch = random_batch(prompts, groups, lengths)
        assert sharing_pays(batch, completion_lengths(batch)) is pays
