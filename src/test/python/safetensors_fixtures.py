"""Writes the safetensors fixtures of src/test/resources/checkpoint with the official library.

Usage: python safetensors_fixtures.py FOLDER
Written with safetensors 0.8.0 and torch 2.13.0.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file


def ramp(shape, dtype, start):
    """start, start + 0.25, ...: exact in every dtype used."""
    count = 1
    for d in shape:
        count *= d
    return (torch.arange(count, dtype=torch.float64) * 0.25 + start).reshape(shape).to(dtype)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {
            "f32.matrix": ramp((3, 5), torch.float32, -1),
            "f16.matrix": ramp((2, 7), torch.float16, 2),
            "bf16.matrix": ramp((4, 3), torch.bfloat16, -3),
            "bf16.vector": ramp((6,), torch.bfloat16, 1),
            "f32.scalar": torch.tensor(42.5),
            "f32.empty": torch.zeros((0, 4)),
            "i64.positions": torch.arange(4),
            "u8.mask": torch.ones((3,), dtype=torch.uint8),
            "fp8.e4m3": torch.ones((2, 2)).to(torch.float8_e4m3fn),
            "naïve \"name\" \\ 名前 🙂": ramp((1, 2), torch.float32, 7),
        },
        folder / "official.safetensors",
        metadata={"format": "pt", "note": "line\nbreak"},
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
