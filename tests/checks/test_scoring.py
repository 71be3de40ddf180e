"""Where a reward is called that is checked."""

import threading

import pytest
import torch

from formalrl.checks.run import CheckSettings, check_reward
from formalrl.checks.scoring import imports_torch, open_scorer_to_check, torch_in_workers
from formalrl.errors import ModelError
from formalrl.rewards._pool import RewardPool
from formalrl.rewards.call import in_trainer
from formalrl.rewards.scorers import InProcessScorer
from formalrl.tasks.arithmetic import Arithmetic
from formalrl.tasks.sentiment import Sentiment
from formalrl.tasks.user import UserTask
from formalrl.types import Prompt

LIMITS = {"workers": 1, "timeout_s": 60.0, "memory_gib": 4.0}
QUICK = CheckSettings(num_prompts=6, workers=1, budget_s=1.0)
ROWS = [{"prompt": f"{n} =", "answer": str(n)} for n in range(60)]


def test_quick_rewards_of_the_trainer_are_checked_in_workers_all_the_same():
    task = Arithmetic()
    scorer, finding = open_scorer_to_check(task, task.reward, task.eval_prompts()[0], **LIMITS)
    scorer.close()
    assert isinstance(scorer, RewardPool) and finding is None


def test_a_reward_of_the_trainer_that_cannot_be_sent_is_called_here():
    lock = threading.Lock()

    @in_trainer
    def reward(prompt, completion, answer):
        with lock:
            return float(completion == answer)

    report = check_reward(UserTask.from_functions(ROWS, reward), QUICK)
    assert report.ok and report.named("runs_in_trainer").level == "note"


@pytest.mark.slow
def test_torch_is_noticed_in_rewards_of_every_form_and_fails_nothing():
    async def reward(prompt, completion, answer):
        import torch

        return float(torch.tensor(len(completion)).eq(len(answer)))

    assert imports_torch(reward, Prompt("1 =", {"answer": "1"}), 60.0)
    assert torch_in_workers(3).level == "warning" and "3 workers" in torch_in_workers(3).message
    task = UserTask.from_functions(ROWS, in_trainer(reward))
    scorer, finding = open_scorer_to_check(task, task.reward_function, task.train_prompts()[0], **LIMITS)
    assert isinstance(scorer, InProcessScorer)
    assert (finding.level, finding.name) == ("note", "imports_torch")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A classifier of random weights, in a folder."""
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    from formalrl.models.fresh import wrap_tokenizer

    torch.manual_seed(0)
    tokenizer = wrap_tokenizer(Sentiment(max_reviews=100, vocab_size=400).tokenizer())
    labels = {"id2label": {0: "NEGATIVE", 1: "POSITIVE"}, "label2id": {"NEGATIVE": 0, "POSITIVE": 1}}
    shape = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "max_position_embeddings": 24}
    config = DistilBertConfig(vocab_size=len(tokenizer), initializer_range=0.5, **shape, **labels)
    path = tmp_path_factory.mktemp("classifier")
    DistilBertForSequenceClassification(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return str(path)


def test_a_classifier_is_checked_on_the_trainers_device_and_named(classifier):
    torch.set_num_threads(1)
    task = Sentiment(scorer="classifier", classifier=classifier, max_reviews=100)
    report = check_reward(task, QUICK)
    assert report.ok, report.lines()
    finding = report.named("imports_torch")
    assert finding.level == "note" and "'POSITIVE'" in finding.message and " on c" in finding.message
    assert report.measurements["errors_on_hostile"] == {}
    assert report.measurements["latency_median_s"] > 0
    assert report.named("depends_on_the_batch") is None  # float32 rounds otherwise beside longer texts


def test_a_classifier_that_is_not_there_is_an_error_of_its_own():
    with pytest.raises(ModelError, match="There is no folder"):
        check_reward(Sentiment(scorer="classifier", classifier="./none", max_reviews=100), QUICK)
