"""The frozen reference policy: what the policy was at the start; under LoRA without a second base."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from formalrl.models.adapters import is_adapted

if TYPE_CHECKING:
    from formalrl.models.policy import Policy


class Reference:
    """The policy as it is now, kept for later.

    - A fully trained model: an own frozen deep copy.
    - An adapter that changes nothing yet: the base model under the disabled adapter.
    - An adapter that was trained before (a warm start, a saved adapter): the base under a copy of the adapter's
      weights.

    Make it after the warm start and before the first update, with the policy unwrapped and on its device. A resumed run
    makes it from the policy that it starts with and then loads `state_dict()` of the first one.
    """

    def __init__(self, policy: "Policy") -> None:
        self._policy = policy
        self._adapter: dict[str, Tensor] | None = None
        self._copy: Policy | None = None
        if not is_adapted(policy.model):
            self._copy = _frozen_copy(policy)
        elif not _is_identity(policy.model):
            self._adapter = {name: p.detach().clone() for name, p in _trainable(policy.model)}

    @contextmanager
    def scoring(self) -> Iterator["Policy"]:
        """Yield a policy that scores as the reference, without gradients; the trained policy is back afterwards.

        With an adapter it is the trained policy itself in disguise: do not train inside the block.
        """
        with torch.no_grad():
            if self._copy is not None:
                yield self._copy
            elif self._adapter is not None:
                with _swapped(self._policy.model, self._adapter):
                    yield self._policy
            else:
                with self._policy.model.disable_adapter():  # type: ignore[operator]
                    yield self._policy

    def state_dict(self) -> dict[str, Tensor]:
        """Return the tensors that a resumed run needs: a whole model, an adapter, or nothing."""
        if self._copy is not None:
            return dict(self._copy.model.state_dict())
        return dict(self._adapter or {})

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Become the reference whose `state_dict()` this is."""
        if self._copy is not None:
            self._copy.model.load_state_dict(dict(state))
            return
        device = {name: p.device for name, p in _trainable(self._policy.model)}
        if state and set(state) != set(device):
            raise ValueError("the reference's adapter has other layers than the policy's")
        self._adapter = {name: value.to(device[name]).clone() for name, value in state.items()} or None


def _frozen_copy(policy: "Policy") -> "Policy":
    """Return a copy that shares no tensor with `policy`, has no value head and takes no gradient."""
    twin = copy.deepcopy(policy)
    twin.value_head = None
    for parameter in twin.parameters():
        parameter.grad = None
        parameter.requires_grad_(False)
    return twin.eval()


def _trainable(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]


def _is_identity(model: nn.Module) -> bool:
    """Return whether the adapter adds zero: nothing but LoRA pairs is trained, and every second factor is 0."""
    trainable = _trainable(model)
    if any("lora_A" not in name and "lora_B" not in name for name, _ in trainable):
        return False
    return not any(parameter.detach().any() for name, parameter in trainable if "lora_B" in name)


@contextmanager
def _swapped(model: nn.Module, values: Mapping[str, Tensor]) -> Iterator[None]:
    """Put other storage under the parameters named, and the old back; graphs and optimizers do not notice."""
    parameters = dict(model.named_parameters())
    kept = {name: parameters[name].data for name in values}
    for name, value in values.items():
        parameters[name].data = value
    try:
        yield
    finally:
        for name, value in kept.items():
            parameters[name].data = value
