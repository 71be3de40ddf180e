import pytest

from formalrl.checks.subject import RUN_CONFIG, config_to_check
from formalrl.config import resolve
from formalrl.errors import ConfigError
from formalrl.tasks.arithmetic import Arithmetic
from formalrl.training.run_folder import CONFIG


def test_the_task_says_how_it_is_trained_and_what_is_given_stands_above():
    own = config_to_check("arithmetic")
    assert own.load_task() == Arithmetic() and own.num_generations == resolve({"task": "arithmetic"}).num_generations
    given = config_to_check(Arithmetic(), None, {"prompts_per_step": 5, "temperature": None})
    assert (given.prompts_per_step, given.temperature) == (5, 1.0)
    assert config_to_check((["a", "b"], lambda prompt, completion: 1.0)).load_task().train_prompts()


def test_the_settings_of_a_run_are_those_of_its_training_with_the_task_that_is_named(tmp_path):
    assert RUN_CONFIG == CONFIG
    (tmp_path / RUN_CONFIG).write_text(
        "task: notebook:mine\nprompts_per_step: 7\ntemperature: 0.5\nalgorithm: {name: grpo}\nreport_to: [wandb]\n"
    )
    config = config_to_check("arithmetic", tmp_path, {"temperature": 0.25})
    assert (config.prompts_per_step, config.temperature, config.report_to) == (7, 0.25, ())
    assert isinstance(config.load_task(), Arithmetic) and config.output_dir is None


@pytest.mark.parametrize("path", ["./x", "../x", "~/none/such", "/none", "runs/none/such"])
def test_a_path_that_leads_nowhere_is_named(path):
    with pytest.raises(ConfigError, match="there is no folder"):
        config_to_check("arithmetic", path)
    assert config_to_check("arithmetic", "owner/name").model_name_or_path == "owner/name"
