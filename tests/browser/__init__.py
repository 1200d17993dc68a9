"""The report in a real browser, headless; skipped where none is installed."""
