"""The policy: a causal language model, perhaps with a value head, and what it says of rollouts."""

from typing import Any, Literal

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from formalrl.batch import Batch, PolicyOutput
from formalrl.models.attention import can_plug_in, plugged_in
from formalrl.models.distribution import allowed_tokens, unpack_bits
from formalrl.models.log_softmax import log_softmax_and_chosen
from formalrl.models.packing import Packed, completion_lengths, lay_out_rows, pack, sharing_pays
from formalrl.sampling.rule import SamplingRule

Prefixes = Literal["auto", "shared", "plain"]
"""Whether each prompt is computed once a group ("shared") or once a rollout ("plain")."""

_COMPACT_BELOW = 0.75


class Policy(nn.Module):
    """Any Hugging Face causal language model, wrapped by peft or not, and an optional value head.

    Example: `score(Policy(model), batch, rule).logprobs`.
    """

    def __init__(self, model: nn.Module, *, with_value_head: bool = False) -> None:
        super().__init__()
        self.model = model
        config = self.base.config.get_text_config()
        self.vocab_size: int = config.vocab_size
        """V, the width of the logits."""
        self.value_head: nn.Linear | None = None
        """Last hidden state -> value, float32, zero at first; None where there is none."""
        if with_value_head:
            self.value_head = nn.Linear(config.hidden_size, 1, device=self.device)
            nn.init.zeros_(self.value_head.weight)
            nn.init.zeros_(self.value_head.bias)

    @property
    def base(self) -> PreTrainedModel:
        """The transformers model, inside an adapter or not."""
        unwrap = getattr(self.model, "get_base_model", None)
        return unwrap() if unwrap is not None else self.model  # type: ignore[return-value]

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.model.parameters()).device

    @property
    def shares_prefixes(self) -> bool:
        """Whether the model can compute each prompt once a group."""
        return can_plug_in(self.base)

    def logits(self, input_ids: Tensor, keep: Tensor, **inputs: Any) -> tuple[Tensor, Tensor]:
        """Return logits `[U, V]` and last hidden states `[U, D]` at the places `keep` of the flattened `input_ids`.

        The output head sees no other place.
        """
        held: list[Tensor] = []

        def select(_: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            held.append(args[0].flatten(0, 1).index_select(0, keep))
            return held[0].unsqueeze(0), *args[1:]

        head = self.base.get_output_embeddings()
        assert head is not None, "a causal language model has an output head"
        hook = head.register_forward_pre_hook(select)
        try:
            output = self.model(input_ids=input_ids, **({"use_cache": False} | inputs))
        finally:
            hook.remove()
        return output.logits[0], held[0]

    def packed_logits(self, packed: Packed) -> tuple[Tensor, Tensor]:
        """Return `logits` of tokens made by `pack` or `lay_out_rows`."""
        if packed.layout is None:
            return self.logits(packed.input_ids, packed.keep)
        return self.prefix_logits(packed.input_ids, packed.position_ids, packed.keep, packed.layout)

    def prefix_logits(
        self, input_ids: Tensor, position_ids: Tensor | None, keep: Tensor, plan: Any
    ) -> tuple[Tensor, Tensor]:
        """Return `logits` of one packed row `[1, N]` whose attention `plan` computes."""
        no_mask = torch.zeros(1, 1, 1, 1, device=input_ids.device)  # four dimensions: taken as it is, and ignored
        with plugged_in(self.base):
            return self.logits(input_ids, keep, position_ids=position_ids, attention_mask=no_mask, prefix=plan)

    def forward(
        self, batch: Batch, rule: SamplingRule, *, with_values: bool = False, prefixes: Prefixes = "auto"
    ) -> PolicyOutput:
        """See `score`."""
        if bool((batch.prompt_index.diff() < 0).any()):
            order = batch.prompt_index.argsort(stable=True)
            output = self(batch.select(order), rule, with_values=with_values, prefixes=prefixes)
            back = order.argsort()
            values = None if output.values is None else output.values[back]
            return PolicyOutput(output.logprobs[back], output.logp_all[back], values)
        lengths = completion_lengths(batch)
        shared = prefixes == "shared" or (prefixes == "auto" and self.shares_prefixes and sharing_pays(batch, lengths))
        packed = pack(batch, lengths, compact=_compact(batch, lengths)) if shared else lay_out_rows(batch, lengths)
        logits, hidden = self.packed_logits(packed)
        allowed = _allowed(batch, rule, self.vocab_size)
        logp, chosen = log_softmax_and_chosen(
            logits, rule.scoring_temperature, allowed, packed.expand, batch.completion_ids.flatten()
        )
        shape = batch.completion_ids.shape
        logp_all = (logp if packed.expand is None else logp.index_select(0, packed.expand)).unflatten(0, shape)
        values = self._values(hidden, packed.expand).view(shape) if with_values else None
        return PolicyOutput(chosen.view(shape).masked_fill(batch.mask == 0, 0.0), logp_all, values)

    def _values(self, hidden: Tensor, expand: Tensor | None) -> Tensor:
        """[B * T] what the value head says."""
        assert self.value_head is not None, "values are asked of a policy without a value head"
        with torch.autocast(hidden.device.type, enabled=False):
            values = self.value_head(hidden.float()).squeeze(-1)
        return values if expand is None else values[expand]


def score(
    policy: Policy, batch: Batch, rule: SamplingRule, *, with_values: bool = False, prefixes: Prefixes = "auto"
) -> PolicyOutput:
    """Return what `policy` says of the rollouts of `batch`, over the tokens that `rule` and the recorded sets permit.

    Logits are divided by the temperature (1 where the rule is greedy), masked and log-softmaxed in float32, at
    completion positions only. Positions count from 0 at the first real token of a prompt, whatever the padding.

    Args:
        policy: in training mode or not; dropout probabilities must be 0.
        batch: on the policy's device.
        rule: temperature and forbidden tokens; the filters' outcome is `batch.kept`.
        with_values: also ask the value head.
        prefixes: "auto" computes each prompt once a group wherever the model allows it and it saves time.
    """
    return policy(batch, rule, with_values=with_values, prefixes=prefixes)


def _compact(batch: Batch, lengths: Tensor) -> bool:
    """Whether far fewer distributions differ than there are rows and positions (never with recorded sets)."""
    distinct = len(batch.prompt_ids) + int((lengths - 1).clamp(min=0).sum())
    return batch.kept is None and distinct < _COMPACT_BELOW * batch.mask.numel()


def _allowed(batch: Batch, rule: SamplingRule, vocab_size: int) -> Tensor | None:
    """[V] or [B * T, V] bool: permitted and kept tokens; at padding all permitted ones."""
    allowed = allowed_tokens(rule.forbidden_token_ids, vocab_size, batch.mask.device)
    if batch.kept is None:
        return allowed
    kept = unpack_bits(batch.kept, vocab_size) | (batch.mask == 0).unsqueeze(-1)
    return (kept if allowed is None else kept & allowed).flatten(0, 1)
