"""Settings in words."""

from formalrl.experiments.runs import read_run
from formalrl.experiments.settings import (
    changed_settings,
    flattened,
    model_in_words,
    part_in_words,
    regularizers_in_words,
    reproduce_command,
    what_and_how,
)


def test_only_what_differs_from_the_defaults_is_told(make_run):
    changed = changed_settings(read_run(make_run(steps=7)).config)
    assert changed["model.num_layers"] == 4 and changed["max_steps"] == 7
    assert "model.preset" not in changed and "seed" not in changed and "algorithm.name" not in changed
    assert changed_settings({"learning_rate": 1e-3, "no_longer_known": 1}) == {"no_longer_known": 1}


def test_parts_and_regularizers_that_are_on(make_run):
    config = read_run(make_run(steps=5)).config
    assert part_in_words(config["algorithm"]) == "grpo (epsilon 0.2, epsilon_high 0.28, loss_type dr_grpo)"
    words = regularizers_in_words(config["regularizers"])
    assert words.startswith("batch_entropy (coef 0.5, coef_end 0.05") and ";" not in words
    assert regularizers_in_words({"entropy": {"coef": 0.0, "target": 0.3}}).startswith("entropy")
    assert regularizers_in_words(None) == regularizers_in_words({}) == "none"
    assert part_in_words({"name": "rloo"}) == "rloo" and part_in_words("x") == "x"


def test_models():
    assert model_in_words({"model_name_or_path": "gpt2"}) == "gpt2"
    assert model_in_words({"model": {"preset": "small"}}) == "fresh small model" and model_in_words({}) == "fresh model"


def test_facts_are_sorted_into_versions_and_machine(make_run):
    rows = dict(what_and_how(read_run(make_run(steps=5))))
    assert rows["Versions"] == "python 3.11.9, formalrl 0.1.0, torch 2.13.0, transformers 5.1.0"
    assert rows["Machine"] == "Linux-6.1-x86_64, 2 threads" and rows["Commit"] == "0123456789ab"
    assert rows["A step"] == "32 prompts x 64 completions" and rows["Steps"] == "5 of 5"


def test_a_run_without_settings_still_has_words(make_run):
    folder = make_run(steps=5)
    (folder / "config.yaml").unlink()
    assert dict(what_and_how(read_run(folder)))["Steps"] == "5 of ?"


def test_the_command_quotes_what_a_shell_would_read(make_run):
    command = reproduce_command(read_run(make_run(steps=5)))
    assert command.startswith("formalrl train arithmetic --config ") and command.endswith("-again")


def test_flattening():
    assert flattened({"a": {"b": {"c": 1}}, "d": {}, "e": 2}) == {"a.b.c": 1, "d": {}, "e": 2}
