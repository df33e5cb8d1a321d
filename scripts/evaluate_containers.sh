#!/usr/bin/env bash
# Builds docker/Dockerfile and runs the image's parts for real, without a Docker engine: the daemon with its two capabilities, a server, a client,
# a few responses that nobody reads, and what the daemon makes of it. Says what it could not cover.
#
#   scripts/evaluate_containers.sh [--no-build]
#
#   --no-build   run the image that is there
#
# Needs root, and installs buildah, podman, crun and debootstrap from Debian's packages. The bases are made here, of Debian and this machine's .NET;
# they and the image are kept in .build/containers/ (several GB; delete it as you like).
#
# Exit codes: 0 all is as it should be; 1 not so; 2 bad usage; 3 something is missing.
set -euo pipefail

build=true
case ${1-} in
'') ;;
--no-build) build=false ;;
-h | --help) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "error: unknown option '$1': see scripts/evaluate_containers.sh --help" >&2; exit 2 ;;
esac
(($# <= 1)) || { echo 'error: one option at most: see scripts/evaluate_containers.sh --help' >&2; exit 2; }
((EUID == 0)) || { echo 'error: building a base, and the probe, need root' >&2; exit 3; }

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
store=$root/.build/containers
image=localhost/crosslayer:latest
sdk=localhost/crosslayer-base-sdk
runtime=localhost/crosslayer-base-aspnet

# In a mount namespace of its own: what is unmounted there stays mounted here.
if [[ -z ${CROSSLAYER_UNSHARED-} ]]; then
	"$root/scripts/setup_env.sh" --containers --check >/dev/null || "$root/scripts/setup_env.sh" --containers
	mkdir -p "$store"
	CROSSLAYER_UNSHARED=1 exec unshare --mount --propagation private "$0" "$@"
fi
umount /sys/fs/cgroup/unified 2>/dev/null || true # where version 1 is mounted beside it, crun takes neither

cat >"$store/containers.conf" <<-END
	[containers]
	cgroups = "disabled"
	default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
	[engine]
	cgroup_manager = "cgroupfs"
	events_logger = "none"
	runtime = "crun"
END
export CONTAINERS_CONF=$store/containers.conf
storage=(--root "$store/storage" --runroot "$store/run" --storage-driver vfs)
# shellcheck disable=SC2329 # a name for what follows
buildah() { command buildah "${storage[@]}" "$@"; }
podman() { command podman "${storage[@]}" "$@"; }
log=$store/build.log

fail() { echo "FAILED: $*" >&2; exit 1; }
step() { printf '\n== %s\n' "$*"; }

# base NAME FOLDER-OF-DOTNET…: Debian with these parts of .NET, as an image.
base() {
	local name=$1 container folder part
	buildah inspect --type image "$name" >/dev/null 2>&1 && return
	container=$(buildah from scratch)
	folder=$(buildah mount "$container")
	cp -a "$store/rootfs/." "$folder/"
	mkdir -p "$folder/usr/share/dotnet"
	for part in "${@:2}"; do cp -a "$dotnet/$part" "$folder/usr/share/dotnet/"; done
	ln -s ../share/dotnet/dotnet "$folder/usr/bin/dotnet"
	# Whom this machine trusts, and how its restore asks: packages may come to it by a way of its own.
	cp /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/ca-certificates.crt"
	buildah config --env "DOTNET_ROOT=/usr/share/dotnet" ${NUGET_CERT_REVOCATION_MODE:+--env "NUGET_CERT_REVOCATION_MODE=$NUGET_CERT_REVOCATION_MODE"} "$container"
	buildah umount "$container" >/dev/null
	buildah commit --quiet --rm "$container" "$name" >/dev/null
}

if $build; then
	step 'the bases'
	dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
	# shellcheck disable=SC1091 # this machine's
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	if [[ ! -e $store/rootfs/etc/os-release || ! -e $store/rootfs.done ]]; then
		rm -rf "$store/rootfs"
		debootstrap --variant=minbase --include=ca-certificates,libssl3,libstdc++6,tzdata,zlib1g "$suite" "$store/rootfs" >"$log" 2>&1 ||
			{ tail -n 20 "$log" >&2; fail "no base of Debian $suite"; }
		rm -rf "$store/rootfs/var/cache/apt/archives/"*.deb
		touch "$store/rootfs.done"
	fi
	base "$sdk" .
	base "$runtime" dotnet host shared
	echo "Debian $suite with $(dotnet --version), in the place of the official images"

	step "docker/Dockerfile"
	revision=$(git -C "$root" rev-parse HEAD)
	start=$SECONDS
	buildah bud --isolation chroot --format docker --build-arg "SDK_IMAGE=$sdk" --build-arg "RUNTIME_IMAGE=$runtime" --build-arg "REVISION=$revision" \
		--file "$root/docker/Dockerfile" --tag "$image" "$root" >"$log" 2>&1 || { tail -n 40 "$log" >&2; fail "the image was not built ($log)"; }
	echo "built in $((SECONDS - start)) s"
fi
podman image exists "$image" || { echo "error: there is no image $image: run without --no-build" >&2; exit 3; }
podman image inspect --format 'user {{.Config.User}}, {{len .Config.ExposedPorts}} ports, health check {{.Config.Healthcheck.Test}}, {{.Size}} bytes' "$image"
((  $(podman image inspect --format '{{.Size}}' "$image") < $(podman image inspect --format '{{.Size}}' "$runtime") + 64 * 1024 * 1024 )) ||
	fail 'the image is more than 64 MiB above its base: what is only for building must not be in it'

# ---- run --------------------------------------------------------------------------------------------------------------
work=$(mktemp -d)
chmod 755 "$work"
port=$((20000 + RANDOM % 5000)) outputs=$((26000 + RANDOM % 1000)) database=$((27000 + RANDOM % 1000))
daemon=crosslayer-daemon-$$ server=crosslayer-server-$$ postgres=''
# shellcheck disable=SC2317,SC2329 # called by trap
finish() {
	podman rm --force --time 5 --ignore "$daemon" "$server" >/dev/null 2>&1 || true
	if [[ -n $postgres ]]; then as_postgres "$postgres/pg_ctl" stop --mode fast -D "$work/database" >/dev/null || true; fi
	rm -rf "$work"
}
trap finish EXIT
as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups -- "$@"; }
common=(--network host --no-healthcheck --cgroups disabled --cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp)

mkdir -p "$work/results" "$work/state" "$work/secrets"
chown 10001:10001 "$work/results"
settings=(--env "CROSSLAYER_PROBE__PORTS=[$port]" --env "CROSSLAYER_OUTPUTS__HTTP__LISTEN=127.0.0.1:$outputs"
	--env CROSSLAYER_INGEST__HTTP__LISTEN=off --env CROSSLAYER_INGEST__OTLP_HTTP__LISTEN=off --env CROSSLAYER_INGEST__OTLP_GRPC__LISTEN=off)

step 'the journal'
tools=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
if [[ -x $tools/initdb ]] && id postgres >/dev/null 2>&1; then
	install --directory --owner=postgres "$work/database"
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$work/secrets/password"
	as_postgres "$tools/initdb" -D "$work/database" --username crosslayer --auth scram-sha-256 --pwfile "$work/secrets/password" >"$work/initdb.log" 2>&1 ||
		{ cat "$work/initdb.log" >&2; fail 'initdb'; }
	as_postgres "$tools/pg_ctl" start --wait -D "$work/database" --log "$work/database/log" \
		--options "-c listen_addresses=127.0.0.1 -c port=$database -c unix_socket_directories=''" >/dev/null || fail 'pg_ctl start'
	postgres=$tools
	printf 'Host=127.0.0.1;Port=%s;Database=postgres;Username=crosslayer;GSS Encryption Mode=Disable;Password=%s\n' "$database" "$(<"$work/secrets/password")" >"$work/secrets/journal-connection"
	echo "PostgreSQL $("$tools/postgres" --version | awk '{ print $3 }') of this machine, at loopback"
else
	printf 'unused\n' >"$work/secrets/journal-connection"
	settings+=(--env CROSSLAYER_JOURNAL__PROVIDER=sqlite --env CROSSLAYER_JOURNAL__PATH=/var/lib/crosslayer/state/journal.db)
	echo 'SQLite: there is no PostgreSQL here'
fi

step 'the daemon, as docker/compose.yaml has it'
# Docker's filter of system calls (since 23.0) lets bpf(2) and perf_event_open(2) through for who has the two capabilities; Podman's own may want
# CAP_SYS_ADMIN for both. This is Podman's with these two as Docker has them.
python3 - /usr/share/containers/seccomp.json "$work/seccomp.json" <<'END'
import json, sys

capability = {"bpf": "CAP_BPF", "perf_event_open": "CAP_PERFMON"}
with open(sys.argv[1]) as file:
    profile = json.load(file)
for rule in profile["syscalls"]:
    rule["names"] = [name for name in rule["names"] if name not in capability]
profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]
for name, needed in capability.items():
    profile["syscalls"].append({"names": [name], "action": "SCMP_ACT_ALLOW", "args": [], "includes": {"caps": [needed]}, "excludes": {}})
