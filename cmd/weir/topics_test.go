package main

import (
	"testing"

	"weir/internal/control"
)

func TestTopics(t *testing.T) {
	st := control.Status{Running: true, Embedded: true, Topics: []control.Topic{{Name: "weir.raw.syslog", Partitions: 2, Records: 1204, Bytes: 3 << 20, Lag: 7, Group: "normalise"}}}
	out, msg, _ := shell{b: &fake{status: st}, terminal: 100}.run(t, "topics", "list")
	same(t, "stdout", out, "TOPIC            PARTITIONS  RECORDS   SIZE  BEHIND  GROUP\nweir.raw.syslog           2    1,204  3 MiB       7  normalise\n")
	same(t, "stderr", msg, "1 topic in the broker built in\n")
	_, msg, _ = shell{b: &fake{status: control.Status{Data: "./weir-data"}}, terminal: 100}.run(t, "topics", "list")
	same(t, "stopped", msg, "no weir runs on ./weir-data: topics are only known to a running one\n")
}
