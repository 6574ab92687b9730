"""The statistics of tensors, against numpy on the whole array; kinds and fans; what is broken, dead or there twice."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.checkpoints.samples import MADE_BY_PYTORCH, measured, tensor
from tui_initflow.checkpoints import statistics as statistics_module
from tui_initflow.checkpoints.opening import open_checkpoint
from tui_initflow.checkpoints.scan import scan
from tui_initflow.checkpoints.sources import DTYPES
from tui_initflow.checkpoints.tensors import PIECE, Checkpoint, Tensor, role_of
from tui_initflow.engine.pool import Progress


@pytest.mark.parametrize("scale", [1.0, 1e-25, 1e30, 3e-5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_statistics_are_those_of_the_whole_array(scale: float, dtype: Any) -> None:
    x = (np.random.default_rng(1).normal(size=(700, 300)) * scale + 0.1 * scale).astype(dtype)
    assert x.size > PIECE
    one = measured(weight=x)["weight"]
    exact = x.astype(np.float64) / scale
    assert one.mean == pytest.approx(exact.mean() * scale, rel=1e-5)
    assert one.std == pytest.approx(exact.std() * scale, rel=1e-5)
    assert one.excess_kurtosis == pytest.approx(np.mean(((exact - exact.mean()) / exact.std()) ** 4) - 3, abs=1e-4)
    assert one.sigma_w2 == pytest.approx(300 * (exact.std() * scale) ** 2, rel=1e-5)
    assert (one.low, one.high) == (x.min(), x.max())
    assert one.frobenius_norm == pytest.approx(np.linalg.norm(exact) * scale, rel=1e-5)


def test_the_variance_keeps_its_digits_far_from_zero() -> None:
    x = (1 + np.random.default_rng(1).normal(size=5000) * 1e-4).astype(np.float32)
    one = measured(norm__weight=x)["norm.weight"]
    assert one.std == pytest.approx(x.astype(np.float64).std(), rel=1e-3)
    assert one.mean == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("shape", [(1500, 1400), (300, 40), (40, 300), (3, 2), (1, 9), (9, 1)], ids=str)
def test_the_spectral_norm_is_a_little_off_at_most(shape: tuple[int, int]) -> None:
    """Of independent numbers, where the method is slowest."""
    x = np.random.default_rng(2).normal(size=shape).astype(np.float32)
    exact = float(np.linalg.norm(x.astype(np.float64), 2))
    one = measured(weight=x)["weight"]
    if one.spectral_norm is None:
        assert 1 in shape
        return
    low, high = (0.98, 1.02) if x.size > 1 << 20 else (0.99, 1 + 1e-5)
    assert exact * low < one.spectral_norm < exact * high
    assert one.stable_rank == pytest.approx((np.linalg.norm(x) / one.spectral_norm) ** 2, rel=1e-4)


def test_a_direction_that_stands_out_is_found_to_all_digits() -> None:
    source = np.random.default_rng(3)
    x = source.normal(size=(400, 300)) + 0.3 * np.outer(source.normal(size=400), source.normal(size=300))
    one = measured(weight=x)["weight"]
    assert one.spectral_norm == pytest.approx(np.linalg.norm(x, 2), rel=1e-5)


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    x = np.random.default_rng(4).normal(size=(50, 40)).astype(np.float32)
    x[3, 4], x[5, :2], x[7] = np.nan, (np.inf, -np.inf), 0.0
    x[:, 9] = 0.0
    one = measured(weight=x)["weight"]
    finite = x[np.isfinite(x)].astype(np.float64)
    assert (one.nan * x.size, one.inf * x.size) == pytest.approx((1, 2))
    assert one.zeros * x.size == pytest.approx(np.count_nonzero(x == 0))
    assert (one.dead_rows, one.dead_columns) == (1, 1)
    assert one.mean == pytest.approx(finite.mean(), rel=1e-4)
    assert one.std == pytest.approx(finite.std(), rel=1e-5)
    assert one.spectral_norm is None
    assert one.is_broken
    assert not measured(weight=np.ones((5, 5)))["weight"].is_broken
    all_lost = measured(weight=np.full((2, 2), np.nan))["weight"]
    assert (all_lost.nan, all_lost.looks_like) == (1.0, "trained/other")
    assert np.isnan(all_lost.mean)


@pytest.mark.parametrize("name", ["float32", "float16", "float64"])
def test_subnormal_numbers_are_those_of_the_format(name: str) -> None:
    info = np.finfo(name)
    numbers = [info.smallest_normal, info.smallest_subnormal, -info.smallest_normal / 2, 0.0, 1.0]
    one = measured(x=np.array(numbers, name))["x"]
    assert (one.subnormal, one.zeros) == (2 / 5, 1 / 5)
    assert DTYPES[name].least_normal == float(info.smallest_normal)


def test_equal_tensors_are_found_unless_they_are_constant() -> None:
    x = np.random.default_rng(5).normal(size=(30, 20)).astype(np.float32)
    changed = x.copy()
    changed[29, 19] = np.nextafter(changed[29, 19], 1)
    found = measured(a=x, b=changed, c=x.copy(), d=x.astype(np.float64), e=np.zeros(5), f=np.zeros(5))
    assert {name: one.duplicate_of for name, one in found.items()} == {
        "a": None, "b": None, "c": "a", "d": None, "e": None, "f": None
    }  # fmt: skip
    lost, zero, positive = np.full(5, np.nan), np.array([-0.0, 1.0]), np.array([0.0, 1.0])
    found = measured(a=lost, b=-lost, c=zero, d=positive, e=np.array([1.0, 0.0]))
    assert [one.duplicate_of for one in found.values()] == [None, "a", None, "c", None]


def test_many_tensors_of_the_same_numbers_in_another_order_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is read twice at most: for its statistics, and for what tells it from those that are alike."""
    pieces = []

    def counted(one: Tensor, start: int) -> Any:
        pieces.append(one.name)
        return piece(one, start)

    piece = Tensor.piece
    monkeypatch.setattr(Tensor, "piece", counted)
    count = 200
    # alike in all that is compared first
    x = np.append(np.ones((count, 8)), np.eye(count), axis=1)
    found = measured(**{f"w{at}": x[at % (count - 1)] for at in range(count)})
    assert [one.duplicate_of for one in found.values()] == [None] * (count - 1) + ["w0"]
    assert len(pieces) <= 3 * count


