"""Get one reply for one request: stored or bought, rate limits, retries, budget, providers.

The only package with SDKs.
"""
