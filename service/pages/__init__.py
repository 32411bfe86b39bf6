"""The pages for browsers: the dashboard, the OpenAPI page and the pages of problems.

No rules and no SQL live here. Start at `views.py`, then `templates/` and `static/`.
"""
