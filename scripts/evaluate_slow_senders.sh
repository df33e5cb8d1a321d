#!/usr/bin/env bash
# Measures by how much slow senders delay an honest one: its 99th percentile beside 1,000 connections that send a byte now and then,
# and without them, in turns. Needs root, curl and python3 (scripts/setup_env.sh --test).
#
#   scripts/evaluate_slow_senders.sh [ROUNDS]      5 if left out
#
# Exit codes: 0 the median of the ratios is at most 2; 1 not so; 2 bad usage; 3 something is missing.
set -euo pipefail

rounds=${1:-5}
[[ $rounds =~ ^[1-9][0-9]*$ && $# -le 1 ]] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
# shellcheck source=scripts/parts.sh
source "$root/scripts/parts.sh"
need curl python3

work=$(mktemp -d)
chmod 755 "$work"
daemon=
# shellcheck disable=SC2317 # called by trap
finish() {
	[[ -z $daemon ]] || kill "$daemon" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap finish EXIT

outputs=$((20000 + RANDOM % 5000))
ingest=$((outputs + 5000))
"$root/crosslayer" --version # built before the clock runs
start_daemon "$outputs" "$ingest" 'probe.ports=[1]' ingest.limits.requests-per-second=100000

python3 - "$rounds" "$ingest" <<'END'
import http.client, resource, socket, statistics, sys, threading, time

rounds, ingest = int(sys.argv[1]), int(sys.argv[2])
SLOW, HONEST = 1000, 1000
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
RECORD = '{"request_id":1,"latency_ms":1.5,"result":"success","route":"/","client":"127.0.0.1:1","server":"127.0.0.1:2"}\n'

def connect():
    made = socket.create_connection(("127.0.0.1", ingest), source_address=("127.0.0.2", 0))
    made.sendall(b"POST /v1/requests HTTP/1.1\r\nHost: daemon\r\nContent-Type: application/x-ndjson\r\n")
    return made

class SlowSenders:
    """Each sends a byte of its head every two seconds; whoever was let go comes again."""
    def __enter__(self):
        self.stop, self.again = threading.Event(), 0
        self.senders = [connect() for _ in range(SLOW)]
        self.thread = threading.Thread(target=self.send)
        self.thread.start()
        return self
    def send(self):
        while not self.stop.is_set():
            for i, sender in enumerate(self.senders):
                try:
                    sender.sendall(b"x")
                except OSError:
                    sender.close()
                    self.senders[i] = connect()
                    self.again += 1
                if i % 10 == 9 and self.stop.wait(0.02):
                    return
    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        for sender in self.senders:
            sender.close()

def p99():
    client = http.client.HTTPConnection("127.0.0.1", ingest)
    taken = []
    for _ in range(HONEST):
        start = time.perf_counter()
        client.request("POST", "/v1/requests", RECORD, {"Content-Type": "application/x-ndjson"})
        answer = client.getresponse()
        answer.read()
        assert answer.status < 300, answer.status
        taken.append(1000 * (time.perf_counter() - start))
        time.sleep(0.002)
    client.close()
    return sorted(taken)[int(HONEST * 0.99)]

p99() # warm-up
ratios = []
for _ in range(rounds):
    alone = p99()
    with SlowSenders() as slow:
        beside = p99()
    ratios.append(beside / alone)
    print(f"p99 {alone:.2f} ms alone, {beside:.2f} ms beside {SLOW} slow senders ({slow.again} were let go and came again): {ratios[-1]:.2f}", flush=True)
print(f"median ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
sys.exit(0 if statistics.median(ratios) <= 2 else 1)
END
