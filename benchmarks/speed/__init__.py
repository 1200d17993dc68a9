"""How fast a run is, what it costs in CPU and memory, and where that goes: ratios within one run.

    python -m benchmarks.speed                    every part, as the bars are stated (about half an hour)
    python -m benchmarks.speed --parts job,limit  some of them
    python -m benchmarks.speed --quick            smaller sizes and one round, to try a change

The service is the loopback one of the tests, in a process pinned to one core; what is measured is pinned to
another. Every figure is the median over the rounds, beside a control in the same rounds where it is a ratio.
"""
