"""The HTTP surface: one router a resource (parse, call, answer), and the layers around all of them in `layers/`.

No SQL, no numerics, no rules of the service. Start at `routing.py`, then `models.py`; `app.py` puts it together.
"""
