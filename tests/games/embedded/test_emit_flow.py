import random

from formalrl.games.embedded.program import choose


def test_consequences_of_a_choice_are_kept(make):
    play = "(if (is Mover P1) (forEach Piece) (forEach Piece) (then (addScore Mover 3)))"
    game = make(play=play)
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.scores[1] == 3


def test_priority_and_filters(make, perft):
    assert perft(make(play="(priority {(move Remove (sites Occupied by:Next)) (forEach Piece)})"), 1) == [1]
    after = "(do (forEach Piece) ifAfterwards:(is In (last To) (sites Bottom)))"
    assert perft(make(play=after), 1) == [1]


def test_the_longest_sequence_is_kept(make, perft):
    again = "(then (if (and (= 0 (count MovesThisTurn)) (is In (last To) (sites Bottom))) (moveAgain)))"
    game = make(play=f"(max Moves (forEach Piece (move Step (to if:(is Empty (to))) {again})))")
    assert perft(game, 1) == [1]


def test_a_loop_over_sites_holds_each_as_site_and_as_target(make, perft):
    assert perft(make(play="(forEach Site (sites Bottom) (move Select (from (to))))"), 1) == [5]
    assert perft(make(play="(forEach Site (sites Bottom) (if (is Empty (site)) (move Select (from (site)))))"), 1) == [
        4
    ]


def test_a_loop_over_groups_is_one_over_the_groups_of_the_mover(make, perft):
    assert perft(make(play="(forEach Group (move Select (from (sites))))"), 1) == [1]
    either = "(forEach Group if:(is Occupied (to)) (move Select (from (sites))))"
    assert perft(make(play=either), 1) == [2]


def test_a_condition_afterwards_is_tried_before_what_follows_all_of_it(make, perft):
    fall = "(then (remove (sites Occupied by:Next)))"
    inner = f"(do (forEach Site (sites Bottom) (move Select (from (site)) {fall})) ifAfterwards:(no Pieces Next))"
    outer = f"(do (forEach Site (sites Bottom) (move Select (from (site)))) ifAfterwards:(no Pieces Next) {fall})"
    assert perft(make(play=inner), 1) == [5]
    assert make(play=outer).moves(make(play=outer).start())[0][0] == -1  # nothing but a pass
    game = make(play=outer.replace("(no Pieces Next)", "(not (no Pieces Next))"))
    c = game.start()
    move, _ = choose(game, c, random.Random(0))
    game.play(c, move)
    assert move[0] >= 0 and not any(w == 2 for w in c.who)
