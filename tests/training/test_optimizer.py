"""Learning rates by hand, and which parameters decay."""

import pytest
import torch
from torch import nn

from formalrl.config import TrainConfig
from formalrl.training.optimizer import learning_rate, make_optimizer, set_learning_rate


def rates(steps, **settings):
    config = TrainConfig("arithmetic", learning_rate=2.0, **settings)
    return [learning_rate(config, step) for step in steps]


@pytest.mark.parametrize(
    ("settings", "steps", "expected"),
    [
        ({"max_steps": 10}, [0, 5, 9], [2.0, 2.0, 2.0]),
        # 4 steps of warm-up, then 8 of decay: step 8 is halfway
        ({"max_steps": 12, "warmup_steps": 4, "lr_scheduler_type": "linear"}, [0, 3, 4, 8, 12], [0.5, 2, 2, 1, 0]),
        # half a cosine: a quarter of the way is (1 + cos 45 degrees) / 2 = 0.853553
        ({"max_steps": 8, "lr_scheduler_type": "cosine"}, [0, 2, 4, 8], [2.0, 1.707107, 1.0, 0.0]),
        # the end is a tenth of the peak: halfway 2 * (0.1 + 0.9 * 0.5)
        ({"max_steps": 10, "lr_scheduler_type": "linear", "lr_end_ratio": 0.1}, [5, 10], [1.1, 0.2]),
        # past the end, and a warm-up longer than the run
        ({"max_steps": 4, "lr_scheduler_type": "linear", "lr_end_ratio": 0.5}, [9], [1.0]),
        ({"max_steps": 4, "warmup_steps": 8, "lr_scheduler_type": "cosine"}, [0, 7, 8], [0.25, 2.0, 2.0]),
    ],
)
def test_schedules_by_hand(settings, steps, expected):
    assert rates(steps, **settings) == pytest.approx(expected, abs=1e-6)


def test_only_trainable_matrices_decay():
    layer, frozen = nn.Linear(2, 3), nn.Linear(2, 2)
    frozen.requires_grad_(False)
    config = TrainConfig("arithmetic", weight_decay=0.1, adam_beta1=0.8)
    optimizer = make_optimizer(config, [*layer.named_parameters(), *frozen.named_parameters()])
    decayed, plain = optimizer.param_groups
    assert decayed["params"] == [layer.weight]
    assert plain["params"] == [layer.bias]
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.1, 0.0)
    assert decayed["betas"] == (0.8, 0.999)


def test_the_learning_rate_reaches_every_group():
    layer = nn.Linear(1, 1)
    optimizer = make_optimizer(TrainConfig("arithmetic"), layer.named_parameters())
    set_learning_rate(optimizer, 0.5)
    before = [p.detach().clone() for p in layer.parameters()]
    layer(torch.ones(1, 1)).sum().backward()
    optimizer.step()
    # the first step of Adam moves every parameter by the learning rate
    for old, new in zip(before, layer.parameters(), strict=True):
        assert float((old - new).detach()) == pytest.approx(0.5, abs=1e-4)
