"""What helps when a service cannot be used, with the names of the options."""

from __future__ import annotations

from collections.abc import Mapping

from dragoman.errors import DragomanError, Hint, ProviderError

_ADVICE: Mapping[Hint, str] = {
    "address": "Check the address (--base-url), the network and the proxy",
    "timeout": "Wait until the service answers; if it is only slow, use a longer --timeout",
    "later": "Wait until the service works again; to let the command itself wait longer, use --patience",
    "quota": "Wait until the quota is back, use another --model, --region or --inference-profile, or ask for a higher "
    "quota",
    "requests": "Check --model, --prompt, --structured and --base-url. If only these articles are at fault, run the "
    "same command again: it begins with those that were not tried yet",
}


def advised(error: DragomanError) -> str:
    """The error as a sentence, followed by what helps where that is known."""
    hint = error.hint if isinstance(error, ProviderError) else None
    return f"{error}. {_ADVICE[hint]}" if hint is not None else str(error)
