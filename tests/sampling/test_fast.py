"""The fast sampler gives the reference's tokens, however rows are batched, and touches nothing of the policy."""

import pytest
import torch

from formalrl.sampling.eager import Eager
from formalrl.sampling.fast import Fast
from formalrl.sampling.gap import as_batch, logprob_gap
from formalrl.sampling.noise import NoiseKey
from formalrl.sampling.rule import SamplingRule

torch.set_num_threads(1)

ARCHITECTURES = ("gpt2", "gpt_neox", "llama")
PROMPTS = [[1, 2, 3], [4, 5, 6, 7, 8, 9], [2], [7, 7, 7, 7]]
KEY = NoiseKey(3, 4)
SETTINGS = {
    "plain": {},
    "filters": {"top_k": 9, "top_p": 0.9, "min_p": 0.05, "temperature": 0.8},
    "greedy": {"temperature": 0.0},
    "stop strings": {"stop_strings": ("ab", "q", "x")},
    "many end tokens": {"eos_token_ids": tuple(range(1, 9))},
}


def rule_of(**changes):
    return SamplingRule(**({"max_completion_length": 12, "eos_token_ids": (0,), "forbidden_token_ids": (5,)} | changes))


def decode(ids):
    return "".join(chr(97 + token % 26) for token in ids)


def sample(sampler, policy, rule, prompts=PROMPTS, generations=5, key=KEY, max_lengths=(12, 3, 12, 7)):
    return sampler.sample(policy, prompts, generations, rule, key, max_lengths=max_lengths, decode=decode)


def assert_same(one, two):
    for name in ("completion_ids", "mask", "finished"):
        assert getattr(one, name).equal(getattr(two, name)), name
    assert (one.kept is None) == (two.kept is None)
    assert one.kept is None or one.kept.equal(two.kept)
    torch.testing.assert_close(one.logprobs, two.logprobs, atol=1e-4, rtol=0)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", SETTINGS)
def test_fast_is_eager_and_sampled_is_scored(tiny_policy, architecture, name):
    policy, rule = tiny_policy(architecture), rule_of(**SETTINGS[name])
    fast = sample(Fast(), policy, rule)
    assert_same(fast, sample(Eager(), policy, rule))
    lengths = fast.mask.sum(1)
    assert lengths.max() <= 12 and len(set(lengths.tolist())) > 1
    assert (fast.completion_ids[fast.mask > 0] != 5).all()
    for prefixes in ("plain", "shared"):
        assert logprob_gap(policy, as_batch(PROMPTS, fast, rule), rule, prefixes=prefixes) < 1e-4


@pytest.mark.parametrize("name", ["plain", "filters"])
def test_splitting_the_batch_changes_nothing(tiny_policy, name):
    policy, rule = tiny_policy("gpt2"), rule_of(**SETTINGS[name])
    whole = sample(Fast(), policy, rule)
    assert_same(whole, sample(Fast(cache_gib=4e-5), policy, rule))
    assert_same(whole, sample(Fast(cache_gib=0.0), policy, rule))


def test_chunks_follow_the_budget(tiny_policy):
    from formalrl.sampling.request import make_request

    policy = tiny_policy("llama")
    request = make_request(policy, [[1, 2]], 6, rule_of(), KEY, None, None)
    a_row = (
        2 + 12
    ) * 2 * 2 * 2 * 8 * 4 + 37 * 24  # tokens x (keys and values) x layers x heads x width x bytes, logits
    sizes = [len(rows) for rows in Fast(cache_gib=4.5 * a_row / 2**30)._chunks(policy, request)]
    assert sizes == [4, 2]


def test_neighbors_change_nothing(tiny_policy):
    policy, rule = tiny_policy("gpt_neox"), rule_of()
    whole = sample(Fast(), policy, rule, max_lengths=None)
    for number, prompt in enumerate(PROMPTS):
        alone = sample(Fast(), policy, rule, [prompt], 3, NoiseKey(3, 4, 0, [number]), None)
        length = alone.mask.shape[1]
        assert alone.completion_ids.equal(whole.completion_ids[5 * number : 5 * number + 3, :length])


def test_another_step_gives_other_tokens(tiny_policy):
    policy, rule = tiny_policy("gpt2"), rule_of()
    assert not sample(Fast(), policy, rule).completion_ids.equal(
        sample(Fast(), policy, rule, key=NoiseKey(3, 5)).completion_ids
    )


def test_each_prompt_is_computed_once_and_finished_rows_leave(tiny_policy):
    policy = tiny_policy("gpt2")
    seen = []
    policy.base.transformer.wte.register_forward_hook(lambda _, args, __: seen.append(args[0].numel()))
    samples = sample(Fast(), policy, rule_of(eos_token_ids=tuple(range(1, 9))), max_lengths=None)
    assert seen[0] == sum(map(len, PROMPTS))
    assert seen[1] <= len(samples.mask)
    live = [int((samples.mask.sum(1) > position).sum()) for position in range(1, samples.mask.shape[1])]
    assert len(seen) == 1 + len(live)
    assert all(fed <= count / 0.8 + 1 for fed, count in zip(seen[1:], live, strict=True))


def test_one_token_completions_need_the_prompts_only(tiny_policy):
    policy = tiny_policy("llama")
    calls = []
    policy.base.model.register_forward_hook(lambda *_: calls.append(1))
    assert sample(Fast(), policy, rule_of(max_completion_length=1), max_lengths=None).mask.shape == (20, 1)
    assert len(calls) == 1


def test_mode_gradients_and_attention_are_left_alone(tiny_policy):
    policy = tiny_policy("gpt2")
    policy.train()
    policy.base.transformer.h[0].eval()
    policy.base.transformer.wte.weight.requires_grad_(False)
    state = [m.training for m in policy.modules()], [p.requires_grad for p in policy.parameters()]
    samples = sample(Fast(), policy, rule_of())
    assert ([m.training for m in policy.modules()], [p.requires_grad for p in policy.parameters()]) == state
    assert policy.base.config._attn_implementation == "sdpa"
    assert not samples.logprobs.requires_grad and not samples.logprobs.is_inference()


def test_gradient_checkpointing_does_not_slow_or_change_sampling(tiny_policy):
    policy, rule = tiny_policy("llama"), rule_of()
    expected = sample(Fast(), policy, rule)
    policy.train()
    policy.model.gradient_checkpointing_enable()
    assert_same(sample(Fast(), policy, rule), expected)


def test_adapters_are_sampled(tiny_policy):
    peft = pytest.importorskip("peft")
    from formalrl.models.policy import Policy

    config = peft.LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    policy, rule = Policy(peft.get_peft_model(tiny_policy("llama").model, config)), rule_of()
    fast = sample(Fast(), policy, rule)
    assert_same(fast, sample(Eager(), policy, rule))
    with policy.model.disable_adapter():
        assert not sample(Fast(), policy, rule).completion_ids.equal(fast.completion_ids)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_bf16_autocast_samples(tiny_policy, architecture):
    policy, rule = tiny_policy(architecture), rule_of()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        samples = sample(Fast(), policy, rule)
        assert logprob_gap(policy, as_batch(PROMPTS, samples, rule), rule) < 0.5
