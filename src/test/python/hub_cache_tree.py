"""Downloads a model with huggingface_hub from the hub at ENDPOINT and prints the tree of its cache.

Usage: python hub_cache_tree.py ENDPOINT CACHE NAME
A line is a path and what it is: "file" and its first bytes, or "link" and where it leads.
Written for huggingface_hub 1.33.0.
"""

import os
import sys
from pathlib import Path


def main(endpoint, cache, name):
    os.environ |= {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    os.environ |= {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    from huggingface_hub import hf_hub_download, snapshot_download
    from huggingface_hub.errors import EntryNotFoundError

    snapshot_download(name, cache_dir=cache, allow_patterns=["*.json", "*.safetensors", "*.jinja"])
    try:
        hf_hub_download(name, "generation_config.json", cache_dir=cache)
    except EntryNotFoundError:
        pass
    for path in sorted(Path(cache).rglob("*")):
        relative = path.relative_to(cache)
        if path.is_symlink():
            print(relative, "link", os.readlink(path))
        elif path.is_file():
            print(relative, "file", path.read_bytes()[:8].hex())


if __name__ == "__main__":
    main(*sys.argv[1:])
