"""Noise depends on every coordinate, on nothing else, and looks uniform."""

import numpy as np
import pytest

from formalrl.sampling.noise import NoiseKey, uniforms


def test_a_number_depends_on_its_own_coordinates_alone():
    whole = uniforms(NoiseKey(1, 2, 3, [5, 9, 7]), 3, 4, 6).reshape(3, 4, 6)
    assert (uniforms(NoiseKey(1, 2, 3, [9]), 1, 2, 3) == whole[1, :2, :3]).all()
    assert (uniforms(NoiseKey(1, 2, 3, [7, 5]), 2, 4, 6).reshape(2, 4, 6) == whole[[2, 0]]).all()


def test_every_coordinate_matters():
    keys = [
        NoiseKey(1, 2, 3),
        NoiseKey(2, 2, 3),
        NoiseKey(1, 3, 3),
        NoiseKey(1, 2, 4),
        NoiseKey(2, 1, 3),
        NoiseKey(-1, 2, 3),
    ]
    numbers = np.concatenate([uniforms(key, 3, 4, 5).ravel() for key in keys])
    assert len(np.unique(numbers)) == len(numbers)


def test_prompt_numbers_default_to_the_order():
    assert (uniforms(NoiseKey(1, 2), 3, 2, 2) == uniforms(NoiseKey(1, 2, 0, [0, 1, 2]), 3, 2, 2)).all()
    with pytest.raises(ValueError, match="numbers 2 prompts"):
        uniforms(NoiseKey(1, 2, 0, [0, 1]), 3, 2, 2)


@pytest.mark.parametrize("shape", [(4096, 4, 4), (4, 4096, 4), (4, 4, 4096), (1, 1, 65536)])
def test_numbers_are_uniform_and_neighbors_independent(shape):
    numbers = uniforms(NoiseKey(0, 0), *shape).reshape(shape)
    count = numbers.size
    assert numbers.min() >= 0.0 and numbers.max() < 1.0
    histogram = np.histogram(numbers, 64, (0, 1))[0]
    chi_square = ((histogram - count / 64) ** 2 / (count / 64)).sum()
    assert chi_square < 63 + 5 * np.sqrt(2 * 63)
    for axis in range(3):
        if shape[axis] > 1:
            first, second = (
                np.take(numbers, range(shape[axis] - 1), axis),
                np.take(numbers, range(1, shape[axis]), axis),
            )
            assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 5 / np.sqrt(first.size)


def test_consecutive_seeds_and_steps_are_independent():
    numbers = np.stack([uniforms(NoiseKey(seed, step), 2, 2, 64).ravel() for seed in range(8) for step in range(8)])
    correlations = np.corrcoef(numbers) - np.eye(64)
    assert np.abs(correlations).max() < 5.5 / np.sqrt(numbers.shape[1])
    assert abs(numbers.mean() - 0.5) < 5 * np.sqrt(1 / 12 / numbers.size)


def test_the_numbers_never_change():
    found = uniforms(NoiseKey(42, 7, 1, [3]), 1, 1, 2)[0]
    assert found.tolist() == PINNED


PINNED = [0.41285086528875004, 0.3349032546068026]
"""A run can only be resumed by a later version if these stay."""
