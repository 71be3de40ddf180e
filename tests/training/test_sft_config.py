"""Warm-start settings: what cannot work is named, with its key and what to set instead."""

import pytest

from formalrl.errors import ConfigError
from formalrl.training.sft_config import SFTConfig


def test_the_defaults_and_no_warm_start_at_all_can_work() -> None:
    SFTConfig().check()
    SFTConfig(num_examples=0, warmup_ratio=0.0).check()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"num_examples": -1}, "num_examples is -1, but must be at least 0"),
        ({"num_epochs": 0}, "num_epochs is 0"),
        ({"micro_batch_size": 0}, "micro_batch_size is 0"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"max_grad_norm": 0.0}, "max_grad_norm 0.0"),
        ({"warmup_ratio": 1.5}, "warmup_ratio is 1.5, but is a fraction"),
    ],
)
def test_impossible_settings_are_named(settings: dict[str, float], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        SFTConfig(**settings).check()  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
