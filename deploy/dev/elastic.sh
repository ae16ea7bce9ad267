#!/usr/bin/env bash
# A real Elasticsearch 8.19.8 for tests and for trying things: 1 or more nodes on this machine, without containers.
# Needs Java 17 and, for the first start, Maven. The server refuses to run as root: started by root, it runs as the
# user "weir-dev", which is made for it. The program lies in a cache outside the source tree.
set -euo pipefail

readonly VERSION=8.19.8
if ((EUID == 0)); then readonly CACHE="${WEIR_DEV_CACHE:-/var/cache/weir-dev}"; else readonly CACHE="${WEIR_DEV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weir-dev}"; fi
readonly HOME_OF_IT="$CACHE/elasticsearch-$VERSION"
readonly RUN_AS=weir-dev

usage() {
  cat <<'USAGE'
elastic.sh start  --dir DIR [--port 9200] [--nodes N] [--secure] [--heap 1g] [--set key=value]...
elastic.sh start  --dir DIR --node N        one node of a cluster that was stopped or killed
elastic.sh stop   --dir DIR [--node N]      an orderly end (SIGTERM), all or one
elastic.sh kill   --dir DIR [--node N]      kill -9
elastic.sh pause  --dir DIR [--node N]      kill -STOP: connected, and silent
elastic.sh resume --dir DIR [--node N]      kill -CONT
elastic.sh status --dir DIR                 one line a node; ends with 1 when one is down
elastic.sh wipe   --dir DIR                 kill everything and delete the data
elastic.sh fetch  [--zip FILE]              only fill the cache, from FILE instead of Maven

Ports, node n = 1..N: HTTP PORT+n-1, transport PORT+10+n-1. start prints the addresses, separated by commas.
With --secure HTTP speaks TLS alone: user "elastic", password "weir-secret"; an API key (as a client sends it) in
DIR/api_key; the certificates in DIR/tls (ca.pem, server.pem, server.key). DIR must be reachable for another user
when root calls this.
USAGE
}

die() { echo "elastic.sh: $*" >&2; exit 2; }

# as_user runs a command in place of this shell's child, as a user that is not root.
as_user() { if ((EUID == 0)); then setpriv --reuid="$RUN_AS" --regid="$RUN_AS" --clear-groups -- "$@"; else "$@"; fi; }

# fetched tells whether nothing has to be fetched or made: the program, the user it runs as, and what --secure needs beside.
fetched() {
  [[ -f "$HOME_OF_IT/.complete" ]] || return 1
  ((EUID != 0)) || id -u "$RUN_AS" >/dev/null 2>&1 || return 1
  [[ $secure != yes || -f "$HOME_OF_IT/modules/analysis-dev/plugin-descriptor.properties" ]]
}

