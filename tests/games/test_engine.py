from formalrl.games.engine import DIAGNOSTIC_KINDS, Diagnostic, Diagnostics, seed_of


def test_a_diagnostic_points_with_carets():
    text = "(game\n  (bananas))"
    shown = Diagnostic("unknown", "no ludeme", 8, 17).render(text)
    assert shown.splitlines() == ["game:2:3: unknown: no ludeme", "      (bananas))", "      ^^^^^^^^^"]


def test_gaps_of_the_engine_alone_make_a_text_unsupported():
    gap, fault = Diagnostic("unsupported", "", 0, 1), Diagnostic("type", "", 0, 1)
    assert Diagnostics((gap,)).status == "unsupported"
    assert Diagnostics((gap, fault)).status == "not_compilable"
    assert {"syntax", "limit"} <= set(DIAGNOSTIC_KINDS)


def test_seeds_come_from_the_text():
    assert seed_of("a") == seed_of("a") != seed_of("b") != seed_of("b", 1)
