"""Where a quote stands in its source."""