with open(sys.argv[2], "w") as file:
    json.dump(profile, file)
END
podman run --detach --name "$daemon" "${common[@]}" --security-opt "seccomp=$work/seccomp.json" --user 0:0 --cap-add BPF --cap-add PERFMON "${settings[@]}" \
	--volume "$work/state:/var/lib/crosslayer/state" --volume "$work/results:/var/lib/crosslayer/results:ro" \
	--volume "$root/docker/crosslayer.conf:/etc/crosslayer/compose.conf:ro" --volume "$work/secrets/journal-connection:/run/secrets/journal-connection:ro" \
	"$image" run --config /etc/crosslayer/compose.conf >/dev/null
health() { podman exec "$daemon" crosslayer health --config /etc/crosslayer/compose.conf "$@"; }
for ((i = 0; ; i++)); do
	if health >"$work/health"; then break; fi
	((i < 60)) && [[ $(podman inspect --format '{{.State.Running}}' "$daemon") == true ]] || { podman logs "$daemon" >&2; fail 'the daemon did not become ready'; }
	sleep 1
done
cat "$work/health"
# Within the container, `crosslayer` is process 1 and has become dotnet.
pid=$(podman inspect --format '{{.State.Pid}}' "$daemon")
grep -E '^(Uid|CapPrm|CapEff|NoNewPrivs|Seccomp):' "/proc/$pid/status"
grep -qE '^CapEff:\s+0+$' "/proc/$pid/status" || fail 'the daemon kept capabilities'

