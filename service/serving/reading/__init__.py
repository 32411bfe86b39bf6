"""Raw values of requests to the values that a version predicts with: JSON rows and columns, and columns of any table.

HTTP and pyarrow are elsewhere. Start with `row_reader.py`; `column_reader.py` reads one feature.
"""
