from formalrl.games.view import page


def test_a_page_escapes_its_text(make):
    game = make()
    game.name = "<script>"
    text = page(game, [[[0] * game.board_size]], [["</script>"]])
    assert "<title>&lt;script&gt;" in text and text.count("</script>") == 1
