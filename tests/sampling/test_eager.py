"""The reference sampler follows the model's own probabilities."""

import torch

from formalrl.sampling.eager import Eager
from formalrl.sampling.noise import NoiseKey, uniforms
from formalrl.sampling.rule import SamplingRule

torch.set_num_threads(1)


def test_greedy_completions_are_those_of_generate(tiny_policy):
    policy = tiny_policy("llama")
    samples = Eager().sample(policy, [[1, 2, 3]], 1, SamplingRule(6, temperature=0.0), NoiseKey(0, 0))
    expected = policy.model.generate(
        torch.tensor([[1, 2, 3]]), max_new_tokens=6, do_sample=False, eos_token_id=None, pad_token_id=0
    )
    assert samples.completion_ids.tolist() == expected[:, 3:].tolist()


def test_every_token_is_drawn_with_its_own_number(tiny_policy):
    policy = tiny_policy("gpt2")
    samples = Eager().sample(policy, [[4, 5], [6]], 2, SamplingRule(3), NoiseKey(1, 2))
    numbers = uniforms(NoiseKey(1, 2), 2, 2, 3)
    for row, prompt in enumerate([[4, 5], [4, 5], [6], [6]]):
        text = list(prompt)
        for position in range(3):
            logp = policy.model(input_ids=torch.tensor([text])).logits[0, -1].log_softmax(-1)
            token = int((logp.exp().double().cumsum(0) > numbers[row, position]).nonzero()[0])
            assert samples.completion_ids[row, position] == token
            torch.testing.assert_close(samples.logprobs[row, position], logp[token], atol=2e-5, rtol=1e-4)
            text.append(token)


def test_frequencies_are_the_models_probabilities(tiny_policy):
    policy = tiny_policy("gpt_neox")
    samples = Eager().sample(policy, [[1, 2]], 4000, SamplingRule(1), NoiseKey(0, 0))
    shares = torch.bincount(samples.completion_ids[:, 0], minlength=37) / 4000
    expected = policy.model(input_ids=torch.tensor([[1, 2]])).logits[0, -1].softmax(-1)
    assert (shares - expected).abs().max() < 0.04
