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
