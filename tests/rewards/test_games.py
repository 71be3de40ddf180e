import functools
import math
import os
import pickle
import random
import signal
from pathlib import Path

import pytest

from formalrl import plugins
from formalrl.errors import ConfigError, EngineError
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.engine import Metrics
from formalrl.games.fim import Blank, blanks, layout
from formalrl.games.library import games
from formalrl.games.ludii import engine as engine_module
from formalrl.games.ludii.client import Client
from formalrl.games.ludii.find import Installation
from formalrl.games.masking import mask_names
from formalrl.games.metrics import gavel_fitness, paper_reward, quality
from formalrl.rewards import games as module
from formalrl.rewards.call import RewardKey
from formalrl.rewards.games import KINDS, LIMITS, WEIGHTS, GamesReward, all_rewards, played
from formalrl.rewards.scorers import open_scorer
from formalrl.rewards.signature import RewardRow, declares
from formalrl.tasks.game_tokenizer import pieces

PREFIX = '(game "GAME_NAME" (players 2) (equipment {(board (square 3)) (piece "PIECE_ALPHA" Each)}) (rules (play (move Add (to (sites Empty)))) (end (if '  # noqa: E501
BLANK = Blank(PREFIX, "(is Line 3)", " (result Mover Win)))))")
NUM_FUZZED = int(os.environ.get("FORMALRL_FUZZED_FILLS", "1500"))


def score(completion, kind="graded", **settings):
    return GamesReward(kind, **settings)(BLANK.prompt, completion, answer=BLANK.middle, game="Row")


def test_it_is_the_reward_of_its_name_and_declares_what_it_depends_on():
    assert plugins.find("reward", "games") is GamesReward
    assert declares(GamesReward().__call__, "deterministic")
    pickle.dumps(GamesReward("paper"))


def test_graded_adds_what_each_stage_is_worth():
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)
    assert score("")["reward"] == 0.0
    assert score("(sites Empty)")["reward"] == pytest.approx(0.05 + 0.15)  # closes, parses
    assert score("(is In 3 (sites P3))")["reward"] < 0.2
    assert score('(is Line 3 what:(id "Ghost"))')["reward"] == pytest.approx(0.25)  # in context, does not compile
    row = BLANK.prefix + "(is Line 2)" + BLANK.suffix
    counts = EmbeddedEngine().evaluate(EmbeddedEngine().compile(row, LIMITS), 10, 100, limits=LIMITS)
    found = score("(is Line 2)")
    assert found["reward"] == pytest.approx(0.4 + 0.6 * quality(counts, 100))
    assert found["playable_new"] == found["new"] == 1.0


def test_final_is_the_last_stage_alone_and_every_kind_tells_the_paper_s_reward():
    found = score("(is Line 2)", "final")
    assert found["reward"] == pytest.approx(found["quality"]) and found["quality"] > 0.2
    assert score("(is Line 3)", "final")["reward"] == pytest.approx(0.5 * score("(is Line 3)")["quality"])
    for broken in ("(is Line", "(sites Empty)", '(is Line 3 what:(id "Ghost"))'):
        assert score(broken, "final")["reward"] == 0.0
    for completion in ("(is Line 2)", "(= 1 1)", "(is Line"):
        expected = score(completion, "paper")["reward"]
        assert all(score(completion, kind)["paper_reward"] == expected for kind in ("graded", "final", "paper"))


def test_all_rewards_of_a_whole_game_are_those_of_the_completion_that_makes_it():
    for fill in ("(is Line 2)", "(= 1 1)", "(is Line 9)"):
        text = BLANK.prefix + fill + BLANK.suffix
        found = all_rewards(text, played(text, 10, 100), skill=0.9)
        assert found.keys() == set(KINDS)
        for kind in ("graded", "final", "paper"):
            assert found[kind] == pytest.approx(score(fill, kind)["reward"])
    counts = played(BLANK.text, 10, 100)
    assert all_rewards(BLANK.text, counts, skill=0.9)["gavel"] == gavel_fitness(counts, 0.9)
    assert all_rewards(BLANK.text, counts)["gavel"] == gavel_fitness(counts) != gavel_fitness(counts, 0.9)
    broken = all_rewards("(game (sites Empty))", Metrics("not_compilable"))
    assert 0.05 < broken["graded"] < 0.25 and broken["final"] == broken["paper"] == broken["gavel"] == 0.0


def test_a_copy_earns_half_whatever_its_layout():
    for copy in ("(is Line 3)", " ( is  Line 3 ) and more"):
        assert score(copy)["new"] == score(copy)["playable_new"] == 0.0
        assert score(copy)["playable"] == 1.0
    assert score("(is Line 3)")["reward"] == pytest.approx(0.5 * score("(is Line 3)", copy_factor=1.0)["reward"])


