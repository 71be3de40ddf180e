"""Parts in a configuration: by name, by mapping, by object; layer over layer."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from formalrl import plugins
from formalrl.config_parts import (
    TaskSource,
    merge,
    nested,
    part_from,
    part_to_plain,
    regularizers_from,
    regularizers_to_plain,
    task_name,
)
from formalrl.errors import ConfigError, PartNotFoundError
from formalrl.tasks.load import load_task

TASK = """
def prompts():
    return [{"prompt": f"{i} ="} for i in range(60)]

def reward(prompt, completion):
    return float(len(completion))
"""


@pytest.mark.parametrize("kind", ["algorithm", "regularizer", "task"])
def test_every_part_becomes_plain_data_and_the_same_part_again(kind: str):
    for name in plugins.names(kind):
        if name == "reasoning_gym" and find_spec("reasoning_gym") is None:  # an extra
            continue
        part = plugins.find(kind, name)()
        assert part_from(kind, name, kind) == part
        assert part_from(kind, part_to_plain(kind, part), kind) == part
        assert part_from(kind, part, kind) is part


def test_a_part_of_ones_own_is_named_by_its_file(tmp_path: Path):
    file = tmp_path / "half.py"
    ppo = Path(plugins.load("formalrl.algorithms.ppo:PPO")[0].__file__ or "").read_text()
    file.write_text(ppo)
    part = part_from("algorithm", {"name": str(file), "epsilon": 0.3}, "algorithm")
    assert part.epsilon == 0.3
    plain = part_to_plain("algorithm", part)
    assert plain["name"].endswith("half.py:PPO")
    assert part_from("algorithm", plain, "algorithm") == part


def test_unknown_names_and_fields_are_refused_with_the_nearest():
    with pytest.raises(PartNotFoundError, match="'grpo'"):
        part_from("algorithm", "grop", "algorithm")
    with pytest.raises(ConfigError, match=r"algorithm\.epslon.*'algorithm\.epsilon'"):
        part_from("algorithm", {"name": "grpo", "epslon": 1}, "algorithm")
    with pytest.raises(ConfigError, match=r"regularizers\.entrpy.*'regularizers\.entropy'"):
        regularizers_from({"entrpy": {}})
    with pytest.raises(ConfigError, match="algorithm is 3, expected a name"):
        part_from("algorithm", 3, "algorithm")
    with pytest.raises(ConfigError, match="names no algorithm"):
        part_from("algorithm", {"epsilon": 0.1}, "algorithm")


def test_every_regularizer_is_there_and_off_by_default():
    regularizers = regularizers_from({})
    assert sorted(regularizers) == plugins.names("regularizer")
    assert not any(part.enabled for part in regularizers.values())
    changed = regularizers_from({"batch-entropy": {"coef": 0.5}})
    assert changed["batch_entropy"].coef == 0.5
    assert regularizers_from(regularizers_to_plain(changed)) == changed


def test_a_layer_above_changes_only_what_it_names():
    below = {"learning_rate": 1.0, "algorithm": {"name": "ppo", "lam": 0.5}, "regularizers": {"kl": {"coef": 1.0}}}
    above = {"learning-rate": 2.0, "algorithm": {"epsilon": 0.1}, "regularizers": {"kl": {"target": 6}, "entropy": {}}}
    assert merge(below, above) == {
        "learning_rate": 2.0,
        "algorithm": {"name": "ppo", "lam": 0.5, "epsilon": 0.1},
        "regularizers": {"kl": {"coef": 1.0, "target": 6}, "entropy": {}},
    }


def test_another_part_drops_the_settings_of_the_one_below():
    below = {"algorithm": {"name": "ppo", "lam": 0.5}, "task": "arithmetic"}
    assert merge(below, {"algorithm": "grpo"})["algorithm"] == {"name": "grpo"}
    assert merge(below, {"algorithm": "ppo"})["algorithm"] == {"name": "ppo", "lam": 0.5}
    assert merge(below, {"task": {"mode": "solution"}})["task"] == {"name": "arithmetic", "mode": "solution"}


def test_dotted_keys_are_nested_whatever_their_order():
    expected = {"algorithm": {"name": "ppo", "lam": 0.5}, "seed": 3}
    assert nested({"algorithm.lam": 0.5, "algorithm": "ppo", "seed": 3}) == expected
    with pytest.raises(ConfigError, match="keep one"):
        nested({"seed": 3, "seed.x": 4})


def test_a_task_of_ones_own_loads_when_it_is_used(tmp_path: Path):
    file = tmp_path / "my_task.py"
    source = part_from("task", str(file), "task")
    assert isinstance(source, TaskSource)  # the file need not exist yet
    file.write_text(TASK)
    assert len(source.train_prompts()) + len(source.eval_prompts()) == 60
    assert source.reward("1 =", "abc") == 3.0
    assert not hasattr(source, "tokenizer")
    assert task_name(source) == "my_task"
    assert part_from("task", part_to_plain("task", source), "task") == source


def test_data_and_its_reward_stay_in_the_configuration(tmp_path: Path):
    file = tmp_path / "reward.py"
    file.write_text(TASK)
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(f'{{"prompt": "{i} ="}}\n' for i in range(60)))
    plain = {"name": str(data), "reward_file": str(file)}
    source = part_from("task", plain, "task")
    assert part_to_plain("task", source) == plain
    assert source.reward("1 =", "ab") == 2.0


def test_functions_of_a_notebook_are_written_by_name_and_say_so_when_read_again():
    task = load_task(([f"{i} =" for i in range(60)], lambda prompt, completion: 0.0))
    source = part_from("task", part_to_plain("task", task), "task")
    with pytest.raises(ConfigError, match=r"pass them to formalrl\.train\(\) again"):
        source.train_prompts()


def test_the_name_of_a_task_object_outside_any_folder():
    @dataclass(frozen=True)
    class Mine:
        pass

    assert task_name(Mine()) == "mine"
    assert task_name(part_from("task", "arithmetic", "task")) == "arithmetic"
