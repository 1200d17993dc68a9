"""The controls: only the official SDK and pydantic.

    python -m benchmarks.speed.bare FOLDER OUT.jsonl --prompt PROMPT.json --url URL --threads 100
    python -m benchmarks.speed.bare FILE - --prompt PROMPT.json --url URL

A file is one call whose answer goes to standard output; a folder is a loop on threads that share an iterator.
PROMPT.json holds the system text and the model, so that the control and Dragoman send and receive the same.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from argparse import ArgumentParser
from pathlib import Path

import anthropic

from dragoman.core.answers import Summary

FENCE = "0fence"


def main() -> None:
    """Request an answer for every article. The last line printed has the seconds of the job without imports."""
    parser = ArgumentParser("python -m benchmarks.speed.bare")
    parser.add_argument("articles", type=Path)
    parser.add_argument("out")
    parser.add_argument("--prompt", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    prompt = json.loads(options.prompt.read_text("utf-8"))
    start, cpu = time.perf_counter(), time.process_time()
    client = anthropic.Anthropic(base_url=options.url, max_retries=0)
    if options.articles.is_file():
        sys.stdout.write(_answer(client, prompt, options.articles).model_dump_json() + "\n")
        return
    _loop(client, prompt, options.articles, Path(options.out), options.threads)
    measured = {"job": time.perf_counter() - start, "job_cpu": time.process_time() - cpu}
    print(json.dumps(measured))


def _loop(client: anthropic.Anthropic, prompt: dict[str, str], folder: Path, out: Path, threads: int) -> None:
    paths = iter(sorted(folder.iterdir()))
    lock = threading.Lock()
    with out.open("w", encoding="utf-8") as lines:

        def work() -> None:
            while True:
                with lock:
                    path = next(paths, None)
                if path is None:
                    return
                line = _answer(client, prompt, path).model_dump_json()
                with lock:
                    lines.write(line + "\n")

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


def _answer(client: anthropic.Anthropic, prompt: dict[str, str], path: Path) -> Summary:
    lines = [line for line in path.read_text("utf-8").splitlines() if line]
    article = "\n".join(f"[{FENCE}.{number}] {line}" for number, line in enumerate(lines, start=1))
    message = client.messages.create(
        model=prompt["model"],
        max_tokens=16_000,
        system=[{"type": "text", "text": prompt["system"], "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": f"<article-{FENCE}>\n{article}\n</article-{FENCE}>"}],
    )
    return Summary.model_validate_json("".join(block.text for block in message.content if block.type == "text"))


if __name__ == "__main__":
    main()
