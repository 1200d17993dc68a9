"""Outages of one second to a minute, at the start, in the middle and at the end of a run: outcome, exit code, money.

An outage of up to about a minute loses no article. A longer one leaves the remaining articles pending, exit 4. In both
cases the money that the run reports as paid or perhaps charged covers the bill of the service, the cap holds, and the
same command then completes.
"""

from __future__ import annotations

import itertools
import ssl
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
import trustme

from tests.support.commands import Ended, articles, dragoman, files, here, records, run_facts, start, stored
from tests.support.service import (
    OVERLOADED,
    Behaviour,
    Drip,
    EmptyBody,
    Hang,
    HtmlPage,
    RawBody,
    Reset,
    Service,
    Status,
    TruncatedJson,
    rate_limited,
)

from .amount import ALL, only_all, some
from .killing import Place, differences
from .weather import FLOOD, BillingService, Broken, Front, Outage, fronted

MANY = 60
CAP = Decimal(60)
"""USD: more than any of these runs needs, and less than a run with endless requests would spend."""
ABOUT_A_MINUTE = 60.0
READ_AT_MOST = 40_000_000
"""Bytes of an error body that a client may read, including the buffers of both sides."""

Where = Literal["start", "middle", "end"]
FIRST: dict[Where, int] = {"start": 1, "middle": MANY // 2, "end": MANY - 3}
"""Number of the request with which the outage begins."""


@dataclass(frozen=True)
class Fault:
    """``survived`` says whether a run must survive a temporary fault. If not, it may also stop with exit 4."""

    label: str
    behaviour: Callable[[], Behaviour] | None = None
    network: Broken | None = None
    tls: bool = False
    survived: bool = True
    options: tuple[str, ...] = ("--timeout", "20")


def status(code: int, kind: str, *, generated: bool = False, **headers: str) -> Callable[[], Behaviour]:
    """Return an error, with headers whose names have ``_`` for ``-``. ``generated`` ones are on the bill."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: Status(code, kind, f"Answered {code}", named, generated=generated)


def junk() -> Behaviour:
    return RawBody(b"\x1f\x8b\x08 junk", {"content-type": "application/json", "content-encoding": "gzip"})


FAULTS = [
    Fault("reset in the body", lambda: Reset("mid-body")),
    Fault("500", status(500, "api_error", generated=True)),
    Fault("captive portal", lambda: HtmlPage(generated=False)),
    Fault("refused", network="refused"),
    Fault("reset before", lambda: Reset("before")),
    Fault("reset after", lambda: Reset("after")),
    Fault("reset of an idle connection", lambda: Reset("after-body")),
    Fault("502", status(502, "api_error", generated=True)),
    Fault("503", status(503, "api_error")),
    Fault("529", lambda: OVERLOADED),
    Fault("529 with a hint", status(529, "overloaded_error", retry_after="1")),
    Fault("429", lambda: rate_limited(None)),
    Fault("429 with a hint", lambda: rate_limited("1")),
    Fault("hung sockets", lambda: Hang(90), options=("--timeout", "2")),
    Fault("drip", lambda: Drip(200), options=("--timeout", "2")),
    Fault("truncated JSON", TruncatedJson),
    Fault("empty body", EmptyBody),
    Fault("gzip junk", junk),
    Fault("error body of 100 MB", network="flood"),
    Fault("TLS handshake that never ends", network="silent", tls=True),
    Fault("a socket that never answers", network="silent", options=("--timeout", "2")),
]

SECONDS = (1.0, 4.0, 10.0)
PLACES: tuple[Where, ...] = ("middle", "start", "end")
AT_ONCE = (16, 4)


@dataclass(frozen=True)
class Case:
    fault: Fault
    seconds: float
    where: Where
    at_once: int

    def __str__(self) -> str:
        return f"{self.fault.label}, {self.seconds:.0f} s, {self.where}, {self.at_once} at once"


def cases() -> Iterator[Case]:
    """Return each fault for 1, 4 and 10 seconds, with alternating positions and concurrencies."""
    widths = itertools.cycle(AT_ONCE)
    rows = [
        [Case(fault, seconds, PLACES[(number + step) % 3], next(widths)) for step, seconds in enumerate(SECONDS)]
        for number, fault in enumerate(FAULTS)
    ]
    # Column by column, so that the first few cases are different faults.
    return itertools.chain.from_iterable(zip(*rows, strict=True))


def long_cases() -> list[Case]:
    """Return cases of a minute."""
    names = ("reset in the body", "500", "captive portal", "529", "hung sockets", "TLS handshake that never ends")
    chosen = [fault for fault in FAULTS if fault.label in names]
    return [Case(fault, ABOUT_A_MINUTE, "middle", (4, 16)[number % 2]) for number, fault in enumerate(chosen)]


@dataclass
class Weathered:
    """A place with a service, an outage in front of it, and the result of a run."""

    place: Place
    service: BillingService
    outage: Outage
    front: Front | None
    env: dict[str, str]

    def run(self, *more: object, seconds: float = 0.0) -> Ended:
        """Run in a separate process. Fails when the run takes four minutes longer than ``seconds``."""
        process = start(*self.place.run, *more, home=self.place.root, env=self.env)
        try:
            stdout, stderr = process.communicate(timeout=240 + seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return Ended(process.returncode, stdout.decode(), stderr.decode())


def weathered(stack: ExitStack, root: Path, fault: Fault, seconds: float, at: int, *options: object) -> Weathered:
    """Create a folder of articles and a service that has a fault from request ``at`` on, for some seconds."""
    front: Front | None = None
    env: dict[str, str] = {}

    def begun() -> None:
        # A fault from the start began before the first request, see below.
        if fault.network is not None and front is not None and at > 1:
            front.break_(fault.network, seconds)

    outage = Outage(fault.behaviour or (lambda: None), at, seconds, begun)
    service = stack.enter_context(BillingService(script=outage, latency=0.05))
    place = Place(root / "place", service, options=options)
    articles(place.articles, MANY)
    if fault.network is not None:
        front = stack.enter_context(fronted(service, certificate(root, env) if fault.tls else None))
        place.url = front.url
        if at == 1:
            # The fault begins before the first request, and the start-up time of the command does not count.
            front.break_(fault.network, seconds + 2)
    return Weathered(place, service, outage, front, env)


def certificate(root: Path, env: dict[str, str]) -> ssl.SSLContext:
    """Create a certificate for 127.0.0.1, which a command with ``env`` trusts."""
    maker, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    maker.issue_cert("127.0.0.1").configure_cert(context)
    maker.cert_pem.write_to_path(str(root / "authority.pem"))
    env["SSL_CERT_FILE"] = str(root / "authority.pem")
    return context


def money(weather: Weathered, cap: Decimal) -> list[str]:
    """Return what is wrong with the money that a run reports."""
    facts, service, wrong = run_facts(weather.place.out), weather.service, []
    sums = [facts[name] for name in ("cost_usd", "unknown_cost_usd_at_most", "maybe_paid_usd_at_most")]
    if None in sums:
        return [f"an amount is not known: {sums}"]
    reported = sum(map(Decimal, sums))
    if reported < service.billed:
        wrong.append(f"the service billed ${service.billed}, the run reports ${reported}")
    if max(reported, service.billed) > cap:
        wrong.append(f"the cap is ${cap}: billed ${service.billed}, reported ${reported}")
    unkept = service.paid - stored(weather.place.store)["exchanges"]
    if facts["maybe_paid_without_answer"] + facts["replies_of_unknown_cost"] < unkept:
        wrong.append(f"{unkept} answers were billed and not kept, {facts['maybe_paid_without_answer']} are reported")
    return wrong


def completed(weather: Weathered) -> list[str]:
    """Return what is wrong after the same command is run again without a fault."""
    place, service = weather.place, weather.service
    if weather.front is not None:
        # A run gives an address up where nothing listens, and may end before the fault does.
        weather.front.mend()
    answered = [record["status"] for record in records(place.out)].count("ok")
    sent = len(service.ledger)
    again = dragoman(*place.run, home=place.root, env=weather.env)
    wrong = []
    if again.code or "Traceback" in again.stderr:
        wrong.append(f"the same command ended with {again.code}: {again.stderr[-400:]}")
    if len(service.ledger) - sent != MANY - answered:
        wrong.append(f"the same command asked {len(service.ledger) - sent} for {MANY - answered} unanswered articles")
    if here("store", "verify", "--store", place.store).code:
        wrong.append("the store is not sound")
    return wrong if again.code else wrong + differences(place)


def ending_of(done: Ended, place: Place) -> str:
    """Return how a run ended, for a message."""
    statuses = Counter(record["status"] for record in records(place.out))
    return f"exit {done.code}, {dict(statuses)}: {done.stderr[-500:]}"


def requests_at_most(case: Case) -> int:
    """Return the limit: each article once, those in flight at the beginning and the end, and one or two probes per
    second.
    """
    return MANY + 2 * case.at_once + 10 + 2 * int(case.seconds)


@pytest.mark.parametrize("case", some([*cases(), *long_cases()], few=3), ids=str)
def test_a_temporary_outage_loses_no_article_and_all_its_cost_is_reported(case: Case, tmp_path: Path) -> None:
    """No article fails, exit 0, few requests during the outage, all money is reported, and the same command has nothing
    to do.
    """
    with ExitStack() as stack:
        options = (*case.fault.options, "--concurrency", case.at_once, "--max-cost", CAP)
        weather = weathered(stack, tmp_path, case.fault, case.seconds, FIRST[case.where], *options)
        done = weather.run(seconds=case.seconds)
        place, wrong = weather.place, []
        met = weather.outage.met or (weather.front is not None and (weather.front.refused or case.fault.network))
        assert met, "the run did not meet the outage"
        statuses = Counter(record["status"] for record in records(place.out))
        # A server that was never reachable is reported at once, because waiting does not help with a wrong address.
        never_there = case.fault.network == "refused" and case.where == "start"
        if done.code or set(statuses) != {"ok"}:
            stopped = never_there and done.code == 4 and set(statuses) <= {"ok", "pending"}
            if not stopped:
                wrong.append(ending_of(done, place))
        if "Traceback" in done.stderr:
            wrong.append("a traceback")
        if len(weather.service.ledger) > requests_at_most(case):
            wrong.append(f"{len(weather.service.ledger)} requests, {requests_at_most(case)} are enough")
        if weather.front is not None and weather.front.most_taken > READ_AT_MOST:
            wrong.append(f"{weather.front.most_taken} of {FLOOD} bytes of an error body were read")
        wrong += money(weather, CAP)
        wrong += completed(weather)
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "fault", some([FAULTS[1], FAULTS[0], FAULTS[2], FAULTS[13], FAULTS[15]], few=1), ids=lambda fault: fault.label
)
def test_the_cap_holds_in_an_outage(fault: Fault, tmp_path: Path) -> None:
    """Attempts that may have been charged count at their worst case: exit 5 or 0, never more than the cap."""
    cap = Decimal(2)
    with ExitStack() as stack:
        options = (*fault.options, "--concurrency", 4)
        weather = weathered(stack, tmp_path, fault, 4.0 if ALL else 1.0, FIRST["middle"], *options)
        done = weather.run("--max-cost", cap, seconds=4.0)
        statuses = Counter(record["status"] for record in records(weather.place.out))
        wrong = money(weather, cap)
        if done.code not in (0, 5) or not set(statuses) <= {"ok", "pending"}:
            wrong.append(ending_of(done, weather.place))
        assert not wrong + completed(weather), "\n".join(wrong)


@only_all
@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if fault.label in ("reset in the body", "500", "captive portal", "refused")],
    ids=lambda fault: fault.label,
)  # fmt: skip
def test_a_lasting_outage_leaves_the_remaining_articles_pending(fault: Fault, tmp_path: Path) -> None:
    """Exit 4, unanswered articles are pending and not failed, requests are limited, and afterwards the same command
    continues.
    """
    with ExitStack() as stack:
        options = (*fault.options, "--concurrency", 4, "--max-cost", CAP, "--patience", 60)
        weather = weathered(stack, tmp_path, fault, 3600.0, FIRST["middle"], *options)
        done = weather.run(seconds=600)
        place, wrong = weather.place, []
        statuses = Counter(record["status"] for record in records(place.out))
        if done.code != 4 or not set(statuses) <= {"ok", "pending"}:
            wrong.append(ending_of(done, place))
        # Half of the articles, the requests in flight, and probes for some minutes.
        if len(weather.service.ledger) > MANY + 2 * 4 + 30:
            wrong.append(f"{len(weather.service.ledger)} requests")
        wrong += money(weather, CAP)
        weather.outage.over()
        if weather.front is not None:
            weather.front.mend()
        assert not wrong + completed(weather), "\n".join(wrong)


HOSTS: dict[str, tuple[int, Where]] = {
    "307 for good": (307, "start"),
    "308 from the middle on": (308, "middle"),
    "302 for good": (302, "start"),
    "301 from the middle on": (301, "middle"),
}


@pytest.mark.parametrize(("code", "where"), some(list(HOSTS.values()), few=1), ids=some(list(HOSTS), few=1))
def test_a_redirect_sends_no_article_and_no_key_to_another_host(code: int, where: Where, tmp_path: Path) -> None:
    """The other host receives no request. The run ends with 4 and names both hosts; afterwards the same command
    continues.
    """
    with ExitStack() as stack, Service() as another:
        location = {"location": f"{another.url.replace('127.0.0.1', 'localhost')}/v1/messages"}
        fault = Fault("redirect", lambda: RawBody(b"", location, code, generated=False))
        weather = weathered(stack, tmp_path, fault, 3600.0, FIRST[where], "--concurrency", 4)
        weather.env["NO_PROXY"] = "127.0.0.1,localhost"
        done = weather.run(seconds=600)
        place, wrong = weather.place, []
        if another.ledger:
            wrong.append(f"{len(another.ledger)} requests went to the other host")
        statuses = Counter(record["status"] for record in records(place.out))
        if done.code != 4 or not set(statuses) <= {"ok", "pending"}:
            wrong.append(ending_of(done, place))
        ports = [service.url.rpartition(":")[2] for service in (weather.service, another)]
        if not all(port in done.stderr for port in ports):
            wrong.append(f"both hosts should be named: {done.stderr[-400:]}")
        weather.outage.over()
        assert not wrong + completed(weather), "\n".join(wrong)


TOO_MUCH: dict[str, Callable[[], Behaviour]] = {
    "too many tokens per day": lambda: Status(
        429, "rate_limit_error", "Too many tokens per day, please wait before trying again."
    ),
    "a pause of hours": lambda: rate_limited("7200"),
}


@pytest.mark.parametrize("behaviour", some(list(TOO_MUCH.values()), few=1), ids=some(list(TOO_MUCH), few=1))
def test_a_daily_limit_ends_the_run_quickly(behaviour: Callable[[], Behaviour], tmp_path: Path) -> None:
    """Waiting does not help: exit 4 after the requests in flight, nothing failed. The next day the same command
    continues.
    """
    with ExitStack() as stack:
        weather = weathered(stack, tmp_path, Fault("", behaviour), 3600.0, FIRST["middle"], "--concurrency", 4)
        done = weather.run()
        statuses = Counter(record["status"] for record in records(weather.place.out))
        wrong = []
        if done.code != 4 or not set(statuses) <= {"ok", "pending"}:
            wrong.append(ending_of(done, weather.place))
        if weather.outage.met > 2 * 4:
            wrong.append(f"{weather.outage.met} requests after the limit was reported")
        wrong += money(weather, CAP)
        weather.outage.over()
        assert not wrong + completed(weather), "\n".join(wrong)


def test_with_an_unusable_proxy_no_request_counts_as_sent(tmp_path: Path) -> None:
    """SOCKS without its library: exit 2 at once, the variable is named, and no run begins."""
    out = tmp_path / "out"
    command = ("run", articles(tmp_path / "in", 4), "-o", out, "--store", tmp_path / "store.sqlite")
    names = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "http_proxy", "https_proxy")
    env = {**dict.fromkeys(names, "socks5://127.0.0.1:9"), "NO_PROXY": "", "ANTHROPIC_API_KEY": "sk-ant-none"}
    done = dragoman(*command, "--base-url", "http://service.invalid", home=tmp_path, env=env)
    assert done.code == 2, done.stderr
    assert "ALL_PROXY" in done.stderr.upper() or "HTTP_PROXY" in done.stderr.upper()
    assert not out.exists()


PORTAL = RawBody(b"<html><h1>Please sign in</h1></html>", {"content-type": "text/html"}, generated=False)
REFUSED = Status(400, "invalid_request_error", "messages.0: this article may not be sent")
TOO_LARGE = Status(413, "request_too_large", "Request exceeds the maximum size")


@pytest.mark.parametrize("behaviour", some([REFUSED, TOO_LARGE], few=1), ids=["400", "413"][: 2 if ALL else 1])
def test_requests_rejected_for_their_own_content_do_not_stop_the_others(behaviour: Behaviour, tmp_path: Path) -> None:
    """30 rejections in a row after some answers: 30 failed, all others answered, exit 3; and the same with
    `--retry`.
    """
    with BillingService(latency=0.02) as service:
        place = Place(tmp_path / "place", service)
        articles(place.articles, MANY)
        bad = {f"bài số {number}\n" for number in range(10, 40)}
        service._script = lambda _, body: behaviour if any(name in str(body) for name in escaped(bad)) else None
        for more in ((), ("--retry",), ()):
            done = dragoman(*place.run, *more, home=place.root)
            statuses = Counter(record["status"] for record in records(place.out))
            assert (done.code, statuses) == (3, {"ok": MANY - 30, "failed": 30}), (more, done.stderr[-600:])
        service._script = lambda *_: None
        done = dragoman(*place.run, "--retry", home=place.root)
        assert done.code == 0, done.stderr
        assert service.paid == MANY
        assert not differences(place)


def escaped(texts: set[str]) -> set[str]:
    """Return the form of texts within the representation of a request's body."""
    return {repr(text)[1:-1] for text in texts}


def test_a_captive_portal_in_one_run_does_not_stop_later_runs(tmp_path: Path) -> None:
    """Every request of one run meets a login page. The next run sends them again without `--retry` and completes."""
    with BillingService(script=lambda *_: PORTAL) as service:
        place = Place(tmp_path / "place", service)
        articles(place.articles, 12)
        process = start(*place.run, "--max-cost", "3", home=place.root)
        try:
            process.communicate(timeout=10 if not ALL else 400)
        except subprocess.TimeoutExpired:
            process.terminate()  # it still waits for the service, which is correct
            process.communicate(timeout=60)
        service._script = lambda *_: None
        done = dragoman(*place.run, home=place.root)
        assert done.code == 0, done.stderr
        assert service.paid == 12
        assert not differences(place)
        assert not [name for name in files(place.out) if name.endswith(".part")]


def test_there_are_at_least_40_outages() -> None:
    """They last 1 to 60 seconds; the longest run only in `make torture`."""
    tried = [*cases(), *long_cases()]
    assert len(tried) >= 40
    assert {case.seconds for case in tried} == {1, 4, 10, 60}
    assert {case.at_once for case in tried} == {4, 16}
    for seconds in SECONDS:
        assert {case.where for case in tried if case.seconds == seconds} == set(PLACES)
