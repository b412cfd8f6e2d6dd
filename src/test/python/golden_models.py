"""Golden logits of tiny random models, made by transformers.

    python golden_models.py ../resources/golden/models.jsonl [name ...]

Writes one line per model, or brings those that are named up to date in the file: its config, a prompt, logits at two positions (base64 of little-endian
float32), the greedy continuation, and the names and shapes of its tensors as a digest. The weights
are not stored: both sides make them from the tensors' names with the generator below.
"""

import base64
import json
import sys
import tempfile

import numpy as np
import torch
import transformers
from transformers import AutoConfig
from golden_cases import CASES
from safetensors.torch import load_file

PROMPT_TOKENS = 21
NEW_TOKENS = 8
MIN_MARGIN = 2e-3


# In-memory names that transformers 5 no longer shares with the files.
STORED_NAMES = {"gpt_neox": {"lm_head.weight": "embed_out.weight"}}

# Models whose text part alone is run: how its names begin in memory and in our plan, and what stands
# before the plan's names in published files.
TEXT_PARTS = {
    "gemma3": ({"model.language_model.": "model."}, "language_model."),
    "mistral3": (
        {"model.language_model.": "model.", "lm_head.": "lm_head."},
        "language_model.",
    ),
}

# Falcon's eager attention adds its linear biases twice; sdpa, its default, does not.
ATTENTION = {"falcon": "sdpa"}


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def splitmix(name, count):
    """Uniform in [-1, 1): the top 24 bits of splitmix64 at fnv1a(name) + index."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(name)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
            0x9E3779B97F4A7C15
        )
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)


def values(name, shape):
    u = splitmix(name, int(np.prod(shape))).reshape(shape)
    if name.endswith("bias"):
        return u * np.float32(0.25)
    if len(shape) == 1:
        return np.float32(1) + u * np.float32(0.25)
    return u * np.float32(np.sqrt(np.float64(3.0) / shape[-1]))


def digest(shapes):
    lines = [f"{name} {'x'.join(map(str, shape))}" for name, shape in sorted(shapes.items())]
    return f"{fnv1a(chr(10).join(lines)):016x}"


def build(name, config):
    """The model with its generated weights, in fp32; its text config; the shapes of its tensors; their prefix in files."""
    model_type = config["model_type"]
    loaded = AutoConfig.for_model(model_type).from_dict(json.loads(json.dumps(config)))
    loaded._attn_implementation = ATTENTION.get(model_type, "eager")
    torch.manual_seed(0)
    architecture = getattr(transformers, config["architectures"][0])
    model = architecture._from_config(loaded, dtype=torch.float32).eval()
    parts, prefix = TEXT_PARTS.get(model_type, ({"": ""}, ""))
    shapes = {}
    with torch.no_grad():
        kept = model.state_dict()
        buffers = [(n, b) for n, b in model.named_buffers() if n in kept]
        for memory_name, parameter in list(model.named_parameters()) + buffers:
            inside = next((p for p in parts if memory_name.startswith(p)), None)
            if inside is None:
                continue
            tensor = STORED_NAMES.get(model_type, {}).get(memory_name, memory_name)
            tensor = parts[inside] + tensor[len(inside) :]
            shape = tuple(parameter.shape) or (1,)
            shapes[tensor] = shape
            parameter.copy_(torch.from_numpy(values(tensor, shape)).reshape(parameter.shape))
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        stored = set(load_file(folder + "/model.safetensors"))
        stored = {t for t in stored if t.startswith(prefix)}
        assert stored == {prefix + t for t in shapes}, (name, stored)
    return model, loaded.get_text_config(), shapes, prefix


def golden(name, config):
    model, text, shapes, prefix = build(name, config)
    vocabulary = text.vocab_size
    for attempt in range(1000):
        rng = np.random.default_rng(attempt)
        prompt = rng.integers(0, vocabulary, PROMPT_TOKENS).tolist()
        ids = list(prompt)
        margin = float("inf")
        with torch.no_grad():
            rows = model(torch.tensor([ids])).logits[0].numpy()
            for _ in range(NEW_TOKENS):
                last = model(torch.tensor([ids]), use_cache=False).logits[0, -1]
                best = torch.topk(last, 2).values
                margin = min(margin, float(best[0] - best[1]) / float(last.abs().max()))
                ids.append(int(last.argmax()))
        if margin > MIN_MARGIN:
            break
    else:
        raise SystemExit(f"{name}: no prompt with a clear greedy path")
    wanted = [PROMPT_TOKENS // 2, PROMPT_TOKENS - 1]
    return {
        "name": name,
        "config": config,
        "prompt": prompt,
        "rows": wanted,
        "logits": [base64.b64encode(rows[r].astype("<f4").tobytes()).decode() for r in wanted],
        "greedy": ids[PROMPT_TOKENS:],
        "tensors": len(shapes),
        "digest": digest(shapes),
        "prefix": prefix,
    }


def main():
    out, only = sys.argv[1], set(sys.argv[2:])
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    old = {}
    if only:
        with open(out) as file:
            assert json.loads(next(file)) == versions, "other versions: make all anew"
            old = {json.loads(line)["name"]: line.rstrip("\n") for line in file}
    lines = [json.dumps(versions)]
    for name, config in CASES.items():
        if only and name not in only:
            lines.append(old[name])
            continue
        lines.append(json.dumps(golden(name, config), separators=(",", ":")))
        print(name, len(lines[-1]), flush=True)
    with open(out, "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
