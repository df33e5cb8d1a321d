#!/usr/bin/env bash
# Deploys CrossLayer to the Kubernetes cluster that kubectl speaks to.
#
#   kubernetes/deploy.sh [--dry-run] [--context NAME] lab|production
#
#   --dry-run        print what would be applied, and speak to no cluster
#   --context NAME   the cluster, as kubectl's configuration names it
#
# Namespaces come first, then it looks whether the secrets are there (kubernetes/secrets.sh makes them), then the rest is applied,
# and it waits until all of it is rolled out.
#
# Exit codes: 0 done; 1 the cluster refused something, or it did not become ready; 2 bad usage, or no kubectl; 3 a secret is missing.
set -euo pipefail

usage() { sed -n '2,12s/^# \{0,1\}//p' "$0"; }
misuse() { echo "error: $1: see kubernetes/deploy.sh --help" >&2; exit 2; }

dry_run=false overlay='' kubectl=(kubectl)
while (($# > 0)); do
	case $1 in
	-h | --help) usage; exit 0 ;;
	--dry-run) dry_run=true ;;
	--context)
		[[ -n ${2-} ]] || misuse '--context wants a name'
		kubectl+=(--context "$2")
		shift
		;;
	lab | production) [[ -z $overlay ]] || misuse "both '$overlay' and '$1'"; overlay=$1 ;;
	*) misuse "'$1' is neither an option nor an overlay" ;;
	esac
	shift
done
[[ -n $overlay ]] || misuse 'no overlay: lab or production'
command -v kubectl >/dev/null || { echo 'error: kubectl not found: install it, version 1.27 or later' >&2; exit 2; }

folder=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
if $dry_run; then
	exec kubectl kustomize "$folder/overlays/$overlay"
fi

manifests=$(kubectl kustomize "$folder/overlays/$overlay")
"${kubectl[@]}" apply -f "$folder/base/namespace.yaml"
secrets=(crosslayer/crosslayer-cluster-tls crosslayer/crosslayer-http-tls crosslayer/crosslayer-tokens)
if [[ $overlay == lab ]]; then
	"${kubectl[@]}" apply -f "$folder/demo/namespace.yaml"
	secrets+=(crosslayer-demo/crosslayer-client)
else
	secrets+=(crosslayer/crosslayer-journal)
fi

missing=()
for secret in "${secrets[@]}"; do
	"${kubectl[@]}" --namespace "${secret%/*}" get secret "${secret#*/}" --output name >/dev/null || missing+=("$secret")
done
if ((${#missing[@]} > 0)); then
	echo "error: missing secrets: ${missing[*]}: kubernetes/secrets.sh $overlay makes them, or says how" >&2
	exit 3
fi

"${kubectl[@]}" apply -f - <<<"$manifests"
"${kubectl[@]}" --namespace crosslayer rollout status --timeout 5m statefulset/crosslayer-seed
"${kubectl[@]}" --namespace crosslayer rollout status --timeout 5m daemonset/crosslayer-probe
if [[ $overlay == lab ]]; then "${kubectl[@]}" --namespace crosslayer-demo rollout status --timeout 5m deployment/demo-server; fi
