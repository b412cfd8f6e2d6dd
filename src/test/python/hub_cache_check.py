"""Reads a cache that was not written by huggingface_hub, with huggingface_hub and no network.

Usage: python hub_cache_check.py CACHE NAME      prints what it sees as JSON
       python hub_cache_check.py lock FILE       holds the lock on FILE until stdin ends
Written for huggingface_hub 1.33.0.
"""

import json
import os
import sys


def check(cache, name):
    os.environ["HF_HUB_OFFLINE"] = "1"
    from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download
    from huggingface_hub import try_to_load_from_cache

    snapshot = snapshot_download(name, cache_dir=cache, local_files_only=True)
    config = hf_hub_download(name, "config.json", cache_dir=cache, local_files_only=True)
    absent = try_to_load_from_cache(name, "generation_config.json", cache_dir=cache)
    info = scan_cache_dir(cache)
    repo = next(iter(info.repos))
    revision = next(iter(repo.revisions))
    return {
        "snapshot": snapshot,
        "config": open(config).read(),
        "absent": not isinstance(absent, str) and absent is not None,
        "warnings": [str(w) for w in info.warnings],
        "repo": repo.repo_id,
        "commit": revision.commit_hash,
        "refs": sorted(revision.refs),
        "files": sorted(f.file_name for f in revision.files),
        "bytes": repo.size_on_disk,
    }


def lock(path):
    from huggingface_hub.utils import WeakFileLock

    with WeakFileLock(path):
        print("locked", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1] == "lock":
        lock(sys.argv[2])
    else:
        print(json.dumps(check(sys.argv[1], sys.argv[2])))
