"""Everything that can go wrong with a run, on purpose: a sample within `make test`, all of it by `make torture`.

Money is checked against the ledger of the loopback service, never against what the program says of itself. A
fault that this machine cannot inject is skipped with the words "not shown", and so is no success.
"""
