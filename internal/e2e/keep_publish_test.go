package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// inbox is a mail server and a webhook that keep what they get.
type inbox struct {
	mu    sync.Mutex
	mails []string
	hooks []string
}

// newInbox starts both; they end with the test.
func newInbox(t *testing.T) (in *inbox, smtp, hook string) {
	t.Helper()
	in = &inbox{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			wg.Go(func() { in.mail(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		in.mu.Lock()
		defer in.mu.Unlock()
		in.hooks = append(in.hooks, string(b))
	}))
	t.Cleanup(srv.Close)
	return in, l.Addr().String(), srv.URL
}

// mail speaks as a mail server does that takes everything.
func (in *inbox) mail(c net.Conn) {
	defer func() { _ = c.Close() }()
	fmt.Fprint(c, "220 ready\r\n")
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		verb, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		switch verb {
		case "DATA":
			fmt.Fprint(c, "354 go on\r\n")
			var b strings.Builder
			for lines.Scan() && lines.Text() != "." {
				b.WriteString(strings.TrimPrefix(lines.Text(), ".") + "\n")
			}
			in.mu.Lock()
			in.mails = append(in.mails, b.String())
			in.mu.Unlock()
			fmt.Fprint(c, "250 kept\r\n")
		case "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}

// last returns the newest mail and the newest text that the webhook got.
func (in *inbox) last(t *testing.T) (mail, hook string) {
	t.Helper()
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.mails) == 0 || len(in.hooks) == 0 {
		t.Fatalf("%d mails, %d calls", len(in.mails), len(in.hooks))
	}
	var body struct{ Text string }
	if err := json.Unmarshal([]byte(in.hooks[len(in.hooks)-1]), &body); err != nil {
		t.Fatal(err)
	}
	return in.mails[len(in.mails)-1], body.Text
}

// TestPublish: at its stop weir gives the checkpoint to a folder, by mail and to a webhook, and each of them is taken by both
// verifiers as what the archive is held against; also after a new key signs, with the old public key alone.
func TestPublish(t *testing.T) {
	in, smtp, hook := newInbox(t)
	published := filepath.Join(t.TempDir(), "published")
	w := newKeep(t, "WEIR_ARCHIVE_LOG_PUBLISH="+published, "WEIR_ARCHIVE_LOG_CHANNELS=audit-mail,hook", "WEIR_ARCHIVE_EPOCH_ROWS=50")
	if err := os.Mkdir(published, 0o700); err != nil { // one that is not mounted is not made up
		t.Fatal(err)
	}
	host, port := address(t, smtp)
	write(t, filepath.Join(w.dir, "notify.yaml"), fmt.Sprintf("channels:\n  audit-mail: {type: email, host: %s, port: %s, tls: none, from: weir@example.com, to: [audit@example.org]}\n  hook: {type: webhook, url: %q}\nroute: {to: []}\n", host, port, hook))
	w.args = []string{"--history"}
	w.start()
	w.keepSome(0, 120)
	w.stop()

	mail, text := in.last(t)
	dir := t.TempDir()
	given := map[string]string{"mail": mail, "hook": text}
	files, err := filepath.Glob(filepath.Join(published, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing is in the folder: %v", err)
	}
	b, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	given["folder"] = string(b)
	for name, text := range given {
		given[name] = filepath.Join(dir, name)
		write(t, given[name], text)
	}
	old := filepath.Join(dir, "log.pub")
	key, err := os.ReadFile(w.keyFile())
	if err != nil {
		t.Fatal(err)
	}
	write(t, old, string(key))
	check := func() {
		t.Helper()
		for name, file := range given {
			w.verified("--key", old, "--checkpoint", file)
			if out, err := verifyPy(t, w.archiveDir(), old, "--checkpoint", file); err != nil {
				t.Errorf("verify.py with the checkpoint of the %s: %v\n%s", name, err, out)
			}
		}
	}
	check()

	w.start()
	w.run("archive", "rotate-key")
	w.keepSome(120, 240)
	w.run("archive", "publish")
	w.stop()
	if is, err := os.ReadFile(w.keyFile()); err != nil || string(is) == string(key) {
		t.Errorf("the key is the old one: %v", err)
	}
	check() // what was published before, and the key of before
	w.bothVerify(w.archiveDir())
	newMail, _ := in.last(t)
	if newMail == mail {
		t.Error("no checkpoint was mailed after the key changed")
	}

	// A history that was put back does not contain what was published since.
	later := filepath.Join(dir, "later")
	write(t, later, newMail)
	back := filepath.Join(dir, "archive")
	if err := os.CopyFS(back, os.DirFS(w.archiveDir())); err != nil {
		t.Fatal(err)
	}
	w.verified(back, "--key", old, "--checkpoint", later)
	lines, err := os.ReadFile(filepath.Join(back, "manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	all := strings.SplitAfter(strings.TrimSpace(string(lines)), "\n")
	if err := os.WriteFile(filepath.Join(back, "manifest.jsonl"), []byte(strings.Join(all[:2], "")), 0o600); err != nil {
		t.Fatal(err)
	}
	w.bothFind(t, back, "manifest-changed", "manifest.jsonl", "--checkpoint", later)
}
