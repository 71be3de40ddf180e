"""Model settings: presets, overrides, and combinations that cannot work."""

import subprocess
import sys

import pytest

from formalrl.errors import ConfigError
from formalrl.models.config import PRESETS, ModelConfig, Shape


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_possible_model(preset: str) -> None:
    ModelConfig(preset=preset).check(fresh=True)


def test_overrides_come_before_the_preset_and_the_task_comes_last() -> None:
    assert ModelConfig(num_layers=3, architecture="llama").shape(32) == Shape("llama", 3, 128, 4, 32)
    assert ModelConfig().shape().context_length == 64
    assert ModelConfig(preset="gpt2").shape(32).context_length == 1024
    assert ModelConfig(preset="gpt2", context_length=48).shape(32).context_length == 48


@pytest.mark.parametrize(
    ("settings", "fresh", "words"),
    [
        ({"preset": "smal"}, True, "Did you mean 'small'"),
        ({"num_heads": 3}, True, "not divisible by num_heads 3"),
        ({"hidden_size": 20, "num_heads": 4, "architecture": "llama"}, True, "rotary positions"),
        ({"num_layers": 0}, True, "num_layers is 0"),
        ({"use_peft": True}, True, "set model_name_or_path"),
        ({"use_peft": True, "lora_dropout": 0.1}, False, "lora_dropout is 0.1"),
        ({"use_peft": True, "lora_r": 0}, False, "lora_r is 0"),
        ({"load_in_8bit": True}, False, "set use_peft to true"),
        ({"load_in_8bit": True, "load_in_4bit": True, "use_peft": True}, False, "exclude each other"),
        ({"load_in_4bit": True, "use_peft": True}, True, "set model_name_or_path"),
    ],
)
def test_impossible_settings_say_what_to_do(settings: dict[str, object], fresh: bool, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        ModelConfig(**settings).check(fresh=fresh)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_the_settings_load_no_torch() -> None:
    code = "import sys, formalrl.models.config, formalrl.training.sft_config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
