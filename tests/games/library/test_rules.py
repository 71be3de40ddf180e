from formalrl.games.library.rules import TEMPLATES


def test_every_choice_is_used():
    for template in TEMPLATES:
        for key in template.choices:
            assert f"<{key}>" in template.text, (template.name, key)
