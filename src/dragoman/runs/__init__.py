"""Put it together: session, one article end to end, many articles, plan, resume, re-check, `run.json`."""
