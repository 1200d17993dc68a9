"""The nouns and plain arithmetic on them: source, request, reply, exchange, answer, record, model, price.

Nothing here uses the network. The I/O is small: read, write or lock one file or folder, and read the tables and the
installation of this program.
"""
