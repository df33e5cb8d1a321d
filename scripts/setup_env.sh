#!/usr/bin/env bash
# Makes a Debian machine (12 or later) with the .NET SDK ready to build and run CrossLayer:
# finds out what is missing, says what it will do, installs that and nothing else.
#
# Exit codes: 0 ready; 1 missing (--check), or an installation failed; 2 bad usage, no SDK as global.json
# wants it, or no apt-get; 3 something is missing and only root can install it.
set -euo pipefail

usage() {
	cat <<-'END'
		usage: scripts/setup_env.sh [--check] [--build | --vm | --test | --containers]

		  (none)    install what is missing; when not root, print the commands and exit 3
		  --check   only report: exit 0 when everything is here, else 1
		  --build   be content with what building needs
		  --vm      ask for what scripts/test_vm.sh emulates a machine with, too
		  --test    ask for all that the tests run beside the program, too
		  --containers  ask for what scripts/evaluate_containers.sh builds and runs images with, too
	END
}

check_only=false
scope=run
for argument; do
	case $argument in
	--check) check_only=true ;;
	--build) scope=build ;;
	--vm) scope=vm ;;
	--test) scope='test' ;;
	--containers) scope=containers ;;
	-h | --help) usage; exit 0 ;;
	*) echo "error: unknown option '$argument': see scripts/setup_env.sh --help" >&2; exit 2 ;;
	esac
done

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
PATH=$PATH:/usr/sbin:/sbin # where Debian keeps nft and ldconfig, and not in every user's PATH

