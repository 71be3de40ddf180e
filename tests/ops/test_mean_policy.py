import math

import pytest
import torch
from torch import Tensor

from formalrl.ops import mean_policy as m

MASK = torch.tensor([[1.0, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 0, 0]])
"""Ragged; no completion reaches the last position."""
PERMITTED = 5
"""... of 6 tokens: the last is forbidden."""


@pytest.fixture
def logits() -> Tensor:
    torch.manual_seed(0)
    return (2 * torch.randn(5, 4, 6, dtype=torch.float64)).requires_grad_()


def log_policy(logits: Tensor) -> Tensor:
    forbidden = torch.arange(6) >= PERMITTED
    return torch.log_softmax(logits.masked_fill(forbidden, -math.inf), -1)


def whole_update(logits: Tensor, form: str) -> Tensor:
    """The definition, differentiated by autograd through the mean itself."""
    weights = MASK.double().unsqueeze(-1)
    counts = weights.sum(0)
    p = (log_policy(logits).exp() * weights).sum(0)[:3, :PERMITTED] / counts[:3]
    per_position = -(p * p.log()).sum(-1) if form == "entropy" else -p.log().sum(-1) / PERMITTED
    return (per_position * counts[:3, 0]).sum() / MASK.sum()


def by_micro_batches(logits: Tensor, form: str, sizes: list[int], noise: float = 0.0) -> tuple[float, Tensor]:
    total = m.no_rows(4, 6)
    cuts = list(zip(torch.tensor([0, *sizes]).cumsum(0).tolist(), sizes, strict=False))
    garbage = torch.log_softmax(noise * torch.randn(5, 4, 6), -1)
    scored = torch.where(MASK.unsqueeze(-1) > 0, log_policy(logits), garbage)
    for start, size in cuts:
        total = m.add_rows(total, scored[start : start + size].float(), MASK[start : start + size])
    weights = MASK / MASK.sum()
    value, gradient = 0.0, torch.zeros_like(logits)
    for start, size in cuts:
        part = slice(start, start + size)
        if form == "entropy":
            term = m.batch_entropy_term(scored[part], m.mean_logp(total).double(), weights[part].double())
        else:
            term = m.log_barrier_term(scored[part], m.mean_logp(total).double(), weights[part].double(), PERMITTED)
        gradient += torch.autograd.grad(term, logits, retain_graph=True)[0]
        value += term.item()
    return value, gradient


@pytest.mark.parametrize("form", ["entropy", "log_barrier"])
@pytest.mark.parametrize("sizes", [[5], [2, 3], [1, 1, 1, 1, 1]])
def test_value_and_gradient_are_those_of_autograd_through_the_whole_mean(logits: Tensor, form: str, sizes: list[int]):
    wanted = whole_update(logits, form)
    (gradient,) = torch.autograd.grad(wanted, logits)
    value, found = by_micro_batches(logits, form, sizes)
    assert value == pytest.approx(wanted.item(), abs=1e-6)
    assert torch.allclose(found, gradient, atol=1e-6)
    assert gradient.abs().max() > 1e-2


@pytest.mark.parametrize("form", ["entropy", "log_barrier"])
def test_what_padding_holds_changes_nothing(logits: Tensor, form: str):
    clean, clean_gradient = by_micro_batches(logits, form, [2, 3])
    dirty, dirty_gradient = by_micro_batches(logits, form, [2, 3], noise=300.0)
    assert dirty == pytest.approx(clean, abs=1e-7)
    assert torch.allclose(dirty_gradient, clean_gradient, atol=1e-7)


def test_the_metric_is_the_value_of_the_term(logits: Tensor):
    total = m.add_rows(m.no_rows(4, 6), log_policy(logits).float(), MASK)
    assert m.batch_entropy(total).item() == pytest.approx(whole_update(logits, "entropy").item(), abs=1e-6)


