import pytest

from formalrl.errors import CheckpointError, ConfigError, FormalRLError, PartNotFoundError, nearest


def test_nearest_names_the_closest_and_nothing_else():
    assert nearest("gpro", ["ppo", "grpo", "rloo"]) == " Did you mean 'grpo'?"
    assert nearest("zzzz", ["ppo"]) == ""


@pytest.mark.parametrize("error", [ConfigError, PartNotFoundError, CheckpointError])
def test_all_errors_share_one_base(error: type[Exception]):
    assert issubclass(error, FormalRLError)


def test_a_config_error_is_a_value_error():
    assert issubclass(PartNotFoundError, ConfigError) and issubclass(ConfigError, ValueError)
