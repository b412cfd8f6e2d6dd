"""Writes a tiny Mistral in both formats, its logits, and torch folders, for tests of whole folders.

Usage: python mistral_fixtures.py FOLDER
Written with torch 2.13.0 and transformers 5.18.0.

The model is made in Mistral's own format, whose forward pass stands here too (rotation of
neighbours, as in mistral-inference); transformers runs its Hugging Face twin, and both must agree
before anything is written. So the order of the rows of wq and wk is proved and not assumed.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import MistralConfig, MistralForCausalLM

PARAMS = {
    "dim": 48,
    "n_layers": 2,
    "head_dim": 8,
    "hidden_dim": 56,
    "n_heads": 6,
    "n_kv_heads": 2,
    "norm_eps": 1e-05,
    "sliding_window": None,
    "vocab_size": 40,
    "rope_theta": 10000.0,
    "max_seq_len": 64,
}
PROMPT = [1, 17, 5, 33, 8, 2, 39, 21, 11, 30, 4, 19]
NEW_TOKENS = 8


def weights():
    torch.manual_seed(11)
    p = PARAMS
    q, kv = p["n_heads"] * p["head_dim"], p["n_kv_heads"] * p["head_dim"]

    def matrix(rows, cols):
        return torch.randn(rows, cols) / cols**0.5

    tensors = {
        "tok_embeddings.weight": matrix(p["vocab_size"], p["dim"]),
        "norm.weight": 1 + torch.randn(p["dim"]) / 8,
        "output.weight": matrix(p["vocab_size"], p["dim"]) * 3,
    }
    for i in range(p["n_layers"]):
        layer = f"layers.{i}."
        tensors[layer + "attention_norm.weight"] = 1 + torch.randn(p["dim"]) / 8
        tensors[layer + "ffn_norm.weight"] = 1 + torch.randn(p["dim"]) / 8
        tensors[layer + "attention.wq.weight"] = matrix(q, p["dim"]) * 2
        tensors[layer + "attention.wk.weight"] = matrix(kv, p["dim"]) * 2
        tensors[layer + "attention.wv.weight"] = matrix(kv, p["dim"])
        tensors[layer + "attention.wo.weight"] = matrix(p["dim"], q)
        tensors[layer + "feed_forward.w1.weight"] = matrix(p["hidden_dim"], p["dim"])
        tensors[layer + "feed_forward.w2.weight"] = matrix(p["dim"], p["hidden_dim"])
        tensors[layer + "feed_forward.w3.weight"] = matrix(p["hidden_dim"], p["dim"])
    return tensors


def rms(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + PARAMS["norm_eps"]) * weight


def rotated(x):
    """x [T, H, D]: elements 2j and 2j+1 of a head are a complex number turned by its position."""
    t, _, d = x.shape
    steps = PARAMS["rope_theta"] ** (-torch.arange(0, d, 2).float() / d)
    turns = torch.polar(torch.ones(t, d // 2), torch.outer(torch.arange(t).float(), steps))
    z = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(z * turns[:, None]).flatten(-2)


def forward(w, ids):
    """Logits [T, V] by the definition of Mistral's own format."""
    p = PARAMS
    t, h, k, d = len(ids), p["n_heads"], p["n_kv_heads"], p["head_dim"]
    x = w["tok_embeddings.weight"][ids]
    mask = torch.full((t, t), float("-inf")).triu(1)
    for i in range(p["n_layers"]):
        def name(n):
            return w[f"layers.{i}.{n}.weight"]

        n = rms(x, name("attention_norm"))
        query = rotated((n @ name("attention.wq").T).view(t, h, d))
        key = rotated((n @ name("attention.wk").T).view(t, k, d)).repeat_interleave(h // k, 1)
        value = (n @ name("attention.wv").T).view(t, k, d).repeat_interleave(h // k, 1)
        scores = torch.einsum("qhd,khd->hqk", query, key) / d**0.5 + mask
        mixed = torch.einsum("hqk,khd->qhd", scores.softmax(-1), value).reshape(t, h * d)
        x = x + mixed @ name("attention.wo").T
        n = rms(x, name("ffn_norm"))
        gate = torch.nn.functional.silu(n @ name("feed_forward.w1").T)
        x = x + (gate * (n @ name("feed_forward.w3").T)) @ name("feed_forward.w2").T
    return rms(x, w["norm.weight"]) @ w["output.weight"].T


def hugging_face(w):
    """The twin under Hugging Face's names, the halves of each head one after the other."""
    p = PARAMS
    names = {
        "attention_norm": "input_layernorm",
        "ffn_norm": "post_attention_layernorm",
        "attention.wq": "self_attn.q_proj",
        "attention.wk": "self_attn.k_proj",
        "attention.wv": "self_attn.v_proj",
        "attention.wo": "self_attn.o_proj",
        "feed_forward.w1": "mlp.gate_proj",
        "feed_forward.w2": "mlp.down_proj",
        "feed_forward.w3": "mlp.up_proj",
    }
    twin = {
        "model.embed_tokens.weight": w["tok_embeddings.weight"],
        "model.norm.weight": w["norm.weight"],
        "lm_head.weight": w["output.weight"],
    }
    for i in range(p["n_layers"]):
        for own, theirs in names.items():
            tensor = w[f"layers.{i}.{own}.weight"]
            if own in ("attention.wq", "attention.wk"):
                heads = tensor.view(-1, p["head_dim"] // 2, 2, p["dim"])
                tensor = heads.transpose(1, 2).reshape(tensor.shape)
            twin[f"model.layers.{i}.{theirs}.weight"] = tensor.contiguous()
    config = MistralConfig(
        hidden_size=p["dim"],
        num_hidden_layers=p["n_layers"],
        head_dim=p["head_dim"],
        intermediate_size=p["hidden_dim"],
        num_attention_heads=p["n_heads"],
        num_key_value_heads=p["n_kv_heads"],
        rms_norm_eps=p["norm_eps"],
        sliding_window=None,
        vocab_size=p["vocab_size"],
        rope_theta=p["rope_theta"],
        max_position_embeddings=p["max_seq_len"],
        tie_word_embeddings=False,
        attn_implementation="eager",
    )
    model = MistralForCausalLM(config).eval()
    missing = model.load_state_dict(twin, strict=True)
    return model, missing


@torch.no_grad()
def main(folder):
    w = weights()
    model, _ = hugging_face(w)
    logits = model(torch.tensor([PROMPT])).logits[0]
    own = forward(w, PROMPT)
    difference = (logits - own).abs().max().item()
    assert difference < 1e-4, difference
    ids, margin = list(PROMPT), 1.0
    for _ in range(NEW_TOKENS):
        last = model(torch.tensor([ids]), use_cache=False).logits[0, -1]
        best = last.topk(2).values
        margin = min(margin, (best[0] - best[1]).item() / last.abs().max().item())
        ids.append(int(last.argmax()))
    assert margin > 2e-3, margin

    shutil.rmtree(folder, ignore_errors=True)
    mistral, hf, bin = folder / "mistral", folder / "safetensors", folder / "bin"
    mistral.mkdir(parents=True)
    save_file(w, mistral / "consolidated.safetensors")
    (mistral / "params.json").write_text(json.dumps(PARAMS, indent=1) + "\n")
    model.save_pretrained(hf)
    for path in hf.iterdir():
        if path.name not in ("config.json", "model.safetensors"):
            path.unlink()
    state = model.state_dict()
    bin.mkdir()
    shutil.copy(hf / "config.json", bin)
    names = sorted(state)
    shards = [names[: len(names) // 2], names[len(names) // 2 :]]
    index = {"metadata": {}, "weight_map": {}}
    for i, shard in enumerate(shards):
        file = f"pytorch_model-{i + 1:05d}-of-00002.bin"
        torch.save({n: state[n] for n in shard}, bin / file, _use_new_zipfile_serialization=i == 0)
        index["weight_map"] |= {n: file for n in shard}
    (bin / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")
    expected = {
        "prompt": PROMPT,
        "greedy": ids[len(PROMPT) :],
        "logits": logits[-1].tolist(),
    }
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    print("formats differ by", difference, "margin", margin, "greedy", ids[len(PROMPT) :])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
