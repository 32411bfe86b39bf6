"""Cells of text to typed columns: what a column's cells are, in which form they are written, and which are missing.

Start with `text_column.py`. What is found is a `ColumnOverride`, so that it can be stored and used again.
"""
