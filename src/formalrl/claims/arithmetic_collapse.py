"""Claim: without an entropy term PPO collapses on arithmetic."""

from formalrl.claims._arithmetic import NONE, arithmetic_scales
from formalrl.claims.judging import follows, share_text
from formalrl.claims.parts import Claim, Judgement, Results
from formalrl.claims.results import collapsed_share, last_mean
from formalrl.experiments.comparison.wording import show_interval

MOST = "most seeds collapse"


def arithmetic_collapse() -> Claim:
    """Without an entropy term the policy collapses to a few answers (arXiv 2410.17126)."""
    return Claim(
        name="arithmetic-collapse",
        sentence="Without an entropy term PPO collapses on arithmetic to a constant answer, or a few.",
        paper="collapses to one constant answer, about the mean, which scores surprisingly well",
        rule="the interval of the share of collapsed seeds lies above one half",
        scales=arithmetic_scales(NONE),
        judge=_judge,
    )


def _judge(results: Results) -> Judgement:
    seeds = results[NONE]
    collapsed = collapsed_share(seeds)
    reward, constant = last_mean(seeds, "reward"), last_mean(seeds, "constant_baseline")
    answers = last_mean(seeds, "num_distinct")
    ours = (
        f"{share_text(collapsed)} collapsed, to {show_interval(answers)} answers; reward {show_interval(reward)}, best "
        f"constant answer {constant.value:.3f}; accuracy {show_interval(last_mean(seeds, 'accuracy'))}"
    )
    holds = True if collapsed.low > 0.5 else False if collapsed.high < 0.5 else None
    return follows({MOST: holds}, ours)
