#!/usr/bin/env bash
# Measures how many lines of a real nginx's log are matched while wrk loads it over keep-alive connections, and how many
# discrepancies are found where nothing is wrong. Needs root, nginx and wrk (scripts/setup_env.sh --test).
#
#   scripts/evaluate_nginx.sh [CONNECTIONS [SECONDS]]      8 connections for 2 seconds if left out
#
# Each line names its place on the connection: a match with an exchange of another place is wrong.
#
# Exit codes: 0 at least 99.5 % matched, none wrong, no false discrepancy; 1 not so; 2 bad usage; 3 something is missing.
set -euo pipefail

connections=${1:-8}
seconds=${2:-2}
[[ $connections =~ ^[1-9][0-9]*$ && $seconds =~ ^[1-9][0-9]*$ ]] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
# shellcheck source=scripts/parts.sh
source "$root/scripts/parts.sh"
need nginx wrk

work=$(mktemp -d)
nginx_pid='' probe_pid=''
finish() {
	[[ -z $probe_pid ]] || kill "$probe_pid" 2>/dev/null || true
	[[ -z $nginx_pid ]] || kill "$nginx_pid" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap finish EXIT

port=$((20000 + RANDOM % 10000))
"$root/crosslayer" --version # built before the clock runs
(serve_nginx "$port") &
nginx_pid=$!
"$root/crosslayer" probe --port "$port" --output "$work/events.jsonl" >"$work/probe.log" 2>&1 &
probe_pid=$!
for ((i = 0; i < 300; i++)); do
	if grep -q probing "$work/probe.log" && [[ -f $work/nginx.pid ]]; then break; fi
	kill -0 "$probe_pid" 2>/dev/null || { cat "$work/probe.log" >&2; exit 3; }
	sleep 0.1
done
grep -q probing "$work/probe.log" || { echo 'error: the probe is not up after 30 s' >&2; cat "$work/probe.log" >&2; exit 1; }

wrk -t1 "-c$connections" "-d${seconds}s" "http://127.0.0.1:$port/" | grep -E 'requests in|Requests/sec'
sleep 1
kill "$probe_pid"
wait "$probe_pid" || true
probe_pid=
cat "$work/probe.log"
"$root/crosslayer" correlate --app-metrics "$work/access.log" --format nginx --ebpf-events "$work/events.jsonl" --output "$work/correlations.jsonl"

# What wrk had asked for and left unread when its time was up is no false discrepancy: it left it unread.
awk '
	function named(text, key) { return match(text, "\"" key "\":[0-9]+") ? substr(text, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : "" }
	/"request_id"/ {
		if (!/"record":/) { if (/"discrepancy_detected":true/) wrong++; next }
		lines++
		if (!/"method":"none"/) {
			matched++
			if (named($0, "connection_request") != named(substr($0, index($0, "\"server\":{")), "ordinal")) misplaced++
		}
		if (/"discrepancy_detected":true/) { if (/"cause":"unread_close"/) unread++; else wrong++ }
	}
	END {
		printf "%d log lines, %.3f %% matched, %d of them wrong, %d discrepancies, %d more that wrk left unread at its end\n", lines, 100 * matched / lines, misplaced, wrong, unread
		exit !(matched >= 0.995 * lines && misplaced == 0 && wrong == 0)
	}' "$work/correlations.jsonl"
