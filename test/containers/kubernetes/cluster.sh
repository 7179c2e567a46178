#!/usr/bin/env bash
# How does this machine become a cluster of one node, without pulling anything? cluster.sh up FOLDER starts what build.sh made, cluster.sh down FOLDER ends it.
# As root, with containerd, runc, iptables, ipset, conntrack and the CNI plug-ins of Debian (containernetworking-plugins), and Docker for its images.
# FOLDER/kubeconfig is the administrator's. For tests alone: everything trusts one certificate.
set -euo pipefail

action=$1
folder=$(mkdir -p "$2" && cd "$2" && pwd)
export PATH=$folder/bin:$PATH KUBECONFIG=$folder/kubeconfig
state=$folder/state
node=siaga-node
bridge=siaga0
pods=10.42.0.0/24
gateway=10.42.0.1
socket=unix://$state/containerd.sock

down() {
  local pid
  # Pods first, then what would start them again, last what holds them.
  for name in kubelet kube-router kube-proxy kube-scheduler kube-controller-manager kube-apiserver etcd; do
    [ -e "$state/$name.pid" ] && pid=$(cat "$state/$name.pid") && kill "$pid" 2>/dev/null && tail --pid="$pid" -f /dev/null
  done
  if [ -S "$state/containerd.sock" ]; then
    for task in $(ctr --address "$state/containerd.sock" --namespace k8s.io tasks list --quiet); do
      ctr --address "$state/containerd.sock" --namespace k8s.io tasks kill --signal SIGKILL "$task" || true
    done
    sleep 1
    for task in $(ctr --address "$state/containerd.sock" --namespace k8s.io tasks list --quiet); do
      ctr --address "$state/containerd.sock" --namespace k8s.io tasks delete --force "$task" >/dev/null || true
    done
    pid=$(cat "$state/containerd.pid") && kill "$pid" && tail --pid="$pid" -f /dev/null
  fi
  grep -o " $state/[^ ]*" /proc/mounts | sort -r | xargs --no-run-if-empty umount --lazy || true
  [ ! -x "$folder/bin/kube-proxy" ] || kube-proxy --cleanup >/dev/null 2>&1 || true
  [ ! -x "$folder/bin/kube-router" ] || kube-router --cleanup-config >/dev/null 2>&1 || true
  ip link delete "$bridge" 2>/dev/null || true
  rm -rf "$state" "$folder/kubeconfig"
}

start() {
  local name=$1
  shift
  setsid "$@" >"$state/$name.log" 2>&1 </dev/null &
  echo $! >"$state/$name.pid"
}

