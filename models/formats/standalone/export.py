"""The program with the network written into it."""

import inspect

from models.formats import network_json
from models.formats.standalone import program
from models.trained import TrainedNetwork

_PLACE = 'NETWORK = json.loads("{}")'


def dumps(trained: TrainedNetwork) -> bytes:
    """A Python file, in ASCII: import `predict` from it, or give it rows as JSON on its standard input."""
    source, network = inspect.getsource(program), network_json.dumps(trained).decode("ascii")
    before, after = source.split(_PLACE)
    return f"{before}NETWORK = json.loads(r'''{_quoted(network)}'''){after}".encode("ascii")


def _quoted(text: str) -> str:
    """JSON that may stand between three single quotes: a quote inside a text is written by its number."""
    return text.replace("'", "\\u0027")
