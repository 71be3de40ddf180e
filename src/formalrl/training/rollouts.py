"""Prompts -> completions -> scores, shared out over ranks and known to all of them afterwards."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from formalrl.sampling import Samples
from formalrl.types import Completion, Prompt, Score


@dataclass(frozen=True)
class Rollouts:
    """All completions of the prompts of a step (or an evaluation), on the CPU. Rows of one prompt are neighbours."""

    prompts: Sequence[Prompt]
    """P drawn prompts."""
    prompt_ids: Sequence[Sequence[int]]
    """P token lists."""
    prompt_index: Tensor
    """[B] long: the prompt of each row."""
    samples: Samples
    """Token ids, masks and log-probabilities, [B, T]."""
    completions: Sequence[Completion]
    """B texts."""
    scores: Sequence[Score]
    """B scores; a failed scorer has reward None."""
    correct: Sequence[bool | None]
    """B verdicts of the task; None where it defines no accuracy."""

    def __len__(self) -> int:
        """B, the number of rollouts."""
        return len(self.completions)

    def rewards(self) -> Tensor:
        """[B] rewards; NaN where the scorer failed."""
        return torch.tensor([float("nan") if s.reward is None else s.reward for s in self.scores])

    def truncated(self) -> Tensor:
        """[B] bool: cut by the run's length limit. Where a prompt has a limit of its own, reaching that is no cut."""
        lengths = self.samples.mask.sum(1).long().tolist()
        own = [self.prompts[p].columns.get("max_completion_length") for p in self.prompt_index.tolist()]
        reached = [limit is not None and length >= int(limit) for length, limit in zip(lengths, own, strict=True)]
        return ~self.samples.finished & ~torch.tensor(reached, dtype=torch.bool)


def concatenate(parts: Sequence[Rollouts]) -> Rollouts:
    """Join rollouts one after the other; shorter completions are padded on the right."""
    if len(parts) == 1:
        return parts[0]
    length = max(part.samples.mask.shape[1] for part in parts)
    offsets = torch.tensor([0, *[len(part.prompts) for part in parts]]).cumsum(0).tolist()
    padded = [_pad(part.samples, length) for part in parts]
    kept = [samples.kept for samples in padded]
    return Rollouts(
        prompts=[prompt for part in parts for prompt in part.prompts],
        prompt_ids=[ids for part in parts for ids in part.prompt_ids],
        prompt_index=torch.cat([part.prompt_index + offset for part, offset in zip(parts, offsets, strict=False)]),
        samples=Samples(
            completion_ids=torch.cat([samples.completion_ids for samples in padded]),
            mask=torch.cat([samples.mask for samples in padded]),
            logprobs=torch.cat([samples.logprobs for samples in padded]),
            finished=torch.cat([samples.finished for samples in padded]),
            kept=None if kept[0] is None else torch.cat([bits for bits in kept if bits is not None]),
        ),
        completions=[completion for part in parts for completion in part.completions],
        scores=[score for part in parts for score in part.scores],
        correct=[flag for part in parts for flag in part.correct],
    )


def _pad(samples: Samples, length: int) -> Samples:
    missing = length - samples.mask.shape[1]
    if missing == 0:
        return samples
    pad = torch.nn.functional.pad
    return replace(
        samples,
        completion_ids=pad(samples.completion_ids, (0, missing)),
        mask=pad(samples.mask, (0, missing)),
        logprobs=pad(samples.logprobs, (0, missing)),
        kept=None if samples.kept is None else pad(samples.kept, (0, 0, 0, missing)),
    )


def decode_rows(samples: Samples, decode: Callable[[list[int]], str]) -> list[Completion]:
    """Turn sampled rows into texts; equal rows are decoded once."""
    lengths = samples.mask.sum(1).long().tolist()
    known: dict[tuple[tuple[int, ...], bool], Completion] = {}
    completions: list[Completion] = []
    for row, length, finished in zip(
        samples.completion_ids.numpy().tolist(), lengths, samples.finished.tolist(), strict=True
    ):
        key = tuple(row[:length]), finished
        if key not in known:
            known[key] = Completion(decode(row[:length]), *key)
        completions.append(known[key])
    return completions


def written_tokens(rollouts: Rollouts, ends: Collection[int]) -> list[tuple[int, ...]]:
    """Return the tokens of each completion without the end token that closes it, where one does."""
    rows = (completion.token_ids for completion in rollouts.completions)
    return [row[:-1] if row and row[-1] in ends else row for row in rows]


def select_groups(rollouts: Rollouts, groups: Sequence[int]) -> Rollouts:
    """Return only the rollouts of these prompts (ascending positions)."""
    if len(groups) == len(rollouts.prompts):
        return rollouts
    place = torch.full((len(rollouts.prompts),), -1)
    place[torch.tensor(groups, dtype=torch.long)] = torch.arange(len(groups))
    rows = torch.nonzero(place[rollouts.prompt_index] >= 0).flatten()
    samples, chosen = rollouts.samples, rows.tolist()
    return Rollouts(
        prompts=[rollouts.prompts[g] for g in groups],
        prompt_ids=[rollouts.prompt_ids[g] for g in groups],
        prompt_index=place[rollouts.prompt_index[rows]],
        samples=Samples(
            completion_ids=samples.completion_ids[rows],
            mask=samples.mask[rows],
            logprobs=samples.logprobs[rows],
            finished=samples.finished[rows],
            kept=None if samples.kept is None else samples.kept[rows],
        ),
        completions=[rollouts.completions[i] for i in chosen],
        scores=[rollouts.scores[i] for i in chosen],
        correct=[rollouts.correct[i] for i in chosen],
    )
