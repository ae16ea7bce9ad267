package parse

import (
	"testing"

	"golang.org/x/text/encoding/korean"

	"weir/event"
)

func TestDecode(t *testing.T) {
	euckr, err := korean.EUCKR.NewEncoder().Bytes([]byte("조회 kim"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		names []string
		raw   []byte
		want  string
		ok    bool
	}{
		{"cp949", []string{"utf-8", "cp949"}, euckr, "조회 kim", true},
		{"euc-kr", []string{"euc-kr"}, euckr, "조회 kim", true},
		{"a browser's name", []string{"iso-8859-1"}, []byte{'a', 0xe9}, "aé", true},
		{"the first that fits", []string{"cp949", "iso-8859-1"}, []byte{'a', 0xff, 0xff}, "aÿÿ", true},
		{"none", []string{"utf-8", "nonsense"}, []byte{'a', 0xff}, "", false},
	} {
		if got, ok := Decode(c.names, c.raw); got != c.want || ok != c.ok {
			t.Errorf("%s: got %q, %v", c.name, got, ok)
		}
	}
	p := newParser(t, Options{Formats: formatsOf(t, nil, "dataset: k.log\ntitle: K\ncharset: [utf-8, cp949]\nmatch: {contains: kim}\nsteps:\n  - dissect: '%{event.action} %{user.name}'")})
	raw, e := rawOf(string(euckr)), new(event.Event)
	if err := p.Parse(&raw, e, func(*event.Event) error { return nil }); err != nil || e.Str(event.EventAction) != "조회" || e.Str(event.Message) != "조회 kim" || e.Has(event.EventOriginal) || !e.Has(event.WeirOriginalBase64) {
		t.Errorf("%v, %s", err, e.AppendJSON(nil))
	}
}
