"""What a caller chooses about a network and its training: frozen dataclasses of plain values, one subject a file.

Nothing here computes anything. Start with `recipe.py`, which holds all the others.
"""

from typing import get_args

from models.specification.losses import (
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    Huber,
    Loss,
    Mae,
    Mse,
    Poisson,
    Quantile,
)
from models.specification.named_union import TAG_MARK, ByName, ByShape, member_name, object_from_name
from models.specification.network import ActivationName, DtypeName, InitName, NetworkSpecification, OutputName
from models.specification.optimizers import Adagrad, Adam, AdamW, Lbfgs, Lion, Nadam, Optimizer, RmsProp, Sgd
from models.specification.recipe import (
    Choice,
    ColumnOverride,
    ColumnScaling,
    ColumnType,
    FillRule,
    Range,
    Recipe,
    Scaling,
    ScalingName,
    SearchMethod,
    SearchSpecification,
    SplitMethod,
    TaskName,
    ThresholdMetric,
    ValidationSpecification,
)
from models.specification.schedules import (
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Polynomial,
    ReduceOnPlateau,
    Schedule,
    Step,
)
from models.specification.training import EarlyStopping, GradientClip, TrainingSpecification, WarmStart

Task = TaskName

ACTIVATION_NAMES: tuple[str, ...] = get_args(ActivationName)
OUTPUT_NAMES: tuple[str, ...] = get_args(OutputName)
INIT_NAMES: tuple[str, ...] = get_args(InitName)
OPTIMIZER_NAMES: tuple[str, ...] = tuple(member_name(member) for member in get_args(get_args(Optimizer)[0]))
SCHEDULE_NAMES: tuple[str, ...] = tuple(member_name(member) for member in get_args(get_args(Schedule)[0]))
LOSS_NAMES: tuple[str, ...] = tuple(member_name(member) for member in get_args(get_args(Loss)[0]))

__all__ = [
    "ACTIVATION_NAMES",
    "INIT_NAMES",
    "LOSS_NAMES",
    "OPTIMIZER_NAMES",
    "OUTPUT_NAMES",
    "SCHEDULE_NAMES",
    "TAG_MARK",
    "ActivationName",
    "Adagrad",
    "Adam",
    "AdamW",
    "BinaryCrossEntropy",
    "ByName",
    "ByShape",
    "Choice",
    "ColumnOverride",
    "ColumnScaling",
    "ColumnType",
    "Constant",
    "Cosine",
    "CrossEntropy",
    "DtypeName",
    "EarlyStopping",
    "Exponential",
    "FillRule",
    "GradientClip",
    "Hinge",
    "Huber",
    "InitName",
    "Lbfgs",
    "Lion",
    "Loss",
    "Mae",
    "Mse",
    "Nadam",
    "NetworkSpecification",
    "OneCycle",
    "Optimizer",
    "OutputName",
    "Poisson",
    "Polynomial",
    "Quantile",
    "Range",
    "Recipe",
    "ReduceOnPlateau",
    "RmsProp",
    "Scaling",
    "ScalingName",
    "Schedule",
    "SearchMethod",
    "SearchSpecification",
    "Sgd",
    "SplitMethod",
    "Step",
    "Task",
    "TaskName",
    "ThresholdMetric",
    "TrainingSpecification",
    "ValidationSpecification",
    "WarmStart",
    "member_name",
    "object_from_name",
]
