# shellcheck shell=bash disable=SC2154 # root and work are the script's
# The real parts of a measurement, for scripts that source this: 'root' is the checkout, 'work' a folder of the script's own.

# Ends with 3 and one line where a program, or root, is missing: need TOOL…
need() {
	local tool
	PATH=$PATH:/usr/sbin:/sbin
	for tool; do
		command -v "$tool" >/dev/null || { echo "error: $tool not found: run scripts/setup_env.sh --test" >&2; exit 3; }
	done
	((EUID == 0)) || { echo 'error: the probe needs root' >&2; exit 3; }
}

# Starts nginx in the foreground, which answers "hello" at a port of the loopback interface and logs as config/nginx has it: serve_nginx PORT
serve_nginx() {
	cat >"$work/nginx.conf" <<-END
		user root;
		worker_processes 1;
		daemon off;
		pid $work/nginx.pid;
		error_log $work/error.log;
		events { worker_connections 4096; }
		http {
			include $root/config/nginx/crosslayer.conf;
			access_log $work/access.log crosslayer;
			keepalive_requests 1000000;
			server { listen 127.0.0.1:$1; location / { return 200 "hello"; } }
		}
	END
	exec nginx -p "$work" -c "$work/nginx.conf"
}

# Starts the daemon, waits until it is ready, and sets daemon to its process: start_daemon OUTPUTS_PORT INGEST_PORT SETTING…
start_daemon() {
	local outputs=$1 ingest=$2 settings=() setting i
	for setting in "outputs.http.listen=127.0.0.1:$outputs" "ingest.http.listen=127.0.0.1:$ingest" ingest.otlp-http.listen=off ingest.otlp-grpc.listen=off "${@:3}"; do
		settings+=(--set "$setting")
	done
	(cd "$work" && exec "$root/crosslayer" run "${settings[@]}") >"$work/run.log" 2>&1 &
	daemon=$!
	for ((i = 0; i < 300; i++)); do
		if curl -sf -o /dev/null "http://127.0.0.1:$outputs/readyz"; then return; fi
		kill -0 "$daemon" 2>/dev/null || { cat "$work/run.log" >&2; exit 3; }
		sleep 0.1
	done
	echo 'error: the daemon is not ready after 30 s' >&2
	cat "$work/run.log" >&2
	exit 1
}
