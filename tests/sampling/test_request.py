"""Requests that cannot be answered are refused; rows end where they must."""

import pytest
import torch

from formalrl.errors import ConfigError
from formalrl.sampling.noise import NoiseKey
from formalrl.sampling.request import Record, make_request
from formalrl.sampling.rule import SamplingRule


def decode(ids):
    return "".join(chr(97 + token % 26) for token in ids)


def request_of(policy, prompts=((1,), (2,)), generations=1, *, max_lengths=None, decode=None, **rule):
    return make_request(
        policy,
        prompts,
        generations,
        SamplingRule(**({"max_completion_length": 4} | rule)),
        NoiseKey(0, 0),
        max_lengths,
        decode,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prompts": ((1,), ())}, "prompt 1 has no tokens"),
        ({"prompts": ()}, "nothing to sample"),
        ({"generations": 0}, "nothing to sample"),
        ({"max_lengths": [1]}, "max_lengths"),
        ({"max_lengths": [1, 0]}, "max_lengths"),
        ({"stop_strings": ("a",)}, "decode"),
        ({"eos_token_ids": (37,)}, "eos_token_ids"),
    ],
)
def test_what_cannot_be_sampled_is_refused(tiny_policy, changes, message):
    with pytest.raises(ConfigError, match=message):
        request_of(tiny_policy("gpt2"), **changes)


def add(record, position, tokens):
    rows = torch.arange(len(tokens))
    return record.add(position, rows, torch.tensor(tokens), torch.full((len(tokens),), -1.0), None).tolist()


def test_rows_end_with_an_end_token_or_their_limit(tiny_policy):
    record = Record(request_of(tiny_policy("gpt2"), ((1,), (2,), (3,)), max_lengths=[9, 2, 3], eos_token_ids=(7, 8)))
    assert add(record, 0, [5, 5, 8]) == [True, True, False]
    assert record.add(1, torch.tensor([0, 1]), torch.tensor([7, 5]), torch.zeros(2), None).tolist() == [False, False]
    samples = record.samples()
    assert samples.completion_ids.tolist() == [[5, 7], [5, 5], [8, 0]]
    assert samples.mask.tolist() == [[1, 1], [1, 1], [1, 0]]
    assert samples.finished.tolist() == [True, False, True]
    assert samples.logprobs.tolist() == [[-1, 0], [-1, 0], [-1, 0]]
    assert samples.to("cpu").kept is None


def test_stop_strings_may_span_tokens(tiny_policy):
    record = Record(request_of(tiny_policy("gpt2"), decode=decode, stop_strings=("ab", "z")))
    assert add(record, 0, [0, 25]) == [True, False]  # "a", "z"
    assert record.add(1, torch.tensor([0]), torch.tensor([1]), torch.zeros(1), None).tolist() == [False]  # "ab"
    assert record.samples().finished.tolist() == [True, True]


def test_only_the_end_of_a_long_row_is_decoded(tiny_policy):
    seen = []

    def watch(ids):
        seen.append(len(ids))
        return decode(ids)

    request = request_of(tiny_policy("gpt2"), ((1,),), max_completion_length=200, decode=watch, stop_strings=("zz",))
    record = Record(request)
    for position in range(200):
        add(record, position, [3])
    assert max(seen) == 66
