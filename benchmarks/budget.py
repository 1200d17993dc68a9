"""Measure how much of a cap a run spends before it stops: spent ÷ cap, for caps that are a multiple of the worst case.

python benchmarks/budget.py            caps of 20 and 40 worst cases, 16 concurrent requests
"""

from __future__ import annotations

import sys
import tempfile
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.commands import articles
from tests.support.service import Service

from dragoman import Settings, run
from dragoman.core.models import table
from dragoman.core.prices import worst_case
from dragoman.reading.discover import ArticleFile, read
from dragoman.runs.session import prepare, specs_of
from dragoman.tasks.requests import most_tokens, parts


def highest_price(folder: Path) -> Decimal:
    """The highest worst-case price of one request over these articles, in USD."""
    model = table().find(table().default)
    (spec,) = specs_of(Settings(), model)
    prices = []
    for path in folder.iterdir():
        request = parts(spec, prepare(read(ArticleFile(path.name, str(path)))))[0].call.request
        prices.append(worst_case(model, most_tokens(request), request.max_tokens) or Decimal(0))
    return max(prices)


def main() -> None:
    for cases in (20, 40):
        with tempfile.TemporaryDirectory() as place, Service(latency=0.05) as service:
            folder = articles(Path(place) / "in", 60 * cases)
            cap = (highest_price(folder) * cases).quantize(Decimal("0.01"))
            settings = Settings(
                base_url=service.url, store=Path(place) / "store.sqlite", max_cost=cap, concurrency=16
            )  # fmt: skip
            result = run(folder, Path(place) / "out", settings)
            spent = Decimal(result.facts.cost_usd or "0")
            billed = f"exit {result.exit_code}, {service.paid} answers, {result.facts.left} articles left"
            print(f"cap of {cases} worst cases, ${cap}: ${spent:.4f} spent, {spent / cap:.1%}; {billed}", flush=True)


if __name__ == "__main__":
    main()
