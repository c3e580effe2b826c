#!/usr/bin/env bash
# The two runs, with a text file as the argument. Needs 60 GB of disk in the present folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
for run in gpt-1.3b gpt-6b; do
  /usr/bin/time -v dotnet run -c Release --project "$here/../../src/Descent.Cli" -- train "$here/$run.yaml" --data "$1" --out "$run"
done
