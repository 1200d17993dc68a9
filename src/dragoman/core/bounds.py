"""What the words around a figure say about it, and how pages say it in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Bound = Literal["exact", "about", "at_least", "more_than", "at_most", "less_than"]
"""``exact``: the words say nothing. ``about``: near the figure, on either side ("around", "nearly"). ``at_least``: the
figure or more ("no fewer than", 以上, ≥). ``more_than``: above it ("over", 超过). ``at_most``: the figure or less ("no
more than", "up to", 以下, ≤). ``less_than``: below it ("under", 未満)."""

BOUND_WORDS: Mapping[Bound, str] = {
    "exact": "",
    "about": "about",
    "at_least": "at least",
    "more_than": "more than",
    "at_most": "at most",
    "less_than": "less than",
}
"""The English words for each bound; none for an exact figure."""
