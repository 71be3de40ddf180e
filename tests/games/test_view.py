from xml.etree import ElementTree

from formalrl.games.commands import frame_of
from formalrl.games.view import page, picture


def test_a_page_escapes_its_text(make):
    game = make()
    game.name = "<script>"
    text = page(game, [[[0] * game.board_size]], [["</script>"]])
    assert "<title>&lt;script&gt;" in text and text.count("</script>") == 1


def test_a_picture_is_svg_with_a_line_for_each_edge_and_a_letter_for_each_piece(make):
    game = make()
    root = ElementTree.fromstring(picture(game, frame_of(game, game.start())))
    tags = [element.tag.rpartition("}")[2] for element in root]
    assert tags.count("circle") == game.board_size == 25 and tags.count("text") == 2
    assert tags.count("line") == len(game.equipment.topology.graph.edges)
