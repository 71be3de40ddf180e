import pytest

from formalrl.errors import ConfigError
from formalrl.games.library import games
from formalrl.tasks.game_corpus import Cut, base_name, chosen_blanks, corpus, divided, is_held_out_game
from formalrl.tasks.game_tokenizer import count_tokens

ANY = Cut(1, 40, 300, 0.0)


def test_the_library_is_there_with_every_variant_under_its_base_game():
    found = corpus(None)
    assert {game.base for game in found} == {game.template for game in games(all_variants=True).values()}
    assert len(found) == len({game.text for game in found}) > 500


def test_a_base_game_is_on_one_side_with_all_of_its_variants():
    training, held_out = divided(None, ())
    assert not {game.base for game in training} & {game.base for game in held_out}
    assert len({game.base for game in held_out}) >= 10
    named = divided(None, ("Frog War",))[1]
    assert {game.base for game in named} == {"Frog War"} and len(named) > 1
    assert is_held_out_game("Frog War", ("Frog War",)) and not is_held_out_game("Both Ways", ("Frog War",))
    with pytest.raises(ConfigError, match="Did you mean 'Frog War'"):
        divided(None, ("Frog Wars",))


def test_a_cut_limits_lengths_and_their_ratio():
    training, _ = divided(None, ())
    for cut in (ANY, Cut(5, 9, 90, 0.0), Cut(1, 40, 300, 0.2)):
        for _, blank in chosen_blanks(training[:50], cut, 1000, 0):
            middle, prompt = count_tokens(blank.middle), count_tokens(blank.prompt)
            assert cut.min_tokens <= middle <= cut.max_tokens and prompt <= cut.max_prompt_tokens
            assert middle >= cut.min_length_ratio * prompt


def test_base_games_come_in_turn_and_none_too_often():
    training = divided(None, ())[0][::10]
    found = chosen_blanks(training, ANY, 3, 0)
    bases = [base for base, _ in found]
    assert len(set(bases[: len(set(bases))])) == len(set(bases))
    assert max(bases.count(base) for base in bases) == 3
    assert found == chosen_blanks(training, ANY, 3, 0) != chosen_blanks(training, ANY, 3, 1)


def test_a_folder_of_games_is_a_corpus_without_those_that_do_not_compile(tmp_path):
    texts = [game.text for game in games().values()]
    (tmp_path / "sub").mkdir()
    for name, text in (("Row", texts[0]), ("Row 2", texts[1]), ("sub/Other (Small)", texts[2]), ("Bad", "(game")):
        (tmp_path / f"{name}.lud").write_text(text)
    assert sorted(game.base for game in corpus(str(tmp_path))) == ["Other", "Row", "Row"]
    assert {game.base for game in divided(str(tmp_path), ("Other",))[1]} == {"Other"}
    with pytest.raises(ConfigError, match="is no folder"):
        corpus(str(tmp_path / "none"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="none of the 0"):
        corpus(str(tmp_path / "empty"))


def test_names_of_variants_end_in_a_number_or_a_bracket():
    names = ["Long Row", "Long Row 3", "Long Row (Small)", "long_row-2", "7"]
    assert [base_name(name) for name in names] == ["Long Row", "Long Row", "Long Row", "long_row", "7"]


def test_another_engine_may_take_games_that_ours_refuses(tmp_path):
    (tmp_path / "Chance.lud").write_text('(game "Chance" (players 2) (equipment {(dice num:2)}) (rules (play (roll))))')
    (tmp_path / "Row.lud").write_text(games()["Row of Stones"].text)
    assert [game.base for game in corpus(str(tmp_path))] == ["Row"]
    assert [game.base for game in corpus(str(tmp_path), check=False)] == ["Chance", "Row"]
