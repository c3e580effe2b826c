"""Runs Optuna's samplers on the problems of Descent.Tuning.Bench and prints one JSON object a line.

    python3 optuna_peer.py --tables FOLDER [--seeds 20] [--trials 100] [--problems car,branin,…] [--samplers tpe,…]

Every line: problem, sampler, seed, the smallest value after 25, 50 and 100 trials, and the seconds Optuna itself took. The problems are the ones of
Problems.cs, written a second time: a point and its value for each is printed with --check, and the bench compares them with its own.
"""
import argparse
import csv
import gzip
import json
import math
import os
import sys
import time
import warnings

import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

SHIFT = (9.1, -13.3, 4.7, -6.2, 11.9)
HARTMANN_C = (1.0, 1.2, 3.0, 3.2)
HARTMANN_A = (
    (10, 3, 17, 3.5, 1.7, 8),
    (0.05, 10, 17, 0.1, 8, 14),
    (3, 3.5, 1.7, 10, 17, 8),
    (17, 8, 0.05, 10, 0.1, 14),
)
HARTMANN_P = (
    (1312, 1696, 5569, 124, 8283, 5886),
    (2329, 4135, 8307, 3736, 1004, 9991),
    (2348, 1451, 3522, 2883, 3047, 6650),
    (4047, 8828, 8732, 5743, 1091, 381),
)


class Table:
    """Mean error over the seeds of a complete table; every column is an index into its sorted values."""

    def __init__(self, path):
        with gzip.open(path, "rt") as file:
            rows = list(csv.reader(file))
        self.names = [name for name in rows[0] if not name.startswith("seed")]
        count = len(self.names)
        self.values = [sorted({float(row[j]) for row in rows[1:]}) for j in range(count)]
        index = [{value: k for k, value in enumerate(column)} for column in self.values]
        self.errors = {
            tuple(index[j][float(row[j])] for j in range(count)): 1 - sum(map(float, row[count:])) / (len(row) - count)
            for row in rows[1:]
        }

    def __call__(self, trial):
        return self.errors[tuple(trial.suggest_int(name, 0, len(v) - 1) for name, v in zip(self.names, self.values))]


def branin(trial):
    x, y = trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)
    return (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann6(trial):
    x = [trial.suggest_float(f"x{i}", 0, 1) for i in range(6)]
    return -sum(
        c * math.exp(-sum(a * (v - p / 1e4) ** 2 for a, p, v in zip(row_a, row_p, x)))
        for c, row_a, row_p in zip(HARTMANN_C, HARTMANN_A, HARTMANN_P)
    )


def rosenbrock4(trial):
    x = [trial.suggest_float(f"x{i}", -2.048, 2.048) for i in range(4)]
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(3))


def ackley5(trial):
    x = [trial.suggest_float(f"x{i}", -32.768, 32.768) - SHIFT[i] for i in range(5)]
    return (
        -20 * math.exp(-0.2 * math.sqrt(sum(v * v for v in x) / 5))
        - math.exp(sum(math.cos(2 * math.pi * v) for v in x) / 5)
        + 20
        + math.e
    )


def mixed(trial):
    rate = math.log10(trial.suggest_float("rate", 1e-5, 1, log=True))
    layers = trial.suggest_int("layers", 1, 8)
    width = math.log2(trial.suggest_int("width", 16, 1024, log=True))
    dropout = trial.suggest_float("dropout", 0, 0.5)
    momentum = trial.suggest_float("momentum", 0.5, 0.95, step=0.05)
    activation = trial.suggest_categorical("activation", ["relu", "gelu", "tanh"])
    optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam"])
    best_rate = (-1.3 if optimizer == "sgd" else -2.8) - 0.1 * (layers - 1)
    loss = 0.25 * (rate - best_rate) ** 2 + 0.02 * (layers - 5) ** 2 + 0.03 * (width - 8.5 + 0.2 * layers) ** 2
    loss += 2 * (dropout - 0.04 * layers) ** 2 + {"relu": 0.05, "gelu": 0, "tanh": 0.2}[activation]
    loss += (0.1 + 2 * (momentum - 0.9) ** 2) if optimizer == "sgd" else 0.5 * (momentum - 0.85) ** 2
    return 1 - 1 / (1 + loss)


