package text_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"weir/internal/alert"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with its file: the text is what people get, so every change of it is looked at.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", path, got, want)
	}
}

// all is what the package makes of a message.
func all(m *channel.Message) string {
	return text.Subject(m) + "\n" + text.Short(m) + "\n\n" + text.Long(m)
}

// TestGolden: each kind in both languages.
func TestGolden(t *testing.T) {
	for _, kind := range []channel.Kind{channel.Firing, channel.Repeat, channel.Escalation, channel.Resolved, channel.Test, channel.Digest} {
		for _, lang := range []string{"en", "ko"} {
			m := channeltest.Message()
			m.Kind, m.Lang = kind, lang
			switch kind {
			case channel.Resolved:
				for i := range m.Alerts {
					m.Alerts[i].State, m.Alerts[i].Verdict = alert.Closed, alert.FalsePositive
				}
			case channel.Digest:
				m.Group, m.Alerts, m.More = "1,200 alerts were folded since 16:00", nil, 1200
			case channel.Test:
				m.Alerts, m.More = m.Alerts[:1], 0
			}
			golden(t, string(kind)+"."+lang, all(m))
		}
	}
}
