package pages

import (
	"bytes"
	"strings"
	"testing"
)

func TestMan(t *testing.T) {
	var ran []string
	tree, root := sample(&ran)
	files := tree.Man(root, "1.2.3")
	page := string(files["weir-things-list.1"])
	for _, want := range []string{`.TH WEIR\-THINGS\-LIST 1 "" "weir 1.2.3"`, `weir\-things\-list \- list all | some`, ".SH WHAT\n.TP\n.B \\-\\-size NUMBER", ".SH DESCRIPTION\nAll of them.", ".SH EXAMPLES\n.nf\nweir things list \\-\\-size 3"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if len(files) != 3 || !bytes.Contains(files["weir.1"], []byte(".B weir things\nlist things; see weir\\-things(1)")) {
		t.Errorf("%d pages\n%s", len(files), files["weir.1"])
	}
}

func TestRoff(t *testing.T) {
	for in, want := range map[string]string{".TH": `\&.TH`, "'x": `\&'x`, `a\b`: `a\eb`, "a-b": `a\-b`, "plain": "plain"} {
		if got := roff(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
