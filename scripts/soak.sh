#!/usr/bin/env bash
# Runs the daemon beside a real nginx under steady load, and tells whether its memory grows and whether it loses anything.
# Needs root, nginx, wrk, curl and python3 (scripts/setup_env.sh --test).
#
#   scripts/soak.sh [MINUTES [REQUESTS_PER_SECOND]]      30 minutes (15 at least) at some 200 requests a second if left out
#
# Warm-up is the first third, ten minutes at least: until then methods are compiled again as they prove hot. One request in a while is
# closed unread, so that the journal has something to keep. Samples go to results/soak.csv; anonymous memory is heaps and stacks, shared
# memory is compiled code; files are programs and the ring. What they say: scripts/soak_slope.py.
#
# Exit codes: 0 the resident memory grows by less than 1 % an hour, for sure, and nothing is lost; 1 not so, or not known; 2 bad usage;
# 3 something is missing.
set -euo pipefail

minutes=${1:-30}
rate=${2:-200}
[[ $minutes =~ ^[1-9][0-9]*$ && $rate =~ ^[1-9][0-9]*$ && $# -le 2 ]] && ((minutes >= 15)) || { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
# shellcheck source=scripts/parts.sh
source "$root/scripts/parts.sh"
need nginx wrk curl python3

work=$(mktemp -d)
chmod 755 "$work"
pids=() daemon=''
# shellcheck disable=SC2317 # called by trap
finish() {
	# shellcheck disable=SC2086 # none where it was not started
	kill "${pids[@]}" $daemon 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap finish EXIT

port=$((20000 + RANDOM % 5000))
outputs=$((port + 5000)) ingest=$((port + 5001))
# Eight connections that wait between their requests.
cat >"$work/steady.lua" <<END
function delay() return $((8000 / rate > 0 ? 8000 / rate : 1)) end
END
"$root/crosslayer" --version # built before the clock runs
(serve_nginx "$port") &
pids+=($!)
start_daemon "$outputs" "$ingest" "probe.ports=[$port]" "ingest.access-logs=[{ path = \"$work/access.log\", format = nginx }]"
wrk -t1 -c8 "-d$((minutes * 60 + 60))s" -s "$work/steady.lua" "http://127.0.0.1:$port/" >/dev/null &
pids+=($!)

mkdir -p "$root/results"
samples=$root/results/soak.csv
python3 - "$minutes" "$daemon" "$outputs" "$port" "$samples" <<'END'
import re, socket, sys, time, urllib.request

minutes, daemon, outputs, port, path = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]

def total(page, name):
    return sum(float(value) for value in re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", page, re.M))

def sample():
    with open(f"/proc/{daemon}/status") as status:
        lines = status.read()
    memory = [int(re.search(rf"{name}:\s+(\d+)", lines)[1]) * 1024 for name in ("VmRSS", "RssAnon", "RssShmem", "RssFile")]
    with urllib.request.urlopen(f"http://127.0.0.1:{outputs}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    return memory + [total(page, f"crosslayer_{name}_total") for name in
        ("requests", "discrepancies", "kernel_events_lost", "kernel_events_missed", "records_rejected")]

def close_unread():
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /unread HTTP/1.1\r\nHost: soak\r\n\r\n")
        time.sleep(0.1)

start = time.monotonic()
with open(path, "w") as file:
    print("second,resident_bytes,anonymous_bytes,shared_bytes,file_bytes,requests,discrepancies,lost,missed,refused", file=file)
    for i in range(minutes * 12 + 1):
        time.sleep(max(0, start + 5 * i - time.monotonic()))
        close_unread()
        row = [round(time.monotonic() - start)] + sample()
        print(",".join(f"{value:.0f}" for value in row), file=file, flush=True)
        if i % 24 == 0:
            print("minute {:2d}: {:6.1f} MB resident, {:8.0f} requests, {:5.0f} discrepancies, {:.0f} events lost, {:.0f} missed, {:.0f} records refused"
                .format(i // 12, row[1] / 1e6, *row[5:]), flush=True)
END
warm_up=$((minutes * 20 > 600 ? minutes * 20 : 600))
python3 "$root/scripts/soak_slope.py" "$samples" "$warm_up"
