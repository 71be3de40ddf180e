"""Settings that cannot work, found before a model is loaded. Every message says what - why - what to do."""

import importlib.util
import math
from typing import TYPE_CHECKING

from formalrl import plugins
from formalrl.errors import ConfigError, nearest

if TYPE_CHECKING:
    from formalrl.config import TrainConfig

EVAL_METRICS = (
    "accuracy",
    "shuffled_reward",
    "entropy",
    "batch_entropy",
    "prompt_dependence",
    "prompt_dependence_nats",
    "num_distinct",
)
"""Numbers of an evaluation of which more is better, besides the reward."""

TRACKERS = {"tensorboard": ("tensorboard", "tensorboardX"), "wandb": ("wandb",), "trackio": ("trackio",)}
"""`report_to` -> the modules of which one must be installed."""

AT_LEAST = {
    "prompts_per_step": 1,
    "num_generations": 1,
    "max_completion_length": 1,
    "max_sampling_rounds": 1,
    "candidates_per_prompt": 1,
    "probe_generations": 1,
    "max_at_k": 1,
    "max_steps": 1,
    "num_eval_prompts": 1,
    "num_diagnostic_prompts": 2,
    "micro_batch_size": 1,
    "save_total_limit": 1,
    "top_k": 0,
    "truncation_penalty": 0,
    "warmup_steps": 0,
    "weight_decay": 0,
    "max_grad_norm": 0,
    "seed": 0,
    "eval_steps": 0,
    "eval_temperature": 0,
    "save_steps": 0,
    "num_logged_samples": 0,
    "reward_workers": 0,
}
"""Setting -> the least it may be."""

WITHIN = {
    "temperature": "(0, inf)",
    "top_p": "(0, 1]",
    "min_p": "[0, 1)",
    "learning_rate": "(0, inf)",
    "lr_end_ratio": "[0, 1]",
    "adam_beta1": "[0, 1)",
    "adam_beta2": "[0, 1)",
    "adam_epsilon": "(0, inf)",
    "max_reward_error_rate": "[0, 1]",
    "replay_fraction": "[0, 0.9]",
    "reward_timeout_s": "(0, inf)",
}
"""Setting -> the interval it must lie in; round brackets exclude the end."""

_WHY = {
    "temperature": "training samples completions, and a temperature of 0 or less gives no distribution",
    "top_p": "it is the share of probability that is sampled from",
    "max_steps": "a run needs a step",
}


def check(config: "TrainConfig") -> None:
    """Raise ConfigError for the first setting, or combination of settings, that cannot work."""
    for name, least in AT_LEAST.items():
        value = getattr(config, name)
        if value is not None and not (value >= least and math.isfinite(value)):
            why = _WHY.get(name, f"it must be {least} or more")
            raise ConfigError(f"{name} is {value!r}, but {why}: set it to {least} or more.")
    for name, interval in WITHIN.items():
        value = getattr(config, name)
        if not _inside(value, interval):
            why = _WHY.get(name, f"it must lie in {interval}")
            raise ConfigError(f"{name} is {value!r}, but {why}: set it within {interval}.")
    _check_names(config)
    config.model.check(fresh=config.model_name_or_path is None)
    config.warm_start.check()
    config.curriculum.check()
    config.exploration.check()
    config.algorithm.check(num_generations=config.num_generations, prompts_per_step=config.prompts_per_step)
    _check_combinations(config)
    _check_objective(config)
    _check_selection(config)


def _inside(value: float, interval: str) -> bool:
    low, high = (float(end) for end in interval[1:-1].split(","))
    above = value >= low if interval[0] == "[" else value > low
    return above and (value <= high if interval[-1] == "]" else value < high)


