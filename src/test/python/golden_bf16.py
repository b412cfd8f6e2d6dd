"""How far transformers' own bfloat16 run on this machine's GPU lies from the golden fp32 logits.

    python golden_bf16.py ../resources/golden/models.jsonl OUT

Writes one line per model, its name and the relative L2 error over all rows of the prompt and its continuation; a model that this version of transformers does not
build is left out. The tests on a GPU hold Quern's bfloat16 against it (QUERN_TEST_BF16).
"""

import base64
import json
import sys

import numpy as np
import torch
from golden_models import build


def main():
    source, out = sys.argv[1:3]
    with open(source) as file, open(out, "w") as report:
        next(file)
        for line in file:
            golden = json.loads(line)
            prompt = torch.tensor([golden["prompt"] + golden["greedy"]])
            try:
                model = build(golden["name"], golden["config"])[0]
            except Exception as error:  # an architecture that is newer than transformers here
                print(golden["name"], repr(error)[:200], file=sys.stderr)
                continue
            with torch.no_grad():
                expected = model(prompt).logits[0].numpy()
                stored = np.frombuffer(base64.b64decode(golden["logits"][0]), "<f4")
                assert np.abs(expected[golden["rows"][0]] - stored).max() <= 1e-3 * np.abs(stored).max(), golden["name"]
                model = model.to("cuda", torch.bfloat16)
                actual = model(prompt.to("cuda")).logits[0].float().cpu().numpy()
            error = np.linalg.norm(actual - expected) / np.linalg.norm(expected)
            report.write(f"{golden['name']} {error:.6e}\n")


if __name__ == "__main__":
    main()
