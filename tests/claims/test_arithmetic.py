"""The scales of the arithmetic claims differ in size, their settings in the entropy term."""

import pytest

from formalrl.claims._arithmetic import BATCH_ENTROPY, ENTROPY, NONE, arithmetic_scales
from formalrl.config import resolve


@pytest.mark.parametrize("scale", ["smoke", "laptop", "paper"])
def test_settings_differ_in_the_entropy_term_alone(scale):
    found = {name: resolve(s) for name, s in arithmetic_scales(NONE, ENTROPY, BATCH_ENTROPY)[scale].settings.items()}
    on = {name: [k for k, part in config.regularizers.items() if part.enabled] for name, config in found.items()}
    assert on == {NONE: [], ENTROPY: ["entropy"], BATCH_ENTROPY: ["batch_entropy"]}
    assert len({str({**config.to_dict(), "regularizers": None}) for config in found.values()}) == 1


def test_the_scale_of_the_paper_has_its_numbers():
    config = resolve(arithmetic_scales(NONE)["paper"].settings[NONE])
    assert config.prompts_per_step * config.max_steps == 2**17
    assert config.model.preset == "gpt2" and config.warm_start.num_examples == 256
