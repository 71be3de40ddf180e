"""The recipe sentiment_no_kl: it differs from sentiment_kl in the penalty alone."""

from formalrl.recipes.sentiment_kl import sentiment_kl
from formalrl.recipes.sentiment_no_kl import sentiment_no_kl


def test_only_the_penalty_differs():
    without, with_kl = sentiment_no_kl(), sentiment_kl()
    assert without.pop("regularizers") == {"kl": {"coef": 0.0}}
    assert with_kl.pop("regularizers") != {"kl": {"coef": 0.0}}
    assert without == with_kl
