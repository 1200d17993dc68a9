"""The nouns and plain arithmetic on them: source, request, reply, exchange, answer, record, model, price.

Nothing here uses the network. The only I/O is reading one file and writing one file completely.
"""
