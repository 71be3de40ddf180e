"""Arguments of `formalrl sweep` to the sweep that they mean."""

from pathlib import Path

import pytest
import yaml

from formalrl.cli.sweep_request import read_sweep_request
from formalrl.errors import ConfigError

GRID = ["--grid", "regularizers.entropy.coef=0,0.3"]


def sweep_of(*arguments: str):
    request = read_sweep_request(arguments)
    assert request.sweep is not None
    return request.sweep


def test_options_of_train_are_settings_that_all_runs_share():
    request = read_sweep_request(["arithmetic", *GRID, "--seeds", "2", "--max-steps", "4", "--model.preset", "tiny"])
    assert request.sweep is not None
    assert request.sweep.base == {"task": {"name": "arithmetic"}, "max_steps": 4, "model": {"preset": "tiny"}}
    assert dict(request.sweep.grid) == {"regularizers.entropy.coef": (0, 0.3)}
    assert [(run.name, config.max_steps, config.seed) for run, config in request.runs] == [
        (f"entropy.coef={coef} seed {seed}", 4, seed) for coef in ("0", "0.3") for seed in (0, 1)
    ]
    assert request.root == Path("runs/arithmetic/sweep-entropy.coef")


def test_the_grid_may_come_first_and_more_than_once():
    one = sweep_of(*GRID, "arithmetic", "--grid=top-k=1,2", "--grid", "learning_rate=1e-3,0.01", "temperature=1")
    assert dict(one.grid) == {
        "regularizers.entropy.coef": (0, 0.3),
        "top_k": (1, 2),
        "learning_rate": (0.001, 0.01),
        "temperature": (1,),
    }
    assert one.seeds == (0, 1, 2, 3, 4)


def test_values_of_a_grid_are_yaml_and_none_clears():
    one = sweep_of("arithmetic", "--grid", "algorithm=ppo,{name: grpo, epsilon: 0.1}", "sft=yes,none", "--seeds", "4,")
    assert one.grid["algorithm"] == ("ppo", {"name": "grpo", "epsilon": 0.1})
    assert one.grid["sft"] == (True, None)
    assert one.seeds == (4,)
    kept = sweep_of("arithmetic", "--grid", "algorithm.scale_rewards=none,group")
    assert kept.grid["algorithm.scale_rewards"] == ("none", "group")


def test_a_file_holds_a_sweep_and_options_go_above_it(tmp_path: Path):
    path = tmp_path / "plane.yaml"
    path.write_text(
        "recipe: arithmetic_entropy\nmax_steps: 7\nmodel.preset: tiny\nseeds: 2\n"
        "grid: {learning-rate: [1e-3, 1e-4]}\nruns: [{name: rloo, algorithm: rloo, num_generations: 4}]\n"
    )
    request = read_sweep_request([str(path), "--max-steps", "9", "--grid", "top_k=0,5", "--seeds", "3,4"])
    assert request.sweep is not None
    assert [setting.name for setting in request.sweep.settings()][:2] == ["rloo", "learning_rate=0.001, top_k=0"]
    assert request.sweep.seeds == (3, 4)
    config = request.runs[0][1]
    assert (config.max_steps, config.model.preset, config.regularizers["entropy"].coef) == (9, "tiny", 0.3)
    assert type(config.algorithm).__name__ == "RLOO" and type(request.runs[2][1].algorithm).__name__ == "PPO"
    assert request.root == Path("runs/arithmetic/plane")


def test_a_sweeps_folder_means_the_sweep_in_it(tmp_path: Path):
    first = read_sweep_request(["arithmetic", *GRID, "--max-steps", "4", "--recipe", "arithmetic_entropy"])
    assert first.sweep is not None
    (tmp_path / "sweep.yaml").write_text(yaml.safe_dump(first.sweep.to_plain(), sort_keys=False))
    again = read_sweep_request([str(tmp_path)])
    assert again.sweep == first.sweep
    assert again.root == tmp_path


def test_seed_and_folder_of_a_configuration_are_the_sweeps_own(tmp_path: Path):
    path = tmp_path / "run.yaml"
    path.write_text("task: arithmetic\nseed: 9\noutput_dir: elsewhere\ntop_p: 0.5\n")
    request = read_sweep_request(["--config", str(path), "--seeds", "1", "--output-dir", str(tmp_path / "out")])
    ((run, config),) = request.runs
    assert (config.seed, config.output_dir, config.top_p) == (0, str(tmp_path / "out" / "base" / "seed0"), 0.5)
    assert run.setting.name == "base"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["arithmetic", "--grid"], "--grid has no value"),
        (["arithmetic", "--grid", "top_k"], "--grid has no value"),
        (["arithmetic", "--grid", "top_k="], "'top_k=' is no part of a grid"),
        (["arithmetic", "--grid", "top_k=[1"], "is no part of a grid"),
        (["arithmetic", "--grid", "topk=1"], "unknown key 'topk'.*'top_k'"),
        (["arithmetic", "--seed", "3"], "unknown option '--seed'.*'--seeds'"),
        (["arithmetic", "--seeds", "x"], "seeds is 'x'"),
        (["arithmetic", "--launcher", "slurm"], "one of local, ray"),
        (["arithmetic", "--max-step", "3"], "Did you mean '--max-steps'"),
        (["nothing.yaml"], "cannot be read"),
        ([*GRID], "no task is given"),
    ],
)
def test_mistakes_are_named(arguments: list[str], message: str):
    with pytest.raises(ConfigError, match=message):
        read_sweep_request(arguments)


def test_help_lists_the_options_of_both():
    request = read_sweep_request(["--help"])
    assert request.sweep is None
    flags = [option.flag for option in request.options]
    assert {"--grid", "--jobs", "--launcher", "--recipe", "--max-steps"} <= set(flags)
    assert "--seed" not in flags and "--resume" not in flags and flags.count("--output-dir") == 1
