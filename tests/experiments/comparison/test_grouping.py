"""The settings that differ are found by comparing configurations; seeds of one setting stand together."""

from pathlib import Path

from formalrl.experiments.comparison.folders import find_runs, read_runs
from formalrl.experiments.comparison.grouping import ABSENT, compare
from formalrl.experiments.runs import RunFolder, Samples


def run(name, steps=5, facts=None, **config):
    rows = tuple({"step": step} for step in range(1, steps + 1))
    return RunFolder(Path(name), {"max_steps": 5, **config}, facts or {}, rows, (), (), Samples())


def kl(coef, placement, seed):
    return run(f"{coef}-{seed}", seed=seed, regularizers={"kl": {"coef": coef, "placement": placement}})


def test_seeds_are_grouped_and_the_fewest_settings_that_tell_the_groups_apart_are_named():
    found = compare([kl(0.2, "reward", 1), kl(0.0, "loss", 0), kl(0.2, "reward", 0)])
    assert found.keys == ("regularizers.kl.coef",)
    assert found.along == ("regularizers.kl.placement",)
    assert [(s.name, s.short, [r.config["seed"] for r in s.runs]) for s in found.settings] == [
        ("kl.coef 0", "0", [0]),
        ("kl.coef 0.2", "0.2", [0, 1]),
    ]


def test_a_plane_has_both_its_keys_and_is_sorted_by_number():
    runs = [run(f"{x}-{y}", a={"x": x}, b=y) for x in (10, 9) for y in (0.3, 0.0)]
    found = compare(runs)
    assert found.keys == ("a.x", "b")
    assert [tuple(s.values.values()) for s in found.settings] == [(9, 0.0), (9, 0.3), (10, 0.0), (10, 0.3)]


def test_a_setting_that_one_algorithm_lacks_follows_from_the_algorithm():
    found = compare([run("p", algorithm={"name": "ppo", "lam": 0.95}), run("g", algorithm={"name": "grpo"})])
    assert found.keys == ("algorithm.name",)
    assert found.along == ("algorithm.lam",)
    only = compare([run("p", algorithm={"name": "x", "lam": 0.95}), run("g", algorithm={"name": "x"})])
    assert [s.values for s in only.settings] == [{"algorithm.lam": 0.95}, {"algorithm.lam": ABSENT}]


def test_where_a_run_is_written_and_how_often_it_saves_are_no_settings():
    found = compare([run("a", output_dir="a", save_steps=1, seed=0), run("b", output_dir="b", save_steps=2, seed=1)])
    assert found.keys == ()
    assert [len(s.runs) for s in found.settings] == [2]
    assert found.settings[0].name == "all runs"


def test_a_repeated_seed_is_no_further_evidence():
    found = compare([run("short", steps=2, seed=0), run("long", steps=5, seed=0), run("other", seed=1)])
    assert [str(r.path) for r in found.settings[0].runs] == ["long", "other"]
    assert found.notes == ("all runs: seed 0 was run twice; short is left out, since it is no further evidence",)


def test_names_of_the_caller_go_before_those_of_values_and_give_the_order():
    runs = [kl(0.0, "loss", 0), kl(0.2, "reward", 0)]
    names = {runs[1].path.resolve(): "with KL", runs[0].path.resolve(): "without"}
    found = compare(runs, names)
    assert [s.name for s in found.settings] == ["with KL", "without"]
    assert found.is_named and not compare(runs).is_named


def test_runs_of_different_code_are_pointed_out():
    found = compare([run("a", seed=0, facts={"commit": "1"}), run("b", seed=1, facts={"commit": "2"})])
    assert found.notes == ("the runs differ in commit: 1, 2",)


def test_a_sweep_on_disk_is_grouped(whole_sweep):
    found = compare(read_runs(find_runs([whole_sweep])))
    assert [(s.name, len(s.runs)) for s in found.settings] == [("entropy.coef 0", 3), ("entropy.coef 0.3", 3)]
    assert len(found.runs) == 6 and found.notes == ()
