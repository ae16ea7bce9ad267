package build

import (
	"strings"
	"testing"

	"weir/internal/app/apptest"
	"weir/internal/fault"
	"weir/processors/parse"
)

const mineFormat = `dataset: acme_gate.log
title: Acme Gate
match: {starts: ["GATE|"]}
steps:
  - dissect: 'GATE|%{source.ip}'
`

// TestFormats: the user's folder is optional, adds to what is shipped, and a broken file in it does not keep the others away.
func TestFormats(t *testing.T) {
	shipped, err := parse.Shipped()
	if err != nil {
		t.Fatal("the shipped formats have a mistake: ", err)
	}
	set, faults := Formats(apptest.Data(t, nil))
	if set != shipped || len(faults) > 0 {
		t.Errorf("without a folder the set is another one (%v)", faults)
	}
	cfg := apptest.Data(t, map[string]string{"formats/gate.yaml": mineFormat, "formats/broken.yaml": "dataset: nothing\n"})
	set, faults = Formats(cfg)
	if len(set.Of("acme_gate.log")) != 1 || len(set.List()) != len(shipped.List())+1 {
		t.Errorf("%d formats, and %d of them shipped", len(set.List()), len(shipped.List()))
	}
	if len(faults) == 0 {
		t.Error("the broken file is not reported")
	}
	if f := LeftOut(cfg, faults); f == nil || f.Code != "format-left-out" || !f.Warn || !strings.HasPrefix(f.What, "a format file has mistakes") || f.Where != Within(cfg, FormatsFolder) {
		t.Errorf("left out: %v", f)
	}
	if f := LeftOut(cfg, fault.List{{Where: "a.yaml:1:2"}, {Where: "a.yaml:3:2"}, {Where: "b.yaml:1:2"}}); f == nil || !strings.HasPrefix(f.What, "2 format files") {
		t.Errorf("two files: %v", f)
	}
	if f := LeftOut(cfg, fault.List{{Where: "a.yaml:1:2", Warn: true}}); f != nil {
		t.Errorf("a file that is used is said to be left out: %v", f)
	}
	if f := set.Of("acme_gate.log")[0]; f.Shipped {
		t.Error("the user's format passes for a shipped one")
	}
}
