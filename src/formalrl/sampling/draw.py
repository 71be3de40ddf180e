"""From logits to the distribution of a rule, and from one uniform number to a token."""

from dataclasses import dataclass

import torch
from torch import Tensor

from formalrl.models.distribution import allowed_tokens
from formalrl.ops.logprobs import log_probabilities
from formalrl.sampling import filters
from formalrl.sampling.rule import SamplingRule


@dataclass(frozen=True)
class NextToken:
    """The distributions that the next tokens of N rows are drawn from."""

    logp: Tensor
    """[N, V] float32; -inf on tokens that are forbidden or were not kept."""
    kept: Tensor | None
    """[N, V] bool: what a grammar and the filters left; None when neither is on."""


def next_token(logits: Tensor, rule: SamplingRule, permitted: Tensor | None = None) -> NextToken:
    """Return the distributions that `rule` makes of `[N, V]` logits; `permitted` (`[N, V]`) are a grammar's."""
    allowed = allowed_tokens(rule.forbidden_token_ids, logits.shape[-1], logits.device)
    if permitted is not None:
        allowed = permitted if allowed is None else permitted & allowed
    logp = log_probabilities(logits, rule.scoring_temperature, allowed)
    if not rule.filters:
        return NextToken(logp, None if permitted is None else allowed)
    kept = logp > -torch.inf
    if rule.top_k > 0:
        kept = filters.top_k(logp, rule.top_k)
    if rule.top_p < 1.0:
        kept = filters.top_p(logp.masked_fill(~kept, -torch.inf), rule.top_p)
    if rule.min_p > 0.0:
        kept = filters.min_p(logp.masked_fill(~kept, -torch.inf), rule.min_p)
    return NextToken(log_probabilities(logits, rule.scoring_temperature, kept), kept)


def draw(logp: Tensor, uniforms: Tensor, rule: SamplingRule) -> Tensor:
    """Return `[N, K]` long: token k of row n is where the row's cumulated probability passes `uniforms[n, k]`.

    Args:
        logp: `[N, V]`, normalized.
        uniforms: `[N, K]` float64 in [0, 1), for K draws from each row.
        rule: greedy rules ignore the numbers.
    """
    if rule.greedy:
        return logp.argmax(-1, keepdim=True).expand(uniforms.shape)
    cumulated = logp.exp().double().cumsum(-1)
    total = cumulated[:, -1:]
    # Below the total even after rounding, so that the token found has a probability above 0.
    target = torch.minimum(uniforms * total, torch.nextafter(total, torch.zeros_like(total)))
    return torch.searchsorted(cumulated, target, right=True)
