"""Writes random weights of a Qwen2 shape as safetensors, to time loads of files of any size.

    python3 random_checkpoint.py jobs/shapes/qwen2-7b /tmp/m15 [files]

Needs nothing but Python. Values are bfloat16 of about +-0.01. The same 64 MiB lie in the files over
and over, so a disk that stores equal blocks once gives more than it would of a real model.
"""

import json
import os
import shutil
import sys

BLOCK_BYTES = 64 << 20


def shapes(config):
    e, f, v = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    d = config.get("head_dim", e // config["num_attention_heads"])
    q, kv = config["num_attention_heads"] * d, config["num_key_value_heads"] * d
    yield "model.embed_tokens.weight", [v, e]
    for i in range(config["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        yield layer + "input_layernorm.weight", [e]
        for name, rows in ("q", q), ("k", kv), ("v", kv):
            yield f"{layer}self_attn.{name}_proj.weight", [rows, e]
            yield f"{layer}self_attn.{name}_proj.bias", [rows]
        yield layer + "self_attn.o_proj.weight", [e, q]
        yield layer + "post_attention_layernorm.weight", [e]
        yield layer + "mlp.gate_proj.weight", [f, e]
        yield layer + "mlp.up_proj.weight", [f, e]
        yield layer + "mlp.down_proj.weight", [e, f]
    yield "model.norm.weight", [e]
    if not config.get("tie_word_embeddings", False):
        yield "lm_head.weight", [v, e]


def size(shape):
    return 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)


def write(path, tensors, block):
    header, at = {}, 0
    for name, shape in tensors:
        offsets = [at, at + size(shape)]
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": offsets}
        at += size(shape)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for start in range(0, at, BLOCK_BYTES):
            out.write(memoryview(block)[: min(BLOCK_BYTES, at - start)])


def main(shape_folder, folder, files=4):
    os.makedirs(folder, exist_ok=True)
    shutil.copy(os.path.join(shape_folder, "config.json"), folder)
    with open(os.path.join(folder, "config.json")) as f:
        tensors = list(shapes(json.load(f)))
    block = bytearray(BLOCK_BYTES)
    block[0::2] = os.urandom(BLOCK_BYTES // 2)
    signs = bytes(0x3C if i % 2 else 0xBC for i in range(256))
    block[1::2] = os.urandom(BLOCK_BYTES // 2).translate(signs)
    total, done, parts = sum(size(s) for _, s in tensors), 0, [[] for _ in range(files)]
    for name, shape in tensors:
        parts[min(files - 1, done * files // total)].append((name, shape))
        done += size(shape)
    for i, part in enumerate(parts):
        write(os.path.join(folder, f"model-{i + 1:05}-of-{files:05}.safetensors"), part, block)
    print(f"{total / 1e9:.3f} GB in {files} files in {folder}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
