package anchor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPublisher_TriesAgainAndComplainsAfterTwoDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var mail, hook inbox
		mail.fail(1000)
		p, stop := w.run(Options{Channels: []Channel{{HowMail, "audit", mail.tell}, {HowWebhook, "siem", hook.tell}}})
		w.grow(10)
		time.Sleep(47 * time.Hour)
		if got := w.told(); got != "" {
			t.Errorf("too early: %s", got)
		}
		w.grow(20)
		time.Sleep(3 * time.Hour)
		if got := w.told(); got != "mail audit: archive-log-anchor" {
			t.Errorf("after two days: %s", got)
		}
		if s := p.Status(); s.Size != 20 || s.Ways[0].Failing.IsZero() || s.Ways[0].Next.IsZero() || s.Ways[0].Err != "450 try later" {
			t.Errorf("%+v", s)
		}
		stop()
		// Another process knows since when.
		_, stop = w.run(Options{Channels: []Channel{{HowMail, "audit", mail.tell}, {HowWebhook, "siem", hook.tell}}})
		time.Sleep(time.Second)
		if got := w.told(); got != "mail audit: archive-log-anchor" {
			t.Errorf("after a restart: %s", got)
		}
		mail.fail(0)
		time.Sleep(7 * time.Hour)
		if got := w.told(); got != "mail audit: well" {
			t.Errorf("well again: %s", got)
		}
		stop()
		if got := fmt.Sprint(mail.sizes(), hook.sizes()); got != "[20] [10 20]" {
			t.Errorf("arrived: %s", got)
		}
		// The same error again and again is noted once for each publication and start, and every success.
		want := "mail audit 2000-01-01 false\nwebhook siem 2000-01-01 true\nmail audit 2000-01-02 false\nwebhook siem 2000-01-02 true\nmail audit 2000-01-02 false\nmail audit 2000-01-02 true"
		if got := w.records(); got != want {
			t.Errorf("records:\n%s\nwant\n%s", got, want)
		}
	})
}

func TestPublisher_NeverOverwrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		dir := filepath.Join(w.archive, "log", Folder)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		// Somebody changed what was published this day, and put another file where this day's is to go outside.
		day := filepath.Join(dir, "2000-01-01")
		if err := os.WriteFile(day, []byte("somebody's text\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(w.folder, "weir.log_office-2000-01-01.2.checkpoint")
		if err := os.WriteFile(out, []byte("something else\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.grow(10)
		p, _ := w.run(Options{Folder: w.folder})
		time.Sleep(time.Hour)
		if b, err := os.ReadFile(day); err != nil || string(b) != "somebody's text\n" {
			t.Errorf("overwritten: %s %v", b, err)
		}
		if b, err := os.ReadFile(out); err != nil || string(b) != "something else\n" {
			t.Errorf("overwritten: %s %v", b, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "2000-01-01.2")); err != nil {
			t.Errorf("%v", err)
		}
		if s := p.Status(); !strings.Contains(s.Ways[0].Err, "something else in it") {
			t.Errorf("%+v", s)
		}
	})
}

func TestPublisher_TakesUpAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.grow(10)
		_, stop := w.run(Options{Folder: w.folder})
		time.Sleep(time.Minute)
		stop()
		// A way that is new gets what the others have; the others do not get it twice.
		var mail inbox
		_, stop = w.run(Options{Folder: w.folder, Channels: []Channel{{HowMail, "audit", mail.tell}}})
		time.Sleep(time.Minute)
		stop()
		if got := fmt.Sprint(mail.sizes()); got != "[10]" {
			t.Errorf("mails: %s", got)
		}
		if got, want := w.records(), "file "+filepath.Base(w.folder)+" 2000-01-01 true\nmail audit 2000-01-01 true"; got != want {
			t.Errorf("records:\n%s\nwant\n%s", got, want)
		}
	})
}
