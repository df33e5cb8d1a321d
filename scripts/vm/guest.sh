# Sourced by the job of scripts/test_vm.sh as the virtual machine's first process, on the host's root: makes the machine
# complete, runs the tests or the command, and turns it off. /run/vm is the host's TestResults/vm; all else that is written is gone with
# the machine. The job sets:
#   root      this tree
#   kernel    where the kernel's package is unpacked
#   busybox   a static BusyBox
#   seconds   the machine's time
#   command   what to run; or, when it is empty:
#   runner    vstest.console.dll
#   assembly  of the tests
#   runs      what the results of each run are called, in the order of
#   hooks     each run's CROSSLAYER_HOOKS; empty: not set
#   filter    which tests; empty: all
# shellcheck shell=bash
# shellcheck disable=SC2154 # the job's variables

# Something is written to the console when it is worth reading after a failure.
say() { echo "crosslayer: $*" >/dev/console; }

# Seconds that are left, counted from the machine's start; a part of them is kept for turning it off.
left() {
	local uptime
	read -r uptime _ </proc/uptime
	echo "$((seconds - 10 - ${uptime%.*}))"
}

complete_machine() {
	export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
	mkdir -p /dev/pts /dev/shm
	mount -t devpts -o ptmxmode=666 devpts /dev/pts
	mount -t tmpfs shm /dev/shm
	mount -t securityfs securityfs /sys/kernel/security
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t bpf bpf /sys/fs/bpf
	mount -t cgroup2 cgroup /sys/fs/cgroup
	ln -sfn /proc/self/fd /dev/fd
	echo crosslayer-vm >/proc/sys/kernel/hostname

	# The kernel loads by itself what it is asked for: veth, sch_netem, nf_tables.
	[[ -e /sbin/modprobe ]] || ln -s "$busybox" /sbin/modprobe
	mkdir -p /lib/modules
	mount --bind "$kernel/lib/modules" /lib/modules
	ip link set lo up

	# The SDK needs no ICU and speaks one language. Emulated, to compile a method once more with counters costs more than it gains.
	export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_UI_LANGUAGE=en
	export DOTNET_DbgEnableMiniDump=0 DOTNET_TieredPGO=0
}

run_command() {
	local status=0
	timeout --kill-after=5 "$(left)" "${command[@]}" >/run/vm/stdout 2>/run/vm/stderr </dev/null || status=$?
	echo "$status" >/run/vm/status
	say "the command ended with $status"
}

# Each run has an equal part of the time that is left. The runner ends a run that lasts longer, and still writes what it has, slowly.
run_tests() {
	local i status start name budget reserve arguments
	for i in "${!runs[@]}"; do
		name=${runs[i]} status=0 start=$SECONDS
		budget=$(($(left) / (${#runs[@]} - i)))
		if ((budget < 3)); then budget=3; fi
		reserve=$((budget / 3 < 45 ? budget / 3 : 45))
		arguments=("--logger:trx;LogFileName=$name.trx" --ResultsDirectory:/run/vm)
		if [[ $filter ]]; then arguments+=("--TestCaseFilter:$filter"); fi
		if [[ ${hooks[i]} ]]; then export CROSSLAYER_HOOKS=${hooks[i]}; else unset CROSSLAYER_HOOKS; fi
		say "$name begins, for at most $budget s"
		timeout --kill-after=5 "$budget" dotnet exec "$runner" "$assembly" "${arguments[@]}" \
			-- "RunConfiguration.TestSessionTimeout=$(((budget - reserve) * 1000))" \
			xUnit.DiagnosticMessages=true xUnit.LongRunningTestSeconds=60 \
			>"/run/vm/$name.log" 2>&1 </dev/null || status=$?
		echo "$status $((SECONDS - start))" >"/run/vm/$name.status"
		say "$name ended with $status"
	done
}

complete_machine
read -r uptime _ </proc/uptime
echo "$(uname -r) $uptime" >/run/vm/up
say "up after $uptime s, $(nproc) CPUs, $(date -u '+%F %T') UTC"

cd "$root" || say "cannot enter $root"
if ((${#command[@]})); then run_command; else run_tests; fi

sync
echo o >/proc/sysrq-trigger
sleep 60