@pytest.mark.parametrize(
    ("completion", "new"),
    [
        ("(or (is Line 3) (is Line 3))", 0.0),
        ("(if (is Line 3) True)", 0.0),
        ("(and (is Line 3) (not (is Full)))", 1.0),
        ("(is Line 3 Orthogonal)", 1.0),
        ("(is Line 2)", 1.0),
    ],
)
def test_a_game_that_goes_as_the_original_does_is_not_new(completion, new):
    found = score(completion)
    assert found["playable"] == 1.0 and found["new"] == found["playable_new"] == new
    full = score(completion, copy_factor=1.0)["reward"]
    assert found["reward"] == pytest.approx(full if new else 0.5 * full)


def test_paper_is_the_exact_function_of_the_counts():
    for completion, expected in (("(is Line", 0.0), ("(sites Empty)", 0.0), ("(= 1 1)", 0.05)):
        assert score(completion, "paper")["reward"] == expected
    counts = EmbeddedEngine().evaluate(EmbeddedEngine().compile(BLANK.text, LIMITS), 10, 100, limits=LIMITS)
    found = score("(is Line 3)", "paper")
    assert found["reward"] == paper_reward(counts) > 0.5
    assert found["reward"] == pytest.approx(
        sum(found[name] ** (1 / 3) for name in ("balance", "completion", "drawishness")) / 3
    )


def test_gavel_and_skill_ask_a_searching_player():
    found = score("(is Line 3)", "gavel", skill_games=2)
    assert 0 < found["reward"] <= 1 and found["skill"] > 0.5
    assert score("(is Line 9)", "gavel")["reward"] == 0.0  # nobody ever wins
    plain, skilled = score("(is Line 2)"), score("(is Line 2)", skill_weight=1.0, skill_games=2)
    assert skilled["reward"] - plain["reward"] == pytest.approx(
        0.6 * (max(0.0, 2 * skilled["skill"] - 1) - plain["quality"])
    )


def test_a_failing_engine_is_a_failed_scorer_and_a_spent_budget_is_none(monkeypatch):
    monkeypatch.setattr(module, "played", lambda *args: Metrics("engine_error", message="boom"))
    for kind in KINDS:
        with pytest.raises(EngineError, match="boom"):
            score("(is Line 3)", kind)
    monkeypatch.setattr(module, "played", lambda *args: Metrics("timeout", playouts=5))
    assert score("(is Line 2)")["reward"] == pytest.approx(0.35 + 0.05 * 0.5)
    assert score("(is Line 2)", "paper")["reward"] == 0.01


def test_more_playouts_are_played_where_a_column_asks_for_them():
    reward = GamesReward("paper")
    few, many = (reward(BLANK.prompt, "(is Line 3)", playouts=n)["balance"] for n in (2, 50))
    assert few in (0.0, 0.5, 1.0) and many not in (0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"kind": "papers"}, "Did you mean 'paper'"), ({"max_turns": 0}, "5 or more"), ({"copy_factor": 2.0}, "share")],
)
def test_settings_that_cannot_work_are_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        GamesReward(**settings)


def test_arbitrary_completions_have_a_finite_score_and_no_engine_fails():
    draw = random.Random(0)
    every = [blank for game in list(games().values())[::6] for blank in blanks(mask_names(game.text))]
    words = sorted({piece.strip() for blank in every for piece in pieces(blank.text)} - {""})
    reward, found = GamesReward(), dict.fromkeys(("closes", "in_context", "compiles", "playable"), 0.0)
    for number in range(NUM_FUZZED):
        blank, other = draw.choice(every), draw.choice(every)
        changed = [word.strip() for word in pieces(blank.middle)]
        changed[draw.randrange(len(changed))] = draw.choice(words)
        completion = (
            "".join(chr(draw.randrange(0x110000)) for _ in range(draw.randrange(20))),
            " ".join(draw.choices(words, k=draw.randrange(20))),
            layout(" ".join(changed)),
            other.middle,
            other.middle[: draw.randrange(len(other.middle))],
        )[number % 5]
        result = reward(draw.choice((blank.prompt, blank.prompt, "", None)), completion, answer=blank.middle)
        assert all(math.isfinite(value) for value in result.values()) and 0 <= result["reward"] <= 1
        for name in found:
            found[name] += result[name]
    assert 0 < found["playable"] <= found["compiles"] < found["in_context"] < found["closes"] < NUM_FUZZED


