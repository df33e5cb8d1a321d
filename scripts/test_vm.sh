#!/usr/bin/env bash
# Runs the probe's tests, or a command, on another kernel: Debian's own, emulated, with this machine's root below it.
# The last line is the sum of the tests: "N passed, N failed, N skipped".
#
# Exit codes: 0 all passed or skipped; 1 a test failed, none ran, or the machine broke off; 2 bad usage; 4 no virtual machine is to
# be had here, with the reason. With a COMMAND: its own.
set -euo pipefail

usage() {
	cat <<-'END'
		usage: scripts/test_vm.sh [OPTION…] [-- COMMAND…]

		  scripts/test_vm.sh --hooks fentry --hooks kprobe
		  scripts/test_vm.sh --filter 'FullyQualifiedName~Netem'
		  scripts/test_vm.sh -- ./crosslayer doctor

		  --tests PROJECT        a test project's folder (default: tests/CrossLayer.Probe.Tests)
		  --hooks HOOKS          auto, fentry, kprobe or tracepoint: run the tests with CROSSLAYER_HOOKS set to it; each, in one boot
		  --filter EXPR          only these tests
		  --time-limit SECONDS   the machine's time (default: 480); what has not run then is skipped, and counted
		  --no-build             run what is built

		Needs root, and x86_64. Results and logs go to TestResults/vm/, which is /run/vm inside; what is written elsewhere inside is lost.
		The first run downloads the kernel into .build/vm/; delete that folder for a newer one.
	END
}

bad_usage() { echo "error: $1: see scripts/test_vm.sh --help" >&2; exit 2; }

project=tests/CrossLayer.Probe.Tests hooks=() filter='' seconds=480 build=true command=()
while (($#)); do
	case $1 in
	-h | --help) usage; exit 0 ;;
	--no-build) build=false; shift; continue ;;
	--) command=("${@:2}"); break ;;
	--tests | --hooks | --filter | --time-limit) (($# > 1)) || bad_usage "$1 wants a value" ;;
	*) bad_usage "unknown option '$1'" ;;
	esac
	case $1 in
	--tests) project=$2 ;;
	--hooks) [[ $2 =~ ^(auto|fentry|kprobe|tracepoint)$ ]] || bad_usage "unknown hooks '$2'"; hooks+=("$2") ;;
	--filter) filter=$2 ;;
	--time-limit) [[ $2 =~ ^[1-9][0-9]*$ ]] || bad_usage "--time-limit wants seconds, not '$2'"; seconds=$2 ;;
	esac
	shift 2
done
if [[ ${hooks[*]} && ${command[*]} ]]; then bad_usage '--hooks is for tests: give the command an option of its own'; fi

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# shellcheck source=scripts/results.sh
source scripts/results.sh
budget=true
root=$PWD
state=$root/.build/vm
kernel=$state/kernel
busybox=$state/busybox/bin/busybox
results=TestResults/vm

unavailable() { echo "no virtual machine here: $1" >&2; exit 4; }

# Unpacks a Debian package into a folder, and installs nothing: unpack PACKAGE FOLDER.
unpack() {
	local package=$1 folder=$2
	rm -rf "$folder" "$folder.part"
	mkdir -p "$folder.part"
	(
		cd "$folder.part" &&
			timeout 300 apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 download "$package" &&
			dpkg-deb -x ./*.deb . &&
			rm ./*.deb
	) && mv "$folder.part" "$folder"
}

# The cloud kernel's package is named after its version, in the one that depends on it.
kernel_package() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1; }

download() {
	local package
	package=$(kernel_package)
	[[ $package ]] || return
	unpack busybox-static "$state/busybox" && unpack "$package" "$kernel" || return
	"$busybox" depmod -b "$kernel" "$(basename "$kernel"/lib/modules/*)" # as installing it does: which module needs which
}

prepare() {
	[[ $(uname -m) == x86_64 ]] || unavailable "the guest runs this machine's programs on an x86_64 kernel, and this is $(uname -m)"
	((EUID == 0)) || unavailable "it shares this machine's root read-only, which takes root: run sudo scripts/test_vm.sh"
	if ! scripts/setup_env.sh --vm --check >/dev/null && ! scripts/setup_env.sh --vm >&2; then
		unavailable 'a tool is missing: run scripts/setup_env.sh --vm'
	fi
	mkdir -p "$state"
	exec {lock}>"$state/lock"
	flock "$lock" # another run of this tree's
	if [[ ! -s $(echo "$kernel"/lib/modules/*/modules.dep) ]]; then
		echo 'downloading a kernel' >&2
		if ! download &>"$state/download.log"; then
			{ timeout 300 apt-get -q update && download; } &>>"$state/download.log" ||
				unavailable "linux-image-cloud-amd64 or busybox-static cannot be downloaded: run apt-get update, and see $state/download.log"
		fi
		chown -R --reference="$root" "$state"
	fi
}