def conditional(trial):
    model = trial.suggest_categorical("model", ["svm", "forest", "net"])
    if model == "svm":
        c = math.log10(trial.suggest_float("c", 1e-3, 1e3, log=True))
        gamma = math.log10(trial.suggest_float("gamma", 1e-4, 10, log=True))
        return 0.15 + 0.05 * (c - 1) ** 2 + 0.05 * (gamma + 1.5) ** 2 + 0.03 * (c - 1) * (gamma + 1.5)
    if model == "forest":
        depth = trial.suggest_int("depth", 2, 32)
        features = trial.suggest_float("features", 0.1, 1)
        return 0.18 + 0.001 * (depth - 18) ** 2 + 0.2 * (features - 0.4) ** 2
    rate = math.log10(trial.suggest_float("rate", 1e-5, 1e-1, log=True))
    layers = trial.suggest_int("layers", 1, 5)
    loss = 0.1 + 0.1 * (rate + 2.5 + 0.2 * layers) ** 2 + 0.02 * (layers - 4) ** 2
    if layers > 1:
        loss += 0.5 * (trial.suggest_float("dropout", 0, 0.8) - 0.1 * layers) ** 2
    return loss


FUNCTIONS = {f.__name__: f for f in (branin, hartmann6, rosenbrock4, ackley5, mixed, conditional)}
SAMPLERS = {
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "tpe_multivariate": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, warn_independent_sampling=False),
    "tpe_group": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, warn_independent_sampling=False),
    "cmaes": lambda seed: optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False),
    "cmaes_margin": lambda seed: optuna.samplers.CmaEsSampler(seed=seed, with_margin=True, warn_independent_sampling=False),
}
CHECKS = {
    "branin": {"x": 1.0, "y": 2.0},
    "hartmann6": {f"x{i}": 0.1 * (i + 1) for i in range(6)},
    "rosenbrock4": {f"x{i}": 0.3 * i - 0.5 for i in range(4)},
    "ackley5": {f"x{i}": 2.0 * i for i in range(5)},
    "mixed": {"rate": 1e-3, "layers": 3, "width": 128, "dropout": 0.2, "momentum": 0.8, "activation": "relu", "optimizer": "sgd"},
    "conditional": {"model": "net", "rate": 1e-3, "layers": 3, "dropout": 0.5},
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--problems")
    parser.add_argument("--samplers", default="tpe,tpe_multivariate,cmaes")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        for name, point in CHECKS.items():
            print(json.dumps({"problem": name, "point": point, "value": FUNCTIONS[name](optuna.trial.FixedTrial(point))}))
        return
    problems = dict(FUNCTIONS)
    if options.tables:
        tables = sorted(name for name in os.listdir(options.tables) if name.endswith(".csv.gz"))
        problems = {name.split(".")[0].split("-")[-1]: Table(os.path.join(options.tables, name)) for name in tables} | problems
    for name in (options.problems or ",".join(problems)).split(","):
        for sampler in options.samplers.split(","):
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                study = optuna.create_study(sampler=SAMPLERS[sampler](seed))
                began, best, marks = time.perf_counter(), math.inf, {}
                for number in range(1, options.trials + 1):
                    trial = study.ask()
                    value = problems[name](trial)
                    study.tell(trial, value)
                    best = min(best, value)
                    if number in (25, 50, 100, 200, options.trials):
                        marks[number] = best
                seconds = time.perf_counter() - began
                print(json.dumps({"problem": name, "sampler": sampler, "seed": seed, "best": marks, "seconds": round(seconds, 4)}))
                sys.stdout.flush()


if __name__ == "__main__":
    main()
