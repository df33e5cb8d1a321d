#!/usr/bin/env bash
# Compiles one BPF program to a stripped object: build_bpf.sh SOURCE OBJECT [MACHINE]. Called by the .NET build.
# MACHINE is a name of uname -m; this machine if left out.
set -euo pipefail

source=$1
object=$2

# Debian installs the tools under versioned names, too: take the plain one, else the newest.
find_tool() {
	command -v "$1" && return
	compgen -c "$1-" | grep -E "^$1-[0-9]+\$" | sort -t- -k"$(awk -F- '{print NF+1}' <<<"$1")" -n | tail -n 1 | grep . && return
	echo "error: $1 not found: run scripts/setup_env.sh" >&2
	exit 1
}

machine=${3:-$(uname -m)}

case $machine in
x86_64) arch=x86 ;;
aarch64) arch=arm64 ;;
*) echo "error: no BPF target known for $machine" >&2; exit 1 ;;
esac

clang=$(find_tool clang)
strip=$(find_tool llvm-strip)
"$clang" -g -O2 -target bpf -mcpu=v2 -Wall -Werror "-D__TARGET_ARCH_$arch" -I"$(dirname "$source")" -c "$source" -o "$object"
"$strip" -g "$object"
