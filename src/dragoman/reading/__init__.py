"""From a path or standard input to a `Source`: find, decode, take the text out of a format, number the paragraphs."""
