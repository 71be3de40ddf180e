"""What a model writes, for `check_reward`: a run folder, a checkpoint or any model, sampled as training would."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from formalrl.config import TrainConfig
from formalrl.models.load import context_length
from formalrl.models.policy import Policy
from formalrl.runtime import Runtime
from formalrl.sampling import NoiseKey, SamplingRule
from formalrl.sampling.fast import Fast
from formalrl.training.build import Encoder, check_run, load, make_decoder, sampling_rule
from formalrl.training.collect import length_limits
from formalrl.training.reopen import find_checkpoint
from formalrl.training.run_folder import CONFIG
from formalrl.training.saving import has_state
from formalrl.types import Prompt, Task


@dataclass(frozen=True)
class ModelSampler:
    """A `Sample`: called with prompts, it returns one completion for each."""

    policy: Policy
    rule: SamplingRule
    encode: Encoder
    decode: Any
    """Token ids -> text of a completion."""
    seed: int = 0

    def __call__(self, prompts: Sequence[Prompt]) -> list[str]:
        """Return a completion for each prompt; a prompt that comes n times in a row is sampled n times."""
        asked = [(group[0], len(group)) for group in (list(g) for _, g in groupby(prompts, id))]
        count = max(number for _, number in asked)
        samples = (
            Fast()
            .sample(
                self.policy,
                [self.encode(prompt) for prompt, _ in asked],
                count,
                self.rule,
                NoiseKey(self.seed, 0, 0, list(range(len(asked)))),
                max_lengths=length_limits([prompt for prompt, _ in asked], self.rule),
                decode=self.decode,
            )
            .to("cpu")
        )
        texts: list[str] = []
        for place, (_, number) in enumerate(asked):
            for row in range(place * count, place * count + number):
                ids = samples.completion_ids[row, : int(samples.mask[row].sum())]
                texts.append(self.decode(ids.tolist()))
        return texts


def open_sampler(config: TrainConfig, task: Task, model: str | Path, seed: int = 0) -> ModelSampler:
    """Return what samples a model on the task's prompts.

    Args:
        config: how training would sample (`config_to_check`).
        task: whose prompts are asked.
        model: a run folder (its newest whole checkpoint), a checkpoint, a model's folder, or a name on the hub.
        seed: of sampling.

    Raises FormalRLError when there is no such model, or it cannot be used.
    """
    is_run = has_state(Path(model)) or (Path(model) / CONFIG).is_file()
    checkpoint = find_checkpoint(model) if is_run else None
    runtime = Runtime.start(config.mixed_precision)
    check_run(config, task, runtime)
    loaded = load(config, task, checkpoint, runtime.device)
    policy = Policy(loaded.model).to(runtime.device)
    rule = sampling_rule(config, loaded.tokenizer, loaded.model)
    rule.check(policy.vocab_size)
    encode = Encoder(loaded.tokenizer, rule.max_completion_length, context_length(loaded.model), config.chat)
    decode = make_decoder(loaded.tokenizer)
    return ModelSampler(policy, rule, encode, decode, seed)
