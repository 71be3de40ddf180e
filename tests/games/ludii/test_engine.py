import math
import pickle
import random
import statistics

import pytest

from formalrl.errors import ConfigError
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.embedded.program import Game, choose
from formalrl.games.engine import Diagnostics, Limits, Metrics
from formalrl.games.library import games
from formalrl.games.ludii import engine as engine_module
from formalrl.games.ludii.engine import LudiiEngine, LudiiGame

LINE = """(game "Tic" (players 2) (equipment {(board (square 3)) (piece "Disc" P1) (piece "Cross" P2)})
(rules (play (move Add (to (sites Empty)))) (end (if (is Line 3) (result Mover Win)))))"""


def test_settings_that_cannot_work_are_refused_before_anything_runs(monkeypatch):
    monkeypatch.delenv("LUDII_JAR", raising=False)
    with pytest.raises(ConfigError, match="no Ludii jar"):
        LudiiEngine()
    with pytest.raises(ConfigError, match="0 workers"):
        LudiiEngine(workers=0)


def test_every_failure_has_its_status_and_no_other_game_is_lost(fake_engine, monkeypatch, tmp_path):
    monkeypatch.setattr(engine_module, "GRACE_S", 0.0)
    engine = fake_engine(workers=2)
    texts = ["a", "hang", "b", "die always", "c", f"die once {tmp_path / 'mark'}", "wrong", "(define d", "full", "d"]
    found = engine.score_texts(texts, limits=Limits(wall_s=5.0))
    assert [m.status for m in found] == [
        "ok",
        "timeout",
        "ok",
        "engine_error",
        "ok",
        "ok",
        "not_compilable",
        "not_compilable",
        "timeout",
        "ok",
    ]
    assert [m.message for m in found if m.status == "ok"] == ["a", "b", "c", texts[5], "d"]
    assert "5 seconds" in found[1].message and "ZeroDivisionError" in found[3].message
    assert found[6].diagnostics[0].kind == "unknown" and found[6].diagnostics[0].start == 0
    assert "memory" in found[8].message


def test_texts_that_are_refused_start_no_process(fake_engine):
    engine = fake_engine()
    assert engine.score_text("(define x)").status == "not_compilable"
    assert isinstance(engine.compile("(" * 1000), Diagnostics)
    assert engine.num_starts == 0


def test_compiling_gives_a_game_that_only_this_engine_plays(fake_engine, line_text):
    engine = fake_engine()
    game = engine.compile("a")
    assert game == LudiiGame("a", "a", 9, 2) and engine.evaluate(game).wins == (1, 0)
    other = EmbeddedEngine().compile(line_text)
    assert isinstance(other, Game) and engine.evaluate(other).status == "engine_error"


def test_what_hangs_while_compiling_is_a_diagnostic(fake_engine, monkeypatch):
    monkeypatch.setattr(engine_module, "GRACE_S", 0.0)
    found = fake_engine().compile("hang", Limits(wall_s=0.3))
    assert isinstance(found, Diagnostics) and found.items[0].kind == "limit"


def test_a_copy_has_workers_of_its_own(fake_engine):
    engine = fake_engine()
    engine.start()
    copy = pickle.loads(pickle.dumps(engine))
    assert copy.num_starts == 0 and copy.installation == engine.installation and len(engine.pids) == 1


def test_closing_ends_all_workers_and_the_engine_can_go_on(fake_engine):
    engine = fake_engine(workers=2)
    engine.score_texts(["a", "b", "c"])
    engine.close()
    assert engine.pids == []
    assert engine.score_text("a").status == "ok"


def z_of_share(wins: int, n: int, share: float) -> float:
    return (wins / n - share) / math.sqrt(share * (1 - share) / n)


@pytest.mark.java
def test_tic_tac_toe_has_its_exact_shares(ludii):
    n = 4000
    found = ludii.score_text(LINE, n)
    for wins, share in ((found.wins[0], 0.5850), (found.wins[1], 0.2881), (found.draws, 0.1270)):
        assert abs(z_of_share(wins, n, share)) < 4
    assert (found.playouts, found.sites, found.sites_used, found.cut) == (n, 9, 9, 0)
    assert found.turns == found.moves  # one move a turn
    full = found.draws  # only a full board has states with one move: the last move of a draw or of a ninth-move win
    assert found.moves - found.decisions >= full
    # with 9 - k free sites after k moves, a game of m moves offers 9 + 8 + ... + (10 - m)
    assert ludii.move_counts(LINE, 4) == [9, 72, 504, 3024]


@pytest.mark.java
def test_the_same_text_and_seed_give_the_same_counts_whatever_came_before(ludii):
    first = ludii.score_text(LINE, 50)
    ludii.score_text(LINE.replace("3))", "4))"), 20)
    assert ludii.score_text(LINE, 50) == first != ludii.score_text(LINE, 50, seed=1)
    chance = LINE.replace("(move Add", "(if (= 0 (value Random (range 0 3))) (move Pass) (move Add")
    chance = chance.replace("(sites Empty))))", "(sites Empty)))))")
    one = ludii.score_text(chance, 30)
    ludii.close()  # a fresh process
    assert one.status == "ok" and ludii.score_text(chance, 30) == one and ludii.score_text(LINE, 50) == first


