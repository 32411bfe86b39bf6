"""PyTorch's values for everything in `cases.py`, stored in `pytorch.npz` so that no test needs PyTorch.

`make references` runs it in an environment of its own and must find no difference. By hand:

    python3 -m venv .venv-references && .venv-references/bin/pip install torch==2.13.0 numpy==2.4.6
    .venv-references/bin/python tests/support/references/make.py           # prints the difference from the stored file
    .venv-references/bin/python tests/support/references/make.py --write   # writes the file again
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

# a script has its own folder on the path, not the project's
sys.path.insert(0, str(Path(__file__).parents[3]))
import cases

from models.network.network import Network
from models.specification import TrainingSpecification

FILE = Path(__file__).with_name("pytorch.npz")
NOTABLE_DIFFERENCE = 1e-12
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": lambda z: functional.gelu(z, approximate="tanh"),
    "silu": functional.silu,
    "mish": functional.mish,
    "softplus": lambda z: functional.softplus(z, threshold=1000),
    "softsign": functional.softsign,
    # functional.hardsigmoid has the slope float32(1/6) in float64 too, 3e-8 beside the formula (2.13.0)
    "hard_sigmoid": lambda z: torch.clamp(z / 6 + 0.5, 0, 1),
    "softmax": lambda z: torch.softmax(z, dim=-1),
    "exponential": torch.exp,
}


def loss_of(name: str, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Each row's loss, by PyTorch's own functions where it has them."""
    smoothing = 0.1 if name.endswith("smoothed") else 0.0
    if name.startswith("cross-entropy"):
        return functional.cross_entropy(z, y, label_smoothing=smoothing, reduction="none")
    if name.startswith("binary cross-entropy"):
        smoothed = (1 - smoothing) * y + smoothing / 2
        return functional.binary_cross_entropy_with_logits(z, smoothed, reduction="none").mean(dim=1)
    if name.startswith("mse"):
        output = ACTIVATIONS[name.removeprefix("mse of ")](z) if "of" in name else z
        return functional.mse_loss(output, y, reduction="none").mean(dim=1)
    return ELEMENTWISE[name](z, y).mean(dim=1)


ELEMENTWISE = {
    "mae": lambda z, y: functional.l1_loss(z, y, reduction="none"),
    "huber": lambda z, y: functional.huber_loss(z, y, delta=0.7, reduction="none"),
    "quantile": lambda z, y: torch.maximum(0.8 * (y - z), -0.2 * (y - z)),
    "hinge": lambda z, y: torch.clamp(1 - (2 * y - 1) * z, min=0),
    "poisson": lambda z, y: functional.poisson_nll_loss(z, y, log_input=True, full=False, reduction="none"),
}


