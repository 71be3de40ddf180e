"""Claim: on board-game synthesis reinforcement learning adds nothing meaningful to supervised fine-tuning."""

from typing import Any

from formalrl.claims.judging import follows
from formalrl.claims.parts import SMOKE_SEEDS, Claim, Judgement, Results, Scale, changed
from formalrl.claims.results import first_mean, last_mean
from formalrl.experiments.comparison.wording import show_interval
from formalrl.experiments.statistics import mean_interval

PPO = "PPO after fine-tuning"
MEANINGFUL = 0.05
"""Reward: what the paper's reward gives a game that compiles and cannot be played."""
SETTINGS: dict[str, Any] = {
    "task": {"name": "games", "scoring": "paper", "min_length_ratio": 0.2, "max_completion_tokens": 40},
    "algorithm": {"name": "ppo", "num_ppo_epochs": 4, "epsilon": 0.2, "vf_coef": 0.1, "gamma": 1.0, "lam": 0.95},
    "regularizers": {"kl": {"coef": 0.2, "placement": "reward", "target": 6.0, "horizon": 10_000}},
    "num_generations": 1,
    "prompts_per_step": 12,
}
LAPTOP: dict[str, Any] = {
    "task": {"min_length_ratio": 0.0, "level": 2, "max_prompt_tokens": 160},
    "prompts_per_step": 48,
    "learning_rate": 2e-4,
    "max_steps": 60,
    "eval_steps": 20,
}
SMOKE: dict[str, Any] = {
    "task": {"examples_per_game": 5, "eval_playouts": 2, "playouts": 2, "max_turns": 10},
    "model.preset": "tiny",
    "warm_start.num_examples": 32,
    "prompts_per_step": 8,
    "max_steps": 3,
    "num_eval_prompts": 16,
    "num_diagnostic_prompts": 8,
}
PAPER: dict[str, Any] = {
    "model_name_or_path": "EleutherAI/pythia-410m",
    "sft": True,
    "task.max_turns": 250,
    "task.playouts": 100,
    "learning_rate": 1.41e-5,
    "max_steps": 1000,
    "eval_steps": 100,
}


def games() -> Claim:
    """PPO brings no meaningful improvement over supervised fine-tuning on game synthesis (arXiv 2410.17126)."""
    laptop = changed(SETTINGS, LAPTOP)
    return Claim(
        name="games",
        sentence="PPO with the paper's reward adds nothing meaningful to fine-tuning on board-game synthesis.",
        paper="no meaningful improvement over supervised fine-tuning",
        rule=f"the interval of what PPO adds to the reward after fine-tuning lies below {MEANINGFUL}",
        scales={
            "smoke": Scale({PPO: changed(laptop, SMOKE)}, SMOKE_SEEDS),
            "laptop": Scale({PPO: laptop}, note="2 layers of width 128, middles of 12 tokens, our engine and library"),
            "paper": Scale(
                {PPO: changed(SETTINGS, PAPER)},
                note="Pythia 410M in batches of 12, 100 playouts, on our engine and library instead of Ludii's",
                models=("EleutherAI/pythia-410m",),
            ),
        },
        judge=_judge,
    )


def _judge(results: Results) -> Judgement:
    seeds = results[PPO]
    gain = mean_interval([seed.last["reward"] - seed.first["reward"] for seed in seeds])
    before, after = first_mean(seeds, "reward"), last_mean(seeds, "reward")
    ours = (
        f"reward {show_interval(before)} after fine-tuning, {show_interval(after)} after PPO: it adds"
        f" {show_interval(gain)}"
    )
    holds = True if gain.high < MEANINGFUL else False if gain.low > MEANINGFUL else None
    return follows({f"it adds less than {MEANINGFUL}": holds}, ours)
