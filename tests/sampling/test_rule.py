"""Bad settings are refused with what to do."""

import pytest

from formalrl.errors import ConfigError
from formalrl.sampling.rule import SamplingRule


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("max_completion_length", 0),
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("top_k", -1),
        ("top_p", 0.0),
        ("top_p", 1.1),
        ("min_p", -0.1),
        ("min_p", 1.0),
        ("stop_strings", ("a", "")),
        ("eos_token_ids", (10,)),
        ("forbidden_token_ids", (-1,)),
        ("forbidden_token_ids", tuple(range(10))),
    ],
)
def test_bad_values_are_refused_by_name(setting, value):
    with pytest.raises(ConfigError, match=setting):
        SamplingRule(**({"max_completion_length": 4} | {setting: value})).check(vocab_size=10)


def test_good_values_pass():
    SamplingRule(1, temperature=0.0, top_k=3, top_p=0.9, min_p=0.1, eos_token_ids=(9,), stop_strings=("\n",)).check(10)


def test_greedy_rules_need_no_filter_and_score_at_temperature_one():
    rule = SamplingRule(4, temperature=0.0, top_k=3)
    assert rule.greedy and not rule.filters and rule.scoring_temperature == 1.0
    assert (
        SamplingRule(4, top_k=3).filters and SamplingRule(4, top_p=0.5).filters and SamplingRule(4, min_p=0.5).filters
    )
    assert not SamplingRule(4).filters
