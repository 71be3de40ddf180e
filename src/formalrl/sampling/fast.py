"""The sampler for work: each prompt is computed once, keys and values are cached, finished rows leave the batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from formalrl.models.attention import can_plug_in
from formalrl.models.decoding import Decoder, SharedPrefixDecoder
from formalrl.models.own_cache import OwnCacheDecoder
from formalrl.models.policy import Policy
from formalrl.sampling import NoiseKey, Samples, SamplingRule
from formalrl.sampling.draw import draw, next_token
from formalrl.sampling.grammar import Constraint
from formalrl.sampling.request import Decode, Record, Request, make_request

_RETIRE_BELOW = 0.8
_BYTES_A_LOGIT = 24  # logits, log-probabilities, cumulated probabilities


@dataclass(frozen=True)
class Fast:
    """Gives the tokens of `eager` under the same seed, however rows are batched."""

    cache_gib: float = 4.0
    """Memory that caches and logits may take at once; more rows than fit are sampled one chunk after the other."""

    def sample(
        self,
        policy: Policy,
        prompt_ids: Sequence[Sequence[int]],
        num_generations: int,
        rule: SamplingRule,
        noise: NoiseKey,
        *,
        max_lengths: Sequence[int] | None = None,
        decode: Decode | None = None,
        constraint: Constraint | None = None,
    ) -> Samples:
        """See `Sampler.sample`."""
        request = make_request(policy, prompt_ids, num_generations, rule, noise, max_lengths, decode, constraint)
        record = Record(request)
        with torch.no_grad():
            for rows in self._chunks(policy, request):
                _sample_rows(policy, request, record, rows)
        return record.samples()

    def _chunks(self, policy: Policy, request: Request) -> Iterator[Tensor]:
        """Yield row numbers whose caches fit together; at least one row at a time."""
        config = policy.base.config.get_text_config()
        num_heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        head_size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        a_token = 2 * config.num_hidden_layers * num_heads * head_size * policy.base.dtype.itemsize
        longest = max(len(ids) for ids in request.prompt_ids) + request.uniforms.shape[1]
        a_row = longest * a_token + policy.vocab_size * _BYTES_A_LOGIT
        rows = torch.arange(len(request.limits), device=policy.device)
        yield from rows.split(max(1, int(self.cache_gib * 2**30 / a_row)))


def _sample_rows(policy: Policy, request: Request, record: Record, rows: Tensor) -> None:
    """Sample `rows` to their ends. `rows` are those in the cache; the ones that go on are a part of them."""
    used, prompt_index = torch.unique(request.prompt_index[rows], return_inverse=True)
    decoder = _decoder(policy, [request.prompt_ids[p] for p in used.tolist()], prompt_index)
    source: Tensor | None = prompt_index
    logits = decoder.prompt_logits()
    goes_on = torch.ones_like(rows, dtype=torch.bool)
    for position in range(int(request.limits[rows].max())):
        tokens, goes_on = _one_token(record, logits, source, rows, goes_on, position)
        count = int(goes_on.sum())
        if count == 0:
            return
        if count < _RETIRE_BELOW * len(rows):
            left = goes_on.nonzero().flatten()
            decoder.retain(left)
            rows, tokens, goes_on = rows[left], tokens[left], goes_on[left]
        logits, source = decoder.step(tokens), None


def _one_token(
    record: Record, logits: Tensor, source: Tensor | None, rows: Tensor, goes_on: Tensor, position: int
) -> tuple[Tensor, Tensor]:
    """Draw and note the token at `position` of the rows that go on; return tokens `[R]` and who goes on now `[R]`.

    Args:
        record: where they are noted.
        logits: `[N, V]`.
        source: `[R]` long, which of the N distributions is each row's; None where N is R.
        rows: `[R]` long.
        goes_on: `[R]` bool.
        position: how many tokens the rows have.
    """
    rule = record.request.rule
    live = goes_on.nonzero().flatten()
    numbers = live if source is None else source[live]
    if (permitted := record.permitted(position, rows[live])) is not None:
        logits, numbers = logits[numbers], torch.arange(len(live), device=live.device)
    distribution = next_token(logits, rule, permitted)
    logp = distribution.logp[numbers]
    drawn = draw(logp, record.request.uniforms[rows[live], position].unsqueeze(1), rule)  # [r, 1]
    kept = None if distribution.kept is None else distribution.kept[numbers]
    continues = record.add(position, rows[live], drawn.squeeze(1), logp.gather(1, drawn).squeeze(1), kept)
    tokens = torch.full_like(rows, rule.pad_token_id)
    tokens[live] = drawn.squeeze(1)
    after = torch.zeros_like(goes_on)
    after[live] = continues
    return tokens, after


def _decoder(policy: Policy, prompt_ids: Sequence[Sequence[int]], prompt_index: Tensor) -> Decoder:
    if can_plug_in(policy.base):
        return SharedPrefixDecoder(policy, prompt_ids, prompt_index)
    return OwnCacheDecoder(policy, prompt_ids, prompt_index)
