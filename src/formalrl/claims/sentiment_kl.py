"""Claim, the paper's figure 4: without the KL penalty sentiment converges faster and ends higher."""

from formalrl.claims._sentiment import FITTED_KL, sentiment_scales
from formalrl.claims.judging import above, follows
from formalrl.claims.parts import Claim, Judgement, Results
from formalrl.claims.results import first_mean, last_mean, steps_to
from formalrl.experiments.comparison.wording import show_interval
from formalrl.experiments.statistics import mean_interval

WITH, WITHOUT = "with KL", "without KL"
WIDTH = 5
"""Steps over which the reward is averaged before it is asked whether it has reached a level."""


def sentiment_kl() -> Claim:
    """Removing the KL penalty speeds up convergence and raises the final reward (arXiv 2410.17126, figure 4)."""
    return Claim(
        name="sentiment-kl",
        sentence="Removing the KL penalty makes sentiment converge faster and end at a higher reward.",
        paper="removing KL improves both the speed of convergence and the final reward (figure 4)",
        rule="without KL the final reward is higher, and the training reward comes half the way from the start to the"
        f" lower of the two final rewards in fewer steps (mean of {WIDTH} steps), both intervals apart",
        scales=sentiment_scales(
            {WITH: "sentiment_kl", WITHOUT: "sentiment_no_kl"},
            {WITH: FITTED_KL, WITHOUT: {}},
            {WITH: {}, WITHOUT: {"regularizers.kl.coef": 0.0}},
        ),
        judge=_judge,
    )


def _judge(results: Results) -> Judgement:
    settings = results[WITHOUT], results[WITH]
    final = [last_mean(seeds, "reward") for seeds in settings]
    start = sum(first_mean(seeds, "reward").value for seeds in settings) / 2
    level = (start + min(interval.value for interval in final)) / 2
    steps = [mean_interval([steps_to(seed, level, WIDTH) for seed in seeds]) for seeds in settings]
    price = [last_mean(seeds, "ref_perplexity") for seeds in settings]
    kl = [last_mean(seeds, "kl_ref") for seeds in settings]
    ours = (
        f"final reward {show_interval(final[0])} without, {show_interval(final[1])} with KL; a training reward of"
        f" {level:.2f} after {show_interval(steps[0])} and {show_interval(steps[1])} steps; the price: reference"
        f" perplexity {show_interval(price[0])} and {show_interval(price[1])}, KL {show_interval(kl[0])} and"
        f" {show_interval(kl[1])} nats a token"
    )
    return follows({"it ends higher": above(*final), "it converges faster": above(steps[1], steps[0])}, ours)
