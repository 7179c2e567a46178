#!/bin/bash
# How does a container become a broker? KAFKA_* becomes server.properties as in the image apache/kafka, the storage is formatted once, Java takes over.
set -euo pipefail

folder=${TMPDIR:-/tmp}/kafka
settings=$folder/server.properties
mkdir -p "$folder"

# Read by this script or by Java, not by the broker.
declare -A apart=([KAFKA_HEAP_OPTS]=1 [KAFKA_OPTS]=1 [KAFKA_LOG4J_OPTS]=1 [KAFKA_JMX_OPTS]=1 [KAFKA_JVM_PERFORMANCE_OPTS]=1
  [KAFKA_GC_LOG_OPTS]=1 [KAFKA_LOG4J_ROOT_LOGLEVEL]=1 [KAFKA_LOG4J_LOGGERS]=1 [KAFKA_VERSION]=1)

# What nobody has said: one broker that is its own controller, as the official image starts without any setting.
declare -A values=([log.dirs]=/var/lib/kafka/data)
if [ -z "${KAFKA_PROCESS_ROLES:-}" ]; then
  values+=([process.roles]=broker,controller [node.id]=1 [controller.quorum.voters]=1@localhost:9093
    [controller.listener.names]=CONTROLLER [listeners]=PLAINTEXT://:9092,CONTROLLER://:9093
    [advertised.listeners]=PLAINTEXT://localhost:9092
    [listener.security.protocol.map]=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
    [offsets.topic.replication.factor]=1 [transaction.state.log.replication.factor]=1 [transaction.state.log.min.isr]=1
    [share.coordinator.state.topic.replication.factor]=1 [share.coordinator.state.topic.min.isr]=1
    [group.initial.rebalance.delay.ms]=0)
fi

# KAFKA_SOME_NAME is some.name; three underscores are a dash, two are an underscore.
while IFS= read -r name; do
  [ -z "${apart[$name]:-}" ] || continue
  key=${name#KAFKA_}
  key=${key//___/-}
  key=${key//__/$'\n'}
  key=${key//_/.}
  key=${key//$'\n'/_}
  values[${key,,}]=${!name}
done < <(compgen -e KAFKA_)

for key in "${!values[@]}"; do printf '%s=%s\n' "$key" "${values[$key]//\\/\\\\}"; done >"$settings"

# shellcheck disable=SC2206 # Options are words.
java=(java ${KAFKA_HEAP_OPTS:--Xms128m -Xmx512m} ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseSerialGC} ${KAFKA_OPTS:-}
  -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData -Djava.awt.headless=true -DZstdNativePath=/opt/kafka/libzstd-jni.so -Dlog4j2.disableJmx=true
  -Dlog4j2.configurationFile=/opt/kafka/log4j2.properties -cp '/opt/kafka/libs/*')

# Of several folders the first tells; --ignore-formatted takes those that are done already.
data=${values[log.dirs]%%,*}
if [ ! -f "$data/meta.properties" ]; then
  random=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
  format=(format --ignore-formatted --cluster-id "${CLUSTER_ID:-s${random:1}}" --config "$settings")
  # A quorum found by bootstrap servers starts with the first controller alone.
  [ -n "${values[controller.quorum.voters]:-}" ] || format+=(--standalone)
  KAFKA_LOG4J_ROOT_LOGLEVEL=WARN "${java[@]}" -XX:TieredStopAtLevel=1 kafka.tools.StorageTool "${format[@]}"
fi
exec "${java[@]}" kafka.Kafka "$settings"
