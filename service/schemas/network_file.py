"""The schema of a network as JSON, which `models.formats.network_json` writes and reads."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.data.features.booleans import BooleanEncoder
from models.data.features.categories import CategoryEncoder
from models.data.features.dates import DateEncoder
from models.data.features.numbers import NumberEncoder
from models.data.signature import Signature
from models.data.targets import ClassTarget, LabelsTarget, NumberTarget
from models.inference.calibration import Calibration
from models.specification import NetworkSpecification

Feature = Annotated[NumberEncoder | BooleanEncoder | CategoryEncoder | DateEncoder, Field(discriminator="type")]
Target = Annotated[ClassTarget | NumberTarget | LabelsTarget, Field(discriminator="task")]
Numbers = Annotated[
    list[Any], Field(description="Numbers, or lists of them: nested to the depth of the tensor's axes.")
]


class NetworkFile(BaseModel):
    """A trained network: what `GET …/weights?format=json` returns and `POST /models/{name}/versions` accepts.

    `tensors` holds `hidden.0.weight` of shape (inputs, outputs), `hidden.0.bias`, …, `output.weight`, `output.bias` and
    `preprocessing.baseline`, the mean of the network's inputs. `sha256` may be left out of a file written by hand.
    """

    model_config = ConfigDict(extra="forbid")

    form: Literal[1]
    network: NetworkSpecification
    preprocessing: Annotated[list[Feature], Field(min_length=1)]
    target: Target
    signature: Signature
    calibration: Calibration | None
    sha256: str | None = None
    tensors: dict[str, Numbers]
