"""What the policy's probabilities say, compared with a policy whose probabilities are known."""

import math

import pytest
import torch

from formalrl.training import policy_diagnostics
from formalrl.training.collect import collect
from formalrl.training.policy_diagnostics import measure_policy


def flatten(engine):
    """Make every logit 0: the policy gives every permitted token the same probability, whatever the prompt."""
    with torch.no_grad():
        for parameter in engine.policy.model.parameters():
            parameter.zero_()


def test_a_uniform_policy_has_the_entropy_of_its_tokens(make_engine):
    engine = make_engine()
    flatten(engine)
    found = measure_policy(engine, 0)
    assert found["entropy"] == pytest.approx(math.log(engine.num_permitted), abs=1e-5)
    assert found["batch_entropy"] == pytest.approx(math.log(engine.num_permitted), abs=1e-5)
    assert found["prompt_dependence"] == pytest.approx(0.0, abs=1e-6)
    assert found["kl_ref"] is None
    assert found["ref_perplexity"] is None


def test_temperature_flattens_what_is_measured(make_engine):
    settings = {"model": {"preset": "tiny", "initializer_range": 0.5}}
    cold, warm = (measure_policy(make_engine(temperature=t, **settings), 0) for t in (0.5, 2.0))
    assert cold["entropy"] < warm["entropy"]


def test_filters_do_not_hide_entropy(make_engine):
    """Entropies are those over all permitted tokens, whatever top-p keeps when sampling."""
    narrow = make_engine(top_k=1)
    flatten(narrow)
    assert measure_policy(narrow, 0)["entropy"] == pytest.approx(math.log(narrow.num_permitted), abs=1e-5)


def test_kl_to_the_reference_is_zero_before_training_and_positive_after(make_engine):
    engine = make_engine(track_reference=True)
    assert measure_policy(engine, 0)["kl_ref"] == pytest.approx(0.0, abs=1e-7)
    with torch.no_grad():
        for parameter in engine.policy.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    assert measure_policy(engine, 0)["kl_ref"] > 1e-4


def test_completions_of_a_uniform_reference_have_the_perplexity_of_its_tokens(make_engine):
    engine = make_engine(track_reference=True, task={"length": 3})
    flatten(engine)
    engine.reference.load_state_dict({k: torch.zeros_like(v) for k, v in engine.reference.state_dict().items()})
    with torch.no_grad():
        for parameter in engine.policy.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    assert measure_policy(engine, 0)["ref_perplexity"] == pytest.approx(engine.num_permitted, rel=1e-4)


def test_equal_prompts_are_asked_once(make_engine, monkeypatch):
    engine = make_engine(num_diagnostic_prompts=8)
    object.__setattr__(engine, "eval_prompts", [engine.eval_prompts[0]] * 6 + [engine.eval_prompts[1]] * 6)
    asked = []

    def spy(engine, draw, *args):
        asked.extend(prompt.text for prompt in draw.prompts)
        return collect(engine, draw, *args)

    monkeypatch.setattr(policy_diagnostics, "collect", spy)
    found = measure_policy(engine, 0)
    assert asked == [engine.eval_prompts[0].text, engine.eval_prompts[6].text]
    assert found["prompt_dependence_nats"] <= math.log(2) + 1e-6


def test_long_completions_are_measured_over_their_tokens(make_engine):
    engine = make_engine(task={"length": 3})
    flatten(engine)
    assert measure_policy(engine, 0)["entropy"] == pytest.approx(math.log(engine.num_permitted), abs=1e-5)


def test_under_a_grammar_entropies_are_those_over_what_it_permits(make_engine):
    engine = make_engine(grammar=True)
    flatten(engine)
    found = measure_policy(engine, 0)
    assert found["entropy"] == pytest.approx(math.log(4), abs=1e-5)
    assert found["batch_entropy"] == pytest.approx(math.log(4), abs=1e-5)
    assert found["prompt_dependence"] == pytest.approx(0.0, abs=1e-6)