until_true() {
  local until=$((SECONDS + 180))
  while ! "${@:2}" >/dev/null 2>&1; do
    [ $SECONDS -lt $until ] || { echo "cluster.sh: $1" >&2; tail -5 "$state"/*.log >&2; exit 1; }
    sleep 1
  done
}

certificates() {
  mkdir -p "$state/pki" && cd "$state/pki"
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=siaga-test -keyout ca.key -out ca.crt 2>/dev/null
  issue() {
    openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out "$1.crt" -extfile <(echo "$3") 2>/dev/null
  }
  issue server /CN=kube-apiserver "subjectAltName=IP:$gateway,IP:10.96.0.1,IP:127.0.0.1,DNS:$node,DNS:kubernetes.default.svc"
  issue admin /O=system:masters/CN=admin extendedKeyUsage=clientAuth
  openssl genrsa -out accounts.key 2048 2>/dev/null
  cat >"$folder/kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: 'https://$gateway:6443', certificate-authority: $state/pki/ca.crt}}]
users: [{name: admin, user: {client-certificate: $state/pki/admin.crt, client-key: $state/pki/admin.key}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
YAML
}

# Pods are on a bridge of this machine; the machine itself is its gateway, and the node's address.
network() {
  ip link add "$bridge" type bridge
  ip address add "$gateway/24" dev "$bridge"
  ip link set "$bridge" up
  echo 1 >/proc/sys/net/ipv4/ip_forward
  echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
  mkdir -p "$state/cni"
  cat >"$state/cni/10-siaga.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "siaga", "plugins": [
  {"type": "bridge", "bridge": "$bridge", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$state/ipam", "ranges": [[{"subnet": "$pods"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}
]}
JSON
}

up() {
  mkdir -p "$state"
  network
  certificates
  cat >"$state/containerd.toml" <<TOML
version = 2
root = "$state/containerd"
state = "$state/containerd-run"
[grpc]
  address = "$state/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/siaga-pause:local"
  # Root without CAP_SYS_RESOURCE, as on a machine that is itself a guest, may not make a process safer from the OOM killer.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$state/cni"
TOML
  start containerd containerd --config "$state/containerd.toml"
  start etcd etcd --data-dir "$state/etcd" --unsafe-no-fsync --listen-client-urls http://127.0.0.1:23790 --advertise-client-urls http://127.0.0.1:23790 \
    --listen-peer-urls http://127.0.0.1:23800 --initial-advertise-peer-urls http://127.0.0.1:23800 --initial-cluster default=http://127.0.0.1:23800
  local pki=$state/pki
  start kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:23790 --service-cluster-ip-range=10.96.0.0/16 --bind-address="$gateway" --secure-port=6443 \
    --advertise-address="$gateway" --tls-cert-file="$pki/server.crt" --tls-private-key-file="$pki/server.key" --client-ca-file="$pki/ca.crt" \
    --authorization-mode=RBAC --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$pki/accounts.key" \
    --service-account-signing-key-file="$pki/accounts.key" --kubelet-preferred-address-types=InternalIP --kubelet-client-certificate="$pki/admin.crt" --kubelet-client-key="$pki/admin.key"
  until_true 'the API server does not answer' kubectl get --raw /readyz
  start kube-controller-manager kube-controller-manager --kubeconfig="$KUBECONFIG" --leader-elect=false --root-ca-file="$pki/ca.crt" \
    --service-account-private-key-file="$pki/accounts.key"
  start kube-scheduler kube-scheduler --kubeconfig="$KUBECONFIG" --leader-elect=false

  printf 'FROM %s\nENTRYPOINT ["sleep", "infinity"]\n' "${BASE:-siaga-base:bookworm}" | docker build -q -t siaga-pause:local - >/dev/null
  until_true 'containerd does not answer' ctr --address "$state/containerd.sock" version
  docker save siaga-pause:local | ctr --address "$state/containerd.sock" --namespace k8s.io images import - >/dev/null
  cat >"$state/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $gateway
authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: AlwaysAllow}
tlsCertFile: $pki/server.crt
tlsPrivateKeyFile: $pki/server.key
cgroupDriver: cgroupfs
containerRuntimeEndpoint: $socket
failSwapOn: false
failCgroupV1: false
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
resolvConf: /etc/resolv.conf
YAML
  start kubelet kubelet --config="$state/kubelet.yaml" --kubeconfig="$KUBECONFIG" --hostname-override="$node" --node-ip="$gateway" --root-dir="$state/kubelet"
  start kube-proxy kube-proxy --kubeconfig="$KUBECONFIG" --hostname-override="$node" --proxy-mode=iptables --cluster-cidr="$pods" --nodeport-addresses="$gateway/32"
  until_true 'the node does not register' kubectl get node "$node"
  kubectl patch node "$node" --type=merge --patch "{\"spec\": {\"podCIDR\": \"$pods\", \"podCIDRs\": [\"$pods\"]}}" >/dev/null
  NODE_NAME=$node start kube-router kube-router --kubeconfig="$KUBECONFIG" --hostname-override="$node" --run-router=false --run-service-proxy=false --run-firewall=true \
    --service-cluster-ip-range=10.96.0.0/16
  kubectl wait --for=condition=Ready --timeout=120s node "$node"
}

case $action in
  up) up ;;
  down) down ;;
  # An image of Docker's, under the name that pods ask for.
  load) docker tag "$3" "$4" && docker save "$4" | ctr --address "$state/containerd.sock" --namespace k8s.io images import - >/dev/null ;;
  *) echo 'usage: cluster.sh up|down FOLDER, cluster.sh load FOLDER IMAGE NAME' >&2; exit 2 ;;
esac
