"""Fills a cache folder with a tiny repository through huggingface_hub itself.

Usage: python hub_cache_fixture.py CACHE
Serves owner/tiny with two branches on the loopback interface and downloads both.
Written for huggingface_hub 1.33.0.
"""

import hashlib
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPO = "owner/tiny"
COMMITS = {"main": "1" * 40, "refs/pr/1": "2" * 40}
FILES = {
    "1" * 40: {"config.json": b'{"model_type": "llama"}', "sub/extra.txt": b"extra"},
    "2" * 40: {"config.json": b'{"model_type": "qwen2"}', "sub/extra.txt": b"extra"},
}


def git_blob_hash(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        path = self.path.split("?")[0].replace("%2F", "/")
        if path.startswith(f"/api/models/{REPO}/revision/"):
            revision = path.split("/revision/")[1]
            commit = COMMITS.get(revision, revision)
            siblings = [{"rfilename": name} for name in FILES.get(commit, {})]
            return self.send(
                200 if siblings else 404,
                json.dumps({"id": REPO, "sha": commit, "siblings": siblings}).encode(),
                {"Content-Type": "application/json"},
                body,
            )
        if path.startswith(f"/api/models/{REPO}/tree/"):
            revision = path.split("/tree/")[1]
            files = FILES.get(COMMITS.get(revision, revision), {})
            tree = [
                {"type": "file", "path": name, "oid": git_blob_hash(data), "size": len(data)}
                for name, data in files.items()
            ]
            return self.send(
                200, json.dumps(tree).encode(), {"Content-Type": "application/json"}, body
            )
        prefix = f"/{REPO}/resolve/"
        if path.startswith(prefix):
            rest = path[len(prefix) :]
            for revision in sorted([*COMMITS, *FILES], key=len, reverse=True):
                if not rest.startswith(revision + "/"):
                    continue
                commit = COMMITS.get(revision, revision)
                data = FILES[commit].get(rest[len(revision) + 1 :])
                headers = {"X-Repo-Commit": commit}
                if data is None:
                    headers["X-Error-Code"] = "EntryNotFound"
                    return self.send(404, b"Entry not found", headers, body)
                headers["ETag"] = f'"{git_blob_hash(data)}"'
                return self.send(200, data, headers, body)
        self.send(404, b"", {"X-Error-Code": "RepoNotFound"}, body)

    def send(self, status, data, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)


def main(cache):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    from huggingface_hub import hf_hub_download, snapshot_download
    from huggingface_hub.errors import EntryNotFoundError

    for revision in COMMITS:
        print(snapshot_download(REPO, revision=revision, cache_dir=cache))
        try:
            hf_hub_download(REPO, "absent.json", revision=revision, cache_dir=cache)
        except EntryNotFoundError:
            pass


if __name__ == "__main__":
    main(sys.argv[1])
