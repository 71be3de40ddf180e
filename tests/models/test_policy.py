"""Shared prefixes and plain rows say the same, gradients included; scores depend on nothing but the rollout."""

import contextlib
import math

import pytest
import torch
from torch.nn import functional as F

from formalrl.models.distribution import pack_bits
from formalrl.models.policy import score
from formalrl.sampling.rule import SamplingRule

torch.set_num_threads(1)

ARCHITECTURES = ("gpt2", "gpt_neox", "llama")
RULE = SamplingRule(8, temperature=0.7, forbidden_token_ids=(3,))
SHAPES = {
    "ragged": ([3, 7, 5], [4, 1, 2], [6, 1, 3, 2, 5, 1, 4], 6),
    "even": ([5, 5], [3, 3], [4] * 6, 4),
    "one token": ([5, 2], [3, 4], [1] * 7, 1),
    "one token in wide columns": ([5, 2], [3, 4], [1] * 7, 3),
    "a row that does not count": ([5, 2], [2, 2], [3, 0, 0, 2], 3),
    "single": ([4], [1], [3], 3),
}


def loss_of(output, batch):
    weights = torch.linspace(-1, 1, batch.mask.numel()).view_as(batch.mask) * batch.mask
    entropy = -(output.logp_all.exp() * output.logp_all.masked_fill(output.logp_all == -math.inf, 0.0)).sum(-1)
    values = 0.0 if output.values is None else output.values
    return (weights * (output.logprobs + entropy + values)).sum()


def scored(policy, batch, prefixes, *, rule=RULE, with_values=True):
    policy.zero_grad()
    output = score(policy, batch, rule, with_values=with_values, prefixes=prefixes)
    loss_of(output, batch).backward()
    grads = {name: p.grad.clone() for name, p in policy.named_parameters() if p.grad is not None}
    return output, grads


def permitted(batch, forbidden=3):
    """A forbidden token is never sampled, so none is scored either."""
    return batch.replace(completion_ids=batch.completion_ids.masked_fill(batch.completion_ids == forbidden, 4))


def assert_same(first, second, batch, tolerance=2e-5):
    (one, one_grads), (two, two_grads) = first, second
    counts = batch.mask > 0
    torch.testing.assert_close(one.logprobs, two.logprobs, atol=tolerance, rtol=1e-4)
    torch.testing.assert_close(one.logp_all[counts], two.logp_all[counts], atol=tolerance, rtol=1e-4)
    if one.values is not None:
        torch.testing.assert_close(one.values[counts], two.values[counts], atol=tolerance, rtol=1e-4)
    assert one_grads.keys() == two_grads.keys() and one_grads
    for name in one_grads:
        scale = max(1.0, float(one_grads[name].abs().max()))
        torch.testing.assert_close(one_grads[name] / scale, two_grads[name] / scale, atol=tolerance, rtol=0)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_shared_prefixes_agree_with_plain_rows(tiny_policy, random_batch, architecture, shape):
    policy, batch = tiny_policy(architecture, with_value_head=True), permitted(random_batch(*SHAPES[shape]))
    assert_same(scored(policy, batch, "plain"), scored(policy, batch, "shared"), batch)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("prefixes", ["plain", "shared"])
