"""Makes src/test/resources/vocabularies: small tokenizers without tokenizer.json, and what Python makes of texts with them.

Run: python src/test/python/vocabularies.py
Needs sentencepiece, tokenizers, transformers, tiktoken, and mistral_common (its Tekkenizer alone; a stand-in is enough for
pydantic_extra_types, which other parts of it want). The vocabularies are trained here on the texts of tokenizers_golden.py and on
sentences put together from words, so everything in the folder is made by this script. Ids and texts are kept as in tokenizers.json: as hashes.

Who says what is right ("oracle" of each row): sentencepiece for text without special tokens; transformers for text with them, for
vocab.json and merges.txt, and for decoding what sentencepiece decodes otherwise (unknown pieces); mistral_common for tekken.json,
tiktoken for a tiktoken file.
"""

import base64
import json
import pathlib
import random
import shutil
import sys
import types
import unicodedata

import sentencepiece
import tiktoken
import tokenizers
import transformers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tokenizers_golden import TEXTS, digest, of_ids  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
TARGET = ROOT / "src/test/resources/vocabularies"

PLAIN = TEXTS + [
    "ﾊﾞﾅﾅ ﾊﾟﾝ ｶﾞ ＡＢＣ１２３　全角",
    "ﬁ\u0301 e\u0301\u0302 ﬃ Ⅳ ㍿ ½",
    "▁literal▁ mark ▁▁ twice",
    "  <sep>  between <sep><sep> and   many    blanks   ",
    "<sep>first",
    "a\r\nb\r\n\r\nc \t d",
    "Once upon a time, there was a little girl. She liked to play with her red ball.",
    "lone \ufffd and 𠮷野家 𝒳",
    "tab\ttab\t\ttab\n\n\n\nend",
    "aaaaaaaaaaaaa bbbbb abababab the the the",
    "Ⅳ<sep>Ⅳ ｓｅｐ",
]
# transformers puts no blank before a text that starts with one; sentencepiece, and transformers before version 5, do.
INNER = [text for text in PLAIN if not text.startswith((" ", "▁"))]

# Byte pieces and special tokens written in a text: transformers finds the latter.
SPECIAL = [
    "<s>hello</s> world",
    "hello<s>there</s>",
    "<s><s>two</s></s>",
    "[INST] What is it? [/INST] It is red.</s>",
    "<unk>what<unk>",
    "a<extra>b <extra> c",
    "日本<s>語</s>",
    "a <strip> b <strip>c",
]


def corpus():
    """The texts, and sentences in some languages put together from words."""
    lines = [line for text in TEXTS for line in text.splitlines() if line.strip() and "\0" not in line and len(line) < 200]
    words = [line.split() for line in lines]
    stories = "the little girl and a big dog went to play with her red ball in the park because they liked it very much".split()
    chance = random.Random(1)
    for _ in range(600):
        chosen = chance.choices(stories, k=8) + chance.choice(words)
        lines.append(" ".join(chosen).capitalize() + chance.choice(".!?"))
    return lines


def rules(path):
    """Compatibility forms of some characters, from Python's own table, and pairs that compose."""
    rows = {}
    for code in [*range(0xFF01, 0xFFA0), 0x3000, 0xA0, *range(0xFB00, 0xFB07), *range(0x2160, 0x2170), 0xBD, 0x337F]:
        rows[(code,)] = unicodedata.normalize("NFKC", chr(code))
    for code in [*range(0xC0, 0x180), *range(0x3041, 0x3100)]:
        parts = unicodedata.normalize("NFD", chr(code))
        if len(parts) == 2:
            rows[tuple(map(ord, parts))] = chr(code)
    for code in range(0xFF66, 0xFF9E):
        for mark in (0xFF9E, 0xFF9F):
            joined = unicodedata.normalize("NFKC", chr(code) + chr(mark))
            if len(joined) == 1:
                rows[(code, mark)] = joined
    for code in (1, 0x7F, 0xAD, 0x200B):
        rows[(code,)] = ""
    for code in (9, 10, 13):
        rows[(code,)] = " "
    with open(path, "w", encoding="utf-8") as out:
        for source, target in rows.items():
            out.write(" ".join(f"{c:X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n")


def train(name, config, **options):
    folder = TARGET / name
    folder.mkdir(parents=True)
    defaults = dict(vocab_size=700, character_coverage=0.995, num_threads=1, minloglevel=2, hard_vocab_limit=False)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_prefix=str(folder / "m"), **{**defaults, **options}
    )
    (folder / "m.model").rename(folder / "tokenizer.model")
    (folder / "m.vocab").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps(config, ensure_ascii=True, indent=1) + "\n")
    return folder


