"""Claim: batch entropy is more stable than token entropy on arithmetic."""

from formalrl.claims._arithmetic import BATCH_ENTROPY, ENTROPY, arithmetic_scales
from formalrl.claims.judging import above, follows, share_text
from formalrl.claims.parts import Claim, Judgement, Results
from formalrl.claims.results import collapsed_share, largest_fall, last_mean
from formalrl.experiments.comparison.wording import show_interval
from formalrl.experiments.statistics import mean_interval

WIDTH = 10
"""Steps over which the reward is averaged before its falls are measured."""


def arithmetic_batch_entropy() -> Claim:
    """Batch entropy (0.3) is the more stable of the two (arXiv 2410.17126)."""
    return Claim(
        name="arithmetic-batch-entropy",
        sentence="Batch entropy (0.3) trains more stably on arithmetic than token entropy (0.3).",
        paper="batch entropy is the more stable of the two; neither is fully stable",
        rule=f"with batch entropy the largest fall of the training reward (mean of {WIDTH} steps, below its highest"
        " value before) is smaller, intervals apart, and no higher share of seeds collapses",
        scales=arithmetic_scales(ENTROPY, BATCH_ENTROPY),
        judge=_judge,
    )


def _judge(results: Results) -> Judgement:
    token, batch = results[ENTROPY], results[BATCH_ENTROPY]
    falls = [mean_interval([largest_fall(seed, WIDTH) for seed in seeds]) for seeds in (token, batch)]
    collapsed = [collapsed_share(seeds) for seeds in (token, batch)]
    accuracy = [last_mean(seeds, "accuracy") for seeds in (token, batch)]
    ours = (
        f"largest fall of the reward {show_interval(falls[1])} with batch entropy, {show_interval(falls[0])} with token"
        f" entropy; collapsed {share_text(collapsed[1])} and {share_text(collapsed[0])}; accuracy"
        f" {show_interval(accuracy[1])} and {show_interval(accuracy[0])}"
    )
    no_more_collapse = above(collapsed[1], collapsed[0]) is not True
    parts = {"the reward falls less": above(falls[0], falls[1]), "no more seeds collapse": no_more_collapse}
    return follows(parts, ours)
