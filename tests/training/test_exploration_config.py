"""Choice of tokens: what cannot work is refused."""

import pytest

from formalrl.errors import ConfigError
from formalrl.training.exploration_config import ExplorationConfig


@pytest.mark.parametrize(
    "setting",
    [{"top_entropy": 0.0}, {"top_entropy": 1.1}, {"clip_cov": -0.1}, {"clip_cov": 1.0}, {"clip_cov_low": 5.0}],
)
def test_what_cannot_work_is_refused(setting):
    with pytest.raises(ConfigError, match=f"exploration.{next(iter(setting))}"):
        ExplorationConfig(**setting).check()


def test_it_is_off_by_default():
    ExplorationConfig().check()
    assert not ExplorationConfig().enabled
    assert ExplorationConfig(top_entropy=0.2).enabled
    assert ExplorationConfig(clip_cov=0.1).enabled
