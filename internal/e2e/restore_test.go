package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/internal/testkit/realelastic"
	"weir/internal/testkit/relpclient"
)

// How many lines are restored, and how often the restoring process is killed.
const (
	restoreLines = 8000
	restoreKills = 4
	restoreInto  = "logs-restored."
)

// screen is a terminal that nobody types at; what is shown there is collected until the test ends.
func screen(t *testing.T) (tty *os.File, shown *output) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	shown = &output{}
	read := make(chan struct{})
	go func() { // ends with the last user of the terminal, which is the test itself
		defer close(read)
		buf := make([]byte, 4<<10)
		for {
			n, err := user.Read(buf)
			_, _ = shown.Write(buf[:n]) // it is memory
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = tty.Close()
		<-read
		_ = user.Close()
	})
	return tty, shown
}

// restored is what `weir archive restore --json` says at its end.
type restored struct {
	Read, Indexed, Present, Refused, Total int64
	Resumed, Whole                         bool
}

// TestKill_Restore: however often it is killed while it restores, at the end every event of the archive is in Elasticsearch
// once, and the counts of the last run are those of all.
func TestKill_Restore(t *testing.T) {
	needE2E(t)
	server := realelastic.Start(t)
	w := newWeir(t, "WEIR_WATCHDOG_CANARY=0")
	w.start()
	client, err := relpclient.Dial(within(t, time.Minute), w.relp(), 200)
	if err != nil {
		t.Fatal(err)
	}
	for i := range restoreLines {
		line := fmt.Appendf(nil, "<38>1 %s web-1 sshd %d - - Failed password for root from 203.0.113.%d port %d ssh2 wseq=%08d", time.Now().UTC().Format(time.RFC3339), i%900, i%250, 1024+i%60000, i)
		if err := client.Send(within(t, time.Minute), i, line); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.Close(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	w.normalised()
	w.stop() // all of it is sealed
	ids := map[string]bool{}
	w.each("*", 10*restoreLines, func(doc map[string]any) { ids[fmt.Sprint(doc["event"].(map[string]any)["id"])] = true })
	if len(ids) < restoreLines {
		t.Fatalf("the archive has %d events", len(ids))
	}
	// Small requests, one after the other, so that there is a middle to be killed in.
	front := newFront(t, server.URLs[0])
	w.env = append(w.env, "WEIR_ELASTIC_URLS="+front.addr, "WEIR_ELASTIC_WORKERS=1", "WEIR_ELASTIC_BULK_BYTES=64KiB")
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 1))
	tty, shown := screen(t)
	// The first kill meets a request that is held: it is in the middle however slow the machine is. The others come as it happens.
	front.bulks.Store(int64(2 + rng.IntN(20)))
	enough := func() bool { return len(front.held) > 0 }
	resumed, midway := 0, 0
	for range restoreKills {
		if left, _ := filepath.Glob(filepath.Join(w.dir, "restore", "*.json")); len(left) > 0 {
			resumed++
		}
		if w.killedWhen(tty, server, t, enough) < len(ids) {
			midway++
		}
		docs := rng.IntN(len(ids) * 9 / 10)
		enough = func() bool { return inElastic(t, server) > docs }
	}
	out := w.run("archive", "restore", "--into", restoreInto, "--json")
	var last restored
	if err := json.Unmarshal([]byte(out), &last); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	t.Logf("%d events, seed %d: killed midway %d times of %d, went on %d times; %+v", len(ids), seed, midway, restoreKills, resumed, last)
	if n := int64(len(ids)); last.Read != n || last.Total != n || last.Indexed+last.Present != n || last.Refused != 0 || !last.Whole {
		t.Errorf("the counts are not those of %d events: %+v", n, last)
	}
	if midway == 0 {
		t.Error("it was never killed before its end")
	}
	if said := shown.String(); !strings.Contains(said, fmt.Sprintf(" of %s events, up to ", grouped(len(ids)))) {
		t.Errorf("no progress is shown:\n%s", said)
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, "restore", "*.json")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	missing, twice, strange := compareRestored(t, server, ids)
	if missing+twice+strange > 0 {
		t.Errorf("of %d events: missing %d, twice %d, unknown %d", len(ids), missing, twice, strange)
	}
}

// grouped writes a number as people read it.
func grouped(n int) string { return fmt.Sprintf("%d,%03d", n/1000, n%1000) }

// inElastic counts the documents. A server that is still making the index has none.
func inElastic(t *testing.T, server *realelastic.Server) int {
	t.Helper()
	server.Do(t, "POST", "/"+restoreInto+"*/_refresh", "")
	_, m := server.Do(t, "GET", "/"+restoreInto+"*/_count", "")
	n, _ := m["count"].(float64) // an error has none
	return int(n)
}

// killedWhen restores and kills the process as soon as it did enough; it returns how many documents the server has then.
func (w *weir) killedWhen(tty *os.File, server *realelastic.Server, t *testing.T, enough func() bool) int {
	w.t.Helper()
	cmd := w.command("archive", "restore", "--into", restoreInto)
	cmd.Stderr = tty
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // where the test ends early: it would hold the terminal
	ended := make(chan struct{})
	go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(ended) }(cmd) // it is killed, or was through
	for {
		select {
		case <-ended:
			return inElastic(t, server)
		case <-time.After(20 * time.Millisecond): // asked all the time the server would do little else
		}
		if enough() {
			_ = cmd.Process.Kill() // it may have ended already
			<-ended
			return inElastic(t, server)
		}
	}
}

// compareRestored holds the identities in Elasticsearch against those of the archive.
func compareRestored(t *testing.T, server *realelastic.Server, ids map[string]bool) (missing, twice, strange int) {
	t.Helper()
	inElastic(t, server) // refreshes
	seen, after := map[string]int{}, ""
	for {
		body := `{"size":5000,"_source":["event.id"],"sort":[{"event.id":"asc"},{"_index":"asc"}]` + after + `}`
		status, m := server.Do(t, "POST", "/"+restoreInto+"*/_search", body)
		b, err := json.Marshal(m)
		if err != nil || status != 200 {
			t.Fatalf("%d %v: %s", status, err, b)
		}
		var page struct {
			Hits struct {
				Hits []struct {
					ID     string `json:"_id"`
					Source struct {
						Event struct{ ID string }
					} `json:"_source"`
					Sort json.RawMessage
				}
			}
		}
		if err := json.Unmarshal(b, &page); err != nil {
			t.Fatal(err)
		}
		for _, h := range page.Hits.Hits {
			if h.ID != h.Source.Event.ID || !ids[h.ID] {
				strange++
			}
			seen[h.ID]++
			after = `,"search_after":` + string(h.Sort)
		}
		if len(page.Hits.Hits) == 0 {
			break
		}
	}
	for id := range ids {
		missing += 1 - min(1, seen[id])
		twice += max(0, seen[id]-1)
	}
	return missing, twice, strange
}
