"""TrainConfig: every setting of a run, from Python, YAML, JSON or the command line, each key spelled alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml

from formalrl import plugins
from formalrl.config_checks import check
from formalrl.config_parts import (
    PARTS,
    REGULARIZERS,
    TaskSource,
    asked_by,
    differing,
    merge,
    nested,
    part_from,
    part_to_plain,
    regularizers_from,
    regularizers_to_plain,
    spelled,
)
from formalrl.config_schema import build, hints_of, to_plain
from formalrl.errors import ConfigError
from formalrl.models.config import ModelConfig
from formalrl.training.curriculum import CurriculumConfig
from formalrl.training.exploration_config import ExplorationConfig
from formalrl.training.sft_config import SFTConfig
from formalrl.types import Task

if TYPE_CHECKING:
    from formalrl.algorithms import Algorithm
    from formalrl.regularizers import Regularizer
else:
    Algorithm = Regularizer = Any  # parts are found by name, so that this module loads no torch

DEFAULT_ALGORITHM = "grpo"
PRETRAINED: Mapping[str, Any] = {"learning_rate": 1e-5, "warm_start": {"learning_rate": 2e-5}}
"""Defaults where a pretrained model is named; those of TrainConfig suit small fresh ones."""


@dataclass(frozen=True)
class TrainConfig:
    """Every setting of a run. Example: `TrainConfig(task="arithmetic", learning_rate=3e-4)`.

    A part (task, algorithm, regularizer) may be given as its name, as `{"name": ..., **fields}` or as an object.
    """

    task: Task | TaskSource | Any
    """The prompts and their reward: a task's name, file.py[:name], a data set with a reward file, or a task object."""
    model_name_or_path: str | None = None
    """A causal language model on the Hugging Face hub or in a folder; none: a fresh one, as `model` says."""
    model: ModelConfig = field(default_factory=ModelConfig)
    """Shape of a fresh model; precision, adapters and quantization of any."""
    sft: bool | None = None
    """Supervised warm start on solved examples first; none: for a fresh model whose task has examples."""
    warm_start: SFTConfig = field(default_factory=SFTConfig)
    """How the warm start trains."""
    algorithm: Algorithm = field(default_factory=lambda: plugins.find("algorithm", DEFAULT_ALGORITHM)())
    """How rewards become updates."""
    regularizers: Mapping[str, Regularizer] = field(default_factory=dict)
    """Terms beside the reward by name; a coefficient of 0 turns one off."""
    exploration: ExplorationConfig = field(default_factory=ExplorationConfig)
    """Tokens without policy gradient."""
    track_reference: bool = False
    """Measure the KL to the policy before reinforcement learning even where no regularizer needs it."""
    sampler: str = "fast"
    """What samples completions: fast, eager (slow and obviously right), or one of your own."""
    prompts_per_step: int = 64
    """Distinct prompts a step, 1 or more."""
    num_generations: int = 16
    """Completions of each prompt (a group), 1 or more."""
    max_completion_length: int | None = None
    """Tokens a completion may have; none: what the task says, else 64."""
    temperature: float = 1.0
    """Of sampling in training, above 0."""
    top_k: int = 0
    """Sample among the k most likely tokens; 0: all."""
    top_p: float = 1.0
    """Sample among the most likely tokens that hold this share of probability, in (0, 1]."""
    min_p: float = 0.0
    """Drop tokens less likely than this times the likeliest one, in [0, 1)."""
    grammar: bool = False
    """Sample only what the task's grammar permits; scoring sees the same tokens."""
    chat: Literal["auto", "always", "never"] = "auto"
    """Render prompts by the chat template: where the tokenizer has one, or fail without one, or never."""
    stop_strings: tuple[str, ...] = ()
    """A completion ends where one of these appears."""
    forbidden_tokens: tuple[str, ...] = ()
    """Tokens that are never sampled."""
    truncation: Literal["keep", "mask", "penalize"] = "keep"
    """Completions that the length limit of the run cut: scored as they are, left out of the loss, or penalized."""
    truncation_penalty: float = 0.0
    """Taken off the reward of a truncated completion under `penalize`, 0 or more."""
    dynamic_sampling: bool = False
    """Replace groups without reward spread, from which GRPO and RLOO learn nothing."""
    max_sampling_rounds: int = 4
    """Rounds of sampling a step under dynamic sampling, 1 or more."""
    max_at_k: int = 1
    """Learn for the best of k completions (arXiv 2505.15201): k is held, then falls to 1; 1: off."""
    max_at_k_hold: float = 0.3
    """Share of `max_steps` for which k is held, in [0, 1)."""
    max_at_k_until: float = 0.7
    """Share of `max_steps` after which k is 1, above `max_at_k_hold`."""
    prompt_selection: Literal["uniform", "learnability", "regret"] = "uniform"
    """How prompts are drawn: alike, by the spread of reward that the policy has on them, or by what it falls short."""
    curriculum: CurriculumConfig = field(default_factory=CurriculumConfig)
    """From easy to hard levels of the task."""
    candidates_per_prompt: int = 3
    """Prompts probed for one that is drawn by learnability or regret, 2 or more."""
    replay_fraction: float = 0.0
    """Share of prompts that fell short before and are asked again, in [0, 0.9]; 0: none."""
    probe_generations: int = 8
    """Completions that probe a candidate, 1 or more; 2 for learnability."""
    learning_rate: float = 1e-3
    """Of AdamW at its highest, above 0."""
    lr_scheduler_type: Literal["constant", "linear", "cosine"] = "constant"
    """How the learning rate goes to its end over `max_steps`."""
    lr_end_ratio: float = 0.0
    """Last learning rate as a share of the highest, in [0, 1]."""
    warmup_steps: int = 0
    """Steps over which the learning rate rises, 0 or more."""
    weight_decay: float = 0.0
    """Of AdamW, on matrices, 0 or more."""
    adam_beta1: float = 0.9
    """Decay of the mean of the gradient, in [0, 1)."""
    adam_beta2: float = 0.999
    """Decay of the mean of its square, in [0, 1)."""
    adam_epsilon: float = 1e-8
    """Added to the root of that, above 0."""
    max_grad_norm: float = 1.0
    """Gradients are scaled down to this norm; 0: never."""
    micro_batch_size: int | None = None
    """Completions a forward pass; none: found from memory. It changes no result."""
    mixed_precision: Literal["no", "bf16"] = "no"
    """Compute in bfloat16 where it is safe."""
    seed: int = 0
    """Of everything random, 0 or more."""
    max_steps: int = 100
    """Steps of reinforcement learning, 1 or more."""
    output_dir: str | None = None
    """Run folder; none: runs/<task>/<algorithm>-seed<seed>."""
    eval_steps: int = 50
    """Evaluate after every so many steps, and at the start and the end; 0: only there."""
    num_eval_prompts: int = 512
    """Held-out prompts an evaluation asks, 1 or more."""
    eval_temperature: float = 0.0
    """Of sampling in evaluations; 0: the likeliest token."""
    num_diagnostic_prompts: int = 64
    """Held-out prompts for the measures of collapse, 2 or more."""
    save_steps: int = 0
    """Write a checkpoint after every so many steps; 0: only at the end."""
    save_total_limit: int = 2
    """Checkpoints that are kept beside the best, 1 or more."""
    metric_for_best_model: str = "accuracy"
    """Key of an evaluation whose highest value marks the best checkpoint; any but the reward."""
    reward_workers: int | None = None
    """Processes that call the reward and can be killed; 0: the trainer calls it; none: as many as there are cores."""
    reward_timeout_s: float = 10.0
    """Seconds that a call in a worker may take, above 0."""
    reward_memory_gib: float | None = 4.0
    """Address space of a worker; none: no limit (needed by rewards that start a Java runtime)."""
    max_reward_error_rate: float = 0.5
    """Stop when more than this share of a step's reward calls fail, in [0, 1]."""
    num_logged_samples: int = 16
    """Completions written to samples.jsonl an evaluation, 0 or more."""
    report_to: tuple[str, ...] = ()
    """Also log to tensorboard, wandb or trackio."""
    push_to_hub: bool = False
    """Upload the trained model to the Hugging Face hub."""
    hub_model_id: str | None = None
    """Its name there, as in user/model."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "task", part_from("task", self.task, "task"))
        algorithm = part_from("algorithm", self.algorithm, "algorithm", DEFAULT_ALGORITHM)
        object.__setattr__(self, "algorithm", algorithm)
        object.__setattr__(self, REGULARIZERS, regularizers_from(self.regularizers))

    def check(self) -> None:
        """Raise ConfigError for a setting, or a combination of settings, that cannot work."""
        check(self)

    def load_task(self) -> Task:
        """Return the task itself, running the user's code where it has some."""
        return self.task.task if isinstance(self.task, TaskSource) else self.task

    def replace(self, **changes: Any) -> "TrainConfig":
        """Return a copy with these fields changed, strictly typed; a mapping changes only the keys that it has."""
        return apply_overrides(self, changes)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, from which `from_dict` makes an equal configuration."""
        return to_dict(self)

    def save(self, path: str | Path) -> None:
        """Write the configuration as YAML."""
        Path(path).write_text(to_yaml(self), encoding="utf-8")


def to_dict(config: TrainConfig) -> dict[str, Any]:
    """Return the configuration as plain data, every setting spelled out."""
    plain: dict[str, Any] = {}
    for name in hints_of(TrainConfig):
        value = getattr(config, name)
        if name in PARTS:
            plain[name] = part_to_plain(PARTS[name], value)
        else:
            plain[name] = regularizers_to_plain(value) if name == REGULARIZERS else to_plain(value)
    return plain


def from_dict(values: Mapping[str, Any]) -> TrainConfig:
    """Return the configuration that `values` means.

    Raises ConfigError for an unknown key, with the nearest known one, and for a value of the wrong type.
    """
    values = spelled(values)
    if values.get("task") is None:
        raise ConfigError(f"no task is given: name one, such as {', '.join(plugins.names('task')) or 'my_task.py'}.")
    return build(TrainConfig, values, "")


def to_yaml(config: TrainConfig) -> str:
    """Return the configuration as YAML that `load_config` reads."""
    plain = to_dict(config)
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)
    if yaml.safe_load(text) == plain:
        return text
    # PyYAML writes some separators (U+0085) unescaped and reads them as line breaks: then every such letter is escaped.
    return yaml.safe_dump(plain, sort_keys=False, width=120)


def load_config(path: str | Path) -> TrainConfig:
    """Return the configuration in a YAML or JSON file. Raises ConfigError."""
    return from_dict(read_settings(path))


def read_settings(path: str | Path) -> dict[str, Any]:
    """Return the settings in a YAML or JSON file, or in a run folder's `config.yaml`, as they are written."""
    file = Path(path).expanduser()
    file = file / "config.yaml" if file.is_dir() else file
    try:
        text = file.read_text(encoding="utf-8")
        values = json.loads(text) if file.suffix.lower() == ".json" else yaml.safe_load(text)
    except FileNotFoundError:
        raise ConfigError(f"the configuration file {str(path)!r} does not exist: check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read, {error}: name a YAML or JSON file.") from error
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        raise ConfigError(f"{file} is not valid YAML or JSON, {' '.join(str(error).split())}: correct it.") from error
    if not isinstance(values, Mapping):
        found = "nothing" if values is None else type(values).__name__
        raise ConfigError(f"{file} holds {found}, expected a mapping of settings, one `key: value` a line.")
    return spelled(values)


