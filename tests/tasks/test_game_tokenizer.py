from formalrl.games.fim import Blank
from formalrl.games.library import games
from formalrl.games.masking import mask_names
from formalrl.tasks.game_tokenizer import count_tokens, game_tokenizer, pieces

TEXTS = [mask_names(game.text) for game in games().values()][::5]
TOKENIZER = game_tokenizer(TEXTS)


def test_a_word_is_a_token_and_takes_the_bracket_before_it():
    encoded = TOKENIZER.encode("### PRE:(game ### SUF: )### MID:(if (is Line 3) (then))")
    expected = [
        "### PRE:",
        "(game",
        " ### SUF: ",
        ")",
        "### MID:",
        "(if",
        " (is",
        " Line",
        " 3",
        ")",
        " (then",
        ")",
        ")",
    ]
    assert encoded.tokens == expected


def test_encoding_and_decoding_give_any_printable_text_back():
    texts = [
        *TEXTS,
        *(Blank(text[:50], "", text[60:]).prompt for text in TEXTS),
        "Hello 'w' [#] 1.5e9 \n\n  (foo",
        "  ",
    ]
    for text in texts:
        encoded = TOKENIZER.encode(text)
        assert TOKENIZER.decode(encoded.ids) == text
        assert "".join(pieces(text)) == text
    assert TOKENIZER.decode(TOKENIZER.encode("caf\u00e9").ids) == "caf"


def test_known_texts_have_as_many_tokens_as_pieces_and_the_last_ids_are_special():
    assert all(len(TOKENIZER.encode(text).ids) == count_tokens(text) for text in TEXTS)
    size = TOKENIZER.get_vocab_size()
    assert [TOKENIZER.id_to_token(size - n) for n in (3, 2, 1)] == ["<bos>", "<eos>", "<pad>"]


def test_the_language_has_tokens_that_no_game_uses():
    assert len(game_tokenizer([]).encode(" (forEach Piece if:(is Even 19))").ids) == 8
