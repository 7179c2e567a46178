#!/usr/bin/env bash
# Where does a cluster come from where no images can be pulled? From Go modules: test/containers/kubernetes/build.sh FOLDER builds kubectl, the control plane, kubelet,
# kube-proxy, etcd and kube-router (which makes NetworkPolicies hold) into FOLDER/bin. Half an hour on two cores, with an empty cache.
set -euo pipefail

folder=$(mkdir -p "$1" && cd "$1" && pwd)
kubernetes=${KUBERNETES_VERSION:-1.34.1}
etcd=v3.6.4
# Not the newest: what the module proxy here has. It is for a cluster of tests on one machine.
router=v2.1.0
export CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=mod GOBIN=$folder/bin
mkdir -p "$folder/bin"

# A module as a tree of its own, since some need what stands in their go.mod of replacements.
tree() {
  local module=$1 into=$folder/$2
  [ -d "$into" ] || { cp -r "$(go mod download -json "$module" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')" "$into" && chmod -R u+w "$into"; }
  cd "$into"
}

tree "k8s.io/kubernetes@v$kubernetes" kubernetes
rm -rf go.work go.work.sum vendor
for module in $(sed -nE 's/^\s*(k8s\.io\/[a-z0-9-]+) v0\.0\.0$/\1/p' go.mod); do go mod edit -replace "$module=$module@v0.${kubernetes#1.}"; done
version="-X k8s.io/component-base/version.gitVersion=v$kubernetes -X k8s.io/client-go/pkg/version.gitVersion=v$kubernetes"
for command in kubectl kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy; do
  [ -x "$folder/bin/$command" ] || go build -ldflags "-s -w $version" -o "$folder/bin/" "./cmd/$command"
done

tree "go.etcd.io/etcd/server/v3@$etcd" etcd
# They lead to folders beside it, which a module has not.
for module in $(sed -nE 's/^\s*(go\.etcd\.io\/\S+) => \.\..*$/\1/p' go.mod); do go mod edit -dropreplace "$module"; done
[ -x "$folder/bin/etcd" ] || go build -ldflags '-s -w' -o "$folder/bin/etcd" .

tree "github.com/cloudnativelabs/kube-router/v2@$router" kube-router
[ -x "$folder/bin/kube-router" ] || go build -ldflags '-s -w' -o "$folder/bin/" ./cmd/kube-router
