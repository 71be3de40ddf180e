"""AdamW and a learning rate that is a pure function of the step."""

import math
from collections.abc import Iterable

import torch
from torch import nn

from formalrl.config import TrainConfig


def learning_rate(config: TrainConfig, step: int) -> float:
    """Return the learning rate of `step` (from 0): a linear rise, then the schedule to `lr_end_ratio` of the peak."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    length = max(1, config.max_steps - config.warmup_steps)
    progress = min(1.0, (step - config.warmup_steps) / length)
    shape = {
        "constant": 1.0,
        "linear": 1.0 - progress,
        "cosine": 0.5 * (1.0 + math.cos(math.pi * progress)),
    }[config.lr_scheduler_type]
    return config.learning_rate * (config.lr_end_ratio + (1.0 - config.lr_end_ratio) * shape)


def make_optimizer(config: TrainConfig, parameters: Iterable[tuple[str, nn.Parameter]]) -> torch.optim.AdamW:
    """Return AdamW over the trainable parameters; weight decay acts on matrices only."""
    trained = [p for _, p in parameters if p.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": [p for p in trained if p.ndim >= 2], "weight_decay": config.weight_decay},
            {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=config.learning_rate,
        betas=(config.adam_beta1, config.adam_beta2),
        eps=config.adam_epsilon,
    )


def set_learning_rate(optimizer: torch.optim.Optimizer, value: float) -> None:
    """Use this learning rate for the next updates."""
    for group in optimizer.param_groups:
        group["lr"] = value
