import dataclasses
import hashlib
import json
import pickle
import random
import subprocess
import sys
import time

import pytest

from formalrl import plugins
from formalrl.errors import ConfigError
from formalrl.rewards.arithmetic import MAX_ERROR, solution_error
from formalrl.tasks.arithmetic import Arithmetic
from formalrl.types import Prompt, Task

CONFIGURATIONS = [
    Arithmetic(),
    Arithmetic(distribution="uniform", seed=3),
    Arithmetic(mode="solution"),
    Arithmetic(vocabulary="character"),
    Arithmetic(vocabulary="character", mode="solution", operators="+-"),
    Arithmetic(operators="+-"),
    Arithmetic(operators="+*", reward_shape="linear"),
    Arithmetic(operators="+-*", mode="solution", reward_shape="exact"),
    Arithmetic(max_characters=25, max_value=300, max_operand=20),
    Arithmetic(operators="+-*", max_characters=20, distribution="uniform", mode="solution"),
    Arithmetic(max_operands=2),
]
IDS = [str(index) for index in range(len(CONFIGURATIONS))]
every_configuration = pytest.mark.parametrize("task", CONFIGURATIONS, ids=IDS)


def rows(task, count=60):
    train, held_out = task.train_prompts(), task.eval_prompts()
    chosen = [train[random.Random(i).randrange(len(train))] for i in range(count)]
    return chosen + list(held_out[:count])


def solution(task, prompt):
    return task._parts(prompt.columns["expression"])[1]


def is_held_out(expression):
    return int(hashlib.sha1(expression.encode()).hexdigest(), 16) % 10 == 0


def test_it_is_the_task_of_its_name():
    assert plugins.find("task", "arithmetic") is Arithmetic
    assert "arithmetic" in plugins.names("task") and "reductions" not in plugins.names("task")
    assert isinstance(Arithmetic(), Task)


@every_configuration
def test_the_reference_answer_scores_one_and_an_empty_completion_does_not(task):
    for prompt in rows(task):
        completion = solution(task, prompt)
        assert task.reward(prompt.text, completion, **prompt.columns) == 1.0
        assert task.is_correct(prompt.text, completion, **prompt.columns)
        assert task.answer_of(completion) == prompt.columns["answer"]
        assert task.reward(prompt.text, "", **prompt.columns) < 0.01
        assert not task.is_correct(prompt.text, "", **prompt.columns)


@every_configuration
def test_texts_survive_the_tokenizer_letter_for_letter(task):
    tokenizer = task.tokenizer()
    for prompt in rows(task, 25):
        for text in (prompt.text, solution(task, prompt)):
            assert tokenizer.decode(tokenizer.encode(text).ids) == text


@every_configuration
def test_solutions_fit_the_default_length(task):
    tokenizer = task.tokenizer()
    ends = int(task.mode == "solution" or task.vocabulary == "character")
    lengths = [len(tokenizer.encode(solution(task, prompt)).ids) + ends for prompt in rows(task)]
    assert max(lengths) <= task.defaults()["max_completion_length"]


@every_configuration
def test_prompts_are_jsonable_and_deterministic(task):
    first, again = rows(task, 5), rows(dataclasses.replace(task), 5)
    assert first == again
    assert all(set(prompt.columns) == {"expression", "answer"} for prompt in first)
    json.dumps([[prompt.text, dict(prompt.columns)] for prompt in first])
    assert pickle.loads(pickle.dumps(task)) == task


def test_a_prompt_is_the_solution_up_to_its_last_equals_sign():
    prompts = {Arithmetic(seed=seed).prompt_of("5+3+10+2").text for seed in range(40)}
    assert "5 + 3 + 10 + 2 = 5 + 13 + 2 = 18 + 2 =" in prompts
    assert len(prompts) == 6  # 3 * 2 orders before the last step
    assert Arithmetic().prompt_of("5+3+10+2").columns == {"expression": "5+3+10+2", "answer": "20"}
    assert Arithmetic(mode="solution").prompt_of("5+3+10") == Prompt(
        "5 + 3 + 10 =", {"expression": "5+3+10", "answer": "18"}
    )
    assert Arithmetic(mode="solution", vocabulary="character").prompt_of("5+3+10").text == "5+3+10="
    assert Arithmetic().prompt_of("5+3").text == "5 + 3 ="


