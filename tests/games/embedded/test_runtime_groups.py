def test_groups_are_counted(make):
    game = make(
        piece='(piece "Man" Each)',
        start='(start (place "Man1" {"A1" "B1" "D4"}))',
        play="(move Select (from (sites Board)))",
        end="""(end (if (and (= 2 (count Groups Orthogonal if:(= (who at:(to)) P1)))
            (= 2 (max (sizes Group Orthogonal P1)))) (result P1 Win)))""",
    )
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.winner == 1