@pytest.mark.java
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "syntax"),
        ("hello", "syntax"),
        ("\0(((", "syntax"),
        (LINE[:-1], "syntax"),
        (LINE.replace("Line 3", "Lin 3"), "unknown"),
        (LINE.replace("(is Line 3)", "(banana split)"), "unknown"),
        (LINE.replace("(players 2)", "(players 2) (players 2)"), "argument"),
        ("(metadata (info))", "syntax"),
        ('(piece "a" P1)', "semantic"),
    ],
)
def test_bad_texts_are_not_compilable_and_say_why(ludii, text, kind):
    found = ludii.score_text(text, 5)
    assert found.status == "not_compilable" and found.diagnostics[0].kind == kind
    assert found.message and "<" not in found.message


@pytest.mark.java
def test_boards_over_the_limit_are_refused(ludii):
    found = ludii.score_text(LINE, 5, limits=Limits(max_sites=8))
    assert found.status == "not_compilable" and found.diagnostics[0].kind == "limit"
    assert ludii.score_text(LINE, 5, limits=Limits(max_sites=9)).status == "ok"


@pytest.mark.java
def test_a_rule_that_fails_in_play_is_unplayable_or_refused(ludii):
    loop = LINE.replace("(is Line 3)", "(can Move (forEach Piece))").replace('"Disc" P1', '"Disc" P1 (forEach Piece)')
    assert ludii.score_text(loop, 5, limits=Limits(wall_s=30)).status in ("unplayable", "not_compilable")


@pytest.mark.java
def test_the_budget_in_moves_ends_an_evaluation_wherever_it_runs(ludii):
    found = ludii.score_text(LINE, 100, limits=Limits(max_total_moves=50))
    assert found.status == "timeout" and found.moves <= 50 and "50 moves" in found.message
    endless = LINE.replace("(is Line 3)", "(is Line 9)").replace("(move Add (to (sites Empty)))", "(move Pass)")
    cut = ludii.score_text(endless.replace("(end (if (is Line 9) (result Mover Win)))", ""), 3, max_turns=20)
    assert (cut.status, cut.cut + cut.draws) in {("ok", 3), ("not_compilable", 0)}


@pytest.mark.java
@pytest.mark.slow
@pytest.mark.parametrize("rule", ["huge board", "recursive define"])
def test_what_hangs_is_killed_and_booked(ludii, rule):
    if rule == "huge board":
        text, engine = LINE.replace("(square 3)", "(square 300)"), ludii
    else:
        text = '(define "A" (and {"A" "A"}))' + LINE.replace("(is Line 3)", '"A"')
        engine = LudiiEngine(full_language=True)
    found = engine.score_text(text, 5, limits=Limits(max_sites=10**6, wall_s=1))
    assert found.status in ("timeout", "not_compilable") and found.message
    assert engine.score_text(LINE, 5).status == "ok"
    if engine is not ludii:
        engine.close()


LIBRARY = sorted(games().values(), key=lambda game: game.name)


def embedded_counts(game: Game, depth: int, most: int) -> list[int]:
    states, totals = [game.start()], []
    for ply in range(depth):
        totals.append(sum(len(game.moves(state)) for state in states))
        if totals[-1] > most or ply + 1 == depth:
            break
        following = []
        for state in states:
            for move in game.moves(state):
                child = state.copy()
                game.play(child, move)
                following += [] if child.over else [child]
        states = following
    return totals


def z_scores(game: Game, found: Metrics, k: int) -> list[float]:
    """Return how far apart wins and turns are, in standard errors, with k playouts of the embedded engine."""
    rng, wins, turns = random.Random(1), [0, 0, 0], []
    for _ in range(k):
        state = game.start()
        while not state.over and not game.is_cut(state, 500):
            game.play(state, choose(game, state, rng)[0])
        wins[state.winner if state.over else 0] += 1
        turns.append(state.turns)
    n, out = found.playouts, []
    for player in (1, 2):
        pooled = (wins[player] + found.wins[player - 1]) / (k + n)
        spread = math.sqrt(pooled * (1 - pooled) * (1 / k + 1 / n))
        out.append((wins[player] / k - found.wins[player - 1] / n) / spread if spread else 0.0)
    spread = statistics.pstdev(turns) * math.sqrt(1 / k + 1 / n)
    return [*out, (statistics.mean(turns) - found.turns / n) / spread if spread else 0.0]


@pytest.mark.java
@pytest.mark.slow
@pytest.mark.parametrize("template", sorted({game.template for game in LIBRARY}))
def test_both_engines_play_the_library_alike(ludii, template):
    one = next(game for game in LIBRARY if game.template == template)
    game = EmbeddedEngine().compile(one.text)
    assert isinstance(game, Game)
    found = ludii.score_text(one.text, 60, seed=3)
    assert found.status == "ok", found
    assert found.sites == game.board_size
    assert ludii.move_counts(one.text, 3, 2_000) == embedded_counts(game, 3, 2_000)
    assert max(map(abs, z_scores(game, found, 60))) < 4
