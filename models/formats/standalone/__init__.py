"""A trained network as one Python file that needs NumPy alone.

`program.py` is that file without the network, which `export.py` writes into it.
"""

from models.formats.standalone.export import dumps

__all__ = ["dumps"]
