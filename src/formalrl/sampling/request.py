"""What a sampler is asked, checked once, and the record of what it answers; shared by all samplers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from formalrl.errors import ConfigError
from formalrl.models.distribution import pack_bits
from formalrl.models.policy import Policy
from formalrl.sampling import Samples
from formalrl.sampling.grammar import Constraint, Rows
from formalrl.sampling.noise import NoiseKey, uniforms
from formalrl.sampling.rule import SamplingRule

Decode = Callable[[list[int]], str]

_TAIL_TOKENS = 64


@dataclass(frozen=True)
class Request:
    """B = P * G rows to sample, grouped by prompt."""

    prompt_ids: Sequence[Sequence[int]]
    """P token lists."""
    prompt_index: Tensor
    """[B] long: the prompt of each row."""
    limits: Tensor
    """[B] long: the longest completion of each row."""
    uniforms: Tensor
    """[B, T] float64: the noise of every token."""
    rule: SamplingRule
    decode: Decode | None
    constraint: Constraint | None = None


def make_request(
    policy: Policy,
    prompt_ids: Sequence[Sequence[int]],
    num_generations: int,
    rule: SamplingRule,
    noise: NoiseKey,
    max_lengths: Sequence[int] | None,
    decode: Decode | None,
    constraint: Constraint | None = None,
) -> Request:
    """Return the checked request, its tensors on the policy's device; see `Sampler.sample` for the arguments."""
    rule.check(policy.vocab_size)
    count = len(prompt_ids)
    lengths = [rule.max_completion_length] * count if max_lengths is None else list(max_lengths)
    if num_generations < 1 or count == 0:
        raise ConfigError(
            f"{count} prompts times {num_generations!r} completions leave nothing to sample: ask for some."
        )
    empty = [i for i, ids in enumerate(prompt_ids) if len(ids) == 0]
    if empty:
        raise ConfigError(f"prompt {empty[0]} has no tokens, so nothing predicts the first one: begin it with one.")
    if len(lengths) != count or min(lengths) < 1:
        raise ConfigError(f"max_lengths is {lengths!r} for {count} prompts: give each prompt 1 token or more.")
    if constraint is not None and len(constraint.starts) != count:
        raise ConfigError(f"a grammar has {len(constraint.starts)} starts for {count} prompts: give one a prompt.")
    if rule.stop_strings and decode is None:
        raise ConfigError("stop_strings are set, but nothing turns tokens into text: pass decode.")
    limits = torch.tensor(lengths).clamp(max=rule.max_completion_length).repeat_interleave(num_generations)
    numbers = uniforms(noise, count, num_generations, int(limits.max()))
    return Request(
        prompt_ids,
        torch.arange(count, device=policy.device).repeat_interleave(num_generations),
        limits.to(policy.device),
        torch.from_numpy(numbers).to(policy.device),
        rule,
        decode,
        constraint,
    )


class Record:
    """Tokens as they are sampled, position by position; knows which rows go on."""

    def __init__(self, request: Request) -> None:
        rows, columns = request.uniforms.shape
        device = request.uniforms.device
        self.request = request
        self.completion_ids = torch.full((rows, columns), request.rule.pad_token_id, device=device)
        self.logprobs = torch.zeros(rows, columns, device=device)
        self.lengths = torch.zeros(rows, dtype=torch.long, device=device)
        self.finished = torch.zeros(rows, dtype=torch.bool, device=device)
        self.kept: Tensor | None = None
        constraint = request.constraint
        self._grammar = None if constraint is None else Rows(constraint, request.prompt_index, request.limits)
        self._end_tokens = torch.tensor(request.rule.eos_token_ids, dtype=torch.long, device=device)

    def add(self, position: int, rows: Tensor, tokens: Tensor, logprobs: Tensor, kept: Tensor | None) -> Tensor:
        """Note the tokens of `rows` at `position`; return `[R]` bool, whether each row goes on.

        Args:
            position: how many tokens these rows have already.
            rows: `[R]` long, row numbers of the request.
            tokens: `[R]` long.
            logprobs: `[R]` float.
            kept: `[R, V]` bool, or None when neither a filter nor a grammar is on.
        """
        if self._grammar is not None:
            self._grammar.advance(rows, tokens)
        self.completion_ids[rows, position] = tokens
        self.logprobs[rows, position] = logprobs
        self.lengths[rows] = position + 1
        if kept is not None:
            self._note_kept(position, rows, kept)
        ended = torch.isin(tokens, self._end_tokens)
        if self.request.rule.stop_strings:
            ended = ended | self._stopped(rows, ended)
        self.finished[rows] = ended
        return ~ended & (position + 1 < self.request.limits[rows])

    def permitted(self, position: int, rows: Tensor) -> Tensor | None:
        """Return `[R, V]` bool, what the grammar permits these rows at `position`; None without a grammar."""
        return None if self._grammar is None else self._grammar.permitted(rows, position)

    def samples(self) -> Samples:
        """Return everything noted, cut to the longest completion."""
        longest = int(self.lengths.max())
        places = torch.arange(longest, device=self.lengths.device)
        return Samples(
            self.completion_ids[:, :longest],
            (places < self.lengths.unsqueeze(1)).float(),
            self.logprobs[:, :longest],
            self.finished,
            None if self.kept is None else self.kept[:, :longest],
        )

    def _note_kept(self, position: int, rows: Tensor, kept: Tensor) -> None:
        if self.kept is None:
            shape = (*self.completion_ids.shape, -(-kept.shape[-1] // 8))
            self.kept = torch.zeros(shape, dtype=torch.uint8, device=kept.device)
        self.kept[rows, position] = pack_bits(kept)

    def _stopped(self, rows: Tensor, ended: Tensor) -> Tensor:
        """[R] bool: the text of the row holds a stop string; rows that an end token ended are not decoded."""
        stopped = [
            not done and self._has_stop_string(self.completion_ids[row, :length].tolist())
            for row, length, done in zip(rows.tolist(), self.lengths[rows].tolist(), ended.tolist(), strict=True)
        ]
        return torch.tensor(stopped, dtype=torch.bool, device=rows.device)

    def _has_stop_string(self, token_ids: list[int]) -> bool:
        """Decode no more than a stop string that ends with the last token can cover, and some tokens before it."""
        decode, stops = self.request.decode, self.request.rule.stop_strings
        assert decode is not None, "checked by make_request"
        longest = max(len(stop.encode()) for stop in stops)
        text = decode(token_ids[-(longest + _TAIL_TOKENS) :])
        return any(stop in text for stop in stops)
