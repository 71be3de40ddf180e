def test_the_first_rule_that_holds_decides(make):
    game = make(
        end="""(end {(if (is Full) (result Next Win))
            (if (is Mover P1) {(if (is Full) (result P1 Win))} (result P1 Loss)) (if True (result P1 Win))})"""
    )
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.winner == 2
