"""Makes the files of this folder, with PyTorch and safetensors: python -m tests.checkpoints.made_by_pytorch."""

from __future__ import annotations

from argparse import Namespace
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).parent


def _drawn(fill: object, dtype: torch.dtype, *shape: int) -> torch.Tensor:
    weight = torch.empty(*shape)
    fill(weight)  # type: ignore[operator]
    return weight.to(dtype)


def main() -> None:
    torch.manual_seed(1)
    modules = {
        "linear": nn.Linear(64, 64),
        "convolution": nn.Conv2d(16, 16, 3),
        "encoder": nn.TransformerEncoderLayer(32, 4, 64),
        "norm": nn.BatchNorm1d(16),
    }
    tensors = {
        f"{name}.{part}": value.clone().contiguous()
        for name, module in modules.items()
        for part, value in module.state_dict().items()
    }
    init = nn.init
    tensors["kaiming_normal.weight"] = _drawn(
        lambda w: init.kaiming_normal_(w, nonlinearity="relu"), torch.float16, 48, 64
    )
    tensors["xavier_uniform.weight"] = _drawn(init.xavier_uniform_, torch.bfloat16, 48, 64)
    tensors["orthogonal.weight"] = _drawn(init.orthogonal_, torch.float16, 64, 48)
    tensors["trunc_normal.weight"] = _drawn(
        lambda w: init.trunc_normal_(w, std=0.02, a=-0.04, b=0.04), torch.bfloat16, 64, 48
    )
    tensors["zeros.weight"] = _drawn(init.zeros_, torch.float16, 8, 8)
    tensors["embedding.weight"] = nn.Embedding(128, 8).weight.detach().clone()
    tensors["fp8.weight"] = (torch.randn(16, 16) / 4).to(torch.float8_e4m3fn)
    save_file(tensors, HERE / "modules.safetensors")

    network = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4))
    torch.save({"model": network.state_dict(), "step": 3}, HERE / "network.pt")
    torch.save(network, HERE / "pickled_module.pt")


def small() -> None:
    """Files whose numbers follow from their names, for what a reader of them has to know."""
    x = torch.arange(24.0).reshape(4, 6)
    views = {
        "whole": x,
        "transposed": x.t(),
        "sliced": x[1:3, ::2],
        "expanded": x[0, 3:4].expand(2, 3),
        "permuted": x.reshape(2, 3, 4).permute(1, 0, 2),
        "tied": x,
        "empty": x[:0],
    }
    torch.save(views, HERE / "views.pt")
    torch.save(views, HERE / "views_before_1_6.pt", _use_new_zipfile_serialization=False)
    types = (torch.bfloat16, torch.float8_e5m2, torch.uint16)
    torch.save([torch.arange(3).to(dtype) for dtype in types], HERE / "types.pt", pickle_protocol=4)
    weight = nn.Parameter(torch.ones(2, 2))
    optimizer = torch.optim.SGD([weight], momentum=0.9)
    weight.grad = torch.ones(2, 2)
    optimizer.step()
    training = {
        "epoch": np.float64(3),
        "state_dict": OrderedDict({"fc.weight": weight}),
        "optimizer_states": [optimizer.state_dict()],
        "hyper_parameters": Namespace(width=2, table=np.arange(6, dtype=np.float32).reshape(2, 3)),
    }
    torch.save(training, HERE / "training.ckpt")


main()
small()
