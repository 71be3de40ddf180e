"""The training step, unrolled: GRPO with batch entropy learns sums of two numbers. `python examples/rl_loop.py`

`formalrl train` does the same with any model, task, algorithm and number of processes: src/formalrl/training/step.py.
Shapes: P prompts, G completions of each, B = P * G rollouts, T tokens a completion (here 1), V tokens in all.
"""

import argparse
import random
from dataclasses import replace

import torch

from formalrl.algorithms.grpo import GRPO
from formalrl.batch import UpdateContext
from formalrl.models.config import ModelConfig
from formalrl.models.fresh import fresh_model, wrap_tokenizer
from formalrl.models.policy import Policy, score
from formalrl.models.text import decode_completion, encode_prompt, eos_token_ids, forbidden_token_ids
from formalrl.ops.entropies import token_entropy
from formalrl.ops.mean_policy import add_rows, batch_entropy, mean_logp, no_rows
from formalrl.ops.weights import token_weights, weighted_sum
from formalrl.regularizers.batch_entropy import BatchEntropy
from formalrl.sampling import NoiseKey, SamplingRule
from formalrl.sampling.fast import Fast
from formalrl.sampling.gap import as_batch
from formalrl.tasks.arithmetic import Arithmetic


def main(num_steps: int = 240, num_prompts: int = 64, num_generations: int = 16, seed: int = 0) -> float:
    """Train, print a line every twenty steps, and return the accuracy on held-out prompts."""
    task = Arithmetic(max_operands=2)  # prompts such as `5 + 3 =`; one in ten is held out
    tokenizer = wrap_tokenizer(task.tokenizer())
    model = fresh_model(ModelConfig(initializer_range=0.08), tokenizer, seed=seed)
    policy, sampler, algorithm = Policy(model), Fast(), GRPO()
    regularizer = BatchEntropy(coef=0.5, coef_end=0.0, coef_schedule="linear")
    optimizer = torch.optim.AdamW(policy.parameters(), lr=2e-3, weight_decay=0.0)
    forbidden = forbidden_token_ids(tokenizer, model)
    rule = SamplingRule(1, eos_token_ids=eos_token_ids(tokenizer, model), forbidden_token_ids=forbidden)

    def rollouts(prompts, step, temperature, group):
        """Sample, decode and score: a batch with rewards [B], and which completions are right [B]."""
        ids = [encode_prompt(tokenizer, prompt) for prompt in prompts]
        at = replace(rule, temperature=temperature)
        samples = sampler.sample(policy, ids, group, at, NoiseKey(seed, step))
        texts = [decode_completion(tokenizer, row.tolist()) for row in samples.completion_ids]
        asked = [prompt.text for prompt in prompts for _ in range(group)]
        rewards = torch.tensor([task.reward(p, text) for p, text in zip(asked, texts, strict=True)])
        right = [task.is_correct(p, text) for p, text in zip(asked, texts, strict=True)]
        return as_batch(ids, samples, rule).replace(rewards=rewards), sum(right) / len(right)

    for step in range(num_steps):
        # 1. prompts -> completions -> rewards
        prompts = random.Random(f"{seed} {step}").sample(list(task.train_prompts()), num_prompts)
        batch, accuracy = rollouts(prompts, step, 1.0, num_generations)
        # 2. rewards -> advantages and weights; weights sum to 1 over the whole update
        batch = algorithm.advantages(batch, kl_penalty=torch.zeros_like(batch.mask))  # [B, T]
        weights = token_weights(batch.mask)  # [B, T]
        batch = batch.replace(token_weights=weights, loss_weights=algorithm.loss_weights(batch.mask, 1))
        # 3. policy -> loss: the clipped policy term, and the entropy of the mean policy p_t(a) of the update
        output = score(policy, batch, rule)  # logp_all [B, T, V]
        mean = add_rows(no_rows(1, policy.vocab_size), output.logp_all.detach(), batch.mask)
        coef = regularizer.coefficient({}, progress=step / num_steps)
        context = UpdateContext(coef, mean_logp(mean), policy.vocab_size - len(forbidden))
        loss = algorithm.loss(output, batch).loss + regularizer.term(output, batch, context).loss
        # 4. loss -> optimizer
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
        # 5. metrics; a policy that collapses has a batch entropy as low as its entropy
        if step % 20 == 0 or step == num_steps - 1:
            entropy = weighted_sum(token_entropy(output.logp_all.detach()), weights)
            print(
                f"step {step:3d}  reward {batch.rewards.mean():.3f}  accuracy {accuracy:.3f}  entropy {entropy:.2f}"
                f"  batch entropy {batch_entropy(mean):.2f}  loss {loss:+.4f}"
            )

    with torch.no_grad():
        _, accuracy = rollouts(list(task.eval_prompts()), num_steps, 0.0, 1)
    print(f"held-out accuracy {accuracy:.3f}")
    return accuracy


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The training step, unrolled.")
    parser.add_argument("--num-steps", type=int, default=240)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    main(given.num_steps, seed=given.seed)
