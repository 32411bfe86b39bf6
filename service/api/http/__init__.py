"""The web framework as this project uses it: routes, bodies, headers, problem responses.

No resource lives here. Start at `routing.py`; `addresses.py` is the table of addresses.
"""
