"""From a configuration to the parts of a run: everything cheap is checked before a model is loaded."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedTokenizerBase

from formalrl import plugins
from formalrl.config import TrainConfig
from formalrl.errors import ConfigError
from formalrl.models.fresh import fresh_model, wrap_tokenizer
from formalrl.models.load import context_length, load_model, load_tokenizer, prepare_for_rl
from formalrl.models.policy import Policy
from formalrl.models.reference import Reference
from formalrl.models.save import load_value_head
from formalrl.models.text import (
    ChatMode,
    check_fits,
    decode_completion,
    encode_prompt,
    eos_token_ids,
    forbidden_token_ids,
    special_ids,
)
from formalrl.rewards.call import reward_of
from formalrl.rewards.classifier import classifier_of
from formalrl.rewards.scorers import Scorer, open_scorer
from formalrl.runtime import Runtime
from formalrl.sampling import SamplingRule
from formalrl.sampling.grammar import TokenGrammar
from formalrl.training.classifier_scorer import ClassifierScorer, check_classifier
from formalrl.training.engine import Engine
from formalrl.training.level_prompts import Mixture, levels_of, prompts_by_level
from formalrl.training.optimizer import make_optimizer
from formalrl.training.sft import run_sft
from formalrl.types import Prompt, Task

DEFAULT_COMPLETION_LENGTH = 64
OnSftStep = Callable[[dict[str, float]], None]


def check_run(config: TrainConfig, task: Task, runtime: Runtime) -> None:
    """Raise ConfigError for settings that cannot work together; nothing has been loaded yet."""
    config.check()
    config.model.check(fresh=config.model_name_or_path is None)
    if config.prompts_per_step < runtime.num_ranks:
        raise ConfigError(
            f"prompts_per_step is {config.prompts_per_step}, but {runtime.num_ranks} processes share the prompts of a "
            f"step: set it to {runtime.num_ranks} or more."
        )
    if config.curriculum.enabled or config.curriculum.mixture:
        levels_of(task)
    if config.grammar and getattr(task, "grammar", None) is None:
        raise ConfigError(
            "--grammar samples what the task's grammar permits, but this task has none: define grammar(spell), or "
            "leave --grammar out."
        )
    if (classifier := classifier_of(task)) is not None:
        check_classifier(classifier)
    if config.model_name_or_path is None and getattr(task, "tokenizer", None) is None:
        raise ConfigError(
            "This task has no tokenizer for a fresh model, and no model is named: give one with --model-name-or-path."
        )


def wants_warm_start(config: TrainConfig, task: Task) -> bool:
    """Return whether supervised training comes first: by default for fresh models of tasks with solved examples."""
    has_examples = getattr(task, "examples", None) is not None
    if config.sft is None:
        return config.model_name_or_path is None and has_examples
    if config.sft and not has_examples:
        raise ConfigError(
            "--sft trains on solved examples, but this task has none: define examples(n, seed), or leave --sft out."
        )
    return config.sft


@dataclasses.dataclass(frozen=True)
class LoadedModel:
    """A model with its tokenizer, before it becomes a policy."""

    model: nn.Module
    tokenizer: PreTrainedTokenizerBase


def load(config: TrainConfig, task: Any, checkpoint: Path | None, device: torch.device) -> LoadedModel:
    """Return the model of the run: of a checkpoint, of the name given, or a fresh one."""
    name = str(checkpoint) if checkpoint is not None else config.model_name_or_path
    if name is None:
        tokenizer = wrap_tokenizer(task.tokenizer())
        needed = _longest(config, task, tokenizer)
        model = fresh_model(config.model, tokenizer, seed=config.seed, context_length=needed)
        checkpointing = config.model.gradient_checkpointing
        return LoadedModel(prepare_for_rl(model, gradient_checkpointing=checkpointing).to(device), tokenizer)
    model = load_model(name, config.model, seed=config.seed, device=device)
    _own_memory(model)
    return LoadedModel(model, load_tokenizer(name, config.model, model=model))


def _own_memory(model: nn.Module) -> None:
    """Move mapped weights to memory of torch's own: kernels round differently where tensors are aligned differently."""
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = tensor.data.clone()


