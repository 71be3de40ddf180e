"""Values and reference log-probabilities of a batch, whatever the micro-batches."""

import pytest
import torch

from formalrl.models.policy import score
from formalrl.training.annotate import annotate
from formalrl.training.collate import collate
from formalrl.training.sampling_rounds import sample_rounds
from formalrl.training.stopwatch import Stopwatch

KL = {"kl": {"coef": 0.1, "placement": "reward"}}


def batch_of(engine):
    return collate(sample_rounds(engine, 0, {}, Stopwatch())[0], pad_token_id=engine.rule.pad_token_id)


def test_only_what_is_needed_is_measured(make_engine):
    engine = make_engine(algorithm={"name": "rloo"})
    batch = annotate(engine, batch_of(engine), 1000)
    assert batch.old_values is None
    assert batch.ref_logprobs is None


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_values_and_reference_are_those_of_the_models(make_engine, size):
    engine = make_engine(algorithm={"name": "ppo"}, regularizers=KL, task={"length": 2})
    torch.nn.init.normal_(engine.policy.value_head.weight)
    plain = batch_of(engine)
    batch = annotate(engine, plain, size)
    with torch.no_grad():
        values = score(engine.policy, plain, engine.rule, with_values=True).values
    assert torch.allclose(batch.old_values, values * plain.mask, atol=1e-5)
    # before the first update the policy is its own reference
    assert torch.allclose(batch.ref_logprobs, plain.old_logprobs, atol=1e-5)
    assert batch.old_values.requires_grad is False
    assert ((1 - plain.mask) * (batch.old_values.abs() + batch.ref_logprobs.abs())).sum() == 0


def test_the_reference_stays_where_the_policy_was(make_engine):
    engine = make_engine(algorithm={"name": "rloo"}, regularizers=KL)
    batch = batch_of(engine)
    before = annotate(engine, batch, 1000).ref_logprobs
    with torch.no_grad():
        for parameter in engine.policy.parameters():
            parameter.add_(0.1)
    assert torch.allclose(annotate(engine, batch, 1000).ref_logprobs, before, atol=1e-6)


@pytest.mark.parametrize("size", [3, 1000])
def test_the_mixture_is_over_the_prompts_that_follow(make_engine, size):
    engine = make_engine(task={"length": 2}, regularizers={"pointwise_information": {"coef": 0.1, "contrast": 2}})
    plain = batch_of(engine)
    found = annotate(engine, plain, size).mixture_logprobs
    for row in (0, 13, len(plain) - 1):  # the last prompt is followed by the first
        likelihoods = []
        for distance in range(3):
            other = (plain.prompt_index[row : row + 1] + distance) % len(plain.prompt_ids)
            one = plain.select(torch.tensor([row])).replace(
                prompt_ids=plain.prompt_ids[other], prompt_mask=plain.prompt_mask[other]
            )
            with torch.no_grad():
                logprobs = score(engine.policy, one, engine.rule).logprobs
            likelihoods.append((logprobs * one.mask).sum().exp())
        assert found[row].sum().item() == pytest.approx(torch.stack(likelihoods).mean().log().item(), abs=1e-4)
    assert annotate(make_engine(), plain, size).mixture_logprobs is None


def test_more_contrast_than_prompts_takes_them_all(make_engine):
    engine = make_engine(regularizers={"pointwise_information": {"coef": 0.1, "contrast": 99}}, prompts_per_step=2)
    assert annotate(engine, batch_of(engine), 100).mixture_logprobs is not None


def test_certainty_is_that_of_the_reference(make_engine):
    regularizers = {"kl": {"coef": 0.1, "certainty_power": 2.0}}
    engine = make_engine(regularizers=regularizers, task={"length": 2}, exploration={"top_entropy": 0.5})
    found = annotate(engine, batch_of(engine), 5)
    wanted = 1 - found.old_entropies / torch.tensor(float(engine.num_permitted)).log()
    assert torch.allclose(found.ref_certainty, wanted * found.mask, atol=1e-5)  # the policy is its own reference
    assert found.ref_certainty.max() > 0
