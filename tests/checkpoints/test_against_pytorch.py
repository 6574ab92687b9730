"""What `torch.save` writes, read here, against what `torch.load` makes of it: the same names and the same bits."""

from __future__ import annotations

from argparse import Namespace
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui_initflow.checkpoints.opening import open_checkpoint
from tui_initflow.checkpoints.tensors import Tensor

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch

TYPES = (
    *("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "bool"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)


def everything() -> Mapping[str, Any]:
    """Objects of all kinds that are saved."""
    torch.manual_seed(0)
    nn = torch.nn
    x, images = torch.randn(6, 8), torch.randn(4, 5, 6, 7)
    network = nn.Sequential(
        nn.Linear(5, 7),
        nn.BatchNorm1d(7),
        nn.Sequential(nn.Conv1d(3, 4, 3), nn.LSTM(4, 5, 2)),
        nn.TransformerEncoderLayer(8, 2, 16),
        nn.ParameterList([nn.Parameter(torch.randn(3)) for _ in range(2)]),
        nn.ModuleDict({"a": nn.Linear(2, 2)}),
    )
    optimizer = torch.optim.AdamW(network.parameters())
    for parameter in network.parameters():
        parameter.grad = torch.randn_like(parameter)
    optimizer.step()
    shared = {"w": x}
    views = {
        "transposed": x.t(),
        "sliced": x[1:5, 2:7],
        "stepped": x[::2, ::3],
        "column": x[:, 3],
        "expanded": x[:, :1].expand(6, 50),
        "one": torch.randn(1).expand(3, 4),
        "permuted": images.permute(2, 0, 3, 1),
        "channels last": images.contiguous(memory_format=torch.channels_last),
        "reversed": images.permute(3, 2, 1, 0),
        "part": images[1:, 2:4, :, ::2],
        "windows": torch.arange(10.0).unfold(0, 4, 2),
        "diagonal": x.diagonal(),
        "empty": torch.empty(0, 3),
        "none": x[0:0],
        "scalar": torch.tensor(3.0),
        "row": torch.randn(1, 5).t(),
    }
    return {
        "types": [(torch.randn(5, 3) * 3).to(getattr(torch, name)) for name in TYPES],
        "old types": [
            (torch.randn(5, 3) * 3).to(getattr(torch, name))
            for name in TYPES
            if "8_" not in name and name[:4] not in ("uint",)
        ],
        "views": views,
        "tied": {"a": x, "b": x, "c": x[2:], "d": [x, x]},
        "training": {"model": network.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3},
        "module": network,
        "module in a dictionary": {"model": network, "ema": network},
        "parameter": nn.Parameter(x),
        "list": [x, (x + 1, {"z": x})],
        "tensor": x,
        "Lightning": {"state_dict": network.state_dict(), "hyper_parameters": Namespace(a=1, b=[1]), "loops": {}},
        "keys": {1: x, 2.5: x, (1, 2): x, None: x, b"k": x, torch.float32: x, "a.b": x, "": x, "é": x},
        "containers": OrderedDict(
            a=defaultdict(list, {"b": [x]}), b=x.size(), c=np.float64(2), d=slice(1, 2), e={1, 2}
        ),
        "shared": {"a": shared, "b": shared},
    }


def tensors_in(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    items: Any = ()
    if isinstance(value, torch.Tensor):
        yield name or "tensor", value
    elif isinstance(value, torch.nn.Module):
        for part in (value._parameters, value._buffers, value._modules):
            yield from tensors_in(part, name)
    elif isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    for key, item in items:
        yield from tensors_in(item, f"{name}.{key}" if name else str(key))


def bits_loaded(value: Any) -> bytes:
    flat = value.detach().contiguous().flatten()
    return bytes(flat.view(torch.uint8).numpy().tobytes()) if flat.numel() else b""


def bits_read(tensor: Tensor) -> bytes:
    raw = np.empty(tensor.bytes, np.uint8)
    tensor.source.read(0, raw)
    if tensor.fortran:
        raw = raw.reshape(*tensor.shape[::-1], tensor.dtype.size)
        raw = raw.transpose(*reversed(range(len(tensor.shape))), len(tensor.shape))
    return raw.tobytes()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "before 1.6"])
@pytest.mark.parametrize("protocol", [1, 2, 5])
def test_every_tensor_is_what_pytorch_loads(tmp_path: Path, zipped: bool, protocol: int) -> None:
    compared = 0
    for name, saved in everything().items():
        if name == ("old types" if zipped else "types"):
            # PyTorch cannot load some that it saves in the old format
            continue
        path = tmp_path / "x.pt"
        torch.save(saved, path, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
        expected = dict(tensors_in(torch.load(path, weights_only=False)))
        found = open_checkpoint(path).tensors
        assert [one.name for one in found] == list(expected), name
        for one in found:
            assert one.shape == tuple(expected[one.name].shape), (name, one.name)
            assert f"torch.{one.dtype.name}" == str(expected[one.name].dtype)
            assert bits_read(one) == bits_loaded(expected[one.name]), (name, one.name)
            compared += 1
    assert compared > 200