def _check_names(config: "TrainConfig") -> None:
    if config.sampler not in plugins.names("sampler"):  # one that is known is not loaded here
        plugins.find("sampler", config.sampler)
    metric = config.metric_for_best_model
    if metric == "reward":
        raise ConfigError(
            "metric_for_best_model is 'reward', but a collapsed policy has a high reward too, so that the best"
            " checkpoint would be a collapsed one: choose another, such as accuracy or prompt_dependence."
        )
    if metric not in EVAL_METRICS:
        known = ", ".join(EVAL_METRICS)
        raise ConfigError(
            f"metric_for_best_model is {metric!r}, which no evaluation has: set it to one of {known}."
            f"{nearest(metric, EVAL_METRICS)}"
        )
    for name in config.report_to:
        if name not in TRACKERS:
            raise ConfigError(
                f"report_to holds {name!r}, which is no tracker: the known ones are {', '.join(TRACKERS)}."
                f"{nearest(name, TRACKERS)}"
            )
        if not any(importlib.util.find_spec(module) for module in TRACKERS[name]):
            raise ConfigError(
                f"report_to holds {name!r}, but it is not installed: run `pip install {name}`, or leave it."
            )


def _check_combinations(config: "TrainConfig") -> None:
    if config.truncation_penalty and config.truncation != "penalize":
        raise ConfigError(
            f"truncation_penalty is {config.truncation_penalty!r}, but truncation is {config.truncation!r}, which takes"
            " nothing off: set truncation to penalize, or truncation_penalty to 0."
        )
    if config.truncation == "penalize" and not config.truncation_penalty:
        raise ConfigError(
            "truncation is 'penalize', but truncation_penalty is 0, which penalizes nothing: set it above 0."
        )
    if config.dynamic_sampling and config.num_generations < 2:
        raise ConfigError(
            f"dynamic_sampling replaces groups without reward spread, but num_generations is {config.num_generations!r}"
            " and a group of one has none: set num_generations to 2 or more."
        )
    if config.push_to_hub and not config.hub_model_id:
        raise ConfigError("push_to_hub is set, but the model has no name there: set hub_model_id to user/model.")
    for name in ("stop_strings", "forbidden_tokens"):
        if "" in getattr(config, name):
            raise ConfigError(f"{name} holds an empty text, which every completion contains: leave it out.")


def _check_objective(config: "TrainConfig") -> None:
    if not 0 <= config.max_at_k_hold < config.max_at_k_until <= 1:
        raise ConfigError(
            f"max_at_k_hold is {config.max_at_k_hold!r} and max_at_k_until {config.max_at_k_until!r}, but k is held"
            " first and falls then: set 0 <= max_at_k_hold < max_at_k_until <= 1."
        )
    if config.max_at_k > 1 and getattr(config.algorithm, "credit", None) == "steps":
        raise ConfigError(
            f"max_at_k is {config.max_at_k!r}, which is about whole completions, but algorithm.credit is 'steps': set"
            " max_at_k to 1, or algorithm.credit to completion."
        )


def _check_selection(config: "TrainConfig") -> None:
    if config.prompt_selection == "learnability" and config.probe_generations < 2:
        raise ConfigError(
            f"prompt_selection is 'learnability', but probe_generations is {config.probe_generations!r}, and one"
            " completion has no spread of rewards: set it to 2 or more."
        )
    if config.prompt_selection != "uniform" and config.candidates_per_prompt < 2:
        raise ConfigError(
            f"prompt_selection is {config.prompt_selection!r}, but candidates_per_prompt is"
            f" {config.candidates_per_prompt!r}, so there is nothing to choose from: set it to 2 or more."
        )
    if config.replay_fraction and config.prompt_selection == "uniform":
        raise ConfigError(
            f"replay_fraction is {config.replay_fraction!r}, but prompt_selection is 'uniform', which does not say what"
            " falls short: set prompt_selection to regret or learnability, or replay_fraction to 0."
        )
    if config.replay_fraction and config.curriculum.enabled:
        raise ConfigError(
            f"replay_fraction is {config.replay_fraction!r}, but a curriculum asks other prompts at every level, so"
            " those remembered would lose their meaning: set replay_fraction to 0, or curriculum.advance_at to none."
        )
