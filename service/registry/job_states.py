"""The states that queries look for, spelt out and not as parameters.

Only so can the databases see that the index of that state alone, `jobs_to_claim` or `jobs_running`, will do.
"""

from __future__ import annotations

from sqlalchemy import literal_column

from service.registry.tables import JobRow

IS_QUEUED = JobRow.state == literal_column("'queued'")
IS_RUNNING = JobRow.state == literal_column("'running'")
