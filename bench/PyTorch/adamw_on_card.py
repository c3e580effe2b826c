"""PyTorch's AdamW on an NVIDIA card, over the tensors that bench/Descent.Gpu.Bench times Descent's over.

    python3 bench/PyTorch/adamw_on_card.py [--rounds 50] [--json FILE]

Every case is timed by CUDA events around one step, in turn with the others and with a copy that reads and writes as many bytes;
medians. Needs nothing but PyTorch with CUDA.
"""

import argparse
import json
import statistics

import torch


def gpt2_small():
    """The shapes of GPT-2 small's 148 parameters, head tied: 124,439,808 elements."""
    width, vocabulary, context = 768, 50257, 1024
    shapes = [(vocabulary, width), (context, width)]
    for _ in range(12):
        shapes += [(width,), (width,), (3 * width, width), (3 * width,), (width, width), (width,)]
        shapes += [(width,), (width,), (4 * width, width), (4 * width,), (width, 4 * width), (width,)]
    return shapes + [(width,), (width,)]


def optimizer_case(shapes, **kind):
    """A step of torch.optim.AdamW. The rate keeps parameters where they are; the work is that of any step."""
    parameters = [torch.nn.Parameter(0.02 * torch.rand(shape, device="cuda") - 0.01) for shape in shapes]
    for parameter in parameters:
        parameter.grad = 0.01 * torch.randn_like(parameter)
    return torch.optim.AdamW(parameters, lr=1e-6, weight_decay=0.01, **kind).step


def operator_case(shapes):
    """The operator alone, without the optimizer's Python around it."""
    parameters = [0.02 * torch.rand(shape, device="cuda") - 0.01 for shape in shapes]
    gradients = [0.01 * torch.randn_like(parameter) for parameter in parameters]
    means, squares = ([torch.zeros_like(parameter) for parameter in parameters] for _ in range(2))
    steps = [torch.ones((), device="cuda") for _ in parameters]

    def run():
        torch._fused_adamw_(
            parameters, gradients, means, squares, [], steps,
            lr=1e-6, beta1=0.9, beta2=0.999, weight_decay=0.01, eps=1e-8, amsgrad=False, maximize=False)

    return run


def copy_case(total_bytes):
    source = torch.rand(total_bytes // 8, device="cuda")
    target = torch.empty_like(source)
    return lambda: target.copy_(source)


def timed(cases, rounds):
    """Milliseconds by case: all work is queued, the card never waits unless the host is slower."""
    events = {name: [] for name in cases}
    for _ in range(3):
        for run in cases.values():
            run()
    torch.cuda.synchronize()
    for _ in range(rounds):
        for name, run in cases.items():
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            run()
            end.record()
            events[name].append((start, end))
    torch.cuda.synchronize()
    return {name: sorted(start.elapsed_time(end) for start, end in pairs) for name, pairs in events.items()}


@torch.no_grad()
def measure(shapes, rounds):
    elements = sum(torch.Size(shape).numel() for shape in shapes)
    total_bytes = 7 * 4 * elements  # parameter, gradient and two states are read, all but the gradient written
    times = timed(
        {
            "copy": copy_case(total_bytes),
            "AdamW(fused=True)": optimizer_case(shapes, fused=True),
            "_fused_adamw_": operator_case(shapes),
            "AdamW(foreach=True)": optimizer_case(shapes, foreach=True),
        },
        rounds)
    copy = statistics.median(times["copy"])
    return [
        {
            "name": name,
            "bytes": total_bytes,
            "milliseconds": statistics.median(each),
            "fastest": each[0],
            "gigabytes_per_second": total_bytes / statistics.median(each) / 1e6,
            "of_copy": statistics.median(each) / copy,
        }
        for name, each in times.items()
    ]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=50)
    options.add_argument("--json")
    options = options.parse_args()
    report = {
        "card": torch.cuda.get_device_name(),
        "pytorch": torch.__version__,
        "rounds": options.rounds,
        "gpt2_small": measure(gpt2_small(), options.rounds),
        "tiny": measure([(10, 10)] * 2000, options.rounds),
    }
    for title in ("gpt2_small", "tiny"):
        print(f"{report['card']}, PyTorch {report['pytorch']}: {title}")
        for case in report[title]:
            print(f"  {case['name']:<24} {case['milliseconds']:9.4f} ms {case['fastest']:9.4f} {case['gigabytes_per_second']:9.1f} GB/s {case['of_copy']:7.3f} of the copy")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)


if __name__ == "__main__":
    main()
