"""A trained policy again: from a run folder, a checkpoint in one, or any model by name."""

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import torch

from formalrl.config import load_config
from formalrl.errors import CheckpointError, ConfigError
from formalrl.models.config import ModelConfig
from formalrl.models.load import context_length, load_model, load_tokenizer
from formalrl.models.policy import Policy
from formalrl.models.text import eos_token_ids, forbidden_token_ids
from formalrl.runtime import Runtime
from formalrl.sampling import NoiseKey, SamplingRule
from formalrl.sampling.fast import Fast
from formalrl.sampling.grammar import Constraint
from formalrl.training.build import (
    DEFAULT_COMPLETION_LENGTH,
    Encoder,
    build_engine,
    load,
    make_decoder,
    pad_token_id,
)
from formalrl.training.checkpoint import fault, newest_whole
from formalrl.training.collect import Draw, collect
from formalrl.training.engine import Engine
from formalrl.training.evaluate import evaluate
from formalrl.training.run_folder import CONFIG
from formalrl.training.saving import has_state, read_state
from formalrl.training.stopwatch import Stopwatch
from formalrl.types import Prompt


@dataclasses.dataclass(frozen=True)
class Reopened:
    """An engine around the policy of a checkpoint."""

    engine: Engine
    checkpoint: Path
    step: int
    first_entropy: float | None


def find_checkpoint(path: str | Path) -> Path:
    """Return the checkpoint that `path` means: itself, or the newest whole one of a run folder.

    Raises:
        ConfigError: there is no such folder, or it holds no run.
        CheckpointError: the checkpoint is damaged, or the run has none.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {str(path)!r}: name a run folder, such as runs/arithmetic/demo.")
    if has_state(folder):
        problem = fault(folder)
        if problem is not None:
            raise CheckpointError(f"{folder} is damaged: {problem}: take another checkpoint of the run.")
        return folder
    if not (folder / CONFIG).exists():
        raise ConfigError(f"{folder} holds no run (it has no {CONFIG}): name a run folder or a checkpoint in one.")
    found, notes = newest_whole(folder)
    if found is None:
        damaged = " ".join(notes) or "it was stopped before the first one was written"
        raise CheckpointError(f"{folder} has no whole checkpoint: {damaged}. Continue the run with --resume.")
    return found


def reopen(path: str | Path, **changes: Any) -> Reopened:
    """Return an engine around the policy of a run folder or a checkpoint; `changes` replace settings of its run."""
    checkpoint = find_checkpoint(path)
    config = load_config(checkpoint / CONFIG).replace(**{k: v for k, v in changes.items() if v is not None})
    config.replace(report_to=()).check()  # nothing is logged, so trackers may be absent
    runtime, task = Runtime.start(config.mixed_precision), config.load_task()
    loaded = load(config, task, checkpoint, runtime.device)
    engine = build_engine(config, task, loaded, runtime, warm_started=False, checkpoint=checkpoint)
    reference = checkpoint.parent / "reference" / "state.pt"
    if engine.reference is not None and fault(reference.parent) is None:
        engine.reference.load_state_dict(torch.load(reference, map_location="cpu", weights_only=True))
    elif engine.reference is not None:
        engine = dataclasses.replace(engine, reference=None)
    state = read_state(checkpoint)
    return Reopened(engine, checkpoint, state.step, state.first_entropy)


def evaluate_folder(
    path: str | Path,
    *,
    num_prompts: int | None = None,
    split: str = "eval",
    temperature: float | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate the policy of a run folder or checkpoint and return the row, as in eval.jsonl.

    Args:
        path: a run folder (its newest whole checkpoint is taken) or a checkpoint.
        num_prompts: how many; None takes the run's `num_eval_prompts`.
        split: "eval" for held-out prompts, "train" for those of training.
        temperature: of sampling; None takes the run's `eval_temperature`.
        seed: of sampling.
    """
    opened = reopen(path, num_eval_prompts=num_prompts, eval_temperature=temperature, seed=seed)
    engine = opened.engine
    if split == "train":
        count = min(len(engine.train_prompts), engine.config.num_eval_prompts)
        step = len(engine.train_prompts) / count
        engine = dataclasses.replace(engine, eval_prompts=[engine.train_prompts[int(i * step)] for i in range(count)])
    with closing(engine.scorer):
        return evaluate(engine, opened.step, first_entropy=opened.first_entropy).row