class Peer(nn.Module):
    """A network of PyTorch's layers with the specification and parameters of one of ours."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.ours = network
        self.parts = nn.ParameterDict(
            {name.replace(".", "_"): nn.Parameter(torch.tensor(tensor)) for name, tensor in network.tensors.items()}
        )
        self.running = {name: torch.tensor(buffer) for name, buffer in network.buffers.items()}

    def part(self, name: str) -> torch.Tensor:
        return self.parts[name.replace(".", "_")]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for i, activation in enumerate(self.ours.specification.activations):
            x = x @ self.part(f"hidden.{i}.weight") + self.part(f"hidden.{i}.bias")
            x = ACTIVATIONS[activation](self.norm(f"hidden.{i}.norm", x))
        return x @ self.part("output.weight") + self.part("output.bias")

    def norm(self, name: str, x: torch.Tensor) -> torch.Tensor:
        specification = self.ours.specification
        if specification.layer_norm:
            return functional.layer_norm(x, x.shape[1:], self.part(f"{name}.scale"), self.part(f"{name}.shift"))
        if specification.batch_norm:
            running = self.running[f"{name}.mean"], self.running[f"{name}.variance"]
            return functional.batch_norm(
                x, *running, self.part(f"{name}.scale"), self.part(f"{name}.shift"), training=True
            )
        return x

    def weights(self) -> list[torch.Tensor]:
        return [self.part(f"{name}.weight") for name in self.ours.dense_names]

    def flat(self, gradient: bool = False) -> np.ndarray:
        parts = [self.part(name) for name in self.ours.shapes]
        return torch.cat([(part.grad if gradient else part).detach().ravel() for part in parts]).numpy()


def gradients() -> dict[str, np.ndarray]:
    """The loss (and the weighted loss) and its gradient for every layer, activation and loss."""
    figures = {}
    for case in cases.gradient_cases():
        peer = Peer(case.network())
        x, y, weight = (torch.tensor(array) for array in case.batch())
        loss = (loss_of(case.loss, peer(x), y) * weight[:, 0]).mean()
        loss.backward()
        figures[case.key] = np.concatenate([[loss.item()], peer.flat(gradient=True)])
    return figures


def activations() -> dict[str, np.ndarray]:
    """Values and slopes of each activation; softmax by rows of five, its slope that of the first value."""
    figures = {}
    for name, activation in ACTIVATIONS.items():
        inputs = cases.activation_inputs()
        z = torch.tensor(inputs[:45].reshape(9, 5) if name == "softmax" else inputs, requires_grad=True)
        a = activation(z)
        (a[:, 0] if name == "softmax" else a).sum().backward()
        figures[f"activation/{name}"] = np.stack([a.detach().numpy(), z.grad.numpy()])
    return figures


def extremes() -> dict[str, np.ndarray]:
    """Losses and slopes for very large logits."""
    figures = {}
    for name in ("binary cross-entropy", "cross-entropy", "hinge"):
        z = torch.tensor(cases.extreme_logits(), requires_grad=True)
        losses = loss_of(name, z, torch.tensor(cases.extreme_labels()))
        losses.sum().backward()
        figures[f"extreme/{name}"] = np.concatenate([losses.detach().numpy()[:, None], z.grad.numpy()], axis=1)
    return figures


def optimizer_for(specification: object, parameters: list[torch.Tensor]) -> torch.optim.Optimizer:
    name, rate = specification.name, specification.learning_rate
    if name == "sgd":
        return torch.optim.SGD(parameters, rate, momentum=specification.momentum, nesterov=specification.nesterov)
    if name == "rmsprop":
        return torch.optim.RMSprop(parameters, rate, alpha=specification.decay, momentum=specification.momentum)
    if name == "adagrad":
        return torch.optim.Adagrad(parameters, rate)
    if name == "lbfgs":
        return torch.optim.LBFGS(
            parameters, rate, max_iter=1, history_size=specification.history, tolerance_grad=0, tolerance_change=0
        )
    if name == "lion":
        return Lion(parameters, specification)
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "nadam": torch.optim.NAdam}
    decay = {"weight_decay": specification.weight_decay} if name == "adamw" else {}
    betas = specification.beta1, specification.beta2
    return kinds[name](parameters, rate, betas=betas, eps=specification.epsilon, **decay)


class Lion(torch.optim.Optimizer):
    """Algorithm 2 of Chen et al. 2023, line by line, since PyTorch has no Lion."""

    def __init__(self, parameters: list[torch.Tensor], specification: object) -> None:
        super().__init__(parameters, {"lr": specification.learning_rate})
        self.specification = specification

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for theta in group["params"]:
                m = self.state[theta].get("m", torch.zeros_like(theta))
                beta1, beta2 = self.specification.beta1, self.specification.beta2
                c = beta1 * m + (1 - beta1) * theta.grad
                theta -= group["lr"] * (torch.sign(c) + self.specification.weight_decay * theta)
                self.state[theta]["m"] = beta2 * m + (1 - beta2) * theta.grad


def trainings() -> dict[str, np.ndarray]:
    return {case.key: train(case) for case in cases.training_cases()}


def train(case: cases.TrainingCase) -> np.ndarray:
    """The parameters after 100 steps."""
    network = Network(case.network, 4, 3)
    cases.training_start(network)
    peer = Peer(network)
    x, y, weight = (torch.tensor(array) for array in cases.training_data())
    optimizer = optimizer_for(case.training.optimizer, list(peer.parameters()))
    learning_rates = rates(case.training)
    average = None
    for step in range(cases.STEPS):
        rows = slice(None) if case.training.optimizer.name == "lbfgs" else slice(step % 20 * 5, step % 20 * 5 + 5)
        optimizer.param_groups[0]["lr"] = learning_rates[step]

        def closure(rows: slice = rows) -> torch.Tensor:
            optimizer.zero_grad()
            losses = functional.cross_entropy(peer(x[rows]), y[rows], reduction="none")
            loss = (losses * weight[rows] if case.weighted else losses).mean() + penalty(peer)
            loss.backward()
            clip(peer, case.training)
            return loss

        if case.training.optimizer.name == "lbfgs":
            optimizer.step(closure)
        else:
            closure()
            optimizer.step()
        bound(peer)
        if case.training.averaged_weights is not None:
            weights, decay = peer.flat(), case.training.averaged_weights
            average = weights if average is None else decay * average + (1 - decay) * weights
    return peer.flat() if average is None else average


def penalty(peer: Peer) -> torch.Tensor:
    specification = peer.ours.specification
    return sum(specification.l1 * w.abs().sum() + specification.l2 / 2 * w.square().sum() for w in peer.weights())


def clip(peer: Peer, training: TrainingSpecification) -> None:
    if training.gradient_clip is not None and training.gradient_clip.norm is not None:
        nn.utils.clip_grad_norm_(peer.parameters(), training.gradient_clip.norm)
    if training.gradient_clip is not None and training.gradient_clip.value is not None:
        nn.utils.clip_grad_value_(peer.parameters(), training.gradient_clip.value)


def bound(peer: Peer) -> None:
    if peer.ours.specification.max_norm is not None:
        with torch.no_grad():
            for weight in peer.weights():  # torch.renorm divides by the norm plus 1e-7
                norms = torch.linalg.vector_norm(weight, dim=0)
                weight *= torch.clamp(peer.ours.specification.max_norm / norms, max=1)


def rates(training: TrainingSpecification) -> list[float]:
    """The learning rate of each of the 100 steps, by PyTorch's schedulers."""
    base = training.optimizer.learning_rate
    if training.schedule.name == "one_cycle":
        return scheduled(
            base, lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(optimizer, base, total_steps=cases.STEPS)
        )
    if training.schedule.name == "cosine":
        warm_up = scheduled(base, lambda optimizer: torch.optim.lr_scheduler.LinearLR(optimizer, 1 / 40, 1.0, 39))[:40]
        epochs = scheduled(base, lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3))
        return warm_up + [rate for rate in epochs[:3] for _ in range(20)]
    return [base] * cases.STEPS


