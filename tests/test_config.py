"""TrainConfig: round trips, layers, overrides, files."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formalrl import plugins
from formalrl.config import (
    TrainConfig,
    apply_overrides,
    differences,
    from_dict,
    load_config,
    read_settings,
    resolve,
    to_dict,
    to_yaml,
)
from formalrl.config_schema import help_of, hints_of
from formalrl.errors import ConfigError


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy of values of a scalar field's type."""
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) is tuple:
        return st.lists(st.text(max_size=5), max_size=3).map(tuple)
    if type(None) in get_args(hint):
        return st.none() | values_of(next(arg for arg in get_args(hint) if arg is not type(None)))
    floats = st.floats(allow_nan=False)
    return {bool: st.booleans(), int: st.integers(), float: floats, str: st.text(max_size=9)}[hint]


SCALARS = {
    name: hint
    for name, hint in hints_of(TrainConfig).items()
    if name not in ("task", "model", "warm_start", "curriculum", "exploration", "algorithm", "regularizers")
}


@given(
    st.fixed_dictionaries({name: values_of(hint) for name, hint in SCALARS.items()}),
    st.sampled_from(plugins.names("algorithm")),
    st.fixed_dictionaries({name: st.floats(0, 9) for name in plugins.names("regularizer")}),
)
def test_dict_yaml_and_json_give_the_same_configuration_again(
    tmp_path_factory: pytest.TempPathFactory, scalars: dict[str, Any], algorithm: str, coefficients: dict[str, float]
):
    config = TrainConfig(
        "arithmetic",
        algorithm=algorithm,  # pyright: ignore[reportArgumentType]
        regularizers={name: {"coef": coef} for name, coef in coefficients.items()},  # pyright: ignore[reportArgumentType]
        **scalars,
    )
    assert from_dict(to_dict(config)) == config
    assert from_dict(json.loads(json.dumps(to_dict(config)))) == config
    folder = tmp_path_factory.getbasetemp()
    config.save(folder / "config.yaml")
    assert load_config(folder / "config.yaml") == config
    assert load_config(folder) == config


def test_every_field_has_a_docstring():
    assert set(help_of(TrainConfig)) == set(hints_of(TrainConfig))


def test_parts_by_name_by_mapping_and_by_object_are_the_same():
    by_name = TrainConfig("arithmetic", algorithm="ppo")  # pyright: ignore[reportArgumentType]
    by_mapping = from_dict({"task": {"name": "arithmetic"}, "algorithm": {"name": "ppo"}})
    by_object = TrainConfig(plugins.find("task", "arithmetic")(), algorithm=plugins.find("algorithm", "ppo")())
    assert by_name == by_mapping == by_object


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"learning_rat": 1}, "'learning_rat': the configuration has no such setting. Did you mean 'learning_rate'?"),
        ({"algorithm": {"name": "ppo", "lamb": 1}}, "Did you mean 'algorithm.lam'?"),
        ({"model": {"num_layer": 2}}, "Did you mean 'model.num_layers'?"),
        ({"model": "small"}, "model is 'small' (text), expected ModelConfig"),
        ({"regularizers": ["entropy"]}, "regularizers is ['entropy'] (list), expected mapping"),
        ({"max_steps": "many"}, "max_steps is 'many' (text), expected int."),
        ({"algorithm": {"epsilon": 2}}, "algorithm: epsilon is 2.0"),
    ],
)
def test_mistakes_name_their_path(values: dict[str, Any], words: str):
    with pytest.raises(ConfigError) as error:
        from_dict({"task": "arithmetic", **values})
    assert words in str(error.value)


def test_without_a_task_the_known_ones_are_named():
    with pytest.raises(ConfigError, match="arithmetic"):
        from_dict({})


def test_overrides_change_dotted_keys_only():
    config = TrainConfig("arithmetic", seed=3)
    changed = apply_overrides(
        config, {"algorithm.epsilon": "0.3", "regularizers.batch-entropy.coef": 1, "max-steps": 7}
    )
    assert changed.algorithm.epsilon == 0.3  # pyright: ignore[reportAttributeAccessIssue]
    assert changed.regularizers["batch_entropy"].coef == 1.0
    expected = to_dict(config) | {"max_steps": 7}
    expected["algorithm"] |= {"epsilon": 0.3}
    expected["regularizers"]["batch_entropy"] |= {"coef": 1.0}
    assert to_dict(changed) == expected
    with pytest.raises(ConfigError, match=r"algorithm\.epsilon"):
        apply_overrides(config, {"algorithm.epslon": 1})