def _longest(config: TrainConfig, task: Task, tokenizer: PreTrainedTokenizerBase) -> int:
    """Return the positions that the task's longest of some prompts needs, rounded up to a multiple of 16."""
    prompts = task.train_prompts()
    some = [prompts[i] for i in range(0, len(prompts), max(1, len(prompts) // 2000))]
    longest = max(len(encode_prompt(tokenizer, prompt)) for prompt in some)
    return -(-(longest + completion_length(config) + 8) // 16) * 16


def completion_length(config: TrainConfig) -> int:
    """Return the longest completion of the run, in tokens."""
    return config.max_completion_length or DEFAULT_COMPLETION_LENGTH


def warm_start(
    config: TrainConfig, task: Any, loaded: LoadedModel, runtime: Runtime, on_step: OnSftStep
) -> dict[str, Any]:
    """Train the model on solved examples in place; every rank does the same and then takes the main rank's weights.

    Completions that may have one token only are learned without an end token.
    """
    examples = task.examples(config.warm_start.num_examples, config.seed)
    found = run_sft(
        loaded.model,
        loaded.tokenizer,
        examples,
        config.warm_start,
        seed=config.seed,
        device=runtime.device,
        on_step=on_step,
        append_eos=completion_length(config) > 1,
        chat=config.chat,
    )
    runtime.broadcast_parameters(loaded.model)
    return found


def build_engine(
    config: TrainConfig,
    task: Task,
    loaded: LoadedModel,
    runtime: Runtime,
    *,
    warm_started: bool,
    checkpoint: Path | None = None,
    scorer: Scorer | None = None,
) -> Engine:
    """Put the parts of a run together around a loaded (and warm-started) model; without a scorer it opens one."""
    model, tokenizer = loaded.model, loaded.tokenizer
    policy = Policy(model, with_value_head=config.algorithm.needs_values).to(runtime.device)
    if checkpoint is not None:
        load_value_head(policy, checkpoint)
    rule = sampling_rule(config, tokenizer, model)
    rule.check(policy.vocab_size)
    encode = Encoder(tokenizer, rule.max_completion_length, context_length(model), config.chat)
    eval_prompts = task.eval_prompts()
    needs_reference = config.track_reference or any(
        part.enabled and part.needs_reference != "no" for part in config.regularizers.values()
    )
    return Engine(
        config=config,
        task=task,
        runtime=runtime,
        policy=policy,
        reference=Reference(policy) if needs_reference else None,
        tokenizer=tokenizer,
        sampler=plugins.find("sampler", config.sampler)(),
        rule=rule,
        scorer=scorer or make_scorer(config, task, runtime),
        optimizer=make_optimizer(config, policy.named_parameters()),
        train_prompts=Mixture(prompts_by_level(task)) if config.curriculum.mixture else task.train_prompts(),
        eval_prompts=[eval_prompts[i] for i in range(min(config.num_eval_prompts, len(eval_prompts)))],
        encode=encode,
        decode=(decode := make_decoder(tokenizer)),
        grammar=make_grammar(config, task, decode, rule, policy.vocab_size),
        warm_started=warm_started,
        level_prompts=prompts_by_level(task) if config.curriculum.enabled else (),
    )


def make_grammar(
    config: TrainConfig, task: Task, decode: Callable[[list[int]], str], rule: SamplingRule, vocab_size: int
) -> TokenGrammar | None:
    """Return the grammar that completions keep to; None where the setting is off."""
    make = getattr(task, "grammar", None)
    if not config.grammar or make is None:
        return None
    return TokenGrammar(make, decode, vocab_size, rule.eos_token_ids, rule.forbidden_token_ids)


def make_scorer(config: TrainConfig, task: Task, runtime: Runtime) -> Scorer:
    """Return what calls the reward. Raises ConfigError when it cannot be loaded in a worker."""
    if (classifier := classifier_of(task)) is not None:
        return ClassifierScorer.load(classifier, runtime.device, getattr(task, "is_correct", None))
    return open_scorer(
        reward_of(task),
        getattr(task, "is_correct", None),
        workers=config.reward_workers,
        num_trainers=runtime.num_local_ranks,
        timeout_s=config.reward_timeout_s,
        memory_gib=config.reward_memory_gib,
        give_up=config.max_reward_error_rate < 1.0,
    )


def sampling_rule(config: TrainConfig, tokenizer: PreTrainedTokenizerBase, model: nn.Module) -> SamplingRule:
    """Return how training samples."""
    extra = _token_ids(tokenizer, config.forbidden_tokens)
    return SamplingRule(
        max_completion_length=completion_length(config),
        temperature=config.temperature,
        top_k=config.top_k,
        top_p=config.top_p,
        min_p=config.min_p,
        eos_token_ids=eos_token_ids(tokenizer, model),
        pad_token_id=pad_token_id(tokenizer),
        forbidden_token_ids=forbidden_token_ids(tokenizer, model, extra),
        stop_strings=tuple(config.stop_strings),
    )


def pad_token_id(tokenizer: PreTrainedTokenizerBase) -> int:
    """Return the token that fills shorter rows up; loading a tokenizer has seen to it that there is one."""
    return min(special_ids(tokenizer, "pad"))


def _token_ids(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[str]) -> list[int]:
    vocabulary = tokenizer.get_vocab()
    unknown = [token for token in tokens if token not in vocabulary]
    if unknown:
        raise ConfigError(f"forbidden_tokens holds {unknown[0]!r}, which is no token of this model: leave it out.")
    return [vocabulary[token] for token in tokens]


def make_decoder(tokenizer: PreTrainedTokenizerBase) -> Callable[[list[int]], str]:
    """Return token ids -> text of a completion. SentencePiece drops the space in front of the first word of a text, so
    such tokenizers are shown a word before it."""
    pieces = [
        token_id
        for token, token_id in tokenizer.get_vocab().items()
        if token.startswith("\u2581") and token[1:].isalpha()
    ]
    return partial(decode_completion, tokenizer, prompt_ids=pieces[:1])


@dataclasses.dataclass(frozen=True)
class Encoder:
    """Prompt -> token ids, checked against the context; texts that come again are not encoded again."""

    tokenizer: PreTrainedTokenizerBase
    max_completion_length: int
    context: int | None
    chat: ChatMode = "auto"
    known: dict[str, list[int]] = dataclasses.field(default_factory=dict)

    def __call__(self, prompt: Prompt) -> list[int]:
        key = prompt.text if isinstance(prompt.text, str) else repr(prompt.text)
        if key not in self.known:
            ids = encode_prompt(self.tokenizer, prompt, chat=self.chat)
            check_fits(len(ids), self.max_completion_length, self.context, text=key)
            if len(self.known) > 200_000:
                self.known.clear()
            self.known[key] = ids
        return self.known[key]