def test_steps_are_not_from_left_to_right():
    left = 0
    for prompt in Arithmetic().eval_prompts()[:600]:
        before, after = ([int(n) for n in step.split("+")] for step in prompt.text.split("=")[:2])
        left += after == [before[0] + before[1], *before[2:]]
    assert 0.2 < left / 600 < 0.35  # one of four (three) pairs; equal results by chance included


def test_held_out_expressions_occur_nowhere_else():
    task = Arithmetic()
    train, held_out = task.expressions("train"), task.expressions("eval")
    assert not any(map(is_held_out, train[::20])) and all(map(is_held_out, held_out))
    assert (len(train), len(held_out)) == (145_106, 15_945) == (len(task.train_prompts()), len(task.eval_prompts()))
    texts = {expression for expression in held_out}
    prefixes = {prompt.partition(" = ")[0].replace(" ", "") for prompt, _ in task.examples(2000)}
    assert not prefixes & texts


def test_first_prompts_come_quickly():
    start = time.process_time()
    task = Arithmetic(max_operand=9, seed=1)
    assert task.train_prompts()[0] and task.eval_prompts()[0]
    assert time.process_time() - start < 3


def test_constant_answers_have_the_figures_of_the_paper():
    task = Arithmetic()
    one, two, eight = (task.greedy_constant_answers(k) for k in (1, 2, 8))
    assert one.answers == (25,) and one.reward == pytest.approx(0.748, abs=5e-4)
    assert two.reward == pytest.approx(0.82, abs=5e-3)
    assert eight.reward == pytest.approx(0.954, abs=5e-4) and eight.accuracy == pytest.approx(0.31, abs=5e-3)


def test_the_exactly_best_constant_answers():
    task = Arithmetic()
    one, two, eight = (task.best_constant_answers(k) for k in (1, 2, 8))
    assert one == task.greedy_constant_answers(1)
    assert two.answers == (20, 29) and two.reward == pytest.approx(0.8481, abs=1e-4)
    assert eight.reward == pytest.approx(0.9569, abs=1e-4) and eight.accuracy == pytest.approx(0.299, abs=1e-3)
    assert task.best_constant_answers(1, "eval").reward == pytest.approx(one.reward, abs=0.005)


@pytest.mark.slow
def test_uniform_expressions_have_another_best_constant_answer():
    assert Arithmetic(distribution="uniform").best_constant_answers(1).answers == (24,)
    assert Arithmetic(distribution="uniform").best_constant_answers(1).reward == pytest.approx(0.742, abs=5e-4)


def test_answers_are_the_numbers_that_a_token_can_say():
    assert list(Arithmetic().answers()) == [str(number) for number in range(100)]
    signed = Arithmetic(operators="+-", max_value=20)
    assert set(signed.answers()) == {str(number) for number in range(-19, 20)}
    assert set(signed.answers()) <= set(signed.tokenizer().get_vocab())
    assert Arithmetic(mode="solution").answers() is None


def test_an_answer_is_a_normalized_number_or_the_text_itself():
    task, whole = Arithmetic(), Arithmetic(mode="solution")
    assert task.answer_of(" 20\n") == "20" and task.answer_of("-0") == "0"
    assert task.answer_of(" + ") == "+" and task.answer_of("20 = 20") == "20 = 20" and task.answer_of("") == ""
    assert whole.answer_of("5 + 13 = 18") == "18" and whole.answer_of("5 + 13 =") == ""
    assert whole.answer_of("5 + 13") == "5 + 13"


@every_configuration
def test_examples_are_distinct_solved_and_not_held_out(task):
    examples = task.examples(64, seed=1)
    assert len(examples) == len({prompt for prompt, _ in examples}) == 64
    for prompt, completion in examples:
        assert task.reward(prompt, completion) == 1.0
        assert not is_held_out(prompt.partition("=")[0].replace(" ", ""))
    assert examples == task.examples(64, seed=1) != task.examples(64, seed=2)


def test_too_many_examples_are_refused():
    with pytest.raises(ConfigError, match="1000 examples"):
        Arithmetic(max_operands=2).examples(1000)


