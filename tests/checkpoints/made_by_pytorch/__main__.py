"""Makes the files of this folder, with PyTorch and safetensors: python -m tests.checkpoints.made_by_pytorch."""

from __future__ import annotations

from pathlib import Path

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


main()