def test_batch_entropy_by_hand():
    # position 0: two certain, different completions: ln 2, weight 2/3; position 1: one goes on, certain: 0, weight 1/3
    logp_all = torch.log(torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]))
    mask = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    total = m.add_rows(m.no_rows(2, 2), logp_all, mask)
    assert total.counts.tolist() == [2.0, 1.0]
    assert m.mean_logp(total)[0].tolist() == pytest.approx([math.log(0.5)] * 2)
    assert m.batch_entropy(total).item() == pytest.approx(2 / 3 * math.log(2), abs=1e-6)


def test_log_barrier_by_hand():
    # means 0.5 (0.8 + 0.4) = 0.6 and 0.4: -(ln 0.6 + ln 0.4) / 2 = 0.713558
    logp_all = torch.log(torch.tensor([[[0.8, 0.2, 0.0]], [[0.4, 0.6, 0.0]]]))
    total = m.add_rows(m.no_rows(1, 3), logp_all, torch.ones(2, 1))
    term = m.log_barrier_term(logp_all, m.mean_logp(total), torch.full((2, 1), 0.5), 2)
    assert term.item() == pytest.approx(0.713558, abs=1e-5)


def test_a_token_below_the_smallest_float_still_has_its_barrier_and_a_gradient():
    logits = torch.tensor([[[0.0, -200.0]], [[0.0, -201.0]]], requires_grad=True)
    logp_all = torch.log_softmax(logits, -1)
    total = m.add_rows(m.no_rows(1, 2), logp_all, torch.ones(2, 1))
    term = m.log_barrier_term(logp_all, m.mean_logp(total), torch.full((2, 1), 0.5), 2)
    term.backward()
    assert term.item() == pytest.approx((200 + math.log(2) - math.log(1 + math.exp(-1))) / 2, abs=1e-3)
    # of the pull of 1/2 on the dying token, the completion that is nearer to it bears 1 / (1 + e^-1)
    assert logits.grad[0, 0, 1].item() == pytest.approx(-0.5 / (1 + math.exp(-1)), abs=1e-4)


def test_padding_that_is_sure_of_a_dying_token_does_not_overflow_the_barrier():
    logits = torch.tensor([[[0.0, 0.0], [0.0, -200.0]], [[0.0, 0.0], [-200.0, 0.0]]], requires_grad=True)
    mask = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    logp_all = torch.log_softmax(logits, -1)
    total = m.add_rows(m.no_rows(2, 2), logp_all, mask)
    term = m.log_barrier_term(logp_all, m.mean_logp(total), mask / 3, 2)
    term.backward()
    assert term.item() == pytest.approx(2 / 3 * math.log(2) + 1 / 3 * 100, abs=1e-3)
    assert torch.isfinite(logits.grad).all()
    assert not logits.grad[1, 1].any()


def test_ranks_combine_to_the_whole(logits: Tensor):
    logp_all = log_policy(logits).float()
    whole = m.add_rows(m.no_rows(4, 6), logp_all, MASK)
    ranks = [m.add_rows(m.no_rows(4, 6), logp_all[part], MASK[part]) for part in (slice(0, 2), slice(2, 5))]
    together = m.combine([*ranks, m.no_rows(4, 6)])  # a rank may have no row
    assert torch.allclose(together.log_sum, whole.log_sum, atol=1e-6)
    assert torch.equal(together.counts, whole.counts)


def test_the_gradient_of_the_barrier_does_not_grow_with_the_vocabulary():
    norms = []
    for size in (10, 1000):
        logits = torch.zeros(1, 1, size, requires_grad=True)
        logits.data[..., 0] = 3.0
        logp_all = torch.log_softmax(logits, -1)
        total = m.add_rows(m.no_rows(1, size), logp_all, torch.ones(1, 1))
        m.log_barrier_term(logp_all, m.mean_logp(total), torch.ones(1, 1), size).backward()
        norms.append(logits.grad.norm().item())
    assert norms[1] < norms[0]


def test_an_update_without_rows_has_batch_entropy_zero():
    assert m.batch_entropy(m.no_rows(3, 4)).item() == 0.0


def test_no_permitted_token_is_refused():
    with pytest.raises(ValueError, match="num_permitted is 0"):
        m.log_barrier_term(torch.zeros(1, 1, 2), torch.zeros(1, 2), torch.ones(1, 1), 0)
