"""Writes the files in tests/Golden/pytorch that are named *.pt: optimizer states as PyTorch's torch.save writes them.

PyTorch itself isn't needed. The objects are pickled by Python's own pickler (protocol 2) under PyTorch's names, with tensors referring to storages
as torch.save has them, and packed into a zip archive of the same layout (name/data.pkl, name/data/0 ..., name/version, name/byteorder). The numbers come from
PyTorch's documented update rules, computed here in double precision, a few steps before the state is saved and a few steps after.

    python3 tools/write_pytorch_state.py
"""

import io
import math
import pathlib
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "Golden" / "pytorch"

torch = types.ModuleType("torch")
torch_utils = types.ModuleType("torch._utils")
sys.modules["torch"], sys.modules["torch._utils"] = torch, torch_utils


def _rebuild_tensor_v2(*arguments):
    raise NotImplementedError("only its name is written")


_rebuild_tensor_v2.__module__ = "torch._utils"
torch_utils._rebuild_tensor_v2 = _rebuild_tensor_v2

CODES = {"FloatStorage": "f", "DoubleStorage": "d", "LongStorage": "q", "BFloat16Storage": None}
for name in CODES:
    setattr(torch, name, type(name, (), {"__module__": "torch"}))


class Storage:
    """Numbers that lie one behind the other; several tensors may look into one."""

    def __init__(self, values, kind="FloatStorage"):
        self.values, self.kind = list(values), kind

    def bytes(self):
        if self.kind == "BFloat16Storage":
            return b"".join(struct.pack("<f", value)[2:] for value in self.values)  # exact for values with few bits
        return struct.pack(f"<{len(self.values)}{CODES[self.kind]}", *self.values)


class Tensor:
    def __init__(self, storage, shape, offset=0, strides=None):
        self.storage, self.shape, self.offset = storage, tuple(shape), offset
        steps = [1]
        for size in reversed(self.shape[1:]):
            steps.insert(0, steps[0] * size)
        self.strides = tuple(strides if strides is not None else steps[: len(self.shape)])

    def __reduce_ex__(self, protocol):
        return _rebuild_tensor_v2, (self.storage, self.offset, self.shape, self.strides, False, OrderedDict())


def tensor(values, shape, kind="FloatStorage"):
    return Tensor(Storage(values, kind), shape)


