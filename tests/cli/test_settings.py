"""From arguments to the resolved configuration: precedence, sources, mistakes."""

from pathlib import Path

import pytest

from formalrl.cli.settings import read_request
from formalrl.config import TrainConfig
from formalrl.config_parts import TaskSource
from formalrl.errors import ConfigError, PartNotFoundError

RECIPE = """
def short():
    return {"task": {"name": "arithmetic", "mode": "solution"}, "max_steps": 11, "seed": 11, "learning_rate": 0.11}
"""
FILE = "task: arithmetic\nmax_steps: 22\nseed: 22\nalgorithm: {name: ppo, lam: 0.5}\n"
TASK = """
def prompts():
    return [f"{i} =" for i in range(60)]

def reward(prompt, completion):
    return 1.0

def defaults():
    return {"max_steps": 5, "seed": 5}
"""


def config_of(*arguments: str, command: str = "train") -> TrainConfig:
    config = read_request(list(arguments), command).config
    assert config is not None
    return config


def test_the_task_is_asked_as_the_model_of_the_command_line_is_not_as_that_of_the_recipe():
    for model in (["--model-name-or-path", "some/model"], ["--model-name-or-path", "some/model", "--seed", "3"]):
        task = config_of("--recipe", "sentiment_gpt2", *model).to_dict()["task"]
        assert (task["prompt_tokens"], task["data"]) == ("some/model", "stanfordnlp/imdb")


def test_options_go_above_the_file_above_the_recipe(tmp_path: Path):
    (tmp_path / "r.py").write_text(RECIPE)
    (tmp_path / "c.yaml").write_text(FILE)
    layers = ["--recipe", f"{tmp_path / 'r.py'}:short", "--config", str(tmp_path / "c.yaml")]
    config = config_of(*layers, "--seed", "33", "--algorithm.epsilon", "0.3")
    assert (config.learning_rate, config.max_steps, config.seed) == (0.11, 22, 33)
    assert (config.algorithm.lam, config.algorithm.epsilon) == (0.5, 0.3)  # pyright: ignore[reportAttributeAccessIssue]
    assert config.task.mode == "solution"


def test_every_kind_of_option_reaches_its_part():
    config = config_of(
        *("arithmetic", "--algorithm", "ppo", "--algorithm.lam", "0.9", "--no-algorithm.normalize-advantages"),
        *("--task.operators", "+-", "--regularizers.batch-entropy.coef", "1e-2", "--model.num-layers", "3"),
        *("--warm-start.num-examples", "64", "--no-sft", "--stop-strings", "a", "b"),
    )
    assert (config.algorithm.lam, config.algorithm.normalize_advantages) == (0.9, False)  # pyright: ignore[reportAttributeAccessIssue]
    assert config.task.operators == "+-"
    assert config.regularizers["batch_entropy"].coef == 0.01
    assert (config.model.num_layers, config.warm_start.num_examples) == (3, 64)
    assert (config.sft, config.stop_strings) == (False, ("a", "b"))


def test_a_task_file_brings_its_defaults_below_the_options(tmp_path: Path):
    (tmp_path / "my_task.py").write_text(TASK)
    config = config_of(str(tmp_path / "my_task.py"), "--seed", "7")
    assert (config.max_steps, config.seed) == (5, 7)


def test_data_with_a_reward_file_is_a_task(tmp_path: Path):
    (tmp_path / "r.py").write_text(TASK)
    (tmp_path / "rows.jsonl").write_text("".join(f'{{"prompt": "{i}"}}\n' for i in range(60)))
    config = config_of(str(tmp_path / "rows.jsonl"), "--reward-file", str(tmp_path / "r.py"))
    assert config.task == TaskSource(str(tmp_path / "rows.jsonl"), reward_file=str(tmp_path / "r.py"))


def test_a_resumed_run_needs_only_its_folder(tmp_path: Path):
    (tmp_path / "config.yaml").write_text(FILE)
    config = config_of("--output-dir", str(tmp_path), "--resume", "--max-steps", "44")
    assert (config.seed, config.max_steps, config.output_dir) == (22, 44, str(tmp_path))
    again = config_of("arithmetic", "--output-dir", str(tmp_path), "--resume")
    assert again.algorithm == config.algorithm


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["arithmetic", "--learning-rat", "1"], "Did you mean '--learning-rate'?"),
        (["arithmetic", "--algorithm.lam", "1"], "unknown option '--algorithm.lam'"),  # grpo has none
        (["arithmetic", "--task.operatrs", "+"], "Did you mean '--task.operators'?"),
        (["arithmetic", "more"], "'more' is one argument too many"),
        (["arithmetic", "--resume"], "add --output-dir"),
        ([], "no task is given"),
        (["rows.jsonl"], "--reward-file"),
    ],
)
def test_mistakes_are_named(arguments: list[str], words: str):
    with pytest.raises(ConfigError) as error:
        read_request(arguments, "train")
    assert words in str(error.value)


@pytest.mark.parametrize(
    "arguments", [["arithmtic"], ["arithmetic", "--algorithm", "grop"], ["arithmetic", "--recipe", "x"]]
)
def test_unknown_parts_are_named(arguments: list[str]):
    with pytest.raises(PartNotFoundError):
        read_request(arguments, "train")


def test_help_lists_the_options_of_the_task_and_of_the_algorithm():
    plain = {option.flag for option in read_request(["--help"], "train").options}
    assert {"--resume", "--algorithm.epsilon", "--regularizers.kl.coef", "--model.preset"} <= plain
    named = {option.flag for option in read_request(["arithmetic", "--algorithm", "ppo", "--help"], "train").options}
    assert {"--task.operators", "--algorithm.lam"} <= named
    assert "--resume" not in {option.flag for option in read_request(["--help"], "sft").options}


def test_user_code_runs_once_for_one_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "my_task.py").write_text(TASK.replace("    return [f", '    print("rows")\n    return [f'))
    config = config_of(str(tmp_path / "my_task.py"), "--max-steps", "3")
    config.load_task()
    assert capsys.readouterr().out.count("rows") == 1
