"""Traces: one span per article if the process records traces, nothing otherwise, and never any article text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.support.commands import environment, text, to
from tests.support.service import Service

TRACED = """
import json, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
from dragoman.cli import main
try:
    main()
except SystemExit:
    pass
for span in exporter.get_finished_spans():
    sys.stderr.write("SPAN " + span.to_json(indent=None) + "\\n")
"""


def spans(script: str, command: tuple[str, ...], home: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script, *command],
        env={**environment(home), "ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE": "content"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert '"dragoman.record/1"' in done.stdout, done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("SPAN ")]


def test_the_span_of_an_article_contains_the_spans_of_the_sdk_and_no_text(tmp_path: Path) -> None:
    """The span has id, status and counts, and the SDK's span lies below it. Neither contains words of the article,
    whatever the SDK is configured to trace.
    """
    (tmp_path / "a.txt").write_text(text(1), "utf-8")
    with Service() as service:
        made = spans(TRACED, ("summarize", str(tmp_path / "a.txt"), *to(service, tmp_path / "s.sqlite")), tmp_path)
    (article,) = [line for line in made if '"name": "dragoman.article"' in line]
    assert '"dragoman.status": "ok"' in article
    others = [line for line in made if line is not article]
    assert others
    parent = article.split('"span_id": "')[1].split('"')[0]
    assert any(f'"parent_id": "{parent}"' in line for line in others)
    words = [word for word in text(1).split() if len(word) > 3 and not word.isascii()]
    assert words
    assert not [word for word in words for line in made if word in line]


def test_without_a_trace_provider_no_tracing_library_is_loaded(tmp_path: Path) -> None:
    """Without tracing, Dragoman imports no tracing library itself. What the SDK imports is not counted."""
    (tmp_path / "a.txt").write_text(text(1), "utf-8")
    script = (
        "import sys\nfrom dragoman.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry.sdk')]\n"
    )
    with Service() as service:
        assert (
            spans(script, ("summarize", str(tmp_path / "a.txt"), *to(service, tmp_path / "s.sqlite")), tmp_path) == []
        )