def scheduled(base: float, make: object, losses: np.ndarray | None = None) -> list[float]:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], base)
    scheduler, learning_rates = make(optimizer), []
    for step in range(cases.STEPS):
        learning_rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < cases.STEPS - 1:
            scheduler.step(*([] if losses is None else [losses[step]]))
    return learning_rates


def schedules() -> dict[str, np.ndarray]:
    """The learning rate over 100 epochs."""
    of, base = torch.optim.lr_scheduler, cases.BASE_RATE
    plateau = {"factor": 0.5, "patience": 3, "threshold": 0.01, "min_lr": 0.001, "eps": 0}
    figures = {
        "constant": scheduled(base, lambda optimizer: of.ConstantLR(optimizer, 1.0)),
        "step": scheduled(base, lambda optimizer: of.StepLR(optimizer, 7, 0.5)),
        "exponential": scheduled(base, lambda optimizer: of.ExponentialLR(optimizer, 0.97)),
        "cosine": scheduled(base, lambda optimizer: of.CosineAnnealingLR(optimizer, 100, 0.01)),
        "cosine, restarts": scheduled(base, lambda optimizer: of.CosineAnnealingWarmRestarts(optimizer, 10, 2, 0.01)),
        "one-cycle": scheduled(
            base,
            lambda optimizer: of.OneCycleLR(optimizer, base, 100, pct_start=0.25, div_factor=10, final_div_factor=100),
        ),
        "polynomial": scheduled(base, lambda optimizer: of.PolynomialLR(optimizer, 100, 2)),
        "reduce on plateau": scheduled(
            base, lambda optimizer: of.ReduceLROnPlateau(optimizer, **plateau), cases.plateau_losses()
        ),
    }
    after_warm_up = {
        "constant": lambda optimizer: of.ConstantLR(optimizer, 1.0),
        "step": lambda optimizer: of.StepLR(optimizer, 7, 0.5),
        "exponential": lambda optimizer: of.ExponentialLR(optimizer, 0.97),
        "cosine": lambda optimizer: of.CosineAnnealingLR(optimizer, 90, 0.01),
        "polynomial": lambda optimizer: of.PolynomialLR(optimizer, 90, 2),
    }
    rise = scheduled(base, lambda optimizer: of.LinearLR(optimizer, 0.1, 1.0, 9))[:10]
    figures |= {f"{name}, warm-up": rise + scheduled(base, make)[:90] for name, make in after_warm_up.items()}
    return {f"schedule/{name}": np.array(learning_rates) for name, learning_rates in figures.items()}


def main() -> int:
    figures = gradients() | activations() | extremes() | trainings() | schedules()
    if "--write" in sys.argv:
        np.savez_compressed(FILE, **figures)
        print(f"{len(figures)} references, {FILE.stat().st_size:,} bytes, PyTorch {torch.__version__}")
        return 0
    stored = np.load(FILE)
    worst = max(float(np.max(np.abs(stored[key] - figures[key]), initial=0)) for key in figures)
    print(f"{len(figures)} references, {set(stored) ^ set(figures) or 'the same ones'}, largest difference {worst:.1e}")
    return int(worst > NOTABLE_DIFFERENCE or set(stored) != set(figures))


if __name__ == "__main__":
    sys.exit(main())
