package format

import (
	"testing"
	"testing/fstest"
)

// TestTable_OfACopy: a shipped format that was copied into a user's folder finds the table beside the shipped one, unless two
// packages have one of the name.
func TestTable_OfACopy(t *testing.T) {
	const doc = "dataset: a.log\ntitle: A\nsteps: [{lookup: {from: message, to: event.action, table: codes.csv}}]\n"
	shipped := fstest.MapFS{"a/log.yaml": {Data: []byte(doc)}, "a/codes.csv": {Data: []byte("k,v\n1,one\n")}}
	users := fstest.MapFS{"copy.yaml": {Data: []byte(doc)}}
	set, faults := Load(Source{Name: "shipped", FS: shipped}, Source{Name: "formats", FS: users})
	if f := set.Named("a.log"); len(faults) > 0 || f == nil || f.Shipped {
		t.Errorf("%v, %+v", faults, f)
	}
	shipped["b/codes.csv"] = &fstest.MapFile{Data: []byte("k,v\n1,other\n")}
	if set, faults = Load(Source{Name: "shipped", FS: shipped}, Source{Name: "formats", FS: users}); len(faults) != 1 || !set.Named("a.log").Shipped {
		t.Errorf("of two tables one was taken: %v", faults)
	}
}

// TestLoad_Beside: formats of one name in two sources that are one are a mistake, in two that are not the later one is used.
func TestLoad_Beside(t *testing.T) {
	one := func(title string) fstest.MapFS {
		return fstest.MapFS{"x.yaml": {Data: []byte("dataset: a.log\ntitle: " + title + "\n")}}
	}
	for _, beside := range []bool{false, true} {
		set, faults := Load(Source{Name: "shipped", FS: one("S")}, Source{Name: "p", FS: one("P")}, Source{Name: "q", FS: one("Q"), Beside: beside})
		want, codes := "Q", 0
		if beside {
			want, codes = "P", 1
		}
		if got := set.Named("a.log"); got == nil || got.Title != want || len(faults) != codes || codes == 1 && (faults[0].Code != "format-duplicate" || faults[0].Where != "q/x.yaml:1:10") {
			t.Errorf("beside %v: %+v, %v", beside, got, faults)
		}
	}
}