def test_scores_are_those_of_one_unpadded_text(tiny_policy, random_batch, architecture, prefixes):
    policy, batch = tiny_policy(architecture, with_value_head=True), permitted(random_batch(*SHAPES["ragged"]))
    output = score(policy, batch, RULE, with_values=True, prefixes=prefixes)
    for row, length in enumerate(batch.mask.sum(1).int().tolist()):
        prompt = int(batch.prompt_index[row])
        prompt_ids = batch.prompt_ids[prompt][batch.prompt_mask[prompt] > 0]
        text = torch.cat([prompt_ids, batch.completion_ids[row, :length]])
        said = policy.model(input_ids=text.unsqueeze(0), output_hidden_states=True)
        logits = said.logits[0, len(prompt_ids) - 1 : -1] / 0.7
        logits[:, 3] = -math.inf
        expected = F.log_softmax(logits, -1)
        chosen = expected.gather(1, text[len(prompt_ids) :].unsqueeze(1)).squeeze(1)
        torch.testing.assert_close(output.logp_all[row, :length], expected, atol=2e-5, rtol=1e-4)
        torch.testing.assert_close(output.logprobs[row, :length], chosen, atol=2e-5, rtol=1e-4)
        values = policy.value_head(said.hidden_states[-1][0, len(prompt_ids) - 1 : -1]).squeeze(-1)
        torch.testing.assert_close(output.values[row, :length], values, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("prefixes", ["plain", "shared"])
def test_neighbors_and_padding_change_nothing(tiny_policy, random_batch, prefixes):
    policy, batch = tiny_policy("gpt2"), random_batch(*SHAPES["ragged"])
    together = score(policy, batch, RULE, prefixes=prefixes).logprobs
    for micro, rows in zip(batch.micro_batches(2), torch.arange(len(batch)).split(2), strict=True):
        alone = score(policy, micro, RULE, prefixes=prefixes).logprobs
        torch.testing.assert_close(alone, together[rows], atol=2e-5, rtol=1e-4)


def test_padding_is_finite_and_its_logprobs_are_zero(tiny_policy, random_batch):
    policy, batch = tiny_policy("gpt2"), random_batch(*SHAPES["ragged"])
    for changed in (batch, batch.replace(kept=pack_bits(torch.ones(7, 6, 37)) * (batch.mask > 0)[..., None])):
        output = score(policy, changed, RULE, prefixes="shared")
        padding = batch.mask == 0
        assert (output.logprobs[padding] == 0).all()
        assert not output.logp_all.isnan().any()
        assert (output.logp_all[padding].exp().sum(-1) - 1).abs().max() < 1e-5


@pytest.mark.parametrize("prefixes", ["plain", "shared"])
def test_kept_sets_and_forbidden_tokens_renormalize(tiny_policy, random_batch, prefixes):
    policy, batch = tiny_policy("gpt2"), random_batch(*SHAPES["ragged"])
    kept = torch.rand(7, 6, 37, generator=torch.Generator().manual_seed(5)) < 0.5
    kept[..., 7] = True
    free = score(policy, batch, SamplingRule(8), prefixes=prefixes).logp_all
    output = score(
        policy, batch.replace(kept=pack_bits(kept)), SamplingRule(8, forbidden_token_ids=(3,)), prefixes=prefixes
    )
    kept[..., 3] = False
    expected = F.log_softmax(free.masked_fill(~kept, -math.inf), -1)
    counts = batch.mask > 0
    torch.testing.assert_close(output.logp_all[counts], expected[counts], atol=1e-5, rtol=1e-5)


def test_greedy_rule_scores_at_temperature_one(tiny_policy, random_batch):
    policy, batch = tiny_policy("gpt2"), random_batch(*SHAPES["even"])
    greedy = score(policy, batch, SamplingRule(8, temperature=0.0)).logprobs
    torch.testing.assert_close(greedy, score(policy, batch, SamplingRule(8)).logprobs)


def test_value_head_starts_at_zero(tiny_policy, random_batch):
    from formalrl.models.policy import Policy

    policy = Policy(tiny_policy("gpt2").model, with_value_head=True)
    assert policy.value_head.weight.dtype == torch.float32
    output = score(policy, random_batch(*SHAPES["even"]), RULE, with_values=True)
    assert (output.values == 0).all()


def test_rows_may_come_in_any_order(tiny_policy, random_batch):
    policy, batch = tiny_policy("gpt2"), random_batch(*SHAPES["even"])
    order = torch.tensor([5, 0, 3, 1, 4, 2])
    fields = ("prompt_index", "completion_ids", "mask", "old_logprobs", "rewards")
    mixed = batch.replace(**{name: getattr(batch, name)[order] for name in fields})
    expected = score(policy, batch, RULE).logprobs[order]
    torch.testing.assert_close(score(policy, mixed, RULE).logprobs, expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_bf16_autocast_works_both_ways(tiny_policy, random_batch, architecture):
    policy, batch = tiny_policy(architecture, with_value_head=True), permitted(random_batch(*SHAPES["ragged"]))
    results = []
    for prefixes in ("plain", "shared"):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            results.append(scored(policy, batch, prefixes))
        assert results[-1][0].logp_all.dtype == torch.float32
        assert results[-1][0].values.dtype == torch.float32
    gap = ((results[0][0].logprobs - results[1][0].logprobs).abs() * batch.mask).max()
    assert gap < 0.5
    flat = [torch.cat([g.flatten() for g in grads.values()]) for _, grads in results]
    assert F.cosine_similarity(flat[0], flat[1], dim=0) > 0.98


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("reentrant", [False, True])
def test_gradient_checkpointing_changes_no_gradient(tiny_policy, random_batch, architecture, reentrant):
    policy, batch = tiny_policy(architecture), permitted(random_batch(*SHAPES["ragged"]))
    expected = scored(policy, batch, "shared", with_values=False)
    policy.train()
    policy.model.gradient_checkpointing_enable({"use_reentrant": reentrant})
    policy.model.enable_input_require_grads()
    assert policy.shares_prefixes
    for prefixes in ("shared", "plain", "shared"):
        assert_same(expected, scored(policy, batch, prefixes, with_values=False), batch)


def test_attention_without_a_plan_is_not_replaced_where_layers_run_again(tiny_policy, random_batch):
    policy, batch = tiny_policy("llama"), permitted(random_batch(*SHAPES["ragged"]))
    policy.base.set_attn_implementation("eager")
    assert policy.shares_prefixes
    expected = scored(policy, batch, "auto", with_values=False)
    policy.train()
    policy.model.gradient_checkpointing_enable()
    assert not policy.shares_prefixes
    assert_same(expected, scored(policy, batch, "auto", with_values=False), batch)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_adapters_work_both_ways(tiny_policy, random_batch, architecture):
    peft = pytest.importorskip("peft")
    from formalrl.models.policy import Policy

    config = peft.LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    policy = Policy(peft.get_peft_model(tiny_policy(architecture).model, config), with_value_head=True)
    batch = permitted(random_batch(*SHAPES["ragged"]))
    assert policy.shares_prefixes
    assert_same(scored(policy, batch, "plain"), scored(policy, batch, "shared"), batch)


def test_only_needed_positions_reach_the_output_head(tiny_policy, random_batch):
    policy, batch = tiny_policy("gpt2"), random_batch([30, 30], [8, 8], [1] * 16)
    seen = []
    policy.base.get_output_embeddings().register_forward_hook(lambda _, __, out: seen.append(out.shape[:-1].numel()))
    score(policy, batch, RULE, prefixes="shared")
    score(policy, batch, RULE, prefixes="plain")
    assert seen == [2, 16]


def test_the_model_is_left_as_it_was(tiny_policy, random_batch):
    policy, batch = tiny_policy("gpt2"), random_batch(*SHAPES["even"])
    before = policy.model.config._attn_implementation
    score(policy, batch, RULE, prefixes="shared")
    with contextlib.suppress(AttributeError):
        policy.prefix_logits(batch.prompt_ids, None, torch.tensor([0]), None)
    assert policy.model.config._attn_implementation == before
    assert not policy.base.get_output_embeddings()._forward_pre_hooks
