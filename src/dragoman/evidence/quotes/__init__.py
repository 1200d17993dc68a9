"""Locate a quote in its source: the normal form, the ends of words and figures, and the nearest text."""
