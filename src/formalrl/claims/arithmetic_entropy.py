"""Claim: entropy regularization helps arithmetic out of the collapse."""

from formalrl.claims._arithmetic import ENTROPY, NONE, arithmetic_scales
from formalrl.claims.judging import above, follows, share_text
from formalrl.claims.parts import Claim, Judgement, Results
from formalrl.claims.results import collapsed_share, last_mean
from formalrl.experiments.comparison.wording import show_interval


def arithmetic_entropy() -> Claim:
    """Token entropy (0.3) lets the policy escape the collapse (arXiv 2410.17126)."""
    return Claim(
        name="arithmetic-entropy",
        sentence="Token entropy (0.3) lets PPO on arithmetic escape the collapse.",
        paper="entropy lets it escape; not fully stable, exact accuracy stays limited",
        rule="with entropy the share of collapsed seeds is lower and accuracy higher, both intervals apart",
        scales=arithmetic_scales(NONE, ENTROPY),
        judge=_judge,
    )


def _judge(results: Results) -> Judgement:
    without, with_it = results[NONE], results[ENTROPY]
    collapsed = collapsed_share(without), collapsed_share(with_it)
    accuracy = last_mean(without, "accuracy"), last_mean(with_it, "accuracy")
    ours = (
        f"collapsed: {share_text(collapsed[0])} without, {share_text(collapsed[1])} with entropy; accuracy "
        f"{show_interval(accuracy[0])} without, {show_interval(accuracy[1])} with"
    )
    parts = {"fewer seeds collapse": above(*collapsed), "accuracy is higher": above(accuracy[1], accuracy[0])}
    return follows(parts, ours)
