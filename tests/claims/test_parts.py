"""Settings are changed as on the command line."""

from formalrl.claims.parts import changed


def test_later_changes_stand_above_and_keys_may_be_dotted():
    settings = {"task": "sentiment", "regularizers": {"kl": {"coef": 0.2, "target": 6.0}}, "max_steps": 60}
    found = changed(settings, {"regularizers.kl.coef": 0.0}, {"max_steps": 3})
    assert found["regularizers"]["kl"] == {"coef": 0.0, "target": 6.0}
    assert found["max_steps"] == 3 and settings["max_steps"] == 60
