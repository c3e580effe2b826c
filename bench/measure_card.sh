#!/usr/bin/env bash
# All that docs/gpu.md says of a card, on this machine's first one: bench/measure_card.sh FOLDER
# Needs the .NET SDK, NVIDIA's driver, and a python3 with a PyTorch for CUDA. Uses ptxas, compute-sanitizer and ncu where they are.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: bench/measure_card.sh FOLDER" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exec > >(tee "$out/log.txt") 2>&1

step() { printf '\n== %s\n' "$*"; }
has() { command -v "$1" >/dev/null; }

step "Building without a libtorch of our own"
for project in bench/Descent.Gpu.Bench src/Descent.Cli tests/Descent.Gpu.Tests; do
  dotnet publish -c Release -r linux-x64 --self-contained -p:CarryLibTorch=false -p:NuGetLockFilePath=obj/card/packages.lock.json -o "$work/app" "$project"
done
bench=$work/app/Descent.Gpu.Bench

step "The card"
if has nvidia-smi; then nvidia-smi --query-gpu=name,driver_version,clocks.sm,clocks.mem --format=csv; fi

step "The bits of every rule"
"$bench" check >"$out/check.txt" || { tail -n 20 "$out/check.txt"; exit 1; }
tail -n 1 "$out/check.txt"

if has ptxas; then
  step "NVIDIA's assembler"
  "$bench" ptx "$work/ptx"
  for kernel in "$work"/ptx/*.ptx; do ptxas -v -arch="${ARCH:-sm_90}" -o /dev/null "$kernel"; done >"$work/ptxas.txt" 2>&1
  echo "without spills: $(grep -c '0 bytes spill stores, 0 bytes spill loads' "$work/ptxas.txt")"
  grep -o 'Used [0-9]* registers' "$work/ptxas.txt" | sort | uniq -c
fi

if has compute-sanitizer; then
  step "Memory accesses"
  compute-sanitizer --tool memcheck "$bench" check --quick | tail -n 3
fi

step "A step of every rule"
"$bench" time --json "$out/time.json"

step "PyTorch"
python3 bench/PyTorch/adamw_on_card.py --json "$out/pytorch.json"

step "The whole way, over that PyTorch's libtorch"
DESCENT_LIBTORCH=$(python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))')
export DESCENT_LIBTORCH
"$work/app/Descent.Gpu.Tests" -noColor -class '*OnACardTests'
"$work/app/descent" bench step --device cuda --rounds 15 --json >"$out/bench-step.json"
"$work/app/descent" bench step --device cuda
unset DESCENT_LIBTORCH

if has ncu; then
  step "The AdamW kernel"
  ncu --clock-control none --section SpeedOfLight --section LaunchStats --section Occupancy -s 2 -c 1 "$bench" time --only adamw --rounds 2
fi