# fetch fills the cache and makes the user, once; several starts at the same time wait for the first.
fetch() {
  fetched && return 0
  mkdir -p "$CACHE"
  chmod a+rx "$CACHE"
  exec 9>"$CACHE/elastic.lock"
  flock 9
  if [[ ! -f "$HOME_OF_IT/.complete" ]]; then
    command -v unzip >/dev/null || die "unzip is missing (apt-get install unzip)"
    local from=$zip
    if [[ -z $from ]]; then
      command -v mvn >/dev/null || die "mvn is missing: it fetches Elasticsearch for the first start (apt-get install maven); or give --zip FILE"
      mvn -q -B dependency:copy -Dartifact="org.elasticsearch.distribution.integ-test-zip:elasticsearch:$VERSION:zip" \
        -DoutputDirectory="$CACHE" >&2
      from="$CACHE/elasticsearch-$VERSION.zip"
    fi
    rm -rf "$HOME_OF_IT"
    unzip -q "$from" -d "$CACHE"
    chmod a+x "$HOME_OF_IT"/bin/*
    chmod -R a+rX "$HOME_OF_IT"
    touch "$HOME_OF_IT/.complete"
  fi
  if ((EUID == 0)); then id -u "$RUN_AS" >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$RUN_AS"; fi
  if [[ $secure == yes ]]; then analysis; fi
  exec 9>&-
}

# analysis adds what the index of API keys needs and this distribution lacks. Without a compiler there are no API keys. A
# server that begins meanwhile finds the module whole or not at all.
analysis() {
  local at="$HOME_OF_IT/modules/analysis-dev" work
  [[ -f "$at/plugin-descriptor.properties" ]] && return 0
  command -v javac >/dev/null || { echo "elastic.sh: javac is missing: no API key is made (apt-get install openjdk-17-jdk-headless)" >&2; return 0; }
  work=$(mktemp -d "$CACHE/analysis.XXXXXX")
  javac -nowarn -cp "$HOME_OF_IT/lib/*" -d "$work/classes" "$(dirname "$0")/elastic-analysis/EmailAnalysis.java" >&2
  mkdir "$work/module"
  jar cf "$work/module/analysis-dev.jar" -C "$work/classes" .
  printf '%s\n' "description=analysis for the index of API keys" "version=$VERSION" "name=analysis-dev" "java.version=17" \
    "elasticsearch.version=$VERSION" "classname=dev.weir.EmailAnalysis" >"$work/module/plugin-descriptor.properties"
  chmod -R a+rX "$work/module"
  rm -rf "$at"
  mv "$work/module" "$at"
  rm -rf "$work"
}

# certificates makes a CA and a server certificate, valid for ten days.
certificates() {
  local tls="$dir/tls"
  mkdir -p "$tls"
  [[ -f "$tls/ca.pem" ]] && return 0
  openssl req -x509 -newkey rsa:2048 -nodes -days 10 -subj "/CN=weir dev CA" -keyout "$tls/ca.key" -out "$tls/ca.pem" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=server" -keyout "$tls/server.key" -out "$tls/server.csr" 2>/dev/null
  openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -days 10 \
    -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$tls/server.pem" 2>/dev/null
}

# settings_of prints the elasticsearch.yml of node $1.
settings_of() {
  local n=$1 i seeds="" names=""
  for ((i = 1; i <= nodes; i++)); do seeds+="${seeds:+,}127.0.0.1:$((port + 10 + i - 1))"; names+="${names:+,}node-$i"; done
  cat <<CONF
cluster.name: weir-dev-$port
node.name: node-$n
network.host: 127.0.0.1
http.port: $((port + n - 1))
transport.port: $((port + 10 + n - 1))
path.data: $dir/node-$n/data
path.logs: $dir/node-$n/logs
cluster.routing.allocation.disk.threshold_enabled: false
CONF
  if ((nodes == 1)); then echo "discovery.type: single-node"; else
    echo "discovery.seed_hosts: [$seeds]"
    echo "cluster.initial_master_nodes: [$names]"
  fi
  if [[ $secure == yes ]]; then
    cat <<CONF
xpack.security.enabled: true
xpack.security.enrollment.enabled: false
xpack.security.http.ssl:
  enabled: true
  key: tls/server.key
  certificate: tls/server.pem
xpack.security.transport.ssl:
  enabled: true
  verification_mode: certificate
  key: tls/server.key
  certificate: tls/server.pem
  certificate_authorities: [tls/ca.pem]
CONF
  else echo "xpack.security.enabled: false"; fi
  local s
  for s in "${settings[@]+"${settings[@]}"}"; do echo "${s%%=*}: ${s#*=}"; done
}

# prepare makes the folder of each node; one that is there already is left as it is.
prepare() {
  [[ -f "$dir/cluster" ]] && return 0
  if [[ $secure == yes ]]; then certificates; fi
  local n at
  for ((n = 1; n <= nodes; n++)); do
    at="$dir/node-$n"
    mkdir -p "$at/config" "$at/data" "$at/logs" "$at/tmp"
    cp -r "$HOME_OF_IT/config/." "$at/config/"
    rm -f "$at/config/elasticsearch.keystore"
    settings_of "$n" >"$at/config/elasticsearch.yml"
    if [[ $secure == yes ]]; then cp -r "$dir/tls" "$at/config/tls"; rm -f "$at/config/tls/ca.key"; fi
    ((EUID == 0)) && chown -R "$RUN_AS": "$at"
    if [[ $secure == yes ]]; then
      as_user env ES_JAVA_HOME="$JAVA" ES_PATH_CONF="$at/config" "$HOME_OF_IT/bin/elasticsearch-keystore" create >/dev/null
      echo -n weir-secret | as_user env ES_JAVA_HOME="$JAVA" ES_PATH_CONF="$at/config" "$HOME_OF_IT/bin/elasticsearch-keystore" \
        add -x bootstrap.password >/dev/null
    fi
  done
  printf 'nodes=%s\nport=%s\nheap=%s\nsecure=%s\n' "$nodes" "$port" "$heap" "$secure" >"$dir/cluster"
}

# pid_of prints the process of node $1 if it runs; the number alone is not trusted, it may be somebody else's by now.
pid_of() {
  local pid
  pid=$(cat "$dir/node-$1/pid" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "-Dweir.dev=$dir/node-$1 " || return 1
  echo "$pid"
}

launch() {
  local n=$1 at="$dir/node-$1"
  pid_of "$n" >/dev/null && return 0
  rm -f "$at/pid"
  as_user env ES_JAVA_HOME="$JAVA" ES_JAVA_OPTS="-Xms$heap -Xmx$heap -Dweir.dev=$at" ES_PATH_CONF="$at/config" ES_TMPDIR="$at/tmp" \
    "$HOME_OF_IT/bin/elasticsearch" -d -p "$at/pid" >"$at/logs/start" 2>&1 </dev/null &
  starting+=("$!:$n")
}

# ask does a request to node $1 at path $2; further arguments go to curl.
ask() {
  local n=$1 path=$2; shift 2
  if [[ $secure == yes ]]; then
    curl -sS --max-time 10 --cacert "$dir/tls/ca.pem" -u elastic:weir-secret "$@" "https://127.0.0.1:$((port + n - 1))$path"
  else curl -sS --max-time 10 "$@" "http://127.0.0.1:$((port + n - 1))$path"; fi
}

# await asks for the health: this build of the server has no page at "/". A server that was there before answers at once, and has
# its indices one by one; until it has a copy of each it is not ready. One node of several that comes alone may never have them.
await() {
  local n=$1 path="/_cluster/health?wait_for_status=yellow&timeout=5s" until=$((SECONDS + 180))
  if [[ -n $node ]] && ((nodes > 1)); then path=/_cluster/health; fi
  while ((SECONDS < until)); do
    [[ $(ask "$n" "$path" -o /dev/null -w '%{http_code}' 2>/dev/null) == 200 ]] && return 0
    sleep 0.3
  done
  tail -5 "$dir/node-$n/logs/start" >&2
  die "node $n is not ready after 180 s: $dir/node-$n/logs"
}

# key makes an API key once, which may do everything; it is kept as a client sends it.
key() {
  [[ $secure == yes && ! -f "$dir/api_key" && -d "$HOME_OF_IT/modules/analysis-dev" ]] || return 0
  ask 1 /_security/api_key -X POST -H 'Content-Type: application/json' -d '{"name":"weir-dev"}' |
    sed -n 's/.*"encoded":"\([^"]*\)".*/\1/p' >"$dir/api_key"
  [[ -s "$dir/api_key" ]] || die "the server gave no API key"
}

