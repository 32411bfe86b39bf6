"""The whole model, put together and checked."""

from models.formats.description import canonical_json
from models.formats.onnx.features import add_features
from models.formats.onnx.graph import Graph
from models.formats.onnx.layers import add_network
from models.formats.onnx.outputs import add_outputs
from models.inference.trained_network import TrainedNetwork


def dumps(trained: TrainedNetwork) -> bytes:
    """The ONNX file; its predictions agree with those of the network within the rounding of float32."""
    graph = Graph()
    inputs = add_features(graph, trained.preprocessing)
    add_outputs(graph, trained.target, add_network(graph, trained.network, inputs))
    return graph.to_bytes({"signature": canonical_json(trained.signature.to_json())})