def sample_folder(
    path: str | Path,
    prompts: Sequence[str] | None = None,
    *,
    num_samples: int = 1,
    num_prompts: int = 8,
    temperature: float = 1.0,
    max_completion_length: int | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Return completions of a run folder, a checkpoint or any model, as dicts.

    Each has `prompt`, `completion`, `logprob` (of the whole completion) and `finished`; completions of held-out
    prompts, which are taken when `prompts` is None, have `reward` and `correct` too.
    """
    if num_samples < 1 or num_prompts < 1:
        raise ConfigError(f"{num_samples!r} samples of {num_prompts!r} prompts are nothing to show: ask for 1 or more.")
    folder = Path(path)
    if not has_state(folder) and not (folder / CONFIG).exists():
        return _sample_model(str(path), prompts, num_samples, temperature, max_completion_length, seed)
    workers = None if prompts is None else 0  # no reward is asked of prompts that no task knows
    opened = reopen(path, max_completion_length=max_completion_length, reward_workers=workers)
    engine, rule = opened.engine, dataclasses.replace(opened.engine.rule, temperature=temperature)
    rule.check()
    if prompts is not None:
        asked = [Prompt(text) for text in prompts]
        return _sample_texts(
            engine.policy, engine.encode, engine.decode, rule, asked, num_samples, seed, engine.constraint(asked)
        )
    draw = Draw(engine.eval_prompts[:num_prompts], num_samples, seed, opened.step)
    with closing(engine.scorer):
        rollouts = collect(engine, draw, rule, Stopwatch())
    logprobs = rollouts.samples.logprobs.sum(1).tolist()
    return [
        {
            "prompt": rollouts.prompts[prompt].text,
            "completion": rollouts.completions[row].text,
            "reward": rollouts.scores[row].reward,
            "correct": rollouts.correct[row],
            "logprob": logprobs[row],
            "finished": rollouts.completions[row].finished,
        }
        for row, prompt in enumerate(rollouts.prompt_index.tolist())
    ]


def _sample_texts(
    policy: Policy,
    encode: Callable[[Prompt], list[int]],
    decode: Callable[[list[int]], str],
    rule: SamplingRule,
    prompts: Sequence[Prompt],
    num_samples: int,
    seed: int,
    constraint: Constraint | None = None,
) -> list[dict[str, Any]]:
    """Sample prompts that no task knows, so that no reward can be asked."""
    ids = [encode(prompt) for prompt in prompts]
    key = NoiseKey(seed, 0, 0, list(range(len(ids))))
    samples = Fast().sample(policy, ids, num_samples, rule, key, decode=decode, constraint=constraint).to("cpu")
    rows: list[dict[str, Any]] = []
    for row, tokens in enumerate(samples.completion_ids.tolist()):
        length = int(samples.mask[row].sum())
        rows.append(
            {
                "prompt": prompts[row // num_samples].text,
                "completion": decode(tokens[:length]),
                "logprob": float(samples.logprobs[row].sum()),
                "finished": bool(samples.finished[row]),
            }
        )
    return rows


def _sample_model(
    name: str,
    prompts: Sequence[str] | None,
    num_samples: int,
    temperature: float,
    max_completion_length: int | None,
    seed: int,
) -> list[dict[str, Any]]:
    """Sample from a model that no run made."""
    if not prompts:
        what = "is a model and no run" if Path(name).is_dir() else "is no folder of a run"
        raise ConfigError(f"{name!r} {what}, so it has no held-out prompts: name a run, or give prompts to continue.")
    config, device = ModelConfig(), Runtime.start().device
    model = load_model(name, config, device=device)
    tokenizer = load_tokenizer(name, config, model=model)
    rule = SamplingRule(
        max_completion_length=max_completion_length or DEFAULT_COMPLETION_LENGTH,
        temperature=temperature,
        eos_token_ids=eos_token_ids(tokenizer, model),
        pad_token_id=pad_token_id(tokenizer),
        forbidden_token_ids=forbidden_token_ids(tokenizer, model),
    )
    rule.check()
    policy = Policy(model)
    encode = Encoder(tokenizer, rule.max_completion_length, context_length(model))
    return _sample_texts(
        policy, encode, make_decoder(tokenizer), rule, [Prompt(text) for text in prompts], num_samples, seed
    )
