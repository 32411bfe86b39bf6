"""A graph under construction: nodes are added one after the other, and each returns the name of its value."""

from typing import Any

import numpy as np

INNER = "feedforward/"
"""The prefix of the names of inner values, so that no feature has the same name."""

OPSET, ML_OPSET, IR_VERSION = 20, 3, 9


class Graph:
    """Nodes, constants, inputs and outputs, as `onnx.helper` makes them."""

    def __init__(self) -> None:
        import onnx

        self.onnx: Any = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: object) -> str:
        """Add one node with one output; returns the output's name."""
        name = f"{INNER}{operator.lower()}.{len(self.nodes)}"
        node = self.onnx.helper.make_node(operator, inputs, [name], name=name, domain=domain, **attributes)
        self.nodes.append(node)
        return name

    def constant(self, value: object, dtype: type[np.generic] | None = None) -> str:
        """Add an array as a constant; returns its name. Texts become a tensor of strings."""
        name = f"{INNER}constant.{len(self.constants)}"
        array = np.asarray(value, dtype=dtype)
        if array.dtype.kind in "OU":
            texts = [str(text).encode() for text in array.ravel()]
            tensor = self.onnx.helper.make_tensor(name, self.onnx.TensorProto.STRING, array.shape, texts)
        else:
            tensor = self.onnx.numpy_helper.from_array(np.ascontiguousarray(array), name)
        self.constants.append(tensor)
        return name

    def cast(self, value: str, kind: str) -> str:
        """Add a cast to an ONNX type, such as FLOAT, DOUBLE or INT64."""
        return self.add("Cast", value, to=getattr(self.onnx.TensorProto, kind))

    def input(self, name: str, kind: str, width: int) -> str:
        """Declare an input of shape (rows, width)."""
        self.inputs.append(self._value(name, kind, width))
        return name

    def output(self, name: str, value: str, kind: str, width: int) -> None:
        """Declare that a value is the output of this name, of shape (rows, width)."""
        self.nodes.append(self.onnx.helper.make_node("Identity", [value], [name], name=f"{INNER}output.{name}"))
        self.outputs.append(self._value(name, kind, width))

    def _value(self, name: str, kind: str, width: int) -> Any:
        element = getattr(self.onnx.TensorProto, kind)
        return self.onnx.helper.make_tensor_value_info(name, element, ["rows", width])

    def to_bytes(self, metadata: dict[str, str]) -> bytes:
        """The model as the content of an ONNX file, checked."""
        helper = self.onnx.helper
        graph = helper.make_graph(self.nodes, "feedforward", self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
        model = helper.make_model(graph, producer_name="feedforward", opset_imports=opsets, ir_version=IR_VERSION)
        helper.set_model_props(model, metadata)
        self.onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))
