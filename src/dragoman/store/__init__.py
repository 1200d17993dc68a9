"""Keep every exchange: the store, leases, caches, recordings on disk, maintenance. The only package with SQL."""
