"""All tables and all SQL of the project: one small repository a resource, one function a transaction's worth.

No HTTP and no numerics. Start at `database.py`, then `tables/` and `models/versions.py`.
"""

from sqlalchemy.orm import Session

__all__ = ["Session"]