def test_the_paper_drops_nothing_of_a_solution():
    for prompt, completion in Arithmetic(mode="solution").examples(50):
        assert solution_error(prompt + completion, "+") == 0
        unfinished = completion.rpartition(" = ")[0]
        assert solution_error(prompt + unfinished, "+") == MAX_ERROR


def test_whole_solutions_score_every_step():
    task = Arithmetic(mode="solution")
    assert task.reward("5 + 3 + 10 =", "5 + 13 = 18") == 1.0
    assert task.reward("5 + 3 + 10 =", "5 + 12 = 18") == pytest.approx(0.95004, abs=1e-5)
    assert not task.is_correct("5 + 3 + 10 =", "5 + 12 = 18")
    assert task.reward("5 + 3 + 10 =", "18") < 1e-9


def test_levels_rise_in_the_number_of_operands():
    task = Arithmetic()
    assert list(task.levels()) == [2, 3, 4, 5]
    for level in task.levels():
        numbers = {text.count("+") + 1 for text in task.at_level(level).expressions("eval")}
        assert max(numbers) == level
    assert task.at_level(5).expressions("eval") == task.expressions("eval")
    easy = {*task.at_level(2).expressions("train")}
    assert len(task.at_level(2).expressions("train")) == len(easy) > 100
    with pytest.raises(ConfigError, match="levels 2 to 5"):
        task.at_level(6)


def test_levels_of_whole_solutions_rise_in_the_statements_left_to_write():
    task = Arithmetic(mode="solution")
    assert list(task.levels()) == [1, 2, 3, 4]
    whole = task.prompt_of("6+0+6+7+6").text
    for level in task.levels():
        easier = task.at_level(level)
        prompt, completion = easier._parts("6+0+6+7+6")
        assert completion.count("=") == level - 1 and completion.endswith("25") and prompt.startswith(whole)
        assert len(completion.split()) + 1 == easier.defaults()["max_completion_length"]
        assert easier.is_correct(prompt, completion)
    assert prompt == whole and easier.eval_prompts()[:9] == task.eval_prompts()[:9]
    assert task.at_level(3).prompt_of("5+3").text == "5 + 3 ="
    with pytest.raises(ConfigError, match="levels 1 to 4"):
        task.at_level(5)
    letters = Arithmetic(mode="solution", vocabulary="character", max_statements=2)
    assert all(len(text) < letters.defaults()["max_completion_length"] for _, text in letters.examples(200))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"operators": "+/"}, "operators is '\\+/'"),
        ({"max_operand": 0}, "max_operand is 0"),
        ({"max_operand": "10"}, "max_operand is '10'"),
        ({"max_operand": True}, "max_operand is True"),
        ({"max_characters": 101}, "max_characters is 101"),
        ({"max_operands": 1}, "max_operands is 1"),
        ({"max_operand": 100}, "below max_value"),
        ({"mode": "solutions"}, "Did you mean 'solution'"),
        ({"vocabulary": "char"}, "'character'"),
        ({"reward_shape": "cubic"}, "reward_shape"),
        ({"distribution": ""}, "distribution"),
    ],
)
def test_impossible_configurations_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        Arithmetic(**change)


def test_a_language_without_held_out_expressions_is_refused():
    with pytest.raises(ConfigError, match="eval prompts"):
        Arithmetic(max_operand=1, max_characters=3).eval_prompts()


def test_long_prompts_stay_within_the_text_that_the_reward_reads():
    task = Arithmetic(max_operand=20, max_characters=100, max_value=2000)
    assert all(task.reward(prompt.text, prompt.columns["answer"]) == 1.0 for prompt in task.train_prompts()[:20])


def test_neither_torch_nor_transformers_is_imported():
    code = (
        "import sys; from formalrl.tasks.arithmetic import Arithmetic; t = Arithmetic(max_operands=3);"
        "t.eval_prompts()[0]; t.reward('5+3=', '8');"
        "sys.exit(bool({'torch', 'transformers', 'tokenizers', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_statements_are_judged_where_that_is_asked_for():
    task = Arithmetic(mode="solution", statement_rewards=True)
    found = task.reward("5 + 3 + 10 =", "5 + 13 = 28")
    plain = Arithmetic(mode="solution").reward("5 + 3 + 10 =", "5 + 13 = 28")
    assert found == {"reward": plain, "statements_right": 0.5, "steps": ((8, 1.0), (11, plain))}
