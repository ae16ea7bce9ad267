package notify

import (
	"errors"
	"strings"
	"testing"

	"weir/internal/fault"
	"weir/sinks/notify/channel"
)

// TestTell: a notice goes over the channel as it is, with its files and the same id each time, and is kept nowhere.
func TestTell(t *testing.T) {
	w := newWorld(t, simple)
	w.boxes["mail"].answer = func(int, *channel.Message) (channel.Receipt, error) { return channel.Receipt{Said: "250 ok"}, nil }
	what := Notice{ID: "report-7", Title: "October", Text: "as ordered", Files: []channel.File{{Name: "a.pdf", Type: "application/pdf", Data: []byte("%PDF")}}}
	for range 2 {
		if said, err := w.n.Tell(t.Context(), "mail", what); err != nil || said != "250 ok" {
			t.Fatalf("%q, %v", said, err)
		}
	}
	m := w.boxes["mail"].got[1]
	if m.Kind != channel.Notice || m.ID != "report-7" || m.Group != "October" || m.Text != "as ordered" || m.Lang != "en" || len(m.Files) != 1 || len(m.Alerts) != 0 {
		t.Errorf("%+v", m)
	}
	if kind, err := w.n.Type("mail"); err != nil || kind != "box" {
		t.Errorf("%s, %v", kind, err)
	}
}

// TestTell_Failure: a channel that is not there is named, and what went wrong is said to who asked.
func TestTell_Failure(t *testing.T) {
	w := newWorld(t, simple)
	if _, err := w.n.Tell(t.Context(), "mial", Notice{}); fault.Code(err) != "notify-unknown" {
		t.Errorf("got %v", err)
	}
	if _, err := w.n.Type("mial"); fault.Code(err) != "notify-unknown" {
		t.Errorf("got %v", err)
	}
	w.boxes["mail"].answer = func(int, *channel.Message) (channel.Receipt, error) {
		return channel.Receipt{}, errors.New("452 later")
	}
	if _, err := w.n.Tell(t.Context(), "mail", Notice{ID: "x"}); err == nil || !strings.Contains(err.Error(), "telling mail: 452 later") {
		t.Errorf("got %v", err)
	}
}
