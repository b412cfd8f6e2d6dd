"""Inverse frequencies and attention factors of published rope settings, by transformers.

    python golden_rope.py ../resources/golden/rope.json

Each case is what config.json says about rotary embedding, in the spelling in which it was published,
and the lengths that transformers computes frequencies for.
"""

import json
import sys

import torch
import transformers
from transformers import HunYuanDenseV1Config, LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.hunyuan_v1_dense.modeling_hunyuan_v1_dense import (
    HunYuanDenseV1RotaryEmbedding,
)

SHORT_FACTORS = [1.0 + 0.02 * i for i in range(16)]
LONG_FACTORS = [1.05 * 1.12**i for i in range(16)]


def config(hidden, heads, positions, theta, scaling=None, **more):
    values = {"hidden_size": hidden, "num_attention_heads": heads,
              "max_position_embeddings": positions, "rope_theta": theta, **more}
    if scaling:
        values["rope_scaling"] = scaling
    return values


def llama3(factor, low=1.0, high=4.0, original=8192):
    return {"rope_type": "llama3", "factor": factor, "low_freq_factor": low,
            "high_freq_factor": high, "original_max_position_embeddings": original}


def yarn(factor, original, key="type", **more):
    return {key: "yarn", "factor": factor, "original_max_position_embeddings": original, **more}


GEMMA_3 = {
    "hidden_size": 2560,
    "num_attention_heads": 8,
    "head_dim": 256,
    "max_position_embeddings": 131072,
    "rope_parameters": {
        "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
    },
}

# name: (config, sequence length that the frequencies are for, type of the layers)
CASES = {
    "Llama-2-7b": (config(4096, 32, 4096, 10000.0), None),
    "Qwen2.5-7B": (config(3584, 28, 131072, 1000000.0), None),
    "Llama-3-8B": (config(4096, 32, 8192, 500000.0), None),
    "Llama-3.1-8B": (config(4096, 32, 131072, 500000.0, llama3(8.0)), None),
    "Llama-3.2-1B": (config(2048, 32, 131072, 500000.0, llama3(32.0), head_dim=64), None),
    "deepseek-coder-6.7b linear": (config(4096, 32, 16384, 100000.0, {"type": "linear", "factor": 4.0}), None),
    "vicuna-7b-v1.5-16k linear": (config(4096, 32, 4096, 10000.0, {"type": "linear", "factor": 4.0}), None),
    "Yarn-Llama-2-7b-64k": (config(4096, 32, 4096, 10000.0, yarn(16.0, 4096)), None),
    "Qwen2.5-7B yarn": (config(3584, 28, 32768, 1000000.0, yarn(4.0, 32768)), None),
    "Qwen3-8B yarn": (config(4096, 32, 40960, 1000000.0, yarn(4.0, 32768, "rope_type"), head_dim=128), None),
    "gpt-oss yarn": (config(2880, 64, 131072, 150000.0, yarn(32.0, 4096, "rope_type", beta_fast=32.0, beta_slow=1.0, truncate=False), head_dim=64), None),
    "DeepSeek-V2-Lite yarn": (config(2048, 16, 163840, 10000.0, yarn(40, 4096, "type", beta_fast=32, beta_slow=1, mscale=0.707, mscale_all_dim=0.707), head_dim=64), None),
    "yarn with two mscales": (config(2048, 32, 163840, 10000.0, yarn(40.0, 4096, "type", beta_fast=32, beta_slow=1, mscale=0.707, mscale_all_dim=0.5), head_dim=64), None),
    "Ministral-3-8B yarn": (config(4096, 32, 262144, 1000000.0, yarn(16.0, 16384, "rope_type", beta_fast=32.0, beta_slow=1.0, mscale=1.0, mscale_all_dim=1.0), head_dim=128), None),
    "Hunyuan-7B dynamic alpha": (config(4096, 32, 32768, 10000.0, {"type": "dynamic", "alpha": 1000.0, "factor": 1.0, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0, "mscale_all_dim": 1.0}, head_dim=128), None),
    "internlm2 dynamic": (config(4096, 32, 32768, 1000000.0, {"type": "dynamic", "factor": 2.0}), 65536),
    "phi-2 partial": (config(2560, 32, 2048, 10000.0, partial_rotary_factor=0.4), None),
    "longrope in the manner of Phi-3, short": (config(512, 16, 131072, 10000.0, {"type": "longrope", "short_factor": SHORT_FACTORS, "long_factor": LONG_FACTORS}, original_max_position_embeddings=4096), 4096),
    "su in the manner of Phi-3, long": (config(512, 16, 131072, 10000.0, {"type": "su", "short_factor": SHORT_FACTORS, "long_factor": LONG_FACTORS}, original_max_position_embeddings=4096), 131072),
    "gemma-3 full linear": (config(2560, 8, 131072, 1000000.0, {"factor": 8.0, "rope_type": "linear"}, head_dim=256), None),
    "gemma-3 nested, full": (GEMMA_3, None),
    "gemma-3 nested, sliding": (GEMMA_3, None, "sliding_attention"),
    "Qwen2-VL mrope": (config(1536, 12, 32768, 1000000.0, {"type": "mrope", "mrope_section": [16, 24, 24]}), None),
    "gemma-4 proportional": (config(2304, 8, 131072, 1000000.0, {"rope_type": "proportional", "partial_rotary_factor": 0.25}, head_dim=512), None),
    "OLMo-3 yarn": (config(4096, 32, 65536, 500000.0, yarn(8.0, 8192, "rope_type", beta_fast=32.0, beta_slow=1.0, attention_factor=1.2079441541679836)), None),
}