def save(root, name):
    storages = []

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if not isinstance(value, Storage):
                return None
            if value not in storages:
                storages.append(value)
            return ("storage", getattr(torch, value.kind), str(storages.index(value)), "cpu", len(value.values))

    data = io.BytesIO()
    Pickler(data, protocol=2).dump(root)
    path = FOLDER / f"{name}.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        def write(entry, content):
            archive.writestr(zipfile.ZipInfo(f"{name}/{entry}", (1980, 1, 1, 0, 0, 0)), content)

        write("data.pkl", data.getvalue())
        write("byteorder", "little")
        for index, storage in enumerate(storages):
            write(f"data/{index}", storage.bytes())
        write("version", "3\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


def single(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


# The last one is frozen: it never has a gradient, so it never has a state.
SHAPES = OrderedDict([("layer0.weight", (7, 5)), ("layer0.bias", (7,)), ("layer1.weight", (3, 7)), ("layer1.bias", (3,)), ("layer2.weight", (2, 2))])
FROZEN = "layer2.weight"
BEFORE, AFTER = 4, 5


def gradient(index, element, step):
    """The same formula stands in the test; rounded to single precision there and here."""
    return single((math.sin(0.7 * element + (index + 1) * 0.37 * step) + 0.1 * math.cos(0.37 * step + index)) * (0.5 + index))


def adam(h, p, g, s, t):
    s["step"] = s.get("step", 0) + 1
    if not h["decoupled"]:
        g = g + h["weight_decay"] * p
    else:
        p = p * (1 - h["lr"] * h["weight_decay"])
    b1, b2 = h["betas"]
    m = s["exp_avg"] = b1 * s.get("exp_avg", 0) + (1 - b1) * g
    v = s["exp_avg_sq"] = b2 * s.get("exp_avg_sq", 0) + (1 - b2) * g * g
    if h["amsgrad"]:
        v = s["max_exp_avg_sq"] = max(s.get("max_exp_avg_sq", 0), v)
    n = s["step"]
    return p - h["lr"] / (1 - b1**n) * m / (math.sqrt(v) / math.sqrt(1 - b2**n) + h["eps"])


def sgd(h, p, g, s, t):
    g = g + h["weight_decay"] * p
    b = s["momentum_buffer"] = h["momentum"] * s["momentum_buffer"] + (1 - h["dampening"]) * g if "momentum_buffer" in s else g
    return p - h["lr"] * (g + h["momentum"] * b if h["nesterov"] else b)


def rmsprop(h, p, g, s, t):
    s["step"] = s.get("step", 0) + 1
    g = g + h["weight_decay"] * p
    v = s["square_avg"] = h["alpha"] * s.get("square_avg", 0) + (1 - h["alpha"]) * g * g
    m = s["grad_avg"] = h["alpha"] * s.get("grad_avg", 0) + (1 - h["alpha"]) * g
    b = s["momentum_buffer"] = h["momentum"] * s.get("momentum_buffer", 0) + g / (math.sqrt(v - m * m) + h["eps"])
    return p - h["lr"] * b


def adagrad(h, p, g, s, t):
    s["step"] = s.get("step", 0) + 1
    g = g + h["weight_decay"] * p
    v = s["sum"] = s.get("sum", h["initial_accumulator_value"]) + g * g
    return p - h["lr"] / (1 + (s["step"] - 1) * h["lr_decay"]) * g / (math.sqrt(v) + h["eps"])


SWITCHES = {"foreach": None, "maximize": False, "capturable": False, "differentiable": False, "fused": None}


def run(rule, settings, groups=None):
    """Steps before and after the moment of saving; what is saved is single precision, and the run goes on from that."""
    groups = groups or [(settings, list(SHAPES))]
    of = {name: group for group, names in groups for name in names}
    parameters = {name: [single(math.cos(i + k)) for i in range(math.prod(shape))] for k, (name, shape) in enumerate(SHAPES.items())}
    states = {name: [{} for _ in values] for name, values in parameters.items()}

    def steps(first, last):
        for t in range(first, last + 1):
            for k, (name, values) in enumerate(parameters.items()):
                if name != FROZEN:
                    for i in range(len(values)):
                        values[i] = rule(of[name], values[i], gradient(k, i, t), states[name][i], t)

    steps(1, BEFORE)
    for name in parameters:
        parameters[name] = [single(value) for value in parameters[name]]
        states[name] = [{key: single(value) if key != "step" else value for key, value in state.items()} for state in states[name]]
    model = OrderedDict((name, tensor(values, SHAPES[name])) for name, values in parameters.items())
    order = [name for _, names in groups for name in names]
    state = {}
    for number, name in enumerate(order):
        if name != FROZEN:
            state[number] = {
                key: tensor([float(BEFORE)], ()) if key == "step" else tensor([each[key] for each in states[name]], SHAPES[name])
                for key in states[name][0]
            }
    numbers, param_groups = iter(range(len(order))), []
    for group, names in groups:
        written = {key: value for key, value in group.items() if key != "decoupled"}
        param_groups.append({**written, **SWITCHES, "params": [next(numbers) for _ in names]})
    optimizer = {"state": state, "param_groups": param_groups}
    steps(BEFORE + 1, BEFORE + AFTER)
    expected = OrderedDict((name, tensor(values, SHAPES[name], "DoubleStorage")) for name, values in parameters.items())
    return {"epoch": 3, "model": model, "optimizer": optimizer, "expected": expected}


ADAM = {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-8, "weight_decay": 0.1, "amsgrad": False, "decoupled": False}
save(run(adam, ADAM), "adam")
save(run(adam, {**ADAM, "amsgrad": True}), "amsgrad")
save(run(sgd, {"lr": 0.01, "momentum": 0.9, "dampening": 0, "weight_decay": 0.1, "nesterov": True}), "sgd")
save(run(rmsprop, {"lr": 0.001, "momentum": 0.5, "alpha": 0.9, "eps": 1e-8, "centered": True, "weight_decay": 0.1}), "rmsprop")
save(run(adagrad, {"lr": 0.05, "lr_decay": 0.1, "eps": 1e-10, "weight_decay": 0.1, "initial_accumulator_value": 0.1}), "adagrad")

# Matrices decay, the rest doesn't: the numbers run through the groups, not through the model.
ADAMW = {**ADAM, "decoupled": True}
matrices = [name for name, shape in SHAPES.items() if len(shape) > 1]
others = [name for name, shape in SHAPES.items() if len(shape) < 2]
save(run(adam, ADAMW, [(ADAMW, matrices), ({**ADAMW, "weight_decay": 0.0}, others)]), "adamw")

# A bare state_dict() with what older and newer versions do otherwise: a step that is an integer, names, states in other types and layouts, and no momentum yet.
shared = Storage([float(i) for i in range(12)])
save(
    {
        "state": {
            0: {"step": 7, "exp_avg": Tensor(shared, (3, 2), offset=6, strides=(1, 3)), "exp_avg_sq": tensor([0.5] * 6, (3, 2), "BFloat16Storage")},
            1: {"step": tensor([7], (), "LongStorage"), "exp_avg": Tensor(shared, (3,), offset=1), "exp_avg_sq": tensor([0.25, 0.5, 0.75], (3,), "DoubleStorage")},
        },
        "param_groups": [{"lr": tensor([0.125], ()), "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "amsgrad": False, **SWITCHES,
                          "param_names": ["second", "first"], "params": [0, 1]}],
    },
    "layouts",
)
save({"state": {0: {"momentum_buffer": None}}, "param_groups": [{"lr": 0.1, "momentum": 0.9, "dampening": 0, "weight_decay": 0, "nesterov": False, "params": [0]}]}, "sgd_begun")
