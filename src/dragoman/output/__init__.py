"""The output folder: its files, how runs are merged in it, pages, tables and terminal pages.

It never sends, stores or checks anything.
"""
