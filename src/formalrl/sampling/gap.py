"""The start-up check: do sampling and scoring see the same distribution?"""

from collections.abc import Sequence

import torch

from formalrl.batch import Batch
from formalrl.models.policy import Policy, Prefixes, score
from formalrl.sampling import Samples
from formalrl.sampling.rule import SamplingRule


def as_batch(prompt_ids: Sequence[Sequence[int]], samples: Samples, rule: SamplingRule) -> Batch:
    """Return samples as a batch without rewards, on the samples' device; the rows of the P prompts are all there."""
    device = samples.mask.device
    longest = max(len(ids) for ids in prompt_ids)
    missing = [longest - len(ids) for ids in prompt_ids]
    rows = [[rule.pad_token_id] * count + list(ids) for count, ids in zip(missing, prompt_ids, strict=True)]
    mask = [[0.0] * count + [1.0] * (longest - count) for count in missing]
    num_rows = len(samples.mask)
    return Batch(
        prompt_ids=torch.tensor(rows, device=device),
        prompt_mask=torch.tensor(mask, device=device),
        prompt_index=torch.arange(len(prompt_ids), device=device).repeat_interleave(num_rows // len(prompt_ids)),
        completion_ids=samples.completion_ids,
        mask=samples.mask,
        old_logprobs=samples.logprobs,
        rewards=torch.zeros(num_rows, device=device),
        kept=samples.kept,
    )


@torch.no_grad()
def logprob_gap(policy: Policy, batch: Batch, rule: SamplingRule, *, prefixes: Prefixes = "auto") -> float:
    """Return the largest |sampled - scored| log-probability of a completion token; `batch` is as it was sampled."""
    scored = score(policy, batch, rule, prefixes=prefixes).logprobs
    return float(((scored - batch.old_logprobs).abs() * batch.mask).max())
