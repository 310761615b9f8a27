"""The rooms of the desk: a module each, with the pages that belong together.

A room makes one `Room` and names it in connector/web/site.py.
"""
