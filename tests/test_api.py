"""formalrl from Python: by name, by configuration, and with functions of one's own."""

import json
from pathlib import Path

import pytest

import formalrl
from formalrl.api import Run, doctor_checks, train, warm_start
from formalrl.config import resolve
from formalrl.errors import ConfigError, PartNotFoundError

TOY = str(Path(__file__).parent / "toy_task.py")
SMALL = {"max_steps": 1, "eval_steps": 0, "prompts_per_step": 2, "num_generations": 4, "num_eval_prompts": 8}
SMALL |= {"num_diagnostic_prompts": 4}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A saved tiny model with its tokenizer, as a user would name one."""
    folder = tmp_path_factory.mktemp("api") / "run"
    run = train(TOY, output_dir=str(folder), **SMALL)
    return str(run.output_dir / "checkpoint-1")


@pytest.fixture
def no_report(monkeypatch):
    """Drawing curves takes longer than a tiny run."""
    for name in ("write_report", "write_model_card"):
        monkeypatch.setattr(f"formalrl.api.{name}", lambda run_dir: None)


def test_a_run_knows_its_files(model):
    run = Run(Path(model).parent)
    assert [row["step"] for row in run.metrics()] == [1]
    assert [row["step"] for row in run.evals()] == [0, 1]
    assert (run.output_dir / "report.html").is_file()
    assert (run.output_dir / "README.md").is_file()
    assert Run(Path(model) / "nowhere").metrics() == []


def test_functions_of_a_notebook_train_a_named_model(model, tmp_path, no_report):
    asked = tmp_path / "asked"  # by calls in other processes

    def prompts():
        return [{"prompt": f"{i % 8} {i % 7} =", "wanted": str(i % 8)} for i in range(56)]

    def reward(prompt, completion, wanted):
        asked.touch()
        return {"reward": float(completion.strip() == wanted), "length": len(completion)}

    run = formalrl.train(
        (prompts, reward), model_name_or_path=model, max_completion_length=2, output_dir=str(tmp_path / "n"), **SMALL
    )
    assert asked.exists()
    assert run.summary["n"] <= 8
    assert "reward/parts/length" in run.metrics()[0]
    assert run.summary["accuracy"] is None
    again = json.loads((tmp_path / "n" / "eval.jsonl").read_text().splitlines()[-1])
    assert again["reward"] == run.summary["reward"]


def test_the_batch_form_of_a_reward_is_taken_as_it_is(model, tmp_path, no_report):
    def reward(prompts, completions, **columns):
        assert len(prompts) == len(completions) == len(columns["wanted"])
        return [float(c.strip() == w) for c, w in zip(completions, columns["wanted"], strict=True)]

    rows = [{"prompt": f"{i % 8} {i % 7} =", "wanted": str(i % 8)} for i in range(56)]
    run = train((rows, reward), model_name_or_path=model, max_completion_length=2, output_dir=str(tmp_path), **SMALL)
    assert run.metrics()[0]["reward/error_rate"] == 0.0


def test_a_configuration_is_taken_whole_and_overrides_go_above_it(tmp_path, no_report):
    config = resolve({"task": TOY}, SMALL | {"seed": 5, "output_dir": str(tmp_path / "a")})
    run = train(config=config, algorithm={"name": "rloo"}, output_dir=str(tmp_path / "b"))
    from formalrl.config import load_config

    found = load_config(run.output_dir / "config.yaml")
    assert (found.seed, found.algorithm.__class__.__name__.lower()) == (5, "rloo")
    assert run.output_dir == tmp_path / "b"
    assert not (tmp_path / "a").exists()


def test_events_tell_what_happens(tmp_path, no_report):
    events = []
    train(TOY, output_dir=str(tmp_path / "run"), on_event=lambda *event: events.append(event), **SMALL)
    kinds = [kind for kind, _ in events]
    assert kinds[-1] == "done"
    assert {"phase", "step", "eval", "checkpoint"} <= set(kinds)


def test_a_warm_start_alone_leaves_a_checkpoint(tmp_path, no_report):
    run = warm_start(TOY, output_dir=str(tmp_path / "run"), **SMALL)
    assert (run.output_dir / "checkpoint-0" / "config.json").is_file()
    assert run.metrics() == []
    assert run.summary["step"] == 0


def test_the_hub_gets_the_last_checkpoint(tmp_path, no_report, monkeypatch):
    from formalrl import api

    said = []
    monkeypatch.setattr(api, "publish", lambda *args: said.append(args) or "https://hub/me/model")
    notes = []
    train(
        TOY,
        output_dir=str(tmp_path / "run"),
        push_to_hub=True,
        hub_model_id="me/model",
        on_event=lambda kind, payload: notes.append(payload.get("text")),
        **SMALL,
    )
    assert said == [(tmp_path / "run" / "checkpoint-1", tmp_path / "run" / "README.md", "me/model")]
    assert "Uploaded to https://hub/me/model." in notes


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"learning_rat": 1.0}, "Did you mean 'learning_rate'?"),
        ({"algorithm": {"name": "grpo", "epsilom": 0.2}}, "Did you mean 'algorithm.epsilon'?"),
        ({"num_generations": "many"}, "num_generations is 'many'"),
        ({"num_generations": 1}, "set num_generations to 2 or more"),
    ],
)
def test_settings_that_cannot_work_are_named_and_leave_no_folder(tmp_path, overrides, words):
    with pytest.raises(ConfigError) as caught:
        train(TOY, output_dir=str(tmp_path / "run"), **SMALL | overrides)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_unknown_parts_and_tasks_are_named():
    with pytest.raises(PartNotFoundError, match="Did you mean 'arithmetic'"):
        train("arithmetc")
    with pytest.raises(PartNotFoundError, match="Did you mean 'grpo'"):
        train(TOY, algorithm={"name": "grop"})
    with pytest.raises(ConfigError, match="no task is given"):
        train()


def test_the_doctor_checks_every_architecture():
    found = doctor_checks()
    assert len(found) >= 3
    assert all(check["status"] == "ok" for check in found), found