def golden(name, values, length, layer_type="full_attention"):
    given = json.loads(json.dumps(values))
    nested = given.pop("rope_parameters", {}).get(layer_type)
    if nested:
        given["rope_theta"] = nested.pop("rope_theta")
        given["rope_scaling"] = nested
    scaling = given.get("rope_scaling") or {}
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    # transformers itself no longer knows these two spellings.
    kind = {"su": "longrope", "mrope": "default"}.get(kind, kind)
    scaling.pop("type", None)
    given["rope_parameters"] = {
        "rope_theta": given.pop("rope_theta"),
        **scaling,
        "rope_type": kind,
    }
    given.pop("rope_scaling", None)
    partial = given.pop("partial_rotary_factor", None)
    if partial:
        given["rope_parameters"]["partial_rotary_factor"] = partial
    original = given.pop("original_max_position_embeddings", None)
    if original:
        given["rope_parameters"]["original_max_position_embeddings"] = original
    loaded = LlamaConfig(**given)
    if "alpha" in scaling:
        rotary = HunYuanDenseV1RotaryEmbedding(HunYuanDenseV1Config(**given))
        frequencies, scale = rotary.inv_freq, rotary.attention_scaling
    elif kind == "default":
        head = getattr(loaded, "head_dim", None) or loaded.hidden_size // loaded.num_attention_heads
        dim = int(head * (partial or 1.0))
        base = loaded.rope_parameters["rope_theta"]
        frequencies = 1.0 / (base ** (torch.arange(0, dim, 2).float() / dim))
        scale = 1.0
    else:
        frequencies, scale = ROPE_INIT_FUNCTIONS[kind](loaded, torch.device("cpu"), seq_len=length)
    return {
        "name": name,
        "config": values,
        "layer_type": layer_type,
        "length": length or values["max_position_embeddings"],
        "attention_factor": float(scale),
        "frequencies": [float(f"{f:.9g}") for f in frequencies.tolist()],
    }


def main():
    cases = [golden(name, *case) for name, case in CASES.items()]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    with open(sys.argv[1], "w") as file:
        file.write(f'{{"transformers":"{transformers.__version__}","cases":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
