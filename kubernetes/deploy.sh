#!/usr/bin/env bash
# Applies an overlay to the cluster that kubectl points to.
# Exit codes: 0 done; 1 kubectl failed, and said why; 2 bad usage; 3 kubectl is missing.
set -euo pipefail

usage() {
	cat <<-'END'
		usage: kubernetes/deploy.sh [--overlay lab|production] [--dry-run]

		  --overlay NAME   lab (default): to try it, with a demo application; production: PostgreSQL, PodMonitor
		  --dry-run        print the manifests that would be applied, and ask no cluster
		  --help

		The Secrets that an overlay needs, and how they are made: docs/deployment.md.
	END
}

bad_usage() {
	echo "kubernetes/deploy.sh: $1 (--help tells more)" >&2
	exit 2
}

overlay=lab
dry_run=
while (($#)); do
	case $1 in
	-h | --help) usage; exit 0 ;;
	--dry-run) dry_run=1 ;;
	--overlay)
		(($# > 1)) || bad_usage '--overlay needs a name: lab or production'
		overlay=$2
		shift
		;;
	--overlay=*) overlay=${1#*=} ;;
	*) bad_usage "'$1' is not known" ;;
	esac
	shift
done
case $overlay in
lab) secrets=(crosslayer-tls crosslayer-token) ;;
production) secrets=(crosslayer-tls crosslayer-token crosslayer-journal) ;;
*) bad_usage "--overlay is '$overlay'; expected lab or production" ;;
esac

if ! command -v kubectl >/dev/null; then
	echo 'kubernetes/deploy.sh: kubectl not found: https://kubernetes.io/docs/tasks/tools/' >&2
	exit 3
fi

folder=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/overlays/$overlay
if [[ $dry_run ]]; then
	exec kubectl kustomize "$folder"
fi

# Pods that lack a Secret wait for it without a word in their logs.
kubectl apply -f "$folder/../../base/namespace.yaml"
for secret in "${secrets[@]}"; do
	if ! kubectl --namespace crosslayer get secret "$secret" --output name >/dev/null; then
		echo "kubernetes/deploy.sh: make the Secret $secret first: docs/deployment.md" >&2
		exit 1
	fi
done
kubectl apply -k "$folder"
kubectl --namespace crosslayer rollout status statefulset/crosslayer-seeds --timeout=300s
kubectl --namespace crosslayer rollout status daemonset/crosslayer --timeout=300s
