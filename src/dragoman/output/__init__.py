"""The output folder: its files, how runs are merged in it, pages, tables, terminal. Renders only."""
