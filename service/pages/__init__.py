"""What people see in a browser: the dashboard, the OpenAPI page and the pages of problems.

No rules and no SQL live here, only reading and showing. Start at `views.py`, then `templates/` and `static/`.
"""