# shellcheck disable=SC2317 # called by need
has_tool() { command -v "$1" >/dev/null || compgen -c "$1-" | grep -E "^$1-[0-9]+\$" >/dev/null; }
# shellcheck disable=SC2317 # called by need
has_library() { ldconfig -p | grep -F "$1 " >/dev/null; }
# shellcheck disable=SC2317 # called by need
has_virtiofsd() { [[ -x /usr/lib/qemu/virtiofsd || -x /usr/libexec/virtiofsd ]]; }
# shellcheck disable=SC2317 # called by need
has_postgresql() { has_tool initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_tracefs() { grep -F ' /sys/kernel/tracing tracefs ' /proc/mounts >/dev/null; }

# global.json: this version or a later one of the same major and minor (rollForward: latestFeature).
sdk=$(sed -n 's/.*"version": *"\([0-9.]*\)".*/\1/p' "$root/global.json")
has_sdk() {
	command -v dotnet >/dev/null && dotnet --list-sdks | awk -v wanted="$sdk" '
		BEGIN { split(wanted, w, ".") }
		{ split($1, v, "."); if (v[1] == w[1] && v[2] == w[2] && (v[3] == w[3] || v[3] + 0 > w[3] + 0)) found = 1 }
		END { exit !found }'
}

# Debian 12 has virtiofsd with QEMU, later ones by itself.
virtiofsd=virtiofsd
if grep -q '^VERSION_ID="12"' /etc/os-release; then virtiofsd=qemu-system-common; fi

packages=()
reasons=()
insufficient=false # something is missing that the scope asks for

# need build|run|vm|test|containers PACKAGE REASON CHECK…: notes the package as missing when the check fails.
need() {
	local stage=$1 package=$2 reason=$3
	shift 3
	if "$@"; then
		report here "$package" "$reason"
	elif [[ $stage =~ build|run || $scope == "$stage" || $scope == test && $stage != containers ]]; then # who runs the program is offered no web server
		report missing "$package" "$reason"
		packages+=("$package")
		reasons+=("$reason")
		if [[ $scope != build || $stage == build ]]; then insufficient=true; fi
	fi
}

report() { if $check_only; then printf '%-8s %-18s %s\n' "$@"; fi; }

need build clang 'clang: compiles the kernel side, bpf/' has_tool clang
need build llvm 'llvm-strip: strips the compiled object' has_tool llvm-strip
need build libbpf-dev 'bpf/bpf_helpers.h: what bpf/ includes' test -e /usr/include/bpf/bpf_helpers.h
need build ca-certificates 'trusted roots: package restore over HTTPS' test -s /etc/ssl/certs/ca-certificates.crt
need run libbpf1 'libbpf.so.1: loads the kernel side' has_library libbpf.so.1
need run nftables 'nft: injects faults in demo and experiment' has_tool nft
need run iproute2 'ip: builds the network namespaces of demo and experiment' has_tool ip
need run curl 'curl: requests by hand and in tests' has_tool curl
if [[ $(uname -m) == x86_64 ]]; then
	need vm qemu-system-x86 'qemu-system-x86_64: emulates a machine with another kernel' has_tool qemu-system-x86_64
	need vm "$virtiofsd" 'virtiofsd: gives that machine the root of this one' has_virtiofsd
fi
need test nginx 'nginx: the server whose access log the tests correlate' has_tool nginx
need test postgresql 'initdb, pg_ctl: the PostgreSQL server that the tests keep a journal in' has_postgresql
need test wrk 'wrk: load for that server' has_tool wrk
need test haproxy 'haproxy: the proxy whose log the tests correlate' has_tool haproxy
need test dnsmasq-base 'dnsmasq: the name server through which a cluster comes about in the tests; no service comes with it' has_tool dnsmasq
need test apache2-bin 'apache2: another server whose access log the tests correlate; no service comes with it' has_tool apache2
need containers buildah 'buildah: builds an image without a Docker engine' has_tool buildah
need containers podman 'podman: runs it' has_tool podman
need containers crun 'crun: starts its processes, with the capabilities that are named' has_tool crun
need containers debootstrap 'debootstrap: a base for it that is made here' has_tool debootstrap

sdk_here=true
has_sdk || sdk_here=false

if $check_only; then
	report "$($sdk_here && echo here || echo missing)" "dotnet $sdk" 'the SDK that global.json names, or a later 10.0: builds and runs the program'
	report "$(has_tracefs && echo here || echo optional)" tracefs 'tracepoint names for people and tools; the probe does without'
	if $insufficient || ! $sdk_here; then exit 1; fi
	exit 0
fi

install=(apt-get install -y --no-install-recommends "${packages[@]}")

list_missing() {
	local i
	for i in "${!packages[@]}"; do printf '  %-18s %s\n' "${packages[i]}" "${reasons[i]}"; done
}

install_missing() {
	if ! command -v apt-get >/dev/null; then
		echo 'error: missing, and there is no apt-get here: install by the means of this system:' >&2
		list_missing >&2
		exit 2
	fi
	if ((EUID != 0)); then
		{
			echo 'error: missing, and only root can install into /usr:'
			list_missing
			echo 'run as root:'
			if [[ $scope == test ]]; then # which leaves no service running
				echo "  $root/scripts/setup_env.sh --test"
			else
				echo '  apt-get update'
				echo "  ${install[*]}"
			fi
		} >&2
		return 3
	fi
	echo 'installing with apt-get (needs root: it writes to /usr):'
	list_missing
	apt_get update || return
	if [[ " ${packages[*]} " =~ ' nginx '|' haproxy '|' postgresql '|' podman ' ]]; then
		install_without_services
	else
		apt_get "${install[@]:1}"
	fi
}

# Debian's nginx, HAProxy and PostgreSQL start as services when they are installed, and at every boot: they would open ports on a machine that
# only runs the tests, which start their own. invoke-rc.d and systemd's helpers ask policy-rc.d before they start anything: 101 is no.
# A server that was here before is not touched: then it is not missing.
install_without_services() {
	local policy=/usr/sbin/policy-rc.d ours=false status=0 server
	if [[ ! -e $policy ]]; then
		ours=true
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	apt_get "${install[@]:1}" || status=$?
	if $ours; then
		rm -f "$policy"
		trap - EXIT
	fi
	for server in nginx haproxy postgresql; do
		if [[ " ${packages[*]} " == *" $server "* && -e /etc/init.d/$server ]]; then
			update-rc.d "$server" disable
			echo "$server is installed and its service is off (to have it: systemctl enable --now $server)"
		fi
	done
	return "$status"
}

# Quiet when it works; waits for another apt-get instead of failing beside it.
apt_get() {
	local output
	if ! output=$(DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" 2>&1 </dev/null); then
		printf '%s\n' "$output" | tail -n 20 >&2
		echo "error: apt-get $1 failed" >&2
		return 1
	fi
}

status=0
if $insufficient; then install_missing || status=$?; fi

if ((EUID == 0)) && [[ -d /sys/kernel/tracing ]] && ! has_tracefs; then
	echo 'mounting tracefs at /sys/kernel/tracing (needs root; tracepoint names for people and tools, the probe does without)'
	mount -t tracefs none /sys/kernel/tracing || echo 'not mounted: going on without it'
fi

if ! $sdk_here; then
	cat >&2 <<-END
		error: no .NET SDK $sdk or later 10.0 in PATH: get it from https://dotnet.microsoft.com/download/dotnet/10.0
		(for example its dotnet-install.sh --channel 10.0 --install-dir /usr/share/dotnet, then link dotnet into /usr/bin, where root finds it, too)
	END
	if ((status == 0)); then status=2; fi
fi

if ((status == 0)); then echo 'ready'; fi
exit "$status"
