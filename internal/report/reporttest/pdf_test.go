package reporttest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"testing"
)

// packed is a stream of a PDF.
func packed(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream\n", b.Len(), b.String())
}

// TestTexts: what is read is what was drawn: page, place, font, and escapes of brackets and backslashes.
func TestTexts(t *testing.T) {
	doc := "3 0 obj\n<</Type /Font\n/Subtype /Type0\n/BaseFont /utf8weir\n>>\n4 0 obj\n<</Type /Font\n/Subtype /Type0\n/BaseFont /utf8weirB\n>>\n/Font <<\n/Fa1 3 0 R\n/Fb2 4 0 R\n>>\n" +
		packed(t, "BT /Fa1 9.50 Tf ET\nq 0.1 g BT 42.00 700.25 Td (\x00a\x00\\(\xac\x00) Tj ET Q") +
		packed(t, "BT /Fb2 12.00 Tf ET\nBT 1.00 2.00 Td (\x00\\\\) Tj ET") + packed(t, "no page at all")
	got, err := Texts([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	want := []Text{{1, 42, 700.25, 9.5, false, "a(가"}, {2, 1, 2, 12, true, `\`}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if p := Pages(got); len(p) != 2 || p[0] != "a(가\n" || p[1] != "\\\n" {
		t.Errorf("pages %q", p)
	}
	if got, err := Texts([]byte("no PDF")); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
