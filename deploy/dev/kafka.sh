#!/usr/bin/env bash
# A real Kafka 4.0 (KRaft) for tests and for trying things: 1 or more brokers on this machine, without containers.
# Needs Java 17 and, for the first start, Maven. The jars lie in a cache outside the source tree.
set -euo pipefail

readonly VERSION=4.0.0
readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/weir-dev"
readonly LIBS="$CACHE/kafka-$VERSION/libs"

usage() {
  cat <<'USAGE'
kafka.sh start  --dir DIR [--port 9092] [--brokers N] [--secure] [--heap 512m] [--set key=value]...
kafka.sh start  --dir DIR --broker N        one broker of a cluster that was stopped or killed
kafka.sh stop   --dir DIR [--broker N]      an orderly end (SIGTERM), all or one
kafka.sh kill   --dir DIR [--broker N]      kill -9
kafka.sh pause  --dir DIR [--broker N]      kill -STOP: connected, and silent
kafka.sh resume --dir DIR [--broker N]      kill -CONT
kafka.sh status --dir DIR                   one line a broker; ends with 1 when one is down
kafka.sh wipe   --dir DIR                   kill everything and delete the data
kafka.sh fetch                              only fill the cache

Ports, broker n = 1..N: plain PORT+n-1, controller PORT+10+n-1; with --secure also TLS PORT+20+n-1,
SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512) PORT+30+n-1, SASL over TLS PORT+40+n-1, and TLS that asks
for a client certificate PORT+50+n-1. User "weir", password "weir-secret". Certificates are made in
DIR/tls (ca.pem, server.pem, server.key, client.pem, client.key) unless they are there already.
Topics are never made by themselves; a cluster of 3 has replication 3 and min.insync.replicas 2 as defaults.
USAGE
}

die() { echo "kafka.sh: $*" >&2; exit 2; }

# fetch fills the cache once; several starts at the same time wait for the first.
fetch() {
  [[ -f "$LIBS/.complete" ]] && return 0
  command -v mvn >/dev/null || die "mvn is missing: it fetches Kafka's jars for the first start (apt-get install maven)"
  mkdir -p "$CACHE"
  exec 9>"$CACHE/kafka.lock"
  flock 9
  if [[ ! -f "$LIBS/.complete" ]]; then
    local work="$CACHE/kafka-$VERSION"
    mkdir -p "$work"
    cat >"$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>dev</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$VERSION</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
POM
    (cd "$work" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=libs) >&2
    touch "$LIBS/.complete"
  fi
  exec 9>&-
}

# certificates makes a CA, a server and a client certificate, valid for ten days.
certificates() {
  local tls="$dir/tls"
  mkdir -p "$tls"
  if [[ ! -f "$tls/ca.pem" ]]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 10 -subj "/CN=weir dev CA" -keyout "$tls/ca.key" -out "$tls/ca.pem" 2>/dev/null
    local who extension
    for who in server client; do
      extension="subjectAltName=DNS:localhost,IP:127.0.0.1"
      openssl req -newkey rsa:2048 -nodes -subj "/CN=$who" -keyout "$tls/$who.key" -out "$tls/$who.csr" 2>/dev/null
      openssl x509 -req -in "$tls/$who.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -days 10 \
        -extfile <(printf '%s\n' "$extension") -out "$tls/$who.pem" 2>/dev/null
    done
  fi
  # Kafka wants the key (PKCS#8) and the chain in one file.
  { openssl pkcs8 -topk8 -nocrypt -in "$tls/server.key"; cat "$tls/server.pem"; } >"$tls/server-keystore.pem"
}

# properties prints the server.properties of broker $1.
properties() {
  local n=$1 i voters="" replicas=1 isr=1
  for ((i = 1; i <= brokers; i++)); do voters+="${voters:+,}$i@127.0.0.1:$((port + 10 + i - 1))"; done
  if ((brokers >= 3)); then replicas=3 isr=2; fi
  local plain="127.0.0.1:$((port + n - 1))" tlsAt="127.0.0.1:$((port + 20 + n - 1))" saslAt="127.0.0.1:$((port + 30 + n - 1))"
  local bothAt="127.0.0.1:$((port + 40 + n - 1))" mutualAt="127.0.0.1:$((port + 50 + n - 1))"
  local public="PLAINTEXT://$plain" map="CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"
  if [[ $secure == yes ]]; then
    public+=",TLS://$tlsAt,SASL://$saslAt,SASLTLS://$bothAt,MUTUAL://$mutualAt"
    map+=",TLS:SSL,SASL:SASL_PLAINTEXT,SASLTLS:SASL_SSL,MUTUAL:SSL"
  fi
  cat <<CONF
process.roles=broker,controller
node.id=$n
controller.quorum.voters=$voters
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=CONTROLLER://127.0.0.1:$((port + 10 + n - 1)),$public
advertised.listeners=$public
listener.security.protocol.map=$map
log.dirs=$dir/broker-$n/data
auto.create.topics.enable=false
default.replication.factor=$replicas
min.insync.replicas=$isr
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$isr
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$isr
group.initial.rebalance.delay.ms=0
log.segment.delete.delay.ms=1000
CONF
  if [[ $secure == yes ]]; then
    local jaas="org.apache.kafka.common.security" name
    cat <<CONF
ssl.keystore.type=PEM
ssl.keystore.location=$dir/tls/server-keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location=$dir/tls/ca.pem
listener.name.mutual.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
CONF
    for name in sasl sasltls; do
      echo "listener.name.$name.plain.sasl.jaas.config=$jaas.plain.PlainLoginModule required user_weir=\"weir-secret\";"
      echo "listener.name.$name.scram-sha-256.sasl.jaas.config=$jaas.scram.ScramLoginModule required;"
      echo "listener.name.$name.scram-sha-512.sasl.jaas.config=$jaas.scram.ScramLoginModule required;"
    done
  fi
  printf '%s\n' "${settings[@]+"${settings[@]}"}"
}

