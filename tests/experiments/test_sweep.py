"""What a sweep is: grids, named settings, seeds, names, configurations before the first run."""

from pathlib import Path

import pytest
import yaml

from formalrl.errors import ConfigError
from formalrl.experiments.sweep import (
    SWEEP,
    configurations,
    grown,
    read_sweep,
    seeds_from,
    short_keys,
    show_value,
    sweep_from,
)

PLANE = {
    "task": "arithmetic",
    "model.preset": "tiny",
    "grid": {"regularizers.entropy.coef": [0, 0.3], "regularizers.batch_entropy.coef": [0, 0.1]},
    "runs": [{"name": "ppo", "algorithm": "ppo", "algorithm.epsilon": 0.1}],
    "seeds": [0, 7],
}


def test_settings_are_the_named_ones_then_every_combination_times_seeds():
    runs = sweep_from(PLANE).runs(Path("root"))
    names = [f"entropy.coef={a}, batch_entropy.coef={b}" for a in ("0", "0.3") for b in ("0", "0.1")]
    assert [run.setting.name for run in runs] == [name for name in ["ppo", *names] for _ in (0, 7)]
    assert [run.seed for run in runs] == [0, 7] * 5
    assert runs[0].folder == Path("root/ppo/seed0")
    assert runs[-1].folder == Path("root/entropy.coef=0.3,batch_entropy.coef=0.1/seed7")
    assert runs[-1].setting.changes == {"regularizers.entropy.coef": 0.3, "regularizers.batch_entropy.coef": 0.1}
    assert runs[-1].label == "entropy.coef=0.3,batch_entropy.coef=0.1-seed7"


def test_every_run_has_its_configuration():
    found = {run.label: config for run, config in configurations(sweep_from(PLANE), Path("root"))}
    last = found["entropy.coef=0.3,batch_entropy.coef=0.1-seed7"]
    assert last.regularizers["entropy"].coef == 0.3 and last.regularizers["batch_entropy"].coef == 0.1
    assert (last.seed, last.output_dir) == (7, "root/entropy.coef=0.3,batch_entropy.coef=0.1/seed7")
    assert last.model.preset == "tiny"
    assert found["ppo-seed0"].algorithm.epsilon == 0.1
    assert type(found["ppo-seed0"].algorithm).__name__ == "PPO"


def test_defaults_follow_what_a_grid_varies():
    # The task's own defaults depend on its mode, and those of a setting on its algorithm: they are not the base's.
    from formalrl.config import resolve

    sweep = sweep_from({"task": "arithmetic", "grid": {"task.mode": ["answer", "solution"]}, "seeds": 1})
    found = [config for _, config in configurations(sweep, Path("root"))]
    for config, mode in zip(found, ("answer", "solution"), strict=True):
        assert config.max_completion_length == resolve({"task": "arithmetic", "task.mode": mode}).max_completion_length


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grid": {"regularizers.entropi.coef": [0]}}, "'regularizers.entropi'.*Did you mean 'regularizers.entropy'"),
        ({"grid": {"learning_rate": ["fast"]}}, "learning_rate is 'fast'.*in learning_rate=fast"),
        ({"grid": {"learning_rate": [1e-3, -1]}}, "learning_rate is -1.*in learning_rate=-1"),
        ({"grid": {"learning_rate": 1e-3}}, "grid.learning_rate is 0.001, expected a list"),
        ({"grid": {"learning_rate": []}}, "expected a list of values, one or more"),
        ({"grid": {"learning_rate": [1e-3, "1e-3"]}}, "lists 0.001 twice"),
        ({"grid": {"seed": [0, 1]}}, "seed cannot be varied"),
        ({"grid": {"output_dir": ["a"]}}, "output_dir cannot be varied"),
        ({"grid": [1]}, "expected a mapping"),
        ({"grid": {"threads": [1]}}, "threads is no setting"),
        ({"runs": [{"learning_rate": 1}]}, "has no name"),
        ({"runs": [{"name": "a"}, {"name": "a"}]}, "'a' twice"),
        ({"runs": {"a": 1}}, "expected a list of settings"),
        ({"runs": [{"name": "a"}, {"name": "b", "seed": 3}]}, "seed cannot be varied"),
        ({"runs": [{"name": "a"}, {"name": "b"}]}, "'a' and 'b' come to the same runs"),
        ({"runs": [{"name": "top_k=3"}], "grid": {"top_k": [3]}}, "called 'top_k=3'"),
        ({"seeds": 0}, "seeds is 0"),
        ({"threads": 0}, "threads is 0"),
        ({"nonsense": 3}, "unknown key 'nonsense'"),
    ],
)
def test_what_cannot_work_is_refused_before_any_run(changes, message):
    with pytest.raises(ConfigError, match=message):
        configurations(sweep_from({"task": "arithmetic", **changes}), Path("root"))


