"""Token by token is the whole text at once, also after rows have left."""

import pytest
import torch

from formalrl.models.decoding import SharedPrefixDecoder
from formalrl.models.own_cache import OwnCacheDecoder

torch.set_num_threads(1)

PROMPTS = [[1, 2, 3], [4, 5, 6, 7, 8], [9]]


def whole(policy, texts):
    return torch.stack([policy.model(input_ids=torch.tensor([text])).logits[0, -1] for text in texts])


@pytest.mark.parametrize("architecture", ["gpt2", "gpt_neox", "llama"])
@pytest.mark.parametrize("decoder_type", [SharedPrefixDecoder, OwnCacheDecoder])
@torch.no_grad()
def test_cached_logits_are_those_of_the_whole_text(tiny_policy, architecture, decoder_type):
    policy = tiny_policy(architecture)
    index = torch.tensor([0, 0, 1, 1, 1, 2])
    decoder = decoder_type(policy, PROMPTS, index)
    torch.testing.assert_close(decoder.prompt_logits(), whole(policy, PROMPTS), atol=2e-5, rtol=1e-4)
    texts = [list(PROMPTS[p]) for p in index.tolist()]
    generator = torch.Generator().manual_seed(0)
    for position in range(8):
        if position in (3, 5):
            rows = torch.tensor([0, 2, 3] if position == 3 else [1, 2])
            decoder.retain(rows)
            texts = [texts[row] for row in rows.tolist()]
        tokens = torch.randint(0, 37, (len(texts),), generator=generator)
        for text, token in zip(texts, tokens.tolist(), strict=True):
            text.append(token)
        torch.testing.assert_close(decoder.step(tokens), whole(policy, texts), atol=2e-5, rtol=1e-4)


@torch.no_grad()
def test_the_cache_grows_without_forgetting(tiny_policy, monkeypatch):
    monkeypatch.setattr("formalrl.models.decoding._FIRST_CAPACITY", 2)
    policy = tiny_policy("llama")
    decoder = SharedPrefixDecoder(policy, [[1, 2]], torch.tensor([0, 0]))
    decoder.prompt_logits()
    texts = [[1, 2], [1, 2]]
    for position in range(9):
        texts = [[*text, 3 + position + row] for row, text in enumerate(texts)]
        said = decoder.step(torch.tensor([text[-1] for text in texts]))
        torch.testing.assert_close(said, whole(policy, texts), atol=2e-5, rtol=1e-4)


@torch.no_grad()
def test_a_prompt_is_kept_once(tiny_policy):
    policy = tiny_policy("llama")
    decoder = SharedPrefixDecoder(policy, PROMPTS, torch.tensor([0] * 20 + [1] * 20 + [2] * 20))
    decoder.prompt_logits()
    assert {keys.shape for keys, _ in decoder._prompts.values()} == {(3, 2, 5, 8)}