PROGRAM = """
import json, sys; sys.path[:] = json.loads(sys.argv[1])
import os
from dataclasses import asdict
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.engine import Diagnostics
from formalrl.games.ludii import worker
from formalrl.rewards.games import LIMITS

class Fake:
    def __init__(self, jvm, jar):
        self.jar, self.engine = jar, EmbeddedEngine()

    def answer(self, request):
        text, mark = request["text"], os.path.join(self.jar, str(len(request["text"])))
        if not os.path.exists(mark):
            open(mark, "w").close()
            os._exit(3)
        if "= 7 7" in text:
            os._exit(3)
        game = self.engine.compile(text, LIMITS)
        if isinstance(game, Diagnostics):
            return {"errors": [game.items[0].message]}
        counts = self.engine.evaluate(game, request["playouts"], request["max_turns"], request["seed"], LIMITS)
        return {name: value for name, value in asdict(counts).items() if name != "diagnostics"}

worker.Bridge = Fake
worker.main(*map(int, sys.argv[2:5]), *sys.argv[5:7])
"""
"""A worker that plays with the embedded engine instead of Java, and dies over the first text of every length."""


@pytest.fixture
def mortal_ludii(monkeypatch, tmp_path):
    """The engine ludii with such workers."""
    monkeypatch.setattr(engine_module, "find", lambda jar: Installation(tmp_path, "1.3.12", tmp_path))
    monkeypatch.setattr(engine_module, "Client", functools.partial(Client, program=PROGRAM))
    for cached in (module.ludii, module.played_by_ludii):
        cached.cache_clear()
    yield module.ludii(None)
    module.ludii(None).close()
    for cached in (module.ludii, module.played_by_ludii):
        cached.cache_clear()


def test_ludii_gives_the_same_rewards_through_workers_that_die_and_dies_as_an_error(mortal_ludii):
    for fill in ("(is Line 2)", "(= 1 1)", "(is Line 3)", "(is Line", "(sites Empty)", ""):
        for kind in ("graded", "paper"):
            assert score(fill, kind, engine="ludii") == score(fill, kind)
    assert mortal_ludii.num_starts == 4  # one for each length of a text that closes its brackets, and the first
    for _ in range(2):  # what failed is not remembered
        with pytest.raises(EngineError, match="Ludii failed"):
            score("(= 7 7)", engine="ludii")
    assert score("(is Line 2)", engine="ludii") == score("(is Line 2)")


def test_what_ludii_compiles_parses_whatever_our_own_language_lacks(monkeypatch):
    counts = Metrics("ok", 10, (6, 4), turns=90, moves=90, decisions=90)
    monkeypatch.setattr(module, "played_by_ludii", lambda *args: counts)
    found = score("(is Unheard of)", engine="ludii")
    assert found["parses"] == found["in_context"] == found["compiles"] == found["playable_new"] == 1.0
    assert found["reward"] == pytest.approx(0.4 + 0.6 * quality(counts, 100))
    assert score("(is Unheard of)")["compiles"] == score("(is Unheard", engine="ludii")["compiles"] == 0.0


def engines_of_ludii() -> list[int]:
    """Return the process ids of Ludii's workers on this machine that are below this process."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            found += [int(folder.name)] if "games.ludii.worker" in (folder / "cmdline").read_text() else []
        except OSError:
            continue
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return [pid for pid in found if pid in ours]


@pytest.mark.java
def test_reward_workers_play_with_ludii_itself_and_replace_it_when_it_is_killed():
    if not os.environ.get("LUDII_JAR"):
        pytest.skip("needs Ludii: set LUDII_JAR to your Ludii.jar")
    pytest.importorskip("jpype")
    texts = [games()[name].text for name in ("Row of Stones", "Frog War", "Bone Yard", "River Race", "Vines", "Planks")]
    every = [blanks(mask_names(text))[-1] for text in texts]
    rows = [RewardRow(blank.prompt, blank.middle, {"answer": blank.middle, "playouts": 2}) for blank in every]
    scorer = open_scorer(GamesReward(engine="ludii"), workers=1, timeout_s=300.0, memory_gib=None)
    try:
        first = scorer.score(rows[:3], RewardKey())
        (victim,) = engines_of_ludii()
        os.kill(victim, signal.SIGKILL)
        found = [*first, *scorer.score(rows[3:], RewardKey())]
        assert victim not in engines_of_ludii() and len(engines_of_ludii()) == 1
    finally:
        scorer.close()
    assert [score.error for score in found] == [None] * len(rows)
    assert all(score.parts["compiles"] == 1.0 and score.parts["new"] == 0.0 for score in found)
    assert engines_of_ludii() == []
