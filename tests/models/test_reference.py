"""The reference is what the policy was: KL 0 before an update and above 0 after, with no second base under LoRA."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from formalrl.models.config import ModelConfig
from formalrl.models.load import load_model
from formalrl.models.policy import Policy
from formalrl.models.reference import Reference

Folder = Callable[..., Path]
IDS = torch.arange(5, 25).view(2, -1)
ARCHITECTURES = ["gpt2", "gpt_neox", "llama"]
CONFIGS = {"full": ModelConfig(), "lora": ModelConfig(use_peft=True, lora_r=2)}


def _policy(folder: Path, kind: str, *, checkpointing: bool = False) -> Policy:
    config = ModelConfig(use_peft=kind == "lora", lora_r=2, gradient_checkpointing=checkpointing)
    return Policy(load_model(str(folder), config), with_value_head=True)


def _logp(policy: Policy) -> Tensor:
    return policy.model(IDS).logits.float().log_softmax(-1)


def _kl(policy: Policy, reference: Reference) -> float:
    """Mean KL(policy, reference) over positions."""
    own = _logp(policy).detach()
    with reference.scoring() as other:
        theirs = _logp(other)
    assert not theirs.requires_grad
    return float((own.exp() * (own - theirs)).sum(-1).mean())


def _update(policy: Policy, rate: float = 0.3) -> None:
    optimizer = torch.optim.SGD([p for p in policy.parameters() if p.requires_grad], lr=rate)
    for _ in range(2):  # the first one moves only LoRA's second factor
        policy.model(IDS, labels=IDS).loss.backward()
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_kl_is_zero_before_and_positive_after_an_update(hub_folder: Folder, architecture: str, kind: str) -> None:
    policy = _policy(hub_folder(architecture), kind)
    reference = Reference(policy)
    start = _logp(policy).detach()
    assert _kl(policy, reference) == 0.0
    _update(policy)
    assert _kl(policy, reference) > 1e-3
    with reference.scoring() as other:
        torch.testing.assert_close(_logp(other), start, rtol=0, atol=0)


@pytest.mark.parametrize("kind", CONFIGS)
def test_kl_after_a_warm_start_is_to_the_warm_started_policy(hub_folder: Folder, kind: str) -> None:
    policy = _policy(hub_folder("llama"), kind)
    _update(policy)
    reference = Reference(policy)
    assert _kl(policy, reference) == 0.0
    _update(policy)
    assert _kl(policy, reference) > 1e-3


def test_the_policy_is_back_afterwards_and_trains_on(hub_folder: Folder) -> None:
    folder = hub_folder("llama")
    for warm in (False, True):
        policy = _policy(folder, "lora")
        if warm:
            _update(policy)
        reference = Reference(policy)
        _update(policy)
        before = _logp(policy).detach()
        policy.model(IDS, labels=IDS).loss.backward()
        expected = [p.grad.clone() for p in policy.model.parameters() if p.grad is not None]
        policy.zero_grad()
        loss = policy.model(IDS, labels=IDS).loss
        with reference.scoring() as other:  # between the forward and the backward pass of the policy
            _logp(other)
        loss.backward()
        found = [p.grad for p in policy.model.parameters() if p.grad is not None]
        assert expected and all(torch.equal(a, b) for a, b in zip(expected, found, strict=True))
        torch.testing.assert_close(_logp(policy), before, rtol=0, atol=0)


def test_an_error_inside_the_block_gives_the_policy_back(hub_folder: Folder) -> None:
    policy = _policy(hub_folder("gpt2"), "lora")
    _update(policy)
    reference = Reference(policy)
    _update(policy)
    before = _logp(policy).detach()
    with pytest.raises(KeyError), reference.scoring():
        raise KeyError
    torch.testing.assert_close(_logp(policy), before, rtol=0, atol=0)


def test_the_copy_is_frozen_and_shares_nothing(hub_folder: Folder) -> None:
    policy = _policy(hub_folder("gpt2"), "full", checkpointing=True)
    policy.model(IDS, labels=IDS).loss.backward()
    reference = Reference(policy)
    with reference.scoring() as other:
        assert other is not policy and other.value_head is None and not other.training
        assert not any(p.requires_grad or p.grad is not None for p in other.parameters())
        own = {p.data_ptr() for p in policy.parameters()}
        assert not own & {p.data_ptr() for p in other.parameters()}
    assert policy.value_head is not None and all(p.requires_grad for p in policy.parameters())


def test_lora_needs_no_second_base(hub_folder: Folder) -> None:
    policy = _policy(hub_folder("gpt2"), "lora")
    fresh = Reference(policy)
    assert fresh.state_dict() == {}
    with fresh.scoring() as other:
        assert other is policy
    _update(policy)
    warm = Reference(policy)
    adapter = sum(p.numel() for p in policy.model.parameters() if p.requires_grad)
    assert sum(value.numel() for value in warm.state_dict().values()) == adapter


@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("warm", [False, True])
def test_a_resumed_run_gets_the_first_reference_back(hub_folder: Folder, kind: str, warm: bool) -> None:
    policy = _policy(hub_folder("gpt_neox"), kind)
    if warm:
        _update(policy)
    first = Reference(policy)
    start = _logp(policy).detach()
    state = {name: value.clone() for name, value in first.state_dict().items()}
    _update(policy)
    resumed = Reference(policy)
    assert _kl(policy, resumed) == 0.0
    resumed.load_state_dict(state)
    with resumed.scoring() as other:
        torch.testing.assert_close(_logp(other), start, rtol=0, atol=0)


def test_the_reference_of_another_adapter_is_refused(hub_folder: Folder) -> None:
    reference = Reference(_policy(hub_folder("gpt2"), "lora"))
    with pytest.raises(ValueError, match="other layers"):
        reference.load_state_dict({"elsewhere": torch.zeros(1)})
