"""The report in a real headless browser; skipped if none is installed."""
