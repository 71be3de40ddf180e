"""The reference sampler: a full forward pass over the whole text for every token. Slow and obviously right."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from formalrl.models.policy import Policy
from formalrl.sampling import NoiseKey, Samples, SamplingRule
from formalrl.sampling.draw import draw, next_token
from formalrl.sampling.grammar import Constraint
from formalrl.sampling.request import Decode, Record, make_request


@dataclass(frozen=True)
class Eager:
    """Computes every row by itself, with the model's own attention and no cache."""

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
        live = torch.arange(len(request.limits), device=policy.device)
        with torch.no_grad():
            for position in range(int(request.limits.max())):
                prompts = [list(prompt_ids[p]) for p in request.prompt_index[live].tolist()]
                written = record.completion_ids[live, :position].tolist()
                texts = [prompt + completion for prompt, completion in zip(prompts, written, strict=True)]
                distribution = next_token(_last_logits(policy, texts), rule, record.permitted(position, live))
                tokens = draw(distribution.logp, request.uniforms[live, position].unsqueeze(1), rule)  # [R, 1]
                logprobs = distribution.logp.gather(1, tokens).squeeze(1)
                live = live[record.add(position, live, tokens.squeeze(1), logprobs, distribution.kept)]
                if len(live) == 0:
                    break
        return record.samples()


def _last_logits(policy: Policy, texts: Sequence[Sequence[int]]) -> Tensor:
    """[R, V] logits after the last token of each text; padding stands on the right, where no token sees it."""
    longest = max(len(text) for text in texts)
    input_ids = torch.tensor([[*text, *[0] * (longest - len(text))] for text in texts], device=policy.device)
    last = torch.tensor([row * longest + len(text) - 1 for row, text in enumerate(texts)], device=policy.device)
    return policy.logits(input_ids, last)[0]