java_run() { java -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
  -Dorg.slf4j.simpleLogger.showDateTime=true -cp "$LIBS/*" "$@"; }

# prepare writes configurations and formats the data folders; a folder that was formatted is left as it is.
prepare() {
  [[ -f "$dir/cluster" ]] && return 0
  mkdir -p "$dir"
  [[ $secure == yes ]] && certificates
  local id n
  id=$(java_run kafka.tools.StorageTool random-uuid 2>/dev/null | tail -1)
  for ((n = 1; n <= brokers; n++)); do
    mkdir -p "$dir/broker-$n"
    properties "$n" >"$dir/broker-$n/server.properties"
    java_run kafka.tools.StorageTool format -t "$id" -c "$dir/broker-$n/server.properties" \
      --add-scram 'SCRAM-SHA-256=[name=weir,password=weir-secret]' \
      --add-scram 'SCRAM-SHA-512=[name=weir,password=weir-secret]' >"$dir/broker-$n/format.log" 2>&1 ||
      { cat "$dir/broker-$n/format.log" >&2; die "could not format $dir/broker-$n"; }
  done
  printf 'brokers=%s\nport=%s\nheap=%s\n' "$brokers" "$port" "$heap" >"$dir/cluster"
}

# pid_of prints the process of broker $1 if it runs; the number alone is not trusted, it may be somebody else's by now.
pid_of() {
  local pid
  pid=$(cat "$dir/broker-$1/pid" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$dir/broker-$1/server.properties" || return 1
  echo "$pid"
}

launch() {
  local n=$1
  pid_of "$n" >/dev/null && return 0
  : >"$dir/broker-$n/log"
  setsid java -Xmx"$heap" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
    -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info -Dorg.slf4j.simpleLogger.showDateTime=true \
    -cp "$LIBS/*" kafka.Kafka "$dir/broker-$n/server.properties" >>"$dir/broker-$n/log" 2>&1 </dev/null &
  echo $! >"$dir/broker-$n/pid"
}

await() {
  local n=$1 i
  for ((i = 0; i < 900; i++)); do
    grep -q "Kafka Server started" "$dir/broker-$n/log" && return 0
    # Its command line is this script's until it has begun, so only its number is asked for.
    kill -0 "$(cat "$dir/broker-$n/pid")" 2>/dev/null || { tail -5 "$dir/broker-$n/log" >&2; die "broker $n ended while starting: $dir/broker-$n/log"; }
    sleep 0.2
  done
  die "broker $n is not ready after 180 s: $dir/broker-$n/log"
}

chosen() { if [[ -n $broker ]]; then echo "$broker"; else seq 1 "$brokers"; fi; }

signal() {
  local n pid
  for n in $(chosen); do pid=$(pid_of "$n") && kill "-$1" "$pid" || true; done
}

# gone waits until the chosen brokers have ended; TERM may take some seconds, a cluster that lost its quorum is killed after 20 s.
gone() {
  local n pid i
  for n in $(chosen); do
    for ((i = 0; i < 100; i++)); do pid_of "$n" >/dev/null || break; sleep 0.2; done
    pid=$(pid_of "$n") && kill -9 "$pid" || true
    rm -f "$dir/broker-$n/pid"
  done
}

[[ $# -gt 0 ]] || { usage; exit 2; }
command=$1; shift
dir="" port=9092 brokers=1 broker="" secure=no heap="" settings=()
while (($#)); do
  case $1 in
    --dir) dir=$2; shift 2 ;;
    --port) port=$2; shift 2 ;;
    --brokers) brokers=$2; shift 2 ;;
    --broker) broker=$2; shift 2 ;;
    --heap) heap=$2; shift 2 ;;
    --set) settings+=("$2"); shift 2 ;;
    --secure) secure=yes; shift ;;
    *) usage >&2; die "unknown option $1" ;;
  esac
done
case $command in
  fetch) fetch; exit 0 ;;
  help | -h | --help) usage; exit 0 ;;
esac
[[ -n $dir ]] || die "--dir DIR is missing: the folder for data, logs and process numbers"
mkdir -p "$dir"; dir=$(cd "$dir" && pwd)
[[ -n $heap ]] || { if ((brokers > 1)); then heap=512m; else heap=1g; fi; }
# A cluster that was made before keeps its own shape, so that stop and kill need only the folder.
if [[ -f "$dir/cluster" ]]; then . "$dir/cluster"; fi

case $command in
  start)
    command -v java >/dev/null || die "java is missing: Kafka needs Java 17 (apt-get install openjdk-17-jre-headless)"
    fetch; prepare
    for n in $(chosen); do launch "$n"; done
    for n in $(chosen); do await "$n"; done
    list=""
    for ((n = 1; n <= brokers; n++)); do list+="${list:+,}127.0.0.1:$((port + n - 1))"; done
    echo "$list" ;;
  stop) signal TERM; gone ;;
  kill) signal KILL; gone ;;
  pause) signal STOP ;;
  resume) signal CONT ;;
  status)
    down=0
    for ((n = 1; n <= brokers; n++)); do
      if pid=$(pid_of "$n"); then echo "broker $n 127.0.0.1:$((port + n - 1)) running, process $pid"
      else echo "broker $n 127.0.0.1:$((port + n - 1)) down"; down=1; fi
    done
    exit $down ;;
  wipe) signal KILL; gone; rm -rf "${dir:?}" ;;
  *) usage >&2; die "unknown command $command" ;;
esac
