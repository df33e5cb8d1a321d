#!/usr/bin/env bash
# Makes the secrets that the manifests refer to: an authority of its own, two certificates, two tokens.
#
#   kubernetes/secrets.sh [--dry-run] [--context NAME] [--journal FILE] lab|production
#
#   --dry-run        make the files, print the manifests of the secrets, and speak to no cluster
#   --context NAME   the cluster, as kubectl's configuration names it
#   --journal FILE   production: a file with PostgreSQL's connection string, as docs/operations.md has it
#
# Files are made once, in kubernetes/secrets/, which only this user may enter and no commit holds. Where cert-manager or a vault keeps
# your secrets, let it make secrets of these names and keys instead:
#   crosslayer/crosslayer-cluster-tls   tls.crt tls.key ca.crt   members of the cluster, for both ends of a connection
#   crosslayer/crosslayer-http-tls      tls.crt tls.key ca.crt   sources and metrics; DNS name crosslayer-ingest.crosslayer.svc
#   crosslayer/crosslayer-tokens        metrics ingest           what Prometheus and applications show
#   crosslayer/crosslayer-journal       connection               production: PostgreSQL's connection string
#   crosslayer-demo/crosslayer-client   token ca.crt             lab: the demo's token, and whom it trusts
#
# Exit codes: 0 done; 1 the cluster refused something; 2 bad usage, or no openssl or kubectl.
set -euo pipefail

usage() { sed -n '2,20s/^# \{0,1\}//p' "$0"; }
misuse() { echo "error: $1: see kubernetes/secrets.sh --help" >&2; exit 2; }

dry_run=false overlay='' journal='' kubectl=(kubectl)
while (($# > 0)); do
	case $1 in
	-h | --help) usage; exit 0 ;;
	--dry-run) dry_run=true ;;
	--context)
		[[ -n ${2-} ]] || misuse '--context wants a name'
		kubectl+=(--context "$2")
		shift
		;;
	--journal)
		[[ -r ${2-} ]] || misuse "--journal wants a file that can be read, and '${2-}' is none"
		journal=$(readlink -f "$2")
		shift
		;;
	lab | production) [[ -z $overlay ]] || misuse "both '$overlay' and '$1'"; overlay=$1 ;;
	*) misuse "'$1' is neither an option nor an overlay" ;;
	esac
	shift
done
[[ -n $overlay ]] || misuse 'no overlay: lab or production'
[[ $overlay == lab || -n $journal ]] || misuse 'production wants --journal'
for tool in openssl kubectl; do
	command -v "$tool" >/dev/null || { echo "error: $tool not found: install it" >&2; exit 2; }
done

folder=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/secrets
install --directory --mode=700 "$folder"
cd "$folder"
umask 077

# certificate NAME DNS-NAMES: signed by the authority, for both ends of a connection, for 400 days.
certificate() {
	[[ -s $1.crt ]] && return
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=CrossLayer/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 400 -out "$1.crt" \
		-extfile <(printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=%s\n' "$2") 2>/dev/null
	rm "$1.csr"
}
if [[ ! -s ca.crt ]]; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/O=CrossLayer/CN=CrossLayer authority' \
		-addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt 2>/dev/null
fi
certificate cluster 'DNS:crosslayer-cluster.crosslayer.svc,DNS:*.crosslayer-cluster.crosslayer.svc'
certificate http 'DNS:crosslayer-ingest.crosslayer.svc,DNS:crosslayer-ingest.crosslayer.svc.cluster.local'
for token in metrics ingest; do
	[[ -s $token ]] || openssl rand -hex 24 >"$token"
done

# secret NAMESPACE NAME KEY=FILE…: made, or brought up to date.
secret() {
	local arguments=() pair
	for pair in "${@:3}"; do arguments+=("--from-file=$pair"); done
	kubectl --namespace "$1" create secret generic "$2" "${arguments[@]}" --dry-run=client --output yaml
	echo '---'
}
manifests() {
	secret crosslayer crosslayer-cluster-tls tls.crt=cluster.crt tls.key=cluster.key ca.crt
	secret crosslayer crosslayer-http-tls tls.crt=http.crt tls.key=http.key ca.crt
	secret crosslayer crosslayer-tokens metrics ingest
	if [[ $overlay == lab ]]; then
		secret crosslayer-demo crosslayer-client token=ingest ca.crt
	else
		secret crosslayer crosslayer-journal "connection=$journal"
	fi
}
if $dry_run; then
	manifests
	exit
fi
"${kubectl[@]}" apply -f ../base/namespace.yaml
if [[ $overlay == lab ]]; then "${kubectl[@]}" apply -f ../demo/namespace.yaml; fi
manifests | "${kubectl[@]}" apply -f -
