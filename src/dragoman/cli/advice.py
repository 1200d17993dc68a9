"""What helps when a service cannot be used, with the names of the options."""

from __future__ import annotations

from collections.abc import Mapping

from dragoman.errors import BudgetReached, DragomanError, Hint, ProviderError

_ADVICE: Mapping[Hint, str] = {
    "address": "Check the address (--base-url), the network and the proxy",
    "timeout": "Wait until the service answers; if it is only slow, use a longer --timeout",
    "later": "Wait until the service works again; to let the command itself wait longer, use --patience",
    "quota": "Wait until the quota is back, use another --model, --region or --inference-profile, or ask for a higher "
    "quota",
    "model": "Check --model and the region; `dragoman doctor` shows both",
    "profile": "Try --inference-profile, or request access to the model",
    "redirect": "If that is the right address, set it with --base-url; otherwise check the network: it may require a "
    "login",
    "schema": "Use --structured prompted, or leave --structured out",
    "requests": "Check --model, --prompt, --structured and --base-url. If only these articles are at fault, run the "
    "same command again: it begins with those that were not tried yet",
}


def advised(error: DragomanError) -> str:
    """The error as a sentence, followed by what helps if that is known."""
    if isinstance(error, BudgetReached) and error.cap_too_low:
        return f"{error}. Raise --max-cost"
    hint = error.hint if isinstance(error, ProviderError) else None
    return f"{error}. {_ADVICE[hint]}" if hint is not None else str(error)
