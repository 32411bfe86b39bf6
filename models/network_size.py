"""How many parameters a network has, told before it is made."""

from itertools import pairwise

from models.specification import NetworkSpecification


def count_parameters(specification: NetworkSpecification, n_inputs: int, n_outputs: int) -> int:
    """Σ (n_in + 1) n_out over all layers, and two for each hidden neuron that is normalised."""
    widths = (n_inputs, *specification.hidden, n_outputs)
    dense = sum((n_in + 1) * n_out for n_in, n_out in pairwise(widths))
    normalised = specification.batch_norm or specification.layer_norm
    return dense + (2 * sum(specification.hidden) if normalised else 0)
