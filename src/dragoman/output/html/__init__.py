"""The report: one HTML page for a browser, offline."""
