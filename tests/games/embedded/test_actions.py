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
