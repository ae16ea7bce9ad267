package translog

import (
	"strings"
	"testing"
)

func TestFindCheckpoint(t *testing.T) {
	msg, key := signed(t, head, 1)
	line := strings.Join(strings.Fields(string(msg)), " ")
	for name, text := range map[string]string{
		"as it is":          string(msg),
		"one line":          line,
		"a mail":            "Dear auditor,\r\n\r\n  checkpoint 2026-11-21 of weir.log/office: 70000 entries: " + line + "\r\n\r\nbye",
		"quoted":            "> " + strings.ReplaceAll(string(msg), "\n", "\r\n> "),
		"a mail as it came": "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.NewReplacer("=", "=3D", "—", "=E2=80=\r\n=94").Replace(string(msg)) + "\r\nbye\r\n",
		"two of them":       line + "\n" + strings.ReplaceAll(line, "70000", "80000"),
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := FindCheckpoint([]byte(text))
			if name == "quoted" { // the marks stand between the words: nobody can tell them from text
				if ok {
					t.Errorf("found %q", got)
				}
				return
			}
			if c, err := OpenCheckpoint(got, key); !ok || err != nil || c.Size != head.Size {
				t.Errorf("%v %q: %v", ok, got, err)
			}
		})
	}
	for _, text := range []string{"", "hello", head.Text(), "weir.log/office 70000 AAAA — weir.log/office BBBB"} {
		if got, ok := FindCheckpoint([]byte(text)); ok {
			t.Errorf("%q: found %q", text, got)
		}
	}
}
