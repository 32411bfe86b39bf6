"""A trained network as one Python file that needs NumPy and nothing of ours.

`program.py` is that file but for the network, which `export.py` writes into it.
"""

from models.formats.standalone.export import dumps

__all__ = ["dumps"]
