"""For people who test against Dragoman: recordings written by hand."""