step 'server and load, without privileges'
podman run --detach --name "$server" "${common[@]}" --user 10001:10001 --volume "$work/results:/var/lib/crosslayer/results" \
	"$image" serve --address 127.0.0.1 --port "$port" --service demo >/dev/null
for ((i = 0; i < 60; i++)); do
	if curl -sf -o /dev/null "http://127.0.0.1:$port/health"; then break; fi
	sleep 0.5
done
grep -E '^(Uid|CapEff):' "/proc/$(podman inspect --format '{{.State.Pid}}' "$server")/status"
podman run --rm "${common[@]}" --user 10001:10001 --volume "$work/results:/var/lib/crosslayer/results" \
	"$image" load --url "http://127.0.0.1:$port/bytes/2000" --requests 50 --interval 20
for _ in 1 2 3; do # responses that nobody reads
	(exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /bytes/20000 HTTP/1.1\r\nHost: x\r\n\r\n' >&3 && sleep 0.3)
done

step 'what the daemon makes of it'
health --ready >"$work/health" || { cat "$work/health" >&2; fail 'the daemon is not ready'; } # now that both logs that it follows are there
value() { awk -v want="$1" 'index($0, want) == 1 { sum += $NF } END { print sum + 0 }' "$work/metrics"; }
for ((i = 0; i < 60; i++)); do
	curl -s "http://127.0.0.1:$outputs/metrics" >"$work/metrics"
	if (($(value 'crosslayer_discrepancies_total{cause="unread_close"') >= 3 && $(value 'crosslayer_correlations_total{verdict="healthy"}') >= 50)); then break; fi
	sleep 0.5
done
grep -E '^crosslayer_(correlations_total|discrepancies_total|matches_total|kernel_events_(made|lost)_total)' "$work/metrics" || true
(($(value 'crosslayer_discrepancies_total{cause="unread_close"') == 3)) || fail '3 responses were not read'
(($(value 'crosslayer_correlations_total{verdict="healthy"}') >= 50)) || fail '50 requests were in order'
(($(value crosslayer_kernel_events_lost_total) == 0)) || fail 'events were lost'
podman exec "$daemon" crosslayer discrepancies --config /etc/crosslayer/compose.conf --since 5m

step 'the end'
podman stop --time 30 "$daemon" "$server" >/dev/null
for name in "$daemon" "$server"; do
	code=$(podman inspect --format '{{.State.ExitCode}}' "$name")
	echo "$name: exit code $code"
	((code == 0)) || { podman logs "$name" >&2; fail "it did not end in order"; }
done

cat <<'END'

All as it should be. Not covered here:
  the official base images: the bases are Debian and this machine's .NET
  a Docker engine and docker compose: its own filter of system calls, networks between containers, the order of starting, restarts, and
    health checks by the clock
  the images of PostgreSQL, Prometheus and Grafana: the journal's database ran on this machine, the other two not at all
  limits of memory and processors: no control groups here
END
