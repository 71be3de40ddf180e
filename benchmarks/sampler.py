"""Times the fast sampler beside the reference sampler and transformers' `generate`, on the same prompts, alternating.

python benchmarks/sampler.py [--setting long] [--runs 5] [--threads 2] [--json] [--save]
"""

import argparse
import json
import os
import time
from collections.abc import Callable

from _report import append_history, circumstances, spread
from _setting import SETTINGS, Setting


def contenders(setting: Setting, *, with_eager: bool) -> dict[str, Callable[[int], object]]:
    """Return name -> a function that samples the completions of one step."""
    import torch
    from _setting import make_engine

    from formalrl.sampling import NoiseKey
    from formalrl.sampling.eager import Eager

    engine = make_engine(setting)
    prompts = [engine.encode(prompt) for prompt in engine.train_prompts[: setting.num_prompts]]
    repeated = torch.tensor(prompts).repeat_interleave(setting.num_generations, 0)

    def run(sampler):
        def sample(number: int) -> object:
            return sampler.sample(engine.policy, prompts, setting.num_generations, engine.rule, NoiseKey(0, number))

        return sample

    @torch.no_grad()
    def generate(number: int) -> object:
        count = setting.completion_length
        return engine.policy.base.generate(
            repeated, max_new_tokens=count, min_new_tokens=count, do_sample=True, top_k=0, pad_token_id=0
        )

    found = {"fast": run(engine.sampler), "transformers": generate}
    return found | ({"eager": run(Eager())} if with_eager else {})


def main() -> None:
    """Print medians, spreads and completions a second."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--setting", choices=SETTINGS, default="long")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each, after one that is not")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--eager", action="store_true", help="time the reference sampler too; it is slow")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--save", action="store_true", help="append to benchmarks/history/sampler.jsonl")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    import torch

    torch.set_num_threads(options.threads)
    setting = SETTINGS[options.setting]
    runners = contenders(setting, with_eager=options.eager)
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for number in range(options.runs + 1):
        for name, sample in runners.items():
            start = time.perf_counter()
            sample(number)
            if number:
                seconds[name].append(time.perf_counter() - start)
    result = circumstances(["formalrl", "torch", "transformers"], options.threads) | {
        "setting": options.setting,
        "description": setting.description,
        "seconds": {name: spread(times) for name, times in seconds.items()},
        "completions_per_s": {
            name: round(setting.num_completions / spread(times)["median"], 2) for name, times in seconds.items()
        },
    }
    print(json.dumps(result, indent=None if options.json else 2))
    if options.save:
        append_history("sampler", result)


if __name__ == "__main__":
    main()
