"""The gap is zero for what was sampled, and is seen where positions or temperature are wrong."""

import dataclasses

import torch

from formalrl.sampling.fast import Fast
from formalrl.sampling.gap import as_batch, logprob_gap
from formalrl.sampling.noise import NoiseKey
from formalrl.sampling.rule import SamplingRule

torch.set_num_threads(1)

PROMPTS = [[1, 2, 3], [4, 5, 6, 7, 8, 9]]
RULE = SamplingRule(5, eos_token_ids=(0,), pad_token_id=36)


def test_the_batch_holds_the_samples(tiny_policy):
    samples = Fast().sample(tiny_policy("gpt2"), PROMPTS, 2, RULE, NoiseKey(0, 0))
    batch = as_batch(PROMPTS, samples, RULE)
    assert batch.prompt_ids.tolist() == [[36, 36, 36, 1, 2, 3], [4, 5, 6, 7, 8, 9]]
    assert batch.prompt_mask.tolist() == [[0, 0, 0, 1, 1, 1], [1] * 6]
    assert batch.prompt_index.tolist() == [0, 0, 1, 1]
    assert batch.old_logprobs.equal(samples.logprobs)


def test_the_gap_sees_faults(tiny_policy):
    policy = tiny_policy("gpt2")
    batch = as_batch(PROMPTS, Fast().sample(policy, PROMPTS, 4, RULE, NoiseKey(0, 0)), RULE)
    assert logprob_gap(policy, batch, RULE) < 1e-4
    assert logprob_gap(policy, batch, dataclasses.replace(RULE, temperature=0.5)) > 0.1
    shifted = batch.replace(prompt_mask=torch.ones_like(batch.prompt_mask))  # padding taken for text
    assert logprob_gap(policy, shifted, RULE) > 0.1