# The program is built here, since compiling takes long inside.
build() {
	./crosslayer --version || return
	if ((${#command[@]})); then return; fi
	DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 \
		flock --close .build/lock dotnet build "$project" --configuration Release --disable-build-servers \
		-verbosity:quiet -terminalLogger:off '-consoleLoggerParameters:ErrorsOnly;NoSummary'
}

# BusyBox, and the modules by which it reaches the host's root; everything else is there.
make_initramfs() {
	local stage=$work/initramfs version modules=(virtio_pci virtiofs overlay) tool path
	version=$(basename "$kernel"/lib/modules/*)
	mkdir -p "$stage"/{bin,dev,host,proc,root,sys,written} "$stage/lib/modules/$version"
	cp "$busybox" "$stage/bin/"
	for tool in sh mkdir modprobe mount switch_root; do ln -s busybox "$stage/bin/$tool"; done
	sed "2i MODULES='${modules[*]}' PATH=/bin" scripts/vm/init >"$stage/init"
	chmod 755 "$stage/init"
	cp "$kernel/lib/modules/$version/modules.dep" "$stage/lib/modules/$version/"
	(
		cd "$kernel/lib/modules/$version"
		for tool in "${modules[@]}"; do sed -n "s|^\([^:]*/$tool\.ko[^:]*\):\(.*\)|\1\2|p" modules.dep; done | tr ' ' '\n' | sort -u |
			while read -r path; do cp --parents "$path" "$stage/lib/modules/$version/"; done
	)
	(cd "$stage" && find . | "$busybox" cpio -o -H newc 2>/dev/null) | gzip -1 >"$work/initramfs.gz"
}

# What guest.sh is to do, in variables; sets names, of the runs.
write_job() {
	local assembly='' runner='' runs=() name i
	if ((${#command[@]} == 0)); then
		name=$(basename "$project"/*.csproj .csproj)
		assembly=$(realpath "$project")/bin/Release/net10.0/$name.dll
		[[ -f $assembly ]] || bad_usage "no test assembly $assembly"
		runner=$(dirname "$(readlink -f "$(command -v dotnet)")")/sdk/$(dotnet --version)/vstest.console.dll
		if ((${#hooks[@]} == 0)); then hooks=(''); fi
		for i in "${hooks[@]}"; do runs+=("$name${i:+-$i}"); done
	fi
	{
		declare -p root kernel busybox seconds command runner assembly runs hooks filter
		# shellcheck disable=SC2016 # expanded inside
		echo 'source "$root/scripts/vm/guest.sh"'
	} >"$results/job.sh"
	names=("${runs[@]}")
}

# Serves a folder to the guest: share TAG FOLDER [ro CACHE]. In a mount namespace of its own, so that read-only is, and nothing stays in /run.
share() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount bash -euc '
		cd "$1"
		mkdir -p "$2"
		mount --rbind "$3" "$2"
		if [[ $4 ]]; then mount -o remount,bind,ro "$2"; fi
		mount -t tmpfs run /run
		for virtiofsd in /usr/lib/qemu/virtiofsd /usr/libexec/virtiofsd; do
			[[ ! -x $virtiofsd ]] || exec "$virtiofsd" "--socket-path=$2.sock" -o "source=$1/$2,sandbox=chroot,cache=$5"
		done' share "$work" "$1" "$2" "${3-}" "${4-auto}" {lock}>&- >"$work/$1.log" 2>&1 </dev/null &
	local waited
	for ((waited = 0; waited < 100; waited++)); do
		[[ ! -S $work/$1.sock ]] || return 0
		kill -0 $! 2>/dev/null || break
		sleep 0.1
	done
	unavailable "virtiofsd does not serve $2: $(tail -n 1 "$work/$1.log")"
}

# virtiofsd reads and writes the guest's memory, which is therefore shared. A panic ends the machine (panic=-1, -no-reboot). To emulate a
# mitigation, or a read of any clock but the TSC, is slow; QEMU gives all processors the same TSC, which the kernel cannot know.
boot() {
	local memory=2560M
	cd "$work" # a socket's path has room for 107 bytes
	exec timeout --kill-after=5 "$seconds" qemu-system-x86_64 -accel tcg,thread=multi -machine q35 -cpu max -smp 2 \
		-m "$memory" -object "memory-backend-memfd,id=memory,size=$memory,share=on" -numa node,memdev=memory \
		-kernel "$(echo "$kernel"/boot/vmlinuz-*)" -initrd initramfs.gz -append 'console=ttyS0 loglevel=4 panic=-1 mitigations=off tsc=reliable clocksource=tsc' \
		-chardev socket,id=root,path=root.sock -device vhost-user-fs-pci,chardev=root,tag=root,queue-size=1024 \
		-chardev socket,id=results,path=results.sock -device vhost-user-fs-pci,chardev=results,tag=results \
		-nic none -display none -monitor none -no-reboot -serial "file:$root/$results/console.log"
}

work='' machine=''
# shellcheck disable=SC2317 # called by trap
clean_up() {
	local pids
	trap - EXIT
	trap '' INT TERM
	pids=$(jobs -p)
	if [[ $pids ]]; then
		# shellcheck disable=SC2086 # several
		kill $pids 2>/dev/null || true
		wait
	fi
	if [[ $work ]]; then rm -rf --one-file-system "$work"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

prepare
rm -rf "$results"
mkdir -p "$results"
if $build && ! build &>"$results/build.log"; then
	fail 'the build' <"$results/build.log" >&2
	exit 1
fi
rm -rf --one-file-system "$state"/run.* # of one that was killed
work=$(mktemp -d "$state/run.XXXXXX")
write_job
make_initramfs
share root / ro always
share results "$root/$results"

if ((${#command[@]})); then
	: >"$results/stdout"
	: >"$results/stderr"
fi
boot {lock}>&- &>"$work/qemu.log" </dev/null &
machine=$!
if ((${#command[@]})); then
	tail --pid="$machine" --sleep-interval=0.2 -n +1 -f "$results/stdout" &
	tail --pid="$machine" --sleep-interval=0.2 -n +1 -f "$results/stderr" >&2 &
fi
status=0
wait "$machine" || status=$?

# Why there is less than there should be.
broke_off() {
	if ((status == 124 || status == 137)); then echo "not finished in $seconds s"; else echo "the machine ended early (qemu: $status)"; fi
}
console() {
	cat "$work/qemu.log"
	tr -d '\r' <"$results/console.log" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' | grep -v '^ *$' | tail -n 30
}

if ((${#command[@]})); then
	wait
	if [[ ! -s $results/status ]]; then
		fail "$(broke_off)" < <(console) >&2
		exit 1
	fi
	exit "$(<"$results/status")"
fi

if [[ -s $results/up ]]; then
	read -r version uptime <"$results/up"
	echo "Linux $version, emulated: up after $uptime s"
fi
for name in "${names[@]}"; do
	printf '%s … ' "$name"
	if read -r status_of_run seconds_of_run 2>/dev/null <"$results/$name.status"; then
		take_run "$name" "$results/$name.trx" "$results/$name.log" "$status_of_run" "$seconds_of_run"
	else
		echo
		if ((status == 124 || status == 137)); then
			skipped=$((skipped + 1))
			echo "  skipped: $name: $(broke_off)"
		else
			fail "$name: $(broke_off)" < <(console)
		fi
	fi
done
if ((ran == 0 && failed == 0 && skipped == 0)); then fail 'no test ran' </dev/null; fi
# shellcheck disable=SC2119 # without a status of its own
finish