def test_replace_keeps_the_task_object_and_takes_mappings():
    config = TrainConfig("arithmetic")
    changed = config.replace(seed=4, algorithm={"name": "ppo", "lam": 0.5})
    assert changed.task is config.task
    assert (changed.seed, changed.algorithm.lam) == (4, 0.5)  # pyright: ignore[reportAttributeAccessIssue]


def test_layers_go_above_each_other_and_above_the_task(monkeypatch: pytest.MonkeyPatch):
    task = plugins.find("task", "arithmetic")
    defaults = {"seed": 1, "max_steps": 1, "learning_rate": 1.0, "algorithm": "ppo", "regularizers.entropy.coef": 0.1}
    monkeypatch.setattr(task, "defaults", lambda self: defaults)
    monkeypatch.setattr(task, "fresh_defaults", lambda self: {})
    config = resolve({"task": "arithmetic", "max_steps": 2, "learning_rate": 2.0}, {"learning-rate": 3.0})
    assert (config.seed, config.max_steps, config.learning_rate) == (1, 2, 3.0)
    assert config.regularizers["entropy"].coef == 0.1
    assert type(config.algorithm).__name__ == "PPO"
    assert type(resolve({"task": "arithmetic", "algorithm": "grpo"}).algorithm).__name__ == "GRPO"
    assert differences(config) == {"learning_rate": 3.0, "max_steps": 2}


def test_the_defaults_of_a_task_depend_on_its_own_settings(monkeypatch: pytest.MonkeyPatch):
    task = plugins.find("task", "arithmetic")
    monkeypatch.setattr(task, "fresh_defaults", lambda self: {"max_steps": self.max_value})
    assert resolve({"task": "arithmetic"}, {"task.max_value": 50}).max_steps == 50


def test_a_named_model_takes_settings_for_pretrained_ones():
    assert resolve({"task": "arithmetic"}).prompt_selection == "regret"
    named = resolve({"task": "arithmetic", "model_name_or_path": "gpt2"})
    assert (named.prompt_selection, named.learning_rate, named.warm_start.learning_rate) == ("uniform", 1e-5, 2e-5)
    assert named.max_completion_length == 1
    assert differences(named) == {"model_name_or_path": "gpt2"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.yaml", "a: [", "is not valid YAML"),
        ("a.json", "{", "is not valid YAML or JSON"),
        ("a.yaml", "", "holds nothing, expected a mapping"),
        ("a.yaml", "- 1", "holds list, expected a mapping"),
    ],
)
def test_a_file_that_is_no_configuration_is_named(tmp_path: Path, name: str, text: str, words: str):
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError) as error:
        read_settings(tmp_path / name)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match="does not exist"):
        load_config(tmp_path / "none.yaml")


def test_yaml_of_people_is_read(tmp_path: Path):
    text = "task: arithmetic\nalgorithm: ppo\nlearning-rate: 1e-4\nmixed_precision: no\nreport_to: wandb\n"
    (tmp_path / "a.yaml").write_text(text)
    config = load_config(tmp_path / "a.yaml")
    assert (config.learning_rate, config.mixed_precision, config.report_to) == (1e-4, "no", ("wandb",))
    assert "learning_rate: 0.0001" in to_yaml(config)


@pytest.mark.parametrize("letter", ["\x85", "\u2028", "\x00", "\n", " ", "é", "no", "1e3", "\ufeff", "😀"])
def test_every_letter_survives_a_file(tmp_path: Path, letter: str):
    config = TrainConfig("arithmetic", stop_strings=(letter, f"a{letter}b"))
    config.save(tmp_path / "a.yaml")
    assert load_config(tmp_path / "a.yaml") == config


def test_importing_it_loads_no_torch():
    program = "import sys, formalrl.config; assert not {'torch', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_configuration_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainConfig("arithmetic").seed = 3  # pyright: ignore[reportAttributeAccessIssue]
