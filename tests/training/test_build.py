"""From settings to the parts of a run; what cannot work is said before a model is loaded."""

import dataclasses
from types import SimpleNamespace

import pytest
import torch

from formalrl.config import TrainConfig, resolve
from formalrl.errors import ConfigError
from formalrl.runtime import Runtime
from formalrl.training.build import Encoder, check_run, load, wants_warm_start
from formalrl.types import Prompt

BARE = SimpleNamespace(train_prompts=list, eval_prompts=list, reward=None)


def ranks(count):
    return SimpleNamespace(num_ranks=count)


def test_a_step_needs_a_prompt_for_every_process():
    config = TrainConfig("arithmetic", prompts_per_step=2, algorithm={"name": "grpo", "num_minibatches": 1})
    check_run(config, config.load_task(), ranks(2))
    with pytest.raises(ConfigError, match="prompts_per_step is 2, but 3 processes share"):
        check_run(config, config.load_task(), ranks(3))


def test_a_grammar_is_asked_only_of_a_task_that_has_one(make_engine):
    with pytest.raises(ConfigError, match=r"--grammar .* this task has none: define grammar\(spell\)"):
        check_run(TrainConfig("arithmetic", model_name_or_path="gpt2", grammar=True), BARE, ranks(1))
    task = TrainConfig("arithmetic", grammar=True).load_task()
    check_run(TrainConfig("arithmetic", grammar=True), task, ranks(1))
    assert make_engine().grammar is None and make_engine(grammar=True).grammar is not None


def test_a_task_without_tokenizer_needs_a_model():
    with pytest.raises(ConfigError, match="--model-name-or-path"):
        check_run(TrainConfig("arithmetic"), BARE, ranks(1))
    check_run(TrainConfig("arithmetic", model_name_or_path="gpt2"), BARE, ranks(1))


@pytest.mark.parametrize(
    ("settings", "solved", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"model_name_or_path": "gpt2"}, True, False),
        ({"model_name_or_path": "gpt2", "sft": True}, True, True),
        ({"sft": False}, True, False),
    ],
)
def test_fresh_models_are_warm_started_where_there_are_examples(settings, solved, wanted):
    task = SimpleNamespace(examples=lambda n, seed: []) if solved else BARE
    assert wants_warm_start(TrainConfig("arithmetic", **settings), task) is wanted


def test_a_warm_start_without_examples_is_refused():
    with pytest.raises(ConfigError, match="--sft trains on solved examples, but this task has none"):
        wants_warm_start(TrainConfig("arithmetic", sft=True), BARE)


def test_a_prompt_longer_than_the_context_is_named(make_engine):
    engine = make_engine()
    with pytest.raises(ConfigError) as caught:
        engine.encode(Prompt("1 " * 500 + "="))
    assert "\n" not in str(caught.value)
    assert str(engine.policy.model.config.max_position_embeddings) in str(caught.value)


def test_a_fresh_model_has_room_for_prompt_and_completion(make_engine):
    engine = make_engine(max_completion_length=40)
    longest = max(len(engine.encode(prompt)) for prompt in engine.train_prompts)
    assert engine.policy.model.config.max_position_embeddings >= longest + 40


def test_texts_that_come_again_are_not_encoded_again(make_engine):
    engine = make_engine()
    assert isinstance(engine.encode, Encoder)
    assert engine.encode(Prompt("3 =")) is engine.encode(Prompt("3 =", {"answer": "3"}))
    small = dataclasses.replace(engine.encode, known={str(number): [] for number in range(200_001)})
    small(Prompt("3 ="))
    assert list(small.known) == ["3 ="]  # the memory is bounded


def test_an_unknown_forbidden_token_is_named(make_engine):
    with pytest.raises(ConfigError, match="forbidden_tokens holds 'nine', which is no token"):
        make_engine(forbidden_tokens=["nine"])


def test_the_value_head_comes_with_the_algorithm_that_needs_it(make_engine):
    assert make_engine(algorithm={"name": "ppo"}).policy.value_head is not None
    assert make_engine(algorithm={"name": "grpo"}).policy.value_head is None


def test_there_is_a_reference_only_where_one_is_needed(make_engine):
    assert make_engine().reference is None
    assert make_engine(track_reference=True).reference is not None
    assert make_engine(regularizers={"kl": {"coef": 0.1}}).reference is not None


def test_only_so_many_held_out_prompts_are_asked(make_engine):
    assert len(make_engine(num_eval_prompts=5).eval_prompts) == 5
    assert len(make_engine(num_eval_prompts=500).eval_prompts) == 24


def test_the_same_seed_gives_the_same_fresh_weights(make_engine):
    first, same, other = (dict(make_engine(seed=seed).policy.named_parameters()) for seed in (1, 1, 2))
    assert all(value.equal(same[name]) for name, value in first.items())
    assert any(not value.equal(other[name]) for name, value in first.items())


def test_weights_of_a_file_lie_in_memory_of_their_own(make_engine, tmp_path):
    from formalrl.models.save import save_pretrained

    engine = make_engine()
    save_pretrained(engine.policy, engine.tokenizer, tmp_path)
    config = resolve({"task": engine.config.task}, {"model_name_or_path": str(tmp_path)})
    loaded = load(config, engine.task, None, Runtime.start().device)
    for name, value in loaded.model.named_parameters():
        assert value.data_ptr() % 64 == 0, name
        assert torch.equal(value, dict(engine.policy.model.named_parameters())[name])
