"""The tiny configs of golden_models.py, as they would stand in a config.json."""

V5 = {"rope_theta": 10000.0, "rope_type": "default"}


def case(architecture, model_type, **values):
    return {"architectures": [architecture], "model_type": model_type, **values}


def sizes(hidden, ffn, layers, heads, kv_heads, vocabulary=64, **values):
    return {
        "hidden_size": hidden,
        "intermediate_size": ffn,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "vocab_size": vocabulary,
        "max_position_embeddings": 256,
        **values,
    }


CASES = {
    "llama-odd-heads-tied-llama3": case(
        "LlamaForCausalLM",
        "llama",
        **sizes(27 * 2, 70, 3, 9, 3, tie_word_embeddings=True, rms_norm_eps=1e-5),
        rope_theta=500.0,
        rope_scaling={
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 16,
        },
    ),
    "llama-bias-head-dim-linear": case(
        "LlamaForCausalLM",
        "llama",
        **sizes(42, 56, 2, 3, 1, vocabulary=61, head_dim=10),
        attention_bias=True,
        mlp_bias=True,
        rope_parameters={"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0},
    ),
    "mistral-window": case(
        "MistralForCausalLM",
        "mistral",
        **sizes(48, 64, 3, 6, 2, head_dim=12, sliding_window=7),
        rope_theta=1000000.0,
    ),
    "mistral-no-window-yarn": case(
        "MistralForCausalLM",
        "mistral",
        **sizes(30, 44, 2, 5, 5, sliding_window=None, tie_word_embeddings=True),
        rope_parameters={
            "rope_type": "yarn",
            "factor": 4.0,
            "rope_theta": 10000.0,
            "original_max_position_embeddings": 64,
        },
    ),
    "qwen2-tied": case(
        "Qwen2ForCausalLM",
        "qwen2",
        **sizes(42, 60, 3, 7, 1, tie_word_embeddings=True),
        rope_theta=1000000.0,
        use_sliding_window=False,
        sliding_window=8,
        max_window_layers=1,
    ),
    "qwen2-windows-yarn": case(
        "Qwen2ForCausalLM",
        "qwen2",
        **sizes(48, 68, 4, 4, 2, vocabulary=67),
        use_sliding_window=True,
        sliding_window=6,
        max_window_layers=2,
        rope_theta=10000.0,
        rope_scaling={"type": "yarn", "factor": 2.0, "original_max_position_embeddings": 128},
    ),
    "qwen3-head-dim": case(
        "Qwen3ForCausalLM",
        "qwen3",
        **sizes(36, 50, 3, 6, 3, head_dim=14, tie_word_embeddings=True),
        rope_parameters=V5,
    ),
    "qwen3-bias-layer-types": case(
        "Qwen3ForCausalLM",
        "qwen3",
        **sizes(40, 52, 3, 5, 1, vocabulary=59, head_dim=8),
        attention_bias=True,
        use_sliding_window=True,
        sliding_window=5,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        rope_parameters=V5,
    ),
}
