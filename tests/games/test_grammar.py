"""Every middle of the grammar passes the checker in its place, and every middle of the library is of the grammar."""

import random

import pytest

from formalrl.games.fim import Blank, blanks, grade, layout
from formalrl.games.grammar import GameGrammar, fitting_types
from formalrl.games.library import games
from formalrl.sampling.grammar import TokenGrammar
from formalrl.tasks.game_tokenizer import count_tokens, pieces

GRAMMAR = GameGrammar(count_tokens)
TEXTS = {game.name: game.text for game in games().values() if game.name == game.template}
SIMPLE = (
    '(game "Simple" (players 2) (equipment {(board (square 3)) (piece "Ball" Each)})'
    " (rules (play (move Add (to (sites Empty)))) (end (if (is Line 3) (result Mover Win)))))"
)
LETTERS = [chr(code) for code in range(32, 127)]


def without(part, text=SIMPLE):
    before, _, after = text.partition(part)
    return Blank(before, part, after).prompt


def read_on(prompt, text):
    """Return the states of the grammar before and after each character, as far as it goes on."""
    states = [GRAMMAR.start(prompt)]
    for character in text:
        after = GRAMMAR.advance(states[-1], character)
        if after is None:
            return states
        states.append(after)
    return states


def accepts(prompt, text):
    states = read_on(prompt, text)
    return len(states) == len(text) + 1 and GRAMMAR.remaining(states[-1]) == 0


@pytest.mark.parametrize(
    "part", ["(move Add (to (sites Empty)))", "(is Line 3)", "(to (sites Empty))", "(sites Empty)"]
)
def test_the_place_tells_the_type(part):
    types = {"(m": {"moves"}, "(i": {"bool"}, "(t": {"to"}, "(s": {"region", "int", "apply"}}
    assert fitting_types(without(part)) == types[part[:2]]


@pytest.mark.parametrize(
    ("part", "middle"),
    [
        ("(is Line 3)", "(is Line 3 Orthogonal)"),
        ("(is Line 3)", "(< (count Moves) 12)"),
        ("(is Line 3)", "(not (is Full))"),
        ("(is Line 3)", "(is In (last To) (sites {1 2 31}))"),
        ("(sites Empty)", '(sites {"A1" "B12"})'),
        ("(sites Empty)", "(- 4 -3)"),
        ("(square 3)", "(graph vertices:{{0 0} {1.5 -2}} edges:{{0 1}})"),
        ("(move Add (to (sites Empty)))", "(or {(pass) (move Pass)} (then (moveAgain)))"),
        ("(move Add (to (sites Empty)))", "(move Step (to if:(is Empty (to))))"),
        ("(move Add (to (sites Empty)))", "(addScore Mover 3)"),
    ],
)
def test_middles_by_hand(part, middle):
    assert accepts(without(part), middle)
    before, _, after = SIMPLE.partition(part)
    assert grade(Blank(before, part, after), middle).in_context


@pytest.mark.parametrize(
    ("part", "middle", "good"),
    [
        ("(is Line 3)", "(pass)", 1),
        ("(is Line 3)", "(is Line Win)", 9),
        ("(is Line 3)", "(is Lines 3)", 8),
        ("(is Line 3)", "(is  Line 3)", 4),
        ("(is Line 3)", " (is Line 3)", 0),
        ("(is Line 3)", "3", 0),
        ("(is Line 3)", "(is Line 3))", 11),
        ("(is Line 3)", "(is Line 3.5)", 10),
        ("(sites Empty)", "(sites {1 A})", 10),
        ("(sites Empty)", "(sites {})", 8),
        ("(sites Empty)", '(sites "")', 8),
        ("(sites Empty)", "(sites 1234567890)", 16),
        ("(to (sites Empty))", "(to level:)", 10),
        ("(move Add (to (sites Empty)))", '(note "a" (then (pass)))', 10),
        ("(to (sites Empty))", "(to if:(is Full) level:", 17),
    ],
)
def test_it_stops_where_no_middle_goes_on(part, middle, good):
    assert len(read_on(without(part), middle)) == good + 1
    assert not accepts(without(part), middle)


def test_without_a_blank_any_expression_is_permitted():
    for prompt in ("Write a game.", Blank("(game ", "", "").prompt, None):
        assert accepts(prompt, "(moveAgain)") and accepts(prompt, "(is Full)") and not accepts(prompt, "Win")


@pytest.mark.parametrize("name", random.Random(0).sample(sorted(TEXTS), 12))
def test_every_middle_of_the_library_is_of_it(name):
    found = blanks(layout(TEXTS[name]))
    for blank in random.Random(name).sample(found, min(6, len(found))):
        assert accepts(blank.prompt, blank.middle), blank.middle
        assert GRAMMAR.remaining(GRAMMAR.start(blank.prompt)) <= count_tokens(blank.middle)


def test_random_middles_pass_the_checker_in_their_place():
    chance = random.Random(0)
    for name in chance.sample(sorted(TEXTS), 20):
        blank = chance.choice(blanks(layout(TEXTS[name])))
        state, text = GRAMMAR.start(blank.prompt), ""
        while GRAMMAR.remaining(state) > 0:
            ways = [(c, after) for c in LETTERS if (after := GRAMMAR.advance(state, c)) is not None]
            needs = [GRAMMAR.remaining(after) for _, after in ways]
            near = [way for way, need in zip(ways, needs, strict=True) if need == min(needs)]
            character, state = chance.choice(ways if len(text) < 60 else near)
            text += character
        found = grade(blank, text)
        assert found.closes and found.in_context and found.parses == 1.0, text
        assert layout(text) == text


def test_the_tokens_that_remain_are_enough():
    """Whatever was written, some token leaves less to be written, down to the end."""
    chance = random.Random(1)
    vocabulary = ["", *sorted({piece for text in TEXTS.values() for piece in pieces(text)} | set(LETTERS))]
    tokens = TokenGrammar(GameGrammar, lambda ids: "".join(vocabulary[i] for i in ids), len(vocabulary), [0])
    for name in chance.sample(sorted(TEXTS), 4):
        blank = chance.choice(blanks(layout(TEXTS[name])))
        state, need = tokens.start(blank.prompt), 60
        for _ in range(chance.randrange(20)):
            token = chance.choice(tokens.permitted([state], [60])[0].nonzero()[0].tolist())
            if token == 0:
                break
            state = tokens.advance(state, token)
        while (less := int(tokens._needs(state).min())) > 0:
            assert less < need
            need, state = less, tokens.advance(state, int(tokens._needs(state).argmin()))


def test_any_tokenizer_will_do(write_at_random):
    """Tokens of a byte-level BPE hold parts of words, and several brackets."""
    from tokenizers import ByteLevelBPETokenizer

    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator([layout(text) for text in TEXTS.values()], vocab_size=600, show_progress=False)
    size = tokenizer.get_vocab_size()
    grammar = TokenGrammar(GameGrammar, lambda ids: tokenizer.decode([i for i in ids if i < size]), size + 1, [size])
    assert any("))" in text for text in grammar._texts) and " (" in grammar._texts
    chance = random.Random(2)
    for name in chance.sample(sorted(TEXTS), 8):
        blank = chance.choice(blanks(layout(TEXTS[name])))
        limit = grammar._grammar.remaining(grammar.start(blank.prompt)) + 1 + chance.randrange(12)
        ids = write_at_random(grammar, blank.prompt, limit, size, chance)
        found = grade(blank, tokenizer.decode(ids))
        assert found.closes and found.in_context, tokenizer.decode(ids)
