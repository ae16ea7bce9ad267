package evidence

import (
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/verify/verifytest"
)

func TestExport_Papers(t *testing.T) {
	a := world(t)
	out := filepath.Join(t.TempDir(), "case")
	s := export(t, options(a, out))
	for name, want := range map[string][]string{
		"README.txt":     {"case 12 <b>", "user.name: 김민수", "ana", "verify.py . --key", "does not prove"},
		"README.ko.txt":  {"case 12 <b>", "추출 사유", "공개키", "증명하지 못합니다"},
		"report.en.html": {"case 12 &lt;b&gt;", s.Log.Origin},
		"report.ko.html": {"추출 사유", "case 12 &lt;b&gt;"},
		"verify.py":      {"#!/usr/bin/env python3"},
		"proofs.json":    {`"proof": [`},
	} {
		text := string(verifytest.Read(t, filepath.Join(out, name)))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
		if strings.Contains(text, "%!") {
			t.Errorf("%s has a hole in it", name)
		}
	}
}
