"""Times one optimizer step of formalrl beside TRL's GRPOTrainer: same model, prompts, group size and completions.

    python benchmarks/step.py [--setting long] [--steps 5] [--threads 2] [--json] [--save]

Both run in one process and take turns, step by step. TRL runs twice, with its defaults (bfloat16 autocast, gradient
checkpointing) and tuned for a CPU (float32, no checkpointing), each against formalrl. No completion ends early.
`--clock processor` counts seconds of the processor instead of the clock's: on a machine that others use too, with one
thread, they are the fairer ones.
"""

import argparse
import copy
import json
import os
import statistics
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any

from _report import append_history, circumstances, spread
from _setting import SETTINGS, Setting, even_share, make_engine

BATCH_ENTROPY = {"batch_entropy": {"coef": 0.01}}
TRL_MODES = {"trl defaults": {}, "trl tuned": {"bf16": False, "gradient_checkpointing": False}}
PARTS = ("sample", "update", "step")
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
clock = ["wall"]


def now() -> float:
    """Return the seconds of the chosen clock."""
    return CLOCKS[clock[0]]()


class Steps:
    """formalrl's training step, one at a time."""

    def __init__(self, setting: Setting, **settings: Any) -> None:
        from formalrl.training.engine import RunState

        self.setting = setting
        self.engine = make_engine(setting, **settings)
        self.state = RunState()
        self.parts: dict[str, list[float]] = {name: [] for name in PARTS}

    def __call__(self) -> float:
        """Run a step; return its seconds."""
        from formalrl.training.step import train_step

        start = now()
        self.state, metrics, rollouts = train_step(self.engine, self.state)
        seconds = now() - start
        found = {"sample": metrics["time/sample_s"], "update": metrics["time/update_s"], "step": seconds}
        assert (rollouts.samples.mask.sum(1) == self.setting.completion_length).all(), "a completion ended early"
        for name in PARTS:
            self.parts[name].append(found[name])
        return seconds


def plain_passes(steps: Steps) -> tuple[Callable[[], float], Callable[[], float]]:
    """Return what times forward and backward of a step's distinct tokens, and what times the prompts' prefill.

    Distinct tokens: each prompt once and each completion, as plain rows; the least that an update must compute.
    """
    import torch

    from formalrl.sampling import NoiseKey, SamplingRule

    engine, setting = steps.engine, steps.setting
    prompts = [engine.encode(prompt) for prompt in engine.train_prompts[: setting.num_prompts]]
    shape = (setting.num_completions, setting.completion_length)
    completions = torch.randint(3, setting.vocab_size, shape, generator=torch.Generator().manual_seed(0))
    one_token = SamplingRule(1)

    def forward_backward() -> float:
        start = now()
        logits = engine.policy.model(input_ids=torch.tensor(prompts), use_cache=False, logits_to_keep=1).logits
        loss = logits.float().log_softmax(-1)[..., 3].sum()
        if setting.completion_length > 1:
            logits = engine.policy.model(input_ids=completions, use_cache=False).logits
            loss = loss + logits.float().log_softmax(-1).gather(-1, completions.unsqueeze(-1)).sum()
        loss.backward()
        engine.policy.zero_grad(set_to_none=True)
        return now() - start

    def prefill() -> float:
        start = now()
        engine.sampler.sample(engine.policy, prompts, setting.num_generations, one_token, NoiseKey(0, 0))
        return now() - start

    return forward_backward, prefill


def trl_steps(setting: Setting, model: Any, tokenizer: Any, prompts: list[str], folder: str, **mode: Any) -> Any:
    """Return a GRPOTrainer of the setting."""
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    config = GRPOConfig(
        output_dir=folder,
        per_device_train_batch_size=setting.num_completions,
        num_generations=setting.num_generations,
        max_completion_length=setting.completion_length,
        generation_kwargs={"min_new_tokens": setting.completion_length},
        learning_rate=1e-6,
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        use_cpu=model.device.type == "cpu",
        **mode,
    )

    def reward(prompts: list[str], completions: list[str], **_: Any) -> list[float]:
        return [even_share(completion) for completion in completions]

    data = Dataset.from_list([{"prompt": text} for text in prompts])
    return GRPOTrainer(model, reward_funcs=reward, args=config, train_dataset=data, processing_class=tokenizer)


