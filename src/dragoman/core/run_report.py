"""RunReport: the facts of the latest run into an output folder, as ``run.json`` holds them.

Its JSON Schema is `dragoman schema --run`. The file is written several times while a run goes on, so every fact may
still be absent. Facts are written in the order in which they were noted, under the names of the fields.

Making these classes takes 12 ms: commands that write no ``run.json`` do not import this module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from dragoman.__about__ import VERSION
from dragoman.core.exchange import Endpoint
from dragoman.core.published_schemas import published_schema
from dragoman.core.record import Severity, Status
from dragoman.errors import ReasonCode

RUN_SCHEMA: Literal["dragoman.run/1"] = "dragoman.run/1"

_Amount = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]
"""USD as a plain decimal, without an exponent."""


PLACES = ("store", "store_id", "store_rows", "other_stores", "recordings")
"""Facts about where the replies of a folder are."""


class _Facts(BaseModel):
    # Strict: a file from another program must not have its facts converted.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class LimitEvent(_Facts):
    """One change of what the run was allowed to send. Only the fields of its kind are present."""

    seconds: float
    """Since the run began."""
    in_flight_at_most: int | None = None
    """Requests that may be in flight from now on: doubled, at the ceiling, or halved."""
    pause: float | None = None
    """Seconds in which nothing is sent, because the service rate-limited a request or was overloaded."""
    per_minute: dict[str, float] | None = None
    """Limits that the service stated, by kind: requests, input_tokens, output_tokens."""
    outage: Literal["opened", "probe", "closed", "given up"] | None = None
    """A step of an outage of the service."""
    why: str | None = None
    """Why the latest request of the outage failed."""
    next_try_in: float | None = None
    """Seconds until the next request tries the service."""
    failures: int | None = None
    """Failures in a row that began the outage."""
    lasted: float | None = None
    """Seconds since the first failure of the outage."""


class LimitFacts(_Facts):
    """How the run kept to its limits and to those of the service."""

    concurrency_at_most: int
    """The most requests that could ever be in flight."""
    concurrency_at_the_end: int
    """Requests that could be in flight when the run ended."""
    refusals: int
    """Requests that the service answered with 429, 503 or 529."""
    waited_seconds: float
    """Seconds that requests waited before they were sent, of all threads together."""
    per_minute: dict[str, int]
    """Limits at the end, by kind: requests, input_tokens, output_tokens."""
    history: list[LimitEvent]
    """The first changes, in order."""


class BuiltFacts(_Facts):
    """What the pages, tables and report of the folder were built from."""

    program: str | None
    """Digest of the version of Dragoman that built them."""
    records: str | None
    """SHA-256 of records.jsonl."""
    decisions: str | None
    """SHA-256 of decisions.json; null when there was none."""
    files: dict[str, Annotated[tuple[int, int], Field(strict=False)]]
    """Size in bytes and time of change in nanoseconds of each file that was built, by its path in the folder."""


class RunReport(_Facts):
    """The facts of the latest run into a folder. A missing value has its default."""

    schema_name: Literal["dragoman.run/1"] = Field(
        default=RUN_SCHEMA, alias="schema", description="Name and version of this schema."
    )
    dragoman: str = VERSION
    """Version of Dragoman that wrote the file."""
    started_at: str | None = None
    """UTC, ISO 8601."""
    ended_at: str | None = None
    """UTC, ISO 8601; null while the run goes on, or when it was killed."""
    seconds: float | None = None
    """How long the run took; null while it goes on, or when it was killed."""
    exit_code: int | None = None
    """Exit code of the command; null while the run goes on, or when it was killed."""
    ended_by: str | None = None
    """What ended the run before every article was reached; null when nothing did."""
    store: str | None = None
    """Path of the store that has the replies; null when there is none."""
    store_id: str | None = None
    """Id of that store: a copy of it has the same id."""
    store_rows: int | None = None
    """The highest row id that the store ever gave to a reply; null when it was not known."""
    refreshed_after: int | None = None
    """With the setting `refresh`, the row of the store after which replies count as new; otherwise null."""
    articles: int = 0
    """Articles of this run."""
    statuses: dict[Status, int] = {}
    """Articles by status."""
    reasons: dict[ReasonCode, int] = {}
    """Articles without a complete answer, by the code of the reason."""
    findings: dict[Severity, int] = {}
    """Findings by severity."""
    repairs: dict[Literal["corrected", "still wrong", "without a usable correction"], int] = {}
    """Claims and texts that were sent back for correction, by result."""
    provider: Literal["anthropic", "bedrock", "replay"] | None = None
    """The setting `provider`."""
    endpoint: Endpoint | None = None
    """Where requests went: anthropic, bedrock, or custom for any other server; null in replay."""
    base_url: str | None = None
    """Address of a custom server."""
    model: str | None = None
    """Id of the model that was asked for."""
    lookup_failure: str | None = None
    """Why the service did not say which model is behind that name; null when it did, or was not asked."""
    prompts: list[str] = []
    """Names of the prompts, one per task."""
    price_table: str | None = None
    """Date of the price table."""
    stored_replies_used: int = 0
    """Replies that were not bought, because the store or the recordings had them."""
    requests_sent: int = 0
    """Requests that were sent, retries included."""
    replies_received: int = 0
    """Replies that were bought, wherever they were saved."""
    maybe_paid_without_answer: int = 0
    """Requests that may have been charged and brought no readable answer."""
    retries: dict[str, int] = {}
    """Requests that were sent again, by why the one before failed."""
    retry_seconds: float = 0.0
    """Seconds that were waited before retries, of all threads together."""
    tokens: dict[Literal["input", "cache_read", "cache_write", "output"], int] = {}
    """Tokens of the replies that were bought; empty when none was."""
    cache: str | None = None
    """Why the prompt cache could not help; null when it helped or was not needed."""
    left_out: list[str] = []
    """Fields that requests were sent without, because the service rejects them."""
    limits: LimitFacts | None = None
    """How the run kept to its limits; null in replay."""
    cost_usd: _Amount | None = None
    """What the replies of this run cost, as far as prices are known."""
    replies_of_unknown_cost: int = 0
    """Replies of this run whose price is not known."""
    unknown_cost_usd_at_most: _Amount | None = None
    """The most that those replies can have cost; null when that is not known."""
    answered_by: dict[str, int] = {}
    """Replies of this run that came from another model than the one asked, by the model that they name."""
    maybe_paid_usd_at_most: _Amount | None = None
    """The most that the requests without an answer can have cost; null when that is not known."""
    out_cost_usd: _Amount | None = None
    """What all replies of the folder cost, as far as prices are known; null when its files could not be written."""
    out_replies_of_unknown_cost: int | None = None
    """Replies of the folder whose price is not known; null when its files could not be written."""
    max_cost_usd: _Amount | None = None
    """The setting `max_cost`; null without a cap."""
    left: int = 0
    """Articles that are pending."""
    left_cost_usd: _Amount | None = None
    """What the articles that were not reached would cost, as `dragoman plan` estimates; null when that is not known."""
    left_least_max_cost_usd: _Amount | None = None
    """The lowest `max_cost` under which one of their requests can be sent; null when that is not known."""
    rescued: int = 0
    """Paid replies that the store did not take and that were saved elsewhere."""
    rescued_to: str | None = None
    """The folder where they were saved; null when there are none."""
    lost: int = 0
    """Paid replies that could not be saved anywhere."""
    recordings: str | None = None
    """The folder of recordings that was read; null when there was none."""
    other_stores: list[str] | None = None
    """Ids of other stores that records of the folder depend on; `unknown` for one without an id."""
    ask_last: list[str] = []
    """Names of articles that the next run asks last, because the service rejected every request so far."""
    taken_back: int = 0
    """Paid replies that an earlier run had saved elsewhere and that are in the store now."""
    not_taken_back: list[str] = []
    """Why other such replies were not taken, in sentences."""
    inputs: dict[str, str] = {}
    """Article id to the file that it was read from, for all records of the folder."""
    notes: list[str] = []
    """What a reader of the tables should know, in sentences."""
    built: BuiltFacts | None = None
    """What the files of the folder were built from; null until all of them are of the same records."""

    model_config = ConfigDict(
        populate_by_name=True, title="The facts of a run", json_schema_extra={"required": ["schema", "dragoman"]}
    )

    _order: tuple[str, ...] = PrivateAttr(())
    """Names of the facts that were noted, in the order in which they are written."""

    @model_validator(mode="wrap")
    @classmethod
    def _keep_the_order(cls, facts: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        report = handler(facts)
        if isinstance(facts, Mapping):
            report._order = tuple(name for name in facts if name in cls.model_fields and name != "schema_name")
        return report

    @classmethod
    def read(cls, facts: object) -> RunReport:
        """The report out of parsed JSON. Facts of another type than a run writes, and facts that this version does not
        know, count as not noted: another version or another program may have written them."""
        if not isinstance(facts, Mapping):
            return cls()
        kept = dict(facts)
        while True:
            try:
                return cls.model_validate(kept)
            except ValidationError as error:
                problems = error.errors(include_url=False, include_input=False, include_context=False)
                for name in {str(problem["loc"][0]) for problem in problems}:
                    del kept[name]

    @property
    def is_written(self) -> bool:
        """Whether a run of Dragoman wrote this: its version stands in every ``run.json``."""
        return "dragoman" in self.model_fields_set

    def noting(self, **facts: Any) -> RunReport:
        """The same with more facts, or with other values of those that were noted. Raises pydantic's ValidationError
        for a fact that has no field, or a value of another type."""
        return RunReport(**{**self._noted(), **facts})

    def noting_all(self, other: RunReport) -> RunReport:
        """The same with all facts that ``other`` has noted."""
        return self.noting(**other._noted())

    def has_noted(self, name: str) -> bool:
        """Whether a fact was noted, and not as null."""
        return name in self._order and getattr(self, name) is not None

    def _noted(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._order}

    def to_json(self) -> dict[str, Any]:
        """The facts that were noted as plain JSON values, in order, without the name of the schema."""
        values = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return {name: values[name] for name in self._order}

    def to_text(self) -> str:
        """The whole of ``run.json``."""
        return json.dumps({"schema": RUN_SCHEMA, **self.to_json()}, ensure_ascii=False, indent=1) + "\n"

    @property
    def tokens_read(self) -> int:
        """Tokens of all prompts, from the cache or not."""
        return sum(count for kind, count in self.tokens.items() if kind != "output")

    @property
    def needed_cap(self) -> str | None:
        """The lowest `max_cost` that lets a run go on, where the one that was given is lower; otherwise None."""
        least, cap = self.left_least_max_cost_usd, self.max_cost_usd
        return least if least is not None and cap is not None and Decimal(cap) < Decimal(least) else None


def run_schema() -> dict[str, Any]:
    """The JSON Schema of ``run.json``."""
    return published_schema(RUN_SCHEMA, RunReport.model_json_schema(by_alias=True))
