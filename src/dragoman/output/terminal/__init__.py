"""Records as pages in a terminal."""