def take_turns(
    trainer: Any, others: dict[str, Callable[[], float]], burn_in: int, steps: int
) -> dict[str, list[float]]:
    """Train with TRL; after each of its steps run each of `others` once. Return the seconds after the burn-in."""
    from transformers import TrainerCallback

    seconds: dict[str, list[float]] = {name: [] for name in ("trl", *others)}

    class Turns(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.start = now()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            seconds["trl"].append(now() - self.start)
            for name, other in others.items():
                seconds[name].append(other())
            print({name: round(times[-1], 3) for name, times in seconds.items()}, file=sys.stderr, flush=True)
            self.start = now()

    trainer.args.max_steps = burn_in + steps
    trainer.add_callback(Turns())
    with redirect_stdout(open(os.devnull, "w")):
        trainer.train()
    return {name: times[burn_in:] for name, times in seconds.items()}


def compare(setting: Setting, burn_in: int, steps: int, modes: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield one result for each mode of TRL: seconds a step, completions a second, and the ratio."""
    from accelerate.state import AcceleratorState

    for mode, changes in modes.items():
        ours = Steps(setting)
        model, tokenizer = copy.deepcopy(ours.engine.policy.model), copy.deepcopy(ours.engine.tokenizer)
        prompts = [prompt.text for prompt in ours.engine.train_prompts]
        with tempfile.TemporaryDirectory() as folder:
            trainer = trl_steps(setting, model, tokenizer, prompts, folder, **changes)
            seconds = take_turns(trainer, {"formalrl": ours}, burn_in, steps)
        AcceleratorState._reset_state(reset_partial_state=True)  # TRL's precision would bind the next engine
        ratios = [trl / own for trl, own in zip(seconds["trl"], seconds["formalrl"], strict=True)]
        rate = {name: setting.num_completions / statistics.median(times) for name, times in seconds.items()}
        yield {
            "against": mode,
            "seconds": {name: spread(times) for name, times in seconds.items()},
            "completions_per_s": {name: round(value, 2) for name, value in rate.items()},
            "times_as_fast": spread(ratios),
        }


def overheads(setting: Setting, burn_in: int, steps: int) -> dict[str, Any]:
    """Return the update's and the step's cost over the plain passes of the same distinct tokens, taking turns."""
    ours, entropy = Steps(setting), Steps(setting, regularizers=BATCH_ENTROPY)
    forward_backward, prefill = plain_passes(ours)
    plain, prefills = [], []
    for _ in range(burn_in + steps):
        ours()
        plain.append(forward_backward())
        entropy()
        prefills.append(prefill())
    base = statistics.median(plain[burn_in:])
    update, decoding = {}, {}
    for name, part in (("grpo", ours), ("grpo, batch entropy", entropy)):
        timed = {key: values[burn_in:] for key, values in part.parts.items()}
        update[name] = round(statistics.median(timed["update"]) / base, 3)
        decode = statistics.median(timed["sample"]) - statistics.median(prefills[burn_in:])
        decoding[name] = round((statistics.median(timed["step"]) - max(0.0, decode)) / base, 3)
    return {
        "plain_forward_backward_s": spread(plain[burn_in:]),
        "prefill_s": spread(prefills[burn_in:]),
        "sample_s": spread(ours.parts["sample"][burn_in:]),
        "update_s": spread(ours.parts["update"][burn_in:]),
        "update_over_plain": update,
        "step_beside_decoding_over_plain": decoding,
    }


def main() -> None:
    """Print one JSON object a setting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--setting", choices=SETTINGS, action="append", help="may be repeated; default: short and long")
    parser.add_argument("--steps", type=int, default=5, help="timed steps of each side")
    parser.add_argument("--burn-in", type=int, default=1, help="steps of each side before them")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--against", choices=[*TRL_MODES, "none"], action="append", help="default: both modes of TRL")
    parser.add_argument("--no-overheads", action="store_true", help="do not compare with plain passes")
    parser.add_argument("--json", action="store_true", help="one line a setting")
    parser.add_argument("--save", action="store_true", help="append to benchmarks/history/step.jsonl")
    options = parser.parse_args()
    import torch

    from formalrl.training import stopwatch

    torch.set_num_threads(options.threads)
    clock[0] = options.clock
    stopwatch.time = types.SimpleNamespace(perf_counter=now)  # the step's own phases by the same clock
    modes = {name: mode for name, mode in TRL_MODES.items() if options.against is None or name in options.against}
    for name in options.setting or ["short", "long"]:
        setting = SETTINGS[name]
        result = circumstances(["formalrl", "torch", "transformers", "trl"], options.threads) | {
            "setting": name,
            "clock": options.clock,
            "description": setting.description,
            "num_completions": setting.num_completions,
            "comparisons": list(compare(setting, options.burn_in, options.steps, modes)),
        }
        if not options.no_overheads:
            result |= {"overheads": overheads(setting, options.burn_in, options.steps)}
        print(json.dumps(result, indent=None if options.json else 2))
        if options.save:
            append_history("step", result)


if __name__ == "__main__":
    main()