@pytest.mark.parametrize(
    ("value", "seeds"),
    [(3, (0, 1, 2)), ("3", (0, 1, 2)), ("0,3,7", (0, 3, 7)), ([4], (4,)), ("4,", (4,))],
)
def test_seeds_by_number_or_by_name(value, seeds):
    assert seeds_from(value) == seeds


@pytest.mark.parametrize("value", ["", "a", "1,1", [], -1, "0", True, 2.5, [1, -2]])
def test_seeds_that_are_none_are_refused(value):
    with pytest.raises(ConfigError, match="give their number"):
        seeds_from(value)


def test_a_sweep_comes_back_from_its_file(tmp_path: Path):
    sweep = sweep_from({**PLANE, "threads": 2})
    (tmp_path / SWEEP).write_text(yaml.safe_dump(sweep.to_plain(), sort_keys=False))
    assert read_sweep(tmp_path) == sweep
    (tmp_path / SWEEP).write_text("- a")
    with pytest.raises(ConfigError, match="holds no mapping"):
        read_sweep(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_sweep(tmp_path / "none")


def test_only_seeds_may_be_added_to_a_sweep():
    before = sweep_from({**PLANE, "threads": 2})
    grown(before, sweep_from(PLANE))
    grown(before, sweep_from({**PLANE, "seeds": [0, 7, 9]}))
    for changes in ({"seeds": [0]}, {"model.preset": "small"}, {"grid": {}}, {"threads": 1}, {"max_steps": 3}):
        with pytest.raises(ConfigError, match=r"another sweep.*choose another --output-dir"):
            grown(before, sweep_from({**PLANE, **changes}))


def test_short_keys_stay_apart():
    assert short_keys(["regularizers.entropy.coef", "regularizers.batch_entropy.coef", "learning_rate"]) == {
        "regularizers.entropy.coef": "entropy.coef",
        "regularizers.batch_entropy.coef": "batch_entropy.coef",
        "learning_rate": "learning_rate",
    }
    assert short_keys(["a.b.c", "d.b.c"]) == {"a.b.c": "a.b.c", "d.b.c": "d.b.c"}


def test_values_as_one_types_them():
    shown = [None, True, 0.1, 1e-5, 0.123456789, 3, {"name": "grpo", "epsilon": 0.1}, ["a", "b"], "x"]
    assert list(map(show_value, shown)) == [
        *("none", "yes", "0.1", "1e-05", "0.123456789", "3", "grpo(epsilon=0.1)", "a+b", "x")
    ]


def test_folders_are_named_safely_and_apart():
    values = ["a/b.py:f", "a-b.py-f", "../x", "y" * 200]
    sweep = sweep_from({"task": "t", "grid": {"model_name_or_path": values}, "seeds": [0]})
    names = [run.folder.parent.name for run in sweep.runs(Path("root"))]
    assert names[:2] == ["model_name_or_path=a-b.py-f", "model_name_or_path=a-b.py-f-2"]
    assert all("/" not in name and len(name) <= 90 for name in names) and len(set(names)) == 4


def test_without_grid_and_runs_there_is_one_setting():
    assert [run.name for run in sweep_from({"task": "arithmetic", "seeds": 2}).runs(Path("r"))] == [
        "base seed 0",
        "base seed 1",
    ]
