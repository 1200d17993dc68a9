"""Get one reply for one request, stored or bought: rate limits, retries, budget, providers.

The only package that imports the services' SDKs.
"""
