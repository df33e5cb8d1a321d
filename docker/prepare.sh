#!/usr/bin/env bash
# Makes what docker/compose.yaml needs and no commit should hold: passwords, in docker/secrets/, and ./results. What is there stays.
#
#   docker/prepare.sh
#
# Exit codes: 0 done; 1 something cannot be written; 2 bad usage.
set -euo pipefail

if [[ ${1-} == -h || ${1-} == --help ]]; then sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0; fi
if (($# > 0)); then echo "error: unknown option '$1': see docker/prepare.sh --help" >&2; exit 2; fi

folder=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
secrets=$folder/secrets

# Only this user may enter the folder. The files themselves can be read by all: in a container, where the folder above them is not, their
# readers have numbers of their own.
install --directory --mode=700 "$secrets"
password() {
	if [[ ! -s $secrets/$1 ]]; then
		od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$secrets/$1"
		chmod 444 "$secrets/$1"
		echo "made docker/secrets/$1"
	fi
}
password postgres-password
password grafana-password
if [[ ! -s $secrets/journal-connection ]]; then
	# No Kerberos: neither image has it, and Npgsql would look for it, and say so.
	printf 'Host=127.0.0.1;Port=5432;Database=crosslayer;Username=crosslayer;GSS Encryption Mode=Disable;Password=%s\n' "$(<"$secrets/postgres-password")" >"$secrets/journal-connection"
	chmod 444 "$secrets/journal-connection"
	echo 'made docker/secrets/journal-connection'
fi

mkdir -p "$folder/../results"
if [[ ! -e $folder/.env ]]; then
	# Read by compose: server and load run as the user whose ./results is.
	printf 'CROSSLAYER_UID=%s\nCROSSLAYER_GID=%s\n' "$(stat -c %u "$folder/../results")" "$(stat -c %g "$folder/../results")" >"$folder/.env"
	echo 'made docker/.env'
fi
echo "ready; Grafana's user is admin, its password is in docker/secrets/grafana-password"
