"""Compare an answer with its source: locate quotes, read figures, run checks.

Pure functions, which read nothing but the tables of this package.
"""