chosen() { if [[ -n $node ]]; then echo "$node"; else seq 1 "$nodes"; fi; }

signal() {
  local n pid
  for n in $(chosen); do pid=$(pid_of "$n") && kill "-$1" "$pid" || true; done
}

# gone waits until the chosen nodes have ended, and kills after 20 s.
gone() {
  local n pid i
  for n in $(chosen); do
    for ((i = 0; i < 100; i++)); do pid_of "$n" >/dev/null || break; sleep 0.2; done
    pid=$(pid_of "$n") && kill -9 "$pid" || true
    rm -f "$dir/node-$n/pid"
  done
}

[[ $# -gt 0 ]] || { usage; exit 2; }
command=$1; shift
dir="" port=9200 nodes=1 node="" secure=no heap="" zip="" settings=() starting=()
while (($#)); do
  case $1 in
    --dir) dir=$2; shift 2 ;;
    --port) port=$2; shift 2 ;;
    --nodes) nodes=$2; shift 2 ;;
    --node) node=$2; shift 2 ;;
    --heap) heap=$2; shift 2 ;;
    --set) settings+=("$2"); shift 2 ;;
    --zip) zip=$2; shift 2 ;;
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
[[ -n $heap ]] || { if ((nodes > 1)); then heap=512m; else heap=1g; fi; }
# A cluster that was made before keeps its own shape, so that stop and kill need only the folder.
if [[ -f "$dir/cluster" ]]; then . "$dir/cluster"; fi

case $command in
  start)
    command -v java >/dev/null || die "java is missing: Elasticsearch needs Java 17 (apt-get install openjdk-17-jre-headless)"
    JAVA=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
    fetch
    if ((EUID == 0)); then
      as_user test -x "$dir" || die "the user $RUN_AS cannot enter $dir: take a folder that others may pass through"
    fi
    prepare
    for n in $(chosen); do launch "$n"; done
    for s in "${starting[@]+"${starting[@]}"}"; do
      wait "${s%%:*}" || { tail -5 "$dir/node-${s#*:}/logs/start" >&2; die "node ${s#*:} ended while starting: $dir/node-${s#*:}/logs"; }
    done
    for n in $(chosen); do await "$n"; done
    key
    list="" scheme=http
    if [[ $secure == yes ]]; then scheme=https; fi
    for ((n = 1; n <= nodes; n++)); do list+="${list:+,}$scheme://127.0.0.1:$((port + n - 1))"; done
    echo "$list" ;;
  stop) signal TERM; gone ;;
  kill) signal KILL; gone ;;
  pause) signal STOP ;;
  resume) signal CONT ;;
  status)
    down=0
    for ((n = 1; n <= nodes; n++)); do
      if pid=$(pid_of "$n"); then echo "node $n 127.0.0.1:$((port + n - 1)) running, process $pid"
      else echo "node $n 127.0.0.1:$((port + n - 1)) down"; down=1; fi
    done
    exit $down ;;
  wipe) signal KILL; gone; rm -rf "${dir:?}" ;;
  *) usage >&2; die "unknown command $command" ;;
esac
