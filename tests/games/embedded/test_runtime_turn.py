def test_kings_may_not_stay_in_check(make, perft):
    king = '(piece "King" Each (move Step (to if:(not (is Friend (who at:(to)))))))'
    start = '(start {(place "King1" {"A1"}) (place "King2" {"C1"})})'
    play = '(do (forEach Piece) ifAfterwards:(not (is Threatened (id "King" Mover))))'
    assert perft(make(piece=king, start=start, play=play), 1) == [1]


def test_what_follows_a_move_counts_it_as_made(make):
    game = make(play="(forEach Piece (then (if (= (count Moves) 1) (moveAgain))))")
    c = game.start()
    movers: list[int] = []
    for _ in range(3):
        movers.append(c.mover)
        game.play(c, game.moves(c)[0])
    assert movers == [1, 1, 2]


def test_what_follows_a_move_is_not_yet_part_of_the_last_move(make):
    last = "(last To afterConsequence:True)"
    fall = f'(and (remove (coord "E5")) (if (= {last} (coord "E5")) (moveAgain)))'
    again = f'(then (remove (coord "E5") (then (if (= {last} (coord "E5")) (moveAgain)))))'
    for follows in (f"(then {fall})", again):
        end = f'(end (if (and (= {last} (coord "E5")) (is Next P2)) (result Mover Win)))'
        game = make(play=f"(forEach Piece {follows})", end=end)
        c = game.start()
        game.play(c, game.moves(c)[0])
        assert (c.over, c.winner) == (True, 1)


def test_a_selection_goes_to_its_site(make):
    game = make(
        play="(move Select (from 3) (to (sites Top)))",
        end="(end (if (= 20 (last To afterConsequence:True)) (result Mover Win)))",
    )
    c = game.start()
    game.play(c, next(m for m in game.moves(c) if m[1] == 20))
    assert c.over


def test_after_another_turn_next_is_who_moved_before(make):
    again = "(forEach Piece (then (if (and (is Mover P2) (= 0 (count MovesThisTurn))) (moveAgain))))"
    game = make(play=f"(do {again} ifAfterwards:(is Next P1))")
    c = game.start()
    assert game.moves(c)[0][0] == -1  # after a move of the first player it is the second one's turn
    game.play(c, game.moves(c)[0])
    assert len(game.moves(c)) == 3
    game.play(c, game.moves(c)[0])
    assert c.mover == 2


HOP = """(move Hop (from {}) Orthogonal (between if:(is Enemy (who at:(between))) (apply (remove (between))))
(to if:(is Empty (to))) (then (if (can Move (move Hop (from (last To)) Orthogonal
(between if:(is Enemy (who at:(between)))) (to if:(is Empty (to))))) (moveAgain))))"""


def test_every_way_on_is_tried_for_the_longest_sequence(make):
    play = f"(if (is Prev Mover) {HOP.format('(last To)')} (max Moves (forEach Piece {HOP.format('(from)')})))"
    start = '(start {(place "Man1" {"A1" "E1"}) (place "Man2" {"A2" "A4" "B3" "C4" "E2" "E4"})})'
    game = make(piece='(piece "Man" Each)', start=start, play=play)
    c = game.start()
    assert [m[:2] for m in game.moves(c)] == [(0, 10)]  # to A3, C3 and C5; the other man to E3 and E5


def test_most_captures_are_those_of_one_move_with_what_follows(make):
    hop = """(move Hop Orthogonal (between if:(is Enemy (who at:(between))) (apply (remove (between))))
        (to if:(is Empty (to))) {})"""
    more = '(then (if (= (last To) (coord "C1")) (remove (coord "E5"))))'
    game = make(
        piece='(piece "Man" Each)',
        start='(start {(place "Man1" {"A1"}) (place "Man2" {"A2" "B1" "E5"})})',
        play=f"(max Captures (forEach Piece {hop.format(more)}))",
    )
    assert [m[:2] for m in game.moves(game.start())] == [(0, 2)]
