"""One term list, three ways to apply it: compiled kernel, its plain-Python twin, CSR matrix."""

import numpy as np
import pytest

from finite_n import Liouvillian, LocalJump, Model, mx, my, mz
from finite_n.dicke_blocks.frames import choose_frames
from finite_n.systems import hopfield
from tests import random_models

SAME = 1e-12  # the same sums in another order


@pytest.mark.parametrize("kind", random_models.KINDS)
@pytest.mark.parametrize("N", [1, 4, 7])
def test_kernel_twin_and_matrix_agree(kind, N):
    rng = np.random.default_rng(N)
    generator = Liouvillian(random_models.model(kind, rng), N)
    v = rng.normal(size=generator.dim) + 1j * rng.normal(size=generator.dim)
    compiled = generator.apply(v)
    scale = np.abs(compiled).max() + 1
    assert np.abs(compiled - generator.apply_plain(v)).max() < SAME * scale
    assert np.abs(compiled - generator.csr() @ v).max() < SAME * scale
    assert np.abs(compiled - generator.apply(v, workers=2)).max() == 0


@pytest.mark.parametrize("N", [1, 5, 12])
def test_real_frame_gives_the_same_numbers_as_the_complex_one(N):
    model = hopfield(0.4, 0.9, self_energy=False)
    rng = np.random.default_rng(N)
    real = Liouvillian(model, N, choose_frames(model))
    assert real.is_real
    v = rng.normal(size=real.dim)
    image = real.apply(v)
    assert image.dtype == float
    assert np.abs(real.apply(v.astype(complex)) - image).max() < SAME * N
    assert np.abs(real.apply_plain(v) - image).max() < SAME * N
    assert np.abs(real.csr() @ v - image).max() < SAME * N


def test_transverse_field_with_rates_along_z_needs_no_complex_numbers():
    jump = LocalJump([[0, 1], [0, 0]], lambda d: np.exp(0.3 * d), mz)
    for h in (mx, my, mx - 2 * my, mx + mz * mx + mx * mz):
        assert Liouvillian(Model(h, [jump]), 3).is_real
    assert not Liouvillian(Model(mx + mz, [jump]), 3).is_real  # −i[Sz, ·] stays imaginary in every such frame


def test_trace_is_annihilated():
    rng = np.random.default_rng(3)
    for kind in random_models.KINDS:
        for N in (1, 2, 5):
            generator = Liouvillian(random_models.model(kind, rng), N)
            v = rng.normal(size=generator.dim) + 1j * rng.normal(size=generator.dim)
            image = generator.apply(v)
            assert abs(generator.blocks.trace(image)) < 1e-12 * np.abs(image).sum()


def test_number_of_elements_is_the_minimal_layout():
    for N in (1, 2, 3, 10, 41):
        assert Liouvillian(hopfield(), N).dim == (N + 1) * (N + 2) * (N + 3) // 6
