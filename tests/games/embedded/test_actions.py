from formalrl.games.embedded import actions as a


def test_counts_follow_seeds(make):
    game = make(
        "(square 3)",
        '(piece "Seed" Shared) (hand Each)',
        "(start (set Count 3 to:(sites Bottom)))",
        "(move Select (from (sites Bottom)))",
    )
    c = game.start()
    a.act_move_many(c, (a.act_move_many, 0, 1, 2))
    assert (c.cnt[0], c.cnt[1]) == (1, 5)
    a.act_set_count(c, (a.act_set_count, 1, 0))
    assert c.what[1] == 0
    a.act_score(c, (a.act_score, 1, 4))
    assert c.scores[1] == 4


def test_as_many_arrive_as_are_named(make):
    game = make(
        "(square 3)",
        '(piece "Seed" Shared) (piece "Stone" P1) (hand Each)',
        '(start {(set Count 3 to:(sites Bottom)) (place "Stone1" {"A2"})})',
        "(move Select (from (sites Bottom)))",
    )
    c = game.start()
    a.act_move_many(c, (a.act_move_many, 0, 1, 5))
    assert (c.what[0], c.cnt[0], c.cnt[1]) == (0, 0, 8)
    a.act_move_many(c, (a.act_move_many, 1, 3, 1))  # where another kind stands they are lost
    assert (c.cnt[1], c.what[3], c.cnt[3]) == (7, game.equipment.find("Stone1"), 1)


def test_what_stands_on_a_site_stays_when_a_piece_is_added(make):
    plain = make("(square 3)", '(piece "Stone" Each)', "", "(move Add (to (sites Board)))")
    counted = make(
        "(square 3)", '(piece "Stone" Each)', "(start (set Count 2 to:(sites Bottom)))", "(move Add (to (sites Board)))"
    )
    for game, count in ((plain, 1), (counted, 3)):
        c, first = game.start(), game.equipment.find("Stone1")
        if game is plain:
            game.play(c, game.moves(c)[0])
        site = game.moves(c)[0][1]
        a.act_add(c, (a.act_add, site, first + 1, 2, 1, -1, -1))
        assert (c.what[site], c.who[site]) == (first, 1)
        assert not game.counted or c.cnt[site] == count
    c = plain.start()
    for _ in range(2):
        a.act_add_simple(c, (a.act_add_simple, 4, plain.equipment.find(f"Stone{c.mover}"), c.mover))
        c.mover = 2
    assert c.who[4] == 1
