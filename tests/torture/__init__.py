"""Deliberate faults of every kind during a run: a sample in `make test`, all of them in `make torture`.

Money is checked against the ledger of the loopback service, never against what the program reports about itself. A
fault that this machine cannot inject is skipped with the words "not shown" and does not count as a success.
"""
