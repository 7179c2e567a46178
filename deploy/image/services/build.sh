#!/usr/bin/env bash
# How are the images siaga-…:local of what runs beside Siaga made? deploy/image/services/build.sh [BASE] [kafka|clickhouse|edge|prometheus]; the first two unless told.
# Java's jars come from Maven as for the embedded Kafka, the server from npm's @chdb: run it in a folder where `npm ci` has been run.
set -euo pipefail
cd "$(dirname "$0")/../../.."

base=${1:-debian:bookworm-slim}
wanted=${2:-kafka clickhouse}
export PATH="$PWD/node_modules/.bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { docker build -q --build-arg BASE="$base" -t "siaga-$1:local" "$work/$1" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; docker image inspect --format '{{index .RepoTags 0}}: {{.Size}} bytes' "siaga-$1:local"; }

for service in $wanted; do
  from=deploy/image/services/$service
  mkdir "$work/$service"
  if [ "$service" = kafka ]; then
    cp "$from"/{Dockerfile,start.sh,log4j2.properties} "$work/kafka"
    jars=$(node --disable-warning=ExperimentalWarning -e 'import("./deploy/embedded/kafka-jars.ts").then(async ({ kafkaJars }) => console.log(await kafkaJars(() => {})))')
    cp -r "$jars" "$work/kafka/libs"
    # The codec of zstd unpacks itself into a temporary folder and runs from there, which a container's /tmp forbids (noexec): it is unpacked here.
    node deploy/image/services/kafka/unpack.mjs "$jars"/zstd-jni-*.jar "$work/kafka/libzstd-jni.so"
  elif [ "$service" = edge ] || [ "$service" = prometheus ]; then
    # Of Debian's packages alone.
    cp "$from/Dockerfile" "$work/$service"
  else
    library=$(echo node_modules/@chdb/lib-linux-*/libchdb.so)
    [ -f "$library" ] || { echo 'build.sh: @chdb is not installed here (npm ci, on Linux)' >&2; exit 1; }
    cp "$from/Dockerfile" "$work/clickhouse"
    server=$work/clickhouse/server
    mkdir -p "$server/$from" "$server/deploy/embedded"
    cp "$from/start.ts" "$server/$from"
    cp deploy/embedded/{clickhouse-server,confine,die-with-parent,keep-alive,terminal-input}.ts "$server/deploy/embedded"
    cp "$library" node_modules/node/bin/node "$server"
  fi
  chmod -R go+rX "$work"
  build "$service"
done
