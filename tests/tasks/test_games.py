import pickle

import pytest

from formalrl import plugins
from formalrl.config import differences, resolve
from formalrl.errors import ConfigError
from formalrl.games.fim import read_prompt
from formalrl.tasks.game_corpus import is_held_out_game
from formalrl.tasks.game_tokenizer import count_tokens
from formalrl.tasks.games import Games
from formalrl.types import Task

TASK = Games(examples_per_game=20)


def test_it_is_the_task_of_its_name():
    assert plugins.find("task", "games") is Games
    assert isinstance(TASK, Task)
    pickle.dumps(TASK.reward)
    assert differences(resolve({"task": "games"})) == {}


def test_what_was_taken_out_can_be_played_and_is_not_new():
    task = Games(examples_per_game=20, copy_factor=1.0)
    for prompt in (*task.train_prompts()[:20], *task.eval_prompts()[:5]):
        columns = {**prompt.columns, "playouts": 10}
        found = task.reward(prompt.text, columns["answer"], **columns)
        assert found["playable"] == 1.0 and found["new"] == 0.0 and found["reward"] > 0.35
        assert not task.is_correct(prompt.text, columns["answer"], **columns)
        assert task.reward(prompt.text, "", **columns)["reward"] == 0.0


def test_prompts_of_held_out_games_are_held_out_and_evaluations_play_more():
    assert all(is_held_out_game(prompt.columns["game"]) for prompt in TASK.eval_prompts())
    assert not any(is_held_out_game(prompt.columns["game"]) for prompt in TASK.train_prompts())
    assert {prompt.columns["playouts"] for prompt in TASK.train_prompts()} == {10}
    assert {prompt.columns["playouts"] for prompt in TASK.eval_prompts()} == {100}


@pytest.mark.parametrize("level", Games().levels())
def test_levels_bound_the_middles_and_everything_fits(level):
    task = TASK.at_level(level)
    limit = {1: 6, 2: 12, 3: 24, 4: 40}[level]
    assert max(count_tokens(prompt.columns["answer"]) for prompt in task.train_prompts()) == limit
    assert task.fresh_defaults()["max_completion_length"] >= limit + 1
    tokenizer = task.tokenizer()
    for prompt in (*task.train_prompts()[:100], *task.eval_prompts()[:100]):
        ids = tokenizer.encode(prompt.text).ids
        assert tokenizer.decode(ids) == prompt.text and read_prompt(prompt.text)
        assert len(tokenizer.encode(prompt.columns["answer"]).ids) <= limit + 5  # a word of a held-out game is spelled


def test_examples_are_solved_and_never_held_out():
    examples = TASK.examples(64, 1)
    assert len(set(examples)) == 64 and examples == TASK.examples(64, 1) != TASK.examples(64, 2)
    assert not {prompt for prompt, _ in examples} & {prompt.text for prompt in TASK.eval_prompts()}
    assert len(TASK.examples(10**6)) == len(TASK.train_prompts())


def test_layout_and_what_follows_make_no_new_answer():
    assert TASK.answer_of(" ( is  Line 3 ) )") == TASK.answer_of("(is Line 3)") == "(is Line 3)"
    assert TASK.answer_of(" (is ") == "(is"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"level": 9}, "levels 1 to 4"),
        ({"scoring": "grades"}, "Did you mean 'graded'"),
        ({"playouts": 0}, "playouts is 0"),
        ({"min_completion_tokens": 50}, "no middle is longer than 12"),
        ({"min_length_ratio": 1.0}, "share"),
        ({"max_turns": 1}, "5 or more"),
        ({"ludii_jar": "Ludii.jar"}, "set engine to ludii"),
        ({"engine": "ludii", "scoring": "gavel"}, "scoring gavel asks games of UCT"),
        ({"engine": "ludii", "skill_weight": 0.5}, "skill_weight 0.5 asks games of UCT"),
    ],
)
def test_settings_that_cannot_work_are_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        Games(**settings)


def test_a_corpus_without_such_expressions_is_named():
    with pytest.raises(ConfigError, match="no expression"):
        Games(max_completion_tokens=1).train_prompts()


def test_with_ludii_rewards_have_room_and_time_for_java_and_the_jar_is_looked_for_first(monkeypatch, tmp_path):
    config = resolve({"task": {"name": "games", "engine": "ludii"}})
    assert config.reward_memory_gib is None and config.reward_timeout_s == 300.0
    assert resolve({"task": "games"}).reward_memory_gib == 4.0
    monkeypatch.delenv("LUDII_JAR", raising=False)
    with pytest.raises(ConfigError, match="no Ludii jar is named"):
        Games(engine="ludii").train_prompts()
    with pytest.raises(ConfigError, match="does not exist"):
        Games(engine="ludii", ludii_jar=str(tmp_path / "Ludii.jar")).eval_prompts()
