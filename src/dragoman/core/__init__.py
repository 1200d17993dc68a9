"""The nouns and plain arithmetic on them: source, request, reply, exchange, answer, record, model, price.

No network; the only I/O is reading one file and writing one file whole.
"""