def apply_overrides(config: TrainConfig, overrides: Mapping[str, Any]) -> TrainConfig:
    """Return `config` with dotted keys changed: `{"algorithm.epsilon": 0.3, "learning_rate": 1e-4}`."""
    return from_dict(merge(to_dict(config) | {"task": config.task}, nested(overrides)))


def resolve(*layers: Mapping[str, Any]) -> TrainConfig:
    """Return the configuration of layers of plain settings, later ones above, over the defaults of their task."""
    values: dict[str, Any] = {"algorithm": {"name": DEFAULT_ALGORITHM}, REGULARIZERS: {}}
    above: dict[str, Any] = {}
    for layer in layers:
        above = merge(above, nested(layer))
    if above.get("task") is None:
        return from_dict(above)
    task = asked_by(above.get("model_name_or_path"), part_from("task", above["task"], "task"))
    loaded = task.task if isinstance(task, TaskSource) else task
    fresh = above.get("model_name_or_path") is None
    if not fresh:
        values = merge(values, PRETRAINED)
    for name in ("defaults", "fresh_defaults") if fresh else ("defaults",):
        values = merge(values, nested((getattr(loaded, name, None) or dict)()))
    return from_dict(merge(values, above) | {"task": task})


def differences(config: TrainConfig) -> dict[str, Any]:
    """Return the dotted settings that differ from the defaults of the configuration's task, in order."""
    plain = to_dict(config)
    chosen = {"task": config.task, "algorithm": plain["algorithm"]["name"]}
    if config.model_name_or_path is not None:
        chosen["model_name_or_path"] = config.model_name_or_path
    found = differing(plain, to_dict(resolve(chosen)), "")
    return found if config.model_name_or_path is None else {"model_name_or_path": config.model_name_or_path, **found}
