"""Claims by name; all of them can be run at every scale."""

from pathlib import Path

import pytest

from formalrl.claims.load import claim_names, load_claim
from formalrl.claims.parts import SCALES
from formalrl.config import resolve
from formalrl.errors import ConfigError, PartNotFoundError


def test_the_claims_of_the_paper_are_there():
    expected = {"sentiment", "sentiment-kl", "arithmetic-collapse", "arithmetic-entropy", "arithmetic-batch-entropy"}
    assert expected <= set(claim_names())


@pytest.mark.parametrize("name", claim_names())
def test_every_setting_of_every_scale_can_be_run(name: str):
    claim = load_claim(name)
    assert claim.name == name and claim.sentence.endswith(".") and claim.paper and claim.rule
    assert tuple(claim.scales) == SCALES
    for scale in SCALES:
        configs = [resolve(settings) for settings in claim.scales[scale].settings.values()]
        for config in configs:
            config.check()
        if scale != "paper":
            assert all(config.model_name_or_path is None for config in configs), "smoke and laptop run offline"
        assert len({config.max_steps for config in configs}) == 1, "equal steps"
    assert claim.scales["smoke"].seeds < claim.scales["laptop"].seeds


def test_a_name_may_have_dashes_or_underscores_and_a_wrong_one_is_answered_with_the_nearest():
    assert load_claim("sentiment_kl").name == load_claim("sentiment-kl").name
    with pytest.raises(PartNotFoundError, match="sentiment_kl"):
        load_claim("sentimental-kl")


def test_a_claim_may_be_a_file_of_ones_own(tmp_path: Path):
    file = tmp_path / "mine.py"
    file.write_text("from formalrl.claims.sentiment import sentiment\n\n\ndef mine():\n    return sentiment()\n")
    assert load_claim(str(file)).name == "sentiment"
    file.write_text("def mine():\n    return 1\n")
    with pytest.raises(ConfigError, match="must be a function that returns a Claim"):
        load_claim(str(file))
    file.write_text(
        "import dataclasses\nfrom formalrl.claims.sentiment import sentiment\n\n\n"
        "def mine():\n    return dataclasses.replace(sentiment(), scales={})\n"
    )
    with pytest.raises(ConfigError, match="no scale 'smoke'"):
        load_claim(str(file))
