"""Measure how fast a run is, what it costs in CPU and memory, and where that goes, as ratios within one run.

    python -m benchmarks.speed                    every part, at full size (about half an hour)
    python -m benchmarks.speed --parts job,limit  only these parts
    python -m benchmarks.speed --quick            smaller sizes and one round, to try out a change

The service is the loopback service of the tests, in a process pinned to one core; the measured process is pinned to
another. Every figure is the median over the rounds; a ratio compares it with a control in the same rounds.
"""
