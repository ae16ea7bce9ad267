#!/usr/bin/env bash
# A real Prometheus Alertmanager for tests and for trying things, on this machine, without containers.
# Needs Go. The binary lies in a cache outside the source tree; the first start builds it.
set -euo pipefail

readonly VERSION=v0.28.1
readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/weir-dev/alertmanager-$VERSION"

usage() {
  cat <<'USAGE'
alertmanager.sh start  --dir DIR [--port 9093] [--hook URL]   ready when it returns; prints the address
alertmanager.sh stop   --dir DIR                              an orderly end (SIGTERM)
alertmanager.sh status --dir DIR                              one line; ends with 1 when it is down
alertmanager.sh wipe   --dir DIR                              kill it and delete the data
alertmanager.sh fetch                                         only fill the cache

With --hook it sends what it is told on to that address, as its own webhook does; else nobody is told.
USAGE
}

die() { echo "alertmanager.sh: $*" >&2; exit 2; }

# fetch builds the binary once; several starts at the same time wait for the first.
fetch() {
  [[ -x "$CACHE/alertmanager" ]] && return 0
  command -v go >/dev/null || die "go is missing: it builds Alertmanager for the first start"
  mkdir -p "$CACHE"
  exec 9>"$CACHE/lock"
  flock 9
  if [[ ! -x "$CACHE/alertmanager" ]]; then
    (cd "$CACHE" && GOFLAGS= GOBIN="$CACHE/building" go install "github.com/prometheus/alertmanager/cmd/alertmanager@$VERSION") >&2
    mv "$CACHE/building/alertmanager" "$CACHE/alertmanager"
    rmdir "$CACHE/building"
  fi
  exec 9>&-
}

# running prints the process if it runs; the number alone is not trusted, it may be somebody else's by now.
running() {
  local pid
  pid=$(cat "$dir/pid" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$dir/alertmanager.yml" || return 1
  echo "$pid"
}

# ready asks Alertmanager itself: somebody else may have the port.
ready() (
  exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
  printf 'GET /-/ready HTTP/1.0\r\n\r\n' >&3
  read -r -t 5 line <&3 && [[ $line == *" 200 "* ]]
)

start() {
  mkdir -p "$dir"
  {
    echo 'route: {receiver: nobody, group_by: ["..."], group_wait: 1s, group_interval: 1s}'
    echo 'receivers:'
    if [[ -n $hook ]]; then printf -- '- name: nobody\n  webhook_configs: [{url: "%s", send_resolved: true}]\n' "$hook"; else echo '- name: nobody'; fi
  } >"$dir/alertmanager.yml"
  echo "$port" >"$dir/port"
  if ! running >/dev/null; then
    setsid "$CACHE/alertmanager" --config.file="$dir/alertmanager.yml" --storage.path="$dir/data" --web.listen-address="127.0.0.1:$port" \
      --cluster.listen-address= >>"$dir/log" 2>&1 </dev/null &
    echo $! >"$dir/pid"
  fi
  local i
  for ((i = 0; i < 600; i++)); do
    ready 2>/dev/null && { echo "http://127.0.0.1:$port"; return 0; }
    # Its command line is this script's until it has begun, so only its number is asked for.
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || { tail -5 "$dir/log" >&2; die "it ended while starting: $dir/log"; }
    sleep 0.2
  done
  die "it is not ready after 120 s: $dir/log"
}

signal() {
  local pid i
  pid=$(running) || return 0
  kill "-$1" "$pid" || true
  for ((i = 0; i < 100; i++)); do running >/dev/null || break; sleep 0.1; done
  rm -f "$dir/pid"
}

[[ $# -gt 0 ]] || { usage; exit 2; }
command=$1; shift
dir="" port=9093 hook=""
while (($#)); do
  case $1 in
    --dir) dir=$2; shift 2 ;;
    --port) port=$2; shift 2 ;;
    --hook) hook=$2; shift 2 ;;
    *) usage >&2; die "unknown option $1" ;;
  esac
done
case $command in
  fetch) fetch; exit 0 ;;
  help | -h | --help) usage; exit 0 ;;
esac
[[ -n $dir ]] || die "--dir DIR is missing: the folder for data, log and process number"
mkdir -p "$dir"; dir=$(cd "$dir" && pwd)

case $command in
  start) fetch; start ;;
  stop) signal TERM ;;
  status)
    if pid=$(running); then echo "running, process $pid, http://127.0.0.1:$(cat "$dir/port")"
    else echo "down"; exit 1; fi ;;
  wipe) signal KILL; rm -rf "${dir:?}" ;;
  *) usage >&2; die "unknown command $command" ;;
esac
