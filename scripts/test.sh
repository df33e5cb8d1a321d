#!/usr/bin/env bash
# Builds everything, warnings as errors, and runs every test project of the solution.
# The last line is the sum: "N passed, N failed, N skipped".
#
# Exit codes: 0 all passed or skipped; 1 a test failed, none ran, a run broke off, or the build failed;
# 2 and 3 as scripts/setup_env.sh.
set -euo pipefail

usage() {
	cat <<-'END'
		usage: scripts/test.sh [DOTNET-TEST-OPTION…]

		  scripts/test.sh --filter 'FullyQualifiedName~Journal'

		Results and logs go to TestResults/. Tests that need root or a kernel feature say so when they are skipped.
	END
}
if [[ ${1-} == -h || ${1-} == --help ]]; then usage; exit 0; fi

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

limit=$((24 * 60)) # seconds for the whole run: a machine that waits for it waits 25 minutes
vm_limit=$((14 * 60)) # of it, for the other kernel: emulated, it takes four minutes of two free cores, and on a busy machine three times that
# shellcheck source=scripts/results.sh
source scripts/results.sh

# The SDK needs no ICU, speaks one language, and leaves no servers behind; a crash leaves no core file in the tree.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_UI_LANGUAGE=en MSBUILDDISABLENODEREUSE=1 DOTNET_DbgEnableMiniDump=0
ulimit -c 0

rm -rf TestResults
mkdir TestResults

if ! scripts/setup_env.sh --test --check >/dev/null && ! scripts/setup_env.sh --test; then
	scripts/setup_env.sh --check >/dev/null || { status=0; scripts/setup_env.sh || status=$?; failed=1; finish "$status"; }
	echo 'going on: tests that lack a tool are skipped'
fi

# The launcher builds the program, and what it built is not built again; its lock keeps a launcher from building beside us.
build() {
	./crosslayer --version || return
	flock --close .build/lock dotnet build CrossLayer.slnx --configuration Release --disable-build-servers \
		-p:RestoreLockedMode=true -warnAsError -verbosity:quiet -terminalLogger:off '-consoleLoggerParameters:ErrorsOnly;NoSummary'
}
echo 'building'
if ! build &>TestResults/build.log; then
	fail 'the build' <TestResults/build.log
	finish
fi

# The build made the object for this machine; the other machine's must not rot.
if (($# == 0)); then
	if scripts/build_bpf.sh bpf/crosslayer.bpf.c TestResults/arm64.o aarch64 2>TestResults/arm64.log; then
		passed=1
		echo 'bpf/ for arm64 … compiles'
	else
		echo 'bpf/ for arm64 …'
		fail 'bpf/ does not compile for arm64' <TestResults/arm64.log
	fi
fi

runner=
trap 'kill "$runner" 2>/dev/null || true; exit 130' INT TERM

while read -r project; do
	if grep -q '<IsTestProject>false' "$project"; then continue; fi
	name=$(basename "$project" .csproj)
	log=TestResults/$name.log
	start=$SECONDS
	printf '%s … ' "$name"

	# In the background, where a time limit ends the whole group, and an interrupt is heard at once.
	status=0
	timeout --kill-after=10 "$((start < limit ? limit - start : 1))" \
		dotnet test "$project" --no-build --configuration Release --logger "trx;LogFileName=$name.trx" --results-directory "TestResults/$name" \
		--blame-hang-timeout 3min --blame-hang-dump-type none "$@" >"$log" 2>&1 </dev/null &
	runner=$!
	wait "$runner" || status=$?

	take_run "$name" "TestResults/$name/$name.trx" "$log" "$status" "$((SECONDS - start))"
done < <(sed -n 's/.*Path="\(tests\/[^"]*\.csproj\)".*/\1/p' CrossLayer.slnx)

# The probe's tests once more, on an older kernel, which has other hooks. Its last line is a sum, too.
if (($# == 0)); then
	log=TestResults/vm.log status=0 left=$((limit - SECONDS))
	echo 'another kernel …'
	if ((left < 180)); then
		skipped=$((skipped + 1))
		echo "  skipped: only $left s of $limit s are left"
	else
		timeout --kill-after=10 "$left" scripts/test_vm.sh --no-build --hooks fentry --hooks kprobe \
			--time-limit "$((left - 60 < vm_limit ? left - 60 : vm_limit))" >"$log" 2>&1 </dev/null &
		runner=$!
		wait "$runner" || status=$?
		last=$(tail -n 1 "$log")
		if ((status == 4)); then
			skipped=$((skipped + 1))
			echo "  skipped: $last"
		elif [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
			passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
			head -n -1 "$log" | sed 's/^/  /'
		else
			fail "scripts/test_vm.sh broke off (exit code $status; $log)" < <(tail -n 15 "$log")
		fi
	fi
fi

if ((ran == 0 && failed == 0)); then fail 'no test ran' </dev/null; fi
finish
