"""The program with the network written into it."""

import inspect

from models.data.date_formats import takes_iso_as_well
from models.formats import network_json
from models.formats.description import canonical_json
from models.formats.standalone import program
from models.inference.trained_network import TrainedNetwork
from models.network.layers import ActivationLayer, BatchNorm, Dense, Dropout, LayerNorm
from models.network.network import Network

_LAYERS = (ActivationLayer, BatchNorm, Dense, Dropout, LayerNorm)
_NETWORK_PLACE = 'NETWORK = json.loads("{}")'
_WITHOUT_ISO_PLACE = 'WITHOUT_ISO = json.loads("[]")'


def dumps(trained: TrainedNetwork) -> bytes:
    """A Python file, in ASCII: import `predict` from it, or give it rows as JSON on its standard input."""
    _require_known_layers(trained.network)
    source = inspect.getsource(program)
    source = _filled(source, _WITHOUT_ISO_PLACE, canonical_json(_without_iso(trained)))
    return _filled(source, _NETWORK_PLACE, network_json.dumps(trained).decode("ascii")).encode("ascii")


def _require_known_layers(network: Network) -> None:
    """Raises TypeError for a layer that the program would leave out, which would change what it predicts."""
    unknown = next((layer for layer in network.layers if not isinstance(layer, _LAYERS)), None)
    if unknown is not None:
        raise TypeError(f"the exported program has no {type(unknown).__name__}")


def _without_iso(trained: TrainedNetwork) -> list[str]:
    features = trained.signature.features
    return [
        feature.name for feature in features if feature.format is not None and not takes_iso_as_well(feature.format)
    ]


def _filled(source: str, place: str, value: str) -> str:
    """The program with this JSON in place of the empty value."""
    before, after = source.split(place)
    name = place.partition(" ")[0]
    return f"{before}{name} = json.loads(r'''{_quoted(value)}'''){after}"


def _quoted(text: str) -> str:
    """JSON that can be put between three single quotes: quotes inside texts are escaped."""
    return text.replace("'", "\\u0027")
