"""The claim of figure 4 needs both: a higher end and a faster way there."""

from formalrl.claims.load import load_claim
from formalrl.claims.sentiment_kl import WITH, WITHOUT
from formalrl.config import resolve

CLAIM = load_claim("sentiment-kl")
FAST, SLOW = [0.1] * 6 + [0.9] * 14, [0.1] * 12 + [0.9] * 8
OTHER = {"ref_perplexity": 7.0, "kl_ref": 0.2}


def runs(seeds, curve, final):
    return seeds(rewards=[curve, curve[1:] + curve[-1:], curve[:1] + curve[:-1]], reward=final, **OTHER)


def test_faster_and_higher_is_confirmed_with_the_price(seeds):
    found = CLAIM.judge({
        WITHOUT: runs(seeds, FAST, [0.9, 0.95, 0.92]), WITH: runs(seeds, SLOW, [0.5, 0.4, 0.45]),
    })  # fmt: skip
    assert found.verdict == "confirmed"
    assert "final reward 0.923 (0.900 to 0.950) without, 0.450 (0.400 to 0.500) with KL" in found.ours
    # half-way from 0.1 to 0.45 is 0.275: two of five steps at 0.9 give 0.42, one gives 0.26
    assert "a training reward of 0.28 after 8.000 (7.000 to 9.000) and 14.0 (13.0 to 15.0) steps" in found.ours
    assert "reference perplexity 7.000" in found.ours


def test_higher_but_not_faster_is_not_confirmed(seeds):
    high, low = [0.9, 0.95, 0.92], [0.5, 0.4, 0.45]
    equal = CLAIM.judge({WITHOUT: runs(seeds, FAST, high), WITH: runs(seeds, FAST, low)})
    assert equal.verdict == "undecided" and "it converges faster" in equal.reason
    slower = CLAIM.judge({WITHOUT: runs(seeds, SLOW, high), WITH: runs(seeds, FAST, low)})
    assert slower.verdict == "not confirmed"


def test_the_settings_differ_in_the_kl_penalty_at_every_scale():
    for scale in CLAIM.scales.values():
        with_kl, without = (resolve(scale.settings[name]) for name in (WITH, WITHOUT))
        assert with_kl.regularizers["kl"].coef == 0.2 and with_kl.regularizers["kl"].placement == "reward"
        assert not without.regularizers["kl"].enabled
        assert {**with_kl.to_dict(), "regularizers": None} == {**without.to_dict(), "regularizers": None}
