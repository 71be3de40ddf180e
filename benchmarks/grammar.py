"""Times sampling of board-game middles with the grammar beside sampling without, on the same prompts, alternating.

python benchmarks/grammar.py [--model RUN/checkpoint-0] [--steps 40] [--json] [--save]
"""

import argparse
import json
import time
from typing import Any

from _report import append_history, circumstances, spread


def make_engine(model: str | None, *, grammar: bool) -> Any:
    """Return an engine of the games task, around the named model or a fresh untrained one."""
    from formalrl.config import resolve
    from formalrl.runtime import Runtime
    from formalrl.training.build import build_engine, load

    settings = {"model_name_or_path": model, "grammar": grammar, "reward_workers": 0, "max_completion_length": 14}
    config = resolve({"task": {"name": "games"}}, settings)
    task, runtime = config.load_task(), Runtime.start()
    loaded = load(config, task, None, runtime.device)
    return build_engine(config, task, loaded, runtime, warm_started=False)


def main() -> None:
    """Print processor seconds of a step's sampling, early and late, and the share of middles that fit their place."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="folder of a model that knows the language; an untrained one otherwise")
    parser.add_argument("--steps", type=int, default=40, help="of 16 other prompts each, 8 completions a prompt")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--save", action="store_true", help="append to benchmarks/history/grammar.jsonl")
    options = parser.parse_args()
    import torch

    from formalrl.games.fim import grade, read_prompt
    from formalrl.sampling import NoiseKey
    from formalrl.training.rollouts import decode_rows

    torch.set_num_threads(1)
    engines = {name: make_engine(options.model, grammar=name == "grammar") for name in ("plain", "grammar")}
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    fitting = dict.fromkeys(engines, 0)
    for step in range(options.steps):
        for name, engine in engines.items():
            prompts = [engine.train_prompts[(step * 16 + i) * 97 % len(engine.train_prompts)] for i in range(16)]
            ids = [engine.encode(prompt) for prompt in prompts]
            key = NoiseKey(0, step)
            start = time.process_time()
            constraint = engine.constraint(prompts)
            samples = engine.sampler.sample(engine.policy, ids, 8, engine.rule, key, constraint=constraint)
            seconds[name].append(time.process_time() - start)
            for row, completion in enumerate(decode_rows(samples.to("cpu"), engine.decode)):
                blank = read_prompt(prompts[row // 8].text)
                fitting[name] += blank is not None and grade(blank, completion.text).in_context
    late = options.steps // 2
    result = circumstances(["formalrl", "torch", "transformers"], 1) | {
        "model": "untrained" if options.model is None else "warm-started",
        "steps": options.steps,
        "cpu_seconds_a_step_first_half": {name: spread(times[:late]) for name, times in seconds.items()},
        "cpu_seconds_a_step_second_half": {name: spread(times[late:]) for name, times in seconds.items()},
        "share_in_context": {name: round(count / (128 * options.steps), 4) for name, count in fitting.items()},
    }
    print(json.dumps(result, indent=None if options.json else 2))
    if options.save:
        append_history("grammar", result)


if __name__ == "__main__":
    main()
