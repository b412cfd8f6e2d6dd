"""Writes the torch fixtures of src/test/resources/checkpoint, each with a safetensors twin.

Usage: python torch_fixtures.py FOLDER
Written with torch 2.13.0 and safetensors 0.8.0.
"""

import io
import os
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file


def state_dict():
    torch.manual_seed(7)
    base = torch.randn(6, 4)
    half = torch.randn(3, 5).half()
    dict = OrderedDict(
        whole=base,
        rows=base[2:5],
        transposed=base.t(),
        columns=base[:, 1:3],
        every_second=base[::2],
        again=base,
        bf16=torch.randn(4, 3).bfloat16(),
        f16=half,
        f16_view=half.view(-1)[4:9],
        parameter=torch.nn.Parameter(torch.randn(5)),
        buffer=torch.randn(2, 2, 3),
        permuted=torch.randn(2, 3, 4).permute(2, 0, 1),
        scalar=torch.tensor(3.5),
        empty=torch.zeros(0, 4),
        one_row=base[1:2].t(),
        f64=torch.randn(2).double(),
        i64=torch.arange(5),
        u8=torch.arange(5, dtype=torch.uint8),
        bool=torch.tensor([True, False]),
    )
    dict._metadata = OrderedDict([("", {"version": 1})])
    return dict


class Evil:
    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    dict = state_dict()
    torch.save(dict, folder / "torch_zip.bin")
    torch.save(dict, folder / "torch_legacy.bin", _use_new_zipfile_serialization=False)
    modern = {
        "fp8": torch.randn(4, 4).to(torch.float8_e4m3fn),
        "u16": torch.arange(4).to(torch.uint16),
    }
    torch.save(modern, folder / "torch_v3.bin")
    save_file(modern, folder / "torch_v3.safetensors")
    save_file(
        {k: v.detach().clone().contiguous() for k, v in dict.items()},
        folder / "torch_twin.safetensors",
    )
    evil = {"w": torch.ones(2), "x": Evil(os.system, "touch /tmp/pwned")}
    torch.save(evil, folder / "torch_evil.bin")
    torch.save(evil, folder / "torch_evil_legacy.bin", _use_new_zipfile_serialization=False)
    torch.save({"w": torch.ones(2).expand(1000, 2)}, folder / "torch_expanded.bin")
    torch.save({"epoch": 3, "w": torch.ones(2)}, folder / "torch_training.bin")
    torch.save({"w": torch.ones(2)}, folder / "torch_protocol4.bin", pickle_protocol=4)
    scripted = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), scripted)
    (folder / "torch_script.bin").write_bytes(scripted.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