def row(oracle, text, plain, framed, kept, skipped):
    return [oracle, text, of_ids(plain), of_ids(framed), None if kept is None else digest(kept), None if skipped is None else digest(skipped)]


def sentence_piece_rows(folder, bos, eos):
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    front = [model.bos_id()] if bos else []
    back = [model.eos_id()] if eos else []
    rows = []
    for text in PLAIN:
        if any(token in text for token in ("<s>", "</s>", "<unk>", "<extra>", "<strip>", "<bos>", "<eos>", "<pad>")):
            continue
        ids = model.encode(text)
        # Where the model removes blanks, sentencepiece drops all those in front, also if the text wrote them as marks.
        known = model.unk_id() not in ids and not text.startswith("▁")
        rows.append(row("sentencepiece", text, ids, front + ids + back, None, model.decode(ids) if known else None))
    return rows


def transformers_rows(tokenizer, texts, oracle="transformers"):
    rows = []
    for text in texts:
        plain = tokenizer.encode(text, add_special_tokens=False)
        framed = tokenizer.encode(text, add_special_tokens=True)
        kept = tokenizer.decode(framed, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        skipped = tokenizer.decode(framed, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        rows.append(row(oracle, text, plain, framed, kept, skipped))
    return rows


def added(text, special, **flags):
    return {"content": text, "special": special, "lstrip": False, "rstrip": False, "single_word": False, "normalized": False, **flags}


def sentence_piece(golden):
    tsv = TARGET / "rules.tsv"
    rules(tsv)
    llama = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "add_eos_token": False, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    keep = dict(normalization_rule_name="identity", remove_extra_whitespaces=False)

    folder = train("bpe-bytes", llama, model_type="bpe", byte_fallback=True, vocab_size=900, control_symbols=["[INST]", "[/INST]"], **keep)
    (folder / "added_tokens.json").write_text('{"<extra>": 900}\n')
    tokenizer = transformers.LlamaTokenizer.from_pretrained(folder)
    golden["bpe-bytes"] = sentence_piece_rows(folder, True, False) + transformers_rows(tokenizer, SPECIAL[:-1] + INNER)

    legacy = TARGET / "bpe-legacy"
    shutil.copytree(folder, legacy)
    (legacy / "added_tokens.json").unlink()
    decoder = {"900": added("<extra>", False), "901": added("<strip>", True, lstrip=True, rstrip=True)}
    (legacy / "tokenizer_config.json").write_text(json.dumps({**llama, "legacy": True, "add_eos_token": True, "added_tokens_decoder": decoder}, indent=1) + "\n")
    # The steps of transformers' LlamaConverter, as in the tokenizer.json of Llama 2; its class of version 5 has others.
    old = transformers.LlamaTokenizer.from_pretrained(legacy)
    old._tokenizer.pre_tokenizer = None
    old._tokenizer.normalizer = tokenizers.normalizers.Sequence(
        [tokenizers.normalizers.Prepend("▁"), tokenizers.normalizers.Replace(" ", "▁")]
    )
    golden["bpe-legacy"] = transformers_rows(old, SPECIAL + PLAIN)

    folder = train("bpe-rules", {"tokenizer_class": "SomeTokenizer", "add_eos_token": True}, model_type="bpe", normalization_rule_tsv=str(tsv), user_defined_symbols=["<sep>", "Ⅳ"])
    golden["bpe-rules"] = sentence_piece_rows(folder, False, True)

    gemma = {"tokenizer_class": "GemmaTokenizer", "add_bos_token": True, "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}
    folder = train(
        "bpe-symbols", gemma, model_type="bpe", byte_fallback=True, vocab_size=1000, add_dummy_prefix=False,
        pad_id=0, eos_id=1, bos_id=2, unk_id=3, bos_piece="<bos>", eos_piece="<eos>", split_digits=True,
        user_defined_symbols=["\n", "\n\n", "▁▁", "▁▁▁", "▁▁▁▁", "\t\t", "<sep>"], allow_whitespace_only_pieces=True, **keep)
    tokenizer = transformers.GemmaTokenizer.from_pretrained(folder)
    framed = ["<bos>hello<eos> world", "日本<eos>語 <pad>", "<unk>what"]
    golden["bpe-symbols"] = sentence_piece_rows(folder, True, False) + transformers_rows(tokenizer, framed)

    t5 = {"tokenizer_class": "T5Tokenizer", "extra_ids": 3, "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    folder = train("unigram-rules", t5, model_type="unigram", normalization_rule_tsv=str(tsv), pad_id=0, eos_id=1, unk_id=2, bos_id=-1, vocab_size=500, user_defined_symbols=["<sep>"])
    golden["unigram-rules"] = sentence_piece_rows(folder, False, True)

    folder = train("unigram-bytes", {}, model_type="unigram", byte_fallback=True, vocab_size=800, **keep)
    golden["unigram-bytes"] = sentence_piece_rows(folder, True, False)
    tsv.unlink()


def byte_level(golden):
    cuts = {
        "gpt2": (None, tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)),
        "qwen2": (transformers.Qwen2Tokenizer()._tokenizer.normalizer, transformers.Qwen2Tokenizer()._tokenizer.pre_tokenizer),
    }
    for name, (normalizer, cut) in cuts.items():
        trained = tokenizers.Tokenizer(tokenizers.models.BPE())
        if normalizer:
            trained.normalizer = normalizer
        trained.pre_tokenizer = cut
        trainer = tokenizers.trainers.BpeTrainer(vocab_size=700, initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(), special_tokens=["<|endoftext|>"], show_progress=False)
        trained.train_from_iterator(corpus(), trainer)
        folder = TARGET / name
        folder.mkdir()
        trained.model.save(str(folder))
        special = ["<|endoftext|>a<|endoftext|>", "<|im_start|>user\nhi<|im_end|>\n", "x <extra> y"]
        if name == "gpt2":
            config = {"tokenizer_class": "GPT2Tokenizer", "add_bos_token": True, "add_prefix_space": False}
            cls = transformers.GPT2Tokenizer
        else:
            decoder = {"700": added("<|im_start|>", True), "701": added("<|im_end|>", True), "702": added("<extra>", False)}
            config = {"tokenizer_class": "Qwen2Tokenizer", "bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "added_tokens_decoder": decoder}
            cls = transformers.Qwen2Tokenizer
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
        golden[name] = transformers_rows(cls.from_pretrained(folder), PLAIN + special)


PATTERN = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def ranked(pattern, count):
    """Byte strings in order of rank: those of a BPE trained with the pattern."""
    trained = tokenizers.Tokenizer(tokenizers.models.BPE())
    trained.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([
        tokenizers.pre_tokenizers.Split(tokenizers.Regex(pattern), "isolated"),
        tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=count, initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    trained.train_from_iterator(corpus(), trainer)
    merges = json.loads(trained.to_str())["model"]["merges"]
    from transformers.convert_slow_tokenizer import bytes_to_unicode
    back = {c: b for b, c in bytes_to_unicode().items()}
    return [bytes([b]) for b in range(256)] + [bytes(back[c] for c in "".join(merge)) for merge in merges]


def tekken_rows(file):
    for name in ("LanguageAlpha2", "LanguageName"):
        module = sys.modules.setdefault("pydantic_extra_types.language_code", types.ModuleType("language_code"))
        setattr(module, name, str)
    sys.modules.setdefault("pydantic_extra_types", types.ModuleType("pydantic_extra_types"))
    from mistral_common.tokens.tokenizers.base import SpecialTokenPolicy
    from mistral_common.tokens.tokenizers.tekken import Tekkenizer

    tokenizer = Tekkenizer.from_file(file)
    rows = []
    for text in PLAIN:
        # mistral_common never finds special tokens in a text.
        if any(t["token_str"] in text for t in tokenizer._all_special_tokens):
            continue
        plain = tokenizer.encode(text, bos=False, eos=False)
        framed = tokenizer.encode(text, bos=True, eos=False)
        kept = tokenizer.decode(framed, special_token_policy=SpecialTokenPolicy.KEEP)
        skipped = tokenizer.decode(framed, special_token_policy=SpecialTokenPolicy.IGNORE)
        rows.append(row("mistral_common", text, plain, framed, kept, skipped))
    return rows


def tekken(golden):
    pieces = ranked(PATTERN, 640)
    for name, version, special in (
        ("tekken-v3", "v3", None),
        ("tekken-v11", "v11", ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "<pad>"]),
    ):
        folder = TARGET / name
        folder.mkdir()
        file = {
            "config": {"pattern": PATTERN, "num_vocab_tokens": len(pieces), "default_vocab_size": 630, "default_num_special_tokens": 30, "version": version},
            "vocab": [{"rank": i, "token_bytes": base64.b64encode(b).decode(), "token_str": None} for i, b in enumerate(pieces)],
        }
        if special:
            file["special_tokens"] = [{"rank": i, "token_str": t, "is_control": True} for i, t in enumerate(special)]
        (folder / "tekken.json").write_text(json.dumps(file) + "\n")
        golden[name] = tekken_rows(folder / "tekken.json")


def tiktoken_file(golden):
    from transformers.convert_slow_tokenizer import TikTokenConverter
    pattern = TikTokenConverter.__init__.__defaults__[1]
    pieces = ranked(pattern, 600)
    folder = TARGET / "tiktoken"
    folder.mkdir()
    lines = "".join(f"{base64.b64encode(b).decode()} {i}\n" for i, b in enumerate(pieces))
    (folder / "tokenizer.model").write_text(lines)
    special = {"<|begin_of_text|>": len(pieces), "<|end_of_text|>": len(pieces) + 1, "<|eot_id|>": len(pieces) + 2}
    config = {"bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>", "added_tokens_decoder": {str(i): added(t, True) for t, i in special.items()}}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
    encoding = tiktoken.Encoding("own", pat_str=pattern, mergeable_ranks={b: i for i, b in enumerate(pieces)}, special_tokens=special)
    rows = []
    for text in PLAIN + ["<|begin_of_text|>hi<|eot_id|>"]:
        ids = encoding.encode(text, allowed_special="all")
        framed = [len(pieces)] + ids
        skipped = encoding.decode([i for i in framed if i < len(pieces)])
        rows.append(row("tiktoken", text, ids, framed, encoding.decode(framed), skipped))
    golden["tiktoken"] = rows


def main():
    if TARGET.exists():
        shutil.rmtree(TARGET)
    TARGET.mkdir()
    golden = {}
    sentence_piece(golden)
    byte_level(golden)
    tekken(golden)
    tiktoken_file(golden)
    write(golden, TARGET / "golden.json")


def write(golden, file):
    rows = ",\n".join(
        json.dumps(name) + ": [\n" + ",\n".join(json.dumps(r) for r in golden[name]) + "\n]" for name in golden
    )
    file.write_text("{\n" + rows + "\n}\n")


if __name__ == "__main__":
    main()
