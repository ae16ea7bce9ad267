#!/usr/bin/env bash
# weir beside rsyslog, syslog-ng, Telegraf and bare Go programs, on one real Kafka of its own. See docs/performance.md.
#
#   deploy/bench/run.sh [-n EVENTS] [-r RUNS] [WORKLOAD...]     workloads: tcp udp offload latency; default: all
#
# The harness and its lines are those of BENCH (default ../shared/bench beside the project, or under WEIR_TESTDATA); it is
# copied, not changed. Peers that are not installed are left out, with a word: RSYSLOGD, SYSLOG_NG_ROOT and TELEGRAF say
# where they are.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
bench=${BENCH:-${WEIR_TESTDATA:-$root/../shared}/bench}
work=${WORK:-$(mktemp -d)}
port=${PORT:-19820} # Kafka's, and nine above it; the peers listen on three from PORT+40 on
n=600000 runs=3

while getopts 'n:r:' flag; do
  case $flag in
    n) n=$OPTARG ;;
    r) runs=$OPTARG ;;
    *) sed -n '2,9p' "$0"; exit 2 ;;
  esac
done
shift $((OPTIND - 1))

[[ -f $bench/run.go ]] || { echo "bench: no harness in $bench (set BENCH)" >&2; exit 3; }

# copy takes the harness and adds weir to its peers. weir has one port for everything, the others have three.
copy() {
  mkdir -p "$work/bench"
  cp -r "$bench"/. "$work/bench/"
  cp "$root/deploy/bench/weir.yaml" "$work/bench/weir.yaml"
  sed '/^  # Floors in Go/,$d' "$bench/peers.yaml" >"$work/bench/peers.yaml"
  cat "$root/deploy/bench/peers.yaml" >>"$work/bench/peers.yaml"
  sed -n '/^  # Floors in Go/,$p' "$bench/peers.yaml" >>"$work/bench/peers.yaml"
  sed -i -e 's/^type peer struct {$/&\n\tOnePort bool/' \
    -e 's/^\tr, err := startPeer(p, v)$/\tif p.OnePort {\n\t\tv.OC, v.UDP = v.LF, v.LF\n\t}\n&/' "$work/bench/run.go"
  [[ $(grep -c OnePort "$work/bench/run.go") == 2 ]] || { echo "bench: the harness in $bench is another one than expected" >&2; exit 3; }
  (cd "$work/bench" && go build -o "$work/harness" .)
  (cd "$root" && go build -trimpath -o "$work/weir" ./cmd/weir)
}

# there prints the peers of a list that can be started.
there() {
  local peer
  for peer in "$@"; do
    case $peer in
      rsyslog*) command -v "${RSYSLOGD:-rsyslogd}" >/dev/null || { echo "bench: no rsyslogd: apt-get install rsyslog rsyslog-kafka" >&2; continue; } ;;
      syslog-ng) [[ -x ${SYSLOG_NG_ROOT:-}/usr/sbin/syslog-ng ]] || { echo "bench: no syslog-ng (SYSLOG_NG_ROOT)" >&2; continue; } ;;
      telegraf) command -v "${TELEGRAF:-telegraf}" >/dev/null || { echo "bench: no telegraf (TELEGRAF)" >&2; continue; } ;;
    esac
    echo "$peer"
  done
}

# run measures one workload of the harness with the peers that are there.
run() {
  local workload=$1 peers
  shift
  local flags=()
  while [[ ${1:-} == -* ]]; do
    flags+=("$1")
    [[ $1 == *=* ]] || { flags+=("$2"); shift; }
    shift
  done
  mapfile -t peers < <(there "$@")
  echo
  echo "== $workload ${flags[*]}"
  WEIR=$work/weir "$work/harness" "$workload" -dir "$work/bench" -data "$bench/../data" -work "$work/runs" -broker "127.0.0.1:$port" \
    -port $((port + 40)) -runs "$runs" "${flags[@]}" "${peers[@]}" 2>>"$work/harness.log"
}

copy
trap '"$root/deploy/dev/kafka.sh" wipe --dir "$work/kafka" >/dev/null; echo "runs, samples and logs: $work"' EXIT
"$root/deploy/dev/kafka.sh" start --dir "$work/kafka" --port "$port" >/dev/null
[[ $# -gt 0 ]] || set -- tcp udp offload latency
for what in "$@"; do
  case $what in
    tcp) run ingest-tcp -n "$n" floor-raw weir-ingest floor-json weir-events rsyslog syslog-ng telegraf ;;
    udp) run ingest-udp -rates 100000,200000 floor-count floor-raw weir-ingest weir-events rsyslog syslog-ng ;;
    offload) run ingest-udp -gso=true -rates 200000,300000 floor-count weir-ingest weir-events rsyslog syslog-ng ;;
    latency) run latency -seconds 5 floor-raw weir-ingest weir-events rsyslog syslog-ng ;;
    *) echo "bench: no workload $what" >&2; exit 2 ;;
  esac
done
