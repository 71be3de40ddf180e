"""Claim, the paper's validation of the set-up: PPO improves sentiment steadily."""

from formalrl.claims._sentiment import FITTED_KL, sentiment_scales
from formalrl.claims.judging import above, follows
from formalrl.claims.parts import Claim, Judgement, Results
from formalrl.claims.results import first_mean, last_mean
from formalrl.experiments.comparison.wording import show_interval

GPT2, PYTHIA = "GPT-2", "Pythia"


def sentiment() -> Claim:
    """PPO with the paper's KL penalty improves the sentiment of GPT-2 and Pythia (arXiv 2410.17126)."""
    return Claim(
        name="sentiment",
        sentence="PPO with a programmed reward improves the sentiment of GPT-2 and of Pythia.",
        paper="steady improvement for GPT-2 and Pythia 410M (none for CodeLlama 13B in 8 bit)",
        rule="for both architectures the final reward is higher than that before training, intervals apart",
        scales=sentiment_scales(
            {GPT2: "sentiment_kl", PYTHIA: "sentiment_kl"},
            {GPT2: FITTED_KL, PYTHIA: {**FITTED_KL, "model.architecture": "gpt_neox"}},
            {GPT2: {}, PYTHIA: {"model_name_or_path": "EleutherAI/pythia-410m"}},
        ),
        judge=_judge,
    )


def _judge(results: Results) -> Judgement:
    told, parts = [], {}
    for name in (GPT2, PYTHIA):
        before, after = first_mean(results[name], "reward"), last_mean(results[name], "reward")
        told.append(f"{name} from {show_interval(before)} to {show_interval(after)}")
        parts[f"{name} improves"] = above(after, before)
    return follows(parts, f"reward: {'; '.join(told)}")
