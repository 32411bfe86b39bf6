"""LitServe with an API as in its documentation: decode, predict, encode."""

import sys
from pathlib import Path

import litserve
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from network import predictions


class Flowers(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return np.array(request["inputs"])

    def predict(self, x):
        return predictions(x)

    def encode_response(self, output):
        return {"predictions": output}


if __name__ == "__main__":
    server = litserve.LitServer(Flowers(), accelerator="cpu")
    server.run(port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