def test_the_order_of_storage_does_not_matter(tmp_path: Path) -> None:
    x = np.random.default_rng(6).normal(size=(60, 50))
    x[7], x[:, 3] = 0, 0
    x[:, 4] = 0
    np.savez(tmp_path / "x.npz", a=x, b=np.asfortranarray(x))
    a, b = scan(open_checkpoint(tmp_path / "x.npz"))
    for one in (a, b):
        assert (one.dead_rows, one.dead_columns, one.fan_in, one.fan_out) == (1, 2, 50, 60)
    assert a.spectral_norm == pytest.approx(b.spectral_norm, rel=1e-3)
    assert a.std == pytest.approx(b.std)


ROLES = [
    ("fc.weight", (3, 4), ("linear", 4, 3)),
    ("W1", (3, 4), ("linear", 4, 3)),
    ("conv.weight", (8, 3, 5, 5), ("convolution", 75, 200)),
    ("params/Conv_0/kernel", (5, 5, 3, 8), ("convolution", 75, 200)),
    ("params/Dense_0/kernel", (4, 3), ("linear", 4, 3)),
    ("model.embed_tokens.weight", (9, 4), ("embedding", 4, 9)),
    ("transformer.wte.weight", (9, 4), ("embedding", 4, 9)),
    ("layers.0.input_layernorm.weight", (4,), ("norm", None, None)),
    ("bn1.running_var", (4,), ("norm", None, None)),
    ("norm.bias", (4,), ("bias", None, None)),
    ("self_attn.in_proj_bias", (4,), ("bias", None, None)),
    ("lstm.bias_ih_l0", (4,), ("bias", None, None)),
    ("b1", (4,), ("bias", None, None)),
    ("vision.cls_token", (1, 1, 4), ("other", None, None)),
    ("optimizer.state.0.exp_avg", (3, 4), ("other", None, None)),
    ("scale", (), ("other", None, None)),
    ("none.weight", (0, 3), ("other", None, None)),
]


@pytest.mark.parametrize(
    ("name", "shape", "expected"), ROLES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_kind_and_fans_follow_from_name_and_shape(name: str, shape: tuple[int, ...], expected: Any) -> None:
    role = role_of(tensor(name, np.ones(shape, np.float32)))
    assert (role.kind, *(role.fans or (None, None))[::-1]) == expected


def test_what_pytorch_makes_is_recognised() -> None:
    """Defaults of nn.Linear, nn.Conv2d and a transformer's encoder layer, and torch.nn.init, in four formats."""
    found = {one.name: one for one in scan(open_checkpoint(MADE_BY_PYTORCH / "modules.safetensors"))}
    expected = {
        "linear.weight": "torch-linear",
        "convolution.weight": "torch-linear",
        "encoder.linear1.weight": "torch-linear",
        "encoder.linear2.weight": "torch-linear",
        "encoder.self_attn.in_proj_weight": "glorot-uniform",
        "encoder.self_attn.in_proj_bias": "zeros",
        "encoder.norm1.weight": "ones",
        "norm.running_mean": "zeros",
        "kaiming_normal.weight": "he-normal",
        "xavier_uniform.weight": "glorot-uniform",
        "orthogonal.weight": "orthogonal",
        "trunc_normal.weight": "truncated-normal:std=0.02",
        "zeros.weight": "zeros",
        "embedding.weight": "normal:std=1",
        "fp8.weight": "trained/other",
    }
    assert {name: found[name].looks_like for name in expected} == expected
    assert found["norm.num_batches_tracked"].role.kind == "other"
    assert found["fp8.weight"].std == pytest.approx(0.25, rel=5 / np.sqrt(2 * 256))


def test_empty_and_scalar_tensors_have_no_statistics_to_fail_on() -> None:
    found = measured(a=np.empty((0, 4), np.float32), b=np.array(3.0, np.float32), c=np.empty(0))
    assert found["a"].looks_like == "empty"
    assert np.isnan(found["a"].mean)
    assert found["b"].mean == 3.0
    assert found["b"].std == 0.0


def test_a_stop_keeps_what_is_done() -> None:
    cancel, seen = threading.Event(), []

    def report(progress: Progress[None]) -> None:
        seen.append(progress)
        if progress.what == "reading b":
            cancel.set()

    tensors = tuple(tensor(name, np.ones(3, np.float32)) for name in "abc")
    assert [one.name for one in scan(Checkpoint("x", tensors), cancel=cancel, on_progress=report)] == ["a"]
    assert [progress.fraction for progress in seen] == [0, 12 / 36]


@pytest.mark.parametrize("threads", [1, 3])
def test_a_tensor_too_large_to_keep_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    x = np.random.default_rng(7).normal(size=(3000, 1000)).astype(np.float32)
    np.save(tmp_path / "weight.npy", x)
    checkpoint = open_checkpoint(tmp_path / "weight.npy")
    (kept,) = scan(checkpoint, threads=1)
    monkeypatch.setattr(statistics_module, "KEPT", 1 << 20)
    (read_again,) = scan(checkpoint, threads=threads)
    assert read_again == kept
