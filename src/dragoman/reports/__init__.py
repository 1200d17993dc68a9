"""What stands in ``OUT``: one writer a file kind, and `out` that keeps the folder whole."""
