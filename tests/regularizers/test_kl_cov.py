"""KL-Cov by hand."""

import pytest
import torch

from formalrl.batch import Batch, PolicyOutput, UpdateContext
from formalrl.errors import ConfigError
from formalrl.regularizers.kl_cov import KLCov


def test_the_chosen_tokens_are_pulled_back_by_hand():
    logprobs = torch.tensor([[-1.0, -3.0], [-0.5, -9.0]], requires_grad=True)
    batch = Batch(
        prompt_ids=torch.zeros(2, 1).long(),
        prompt_mask=torch.ones(2, 1),
        prompt_index=torch.tensor([0, 1]),
        completion_ids=torch.zeros(2, 2).long(),
        mask=torch.tensor([[1.0, 1.0], [1.0, 0.0]]),
        old_logprobs=torch.tensor([[-1.5, -2.0], [-0.25, 0.0]]),
        rewards=torch.zeros(2),
        token_weights=torch.tensor([[1 / 3, 1 / 3], [1 / 3, 0.0]]),
        covariance_share=torch.tensor([[0.0, 1 / 3], [2 / 3, torch.inf]]),
    )
    output = PolicyOutput(logprobs, torch.zeros(2, 2, 4))
    loss = KLCov(coef=0.3, fraction=0.5).term(output, batch, UpdateContext(0.3)).loss
    assert loss.item() == pytest.approx(0.3 * (0.5 + 1.0) / 3)  # the third token is not chosen
    (gradient,) = torch.autograd.grad(loss, logprobs)
    assert gradient.tolist() == [[pytest.approx(0.1), pytest.approx(-0.1)], [0.0, 0.0]]  # up goes down, down goes up


@pytest.mark.parametrize("setting", [{"coef": -1.0}, {"fraction": 0.0}, {"fraction": 1.5}])
def test_what_cannot_work_is_refused(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        KLCov(**setting)
