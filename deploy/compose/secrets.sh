#!/usr/bin/env bash
# How do the secrets come about? Once, from the system's random numbers; what is there stays as it is.
#
#   ./secrets.sh                        master key, password of Grafana's admin, id of the Kafka cluster (.env)
#   ./secrets.sh tls CERTIFICATE KEY    certificate chain and key of the edge, PEM; the same again when they are renewed
#
# Docker shows a container these files as they are, and each container runs as another user: so the files may be read by all, and their folder be
# entered by its owner alone.
set -euo pipefail
umask 077
here="$(cd "$(dirname "$0")" && pwd)"
folder="${SECRETS_DIR:-$here/secrets}"
mkdir -p "$folder"
chmod 700 "$folder"

# Written whole or not at all. An existing file is written in place, since containers hold on to the file itself.
put() {
  local file="$folder/$1"
  if [ -e "$file" ]; then cat >"$file"; else cat >"$file.new" && mv "$file.new" "$file"; fi
  chmod 444 "$file"
}

if [ "${1:-}" = tls ]; then
  [ $# -eq 3 ] || { echo "usage: $0 tls CERTIFICATE KEY" >&2; exit 2; }
  [ "$(openssl x509 -in "$2" -noout -pubkey)" = "$(openssl pkey -in "$3" -pubout)" ] || { echo "$3 is not the key of $2" >&2; exit 1; }
  for file in edge.crt edge.key; do [ ! -e "$folder/$file" ] || chmod 644 "$folder/$file"; done
  put edge.crt <"$2"
  put edge.key <"$3"
  echo "certificate until $(openssl x509 -in "$2" -noout -enddate | cut -d= -f2); now: docker compose kill --signal HUP edge"
  exit 0
fi
[ $# -eq 0 ] || { echo "usage: $0 [tls CERTIFICATE KEY]" >&2; exit 2; }

made=0
random() { head -c "$1" /dev/urandom | base64 | tr '+/' '-_'; }
once() {
  [ ! -e "$folder/$1" ] || return 0
  random "$2" | put "$1"
  made=1
  echo "made $folder/$1"
}
once master.key 32
once grafana-admin.password 24

# Not a secret: topics belong to the cluster of this id, and a new one would be a new stream of events.
env="${ENV_FILE:-$here/.env}"
if ! grep -qs '^KAFKA_CLUSTER_ID=' "$env"; then
  printf 'KAFKA_CLUSTER_ID=%s\n' "s$(random 16 | tr -d '=' | cut -c2-)" >>"$env"
  made=1
  echo "wrote the id of the Kafka cluster to $env"
fi
[ "$made" -eq 1 ] || echo "everything is there: $folder, $env"
echo 'Keep a copy of master.key apart from the data: without it nothing that was tokenised can be compared again.'
