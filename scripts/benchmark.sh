#!/usr/bin/env bash
# Measures CrossLayer against references that are built and run beside it, and prints a table of ratios.
#
#   sudo scripts/benchmark.sh [--only NAME] [--quick] [--list] [--json FILE]
#
# The results go to results/benchmarks.json as well, unless --json names another file. Progress is on standard error. Without root,
# nginx, wrk, bpftrace or python3, what needs them is skipped, and the table says so.
#
# Exit codes: 0 all ran or was skipped, whatever the targets say; 1 a benchmark broke off, or the build failed; 2 bad usage.
set -euo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
project=tests/benchmarks/CrossLayer.Benchmarks
native=$project/obj/native
mkdir -p "$native" results

# A benchmark that finds a reference missing says so; here the reason is told.
cc -O2 -Wall -Werror -shared -fPIC -Ibpf "$project/Ring/drain.c" -o "$native/drain.so" -lbpf >&2 || echo 'cannot build the C consumer: the benchmark of the ring will be skipped' >&2
scripts/build_bpf.sh "$project/Ring/fill.bpf.c" "$native/fill.bpf.o" >&2 || rm -f "$native/drain.so"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false MSBUILDDISABLENODEREUSE=1 DOTNET_DbgEnableMiniDump=0
# As the launcher sets it.
export DOTNET_GCgen0size=0x2000000
dotnet build "$project" --configuration Release --disable-build-servers -verbosity:quiet -terminalLogger:off '-consoleLoggerParameters:ErrorsOnly;NoSummary' >&2

json=(--json results/benchmarks.json)
for argument in "$@"; do
	if [[ $argument == --json || $argument == --json=* ]]; then json=(); fi
done
exec dotnet "$project/bin/Release/net10.0/CrossLayer.Benchmarks.dll" "${json[@]}" "$@"
