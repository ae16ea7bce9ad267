package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/testkit"
	"weir/internal/testkit/relpclient"
)

// keepRounds is how often everything is killed: few in CI, as many as WEIR_KEEP_ROUNDS says in the nightly run.
func keepRounds(t testing.TB) int {
	t.Helper()
	if s := os.Getenv("WEIR_KEEP_ROUNDS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 10
}

// keepClasses has a class that is over as soon as it is sealed, and one that never is.
const keepClasses = `
- name: brief
  title: {en: Brief, ko: 단기}
  keep_at_least: 1 day
  when: host.name startsWith "old" or host.name startsWith "held"
- name: lasting
  title: {en: Lasting, ko: 영구}
  keep_at_least: forever
  when: host.name startsWith "keep"
`

// keepLines is how many lines a round sends.
const keepLines = 600

// keepHost is where the line of a number comes from, which decides what becomes of it.
func keepHost(i int) string { return [...]string{"web", "web", "keep", "old", "old", "held"}[i%6] }

// keepDay is the day of what a round sends that is held: no other round, and nothing that expires, has the same.
func keepDay(round int) time.Time {
	return time.Date(2025, 1, 1, 10, 0, 0, 0, time.UTC).AddDate(0, 0, round)
}

// keepLine is a line of the past or, from web, of now.
func keepLine(round, i int) []byte {
	at := time.Now().UTC()
	switch keepHost(i) {
	case "held":
		at = keepDay(round)
	case "keep":
		at = keepDay(round).AddDate(-1, 0, 0)
	case "old":
		at = keepDay(round).AddDate(-2, 0, i%3)
	}
	return fmt.Appendf(nil, "<38>1 %s %s-%d sshd %d - - Failed password for root from 203.0.113.%d port %d ssh2 wseq=%08d",
		at.Format(time.RFC3339), keepHost(i), round, 1000+i%100, i%250, 1024+i%60000, i)
}

// newKeep is a weir that seals small epochs, keeps a second copy and lets things go at once.
func newKeep(t testing.TB, settings ...string) *weir {
	t.Helper()
	w := newWeir(t, append([]string{"WEIR_WATCHDOG_CANARY=0", "WEIR_ARCHIVE_EPOCH_ROWS=150", "WEIR_RETENTION_SETTLE=0", "WEIR_RETENTION_ZONE=UTC"}, settings...)...)
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(w.dir, "classes.yaml"), keepClasses)
	return w
}

// archiveDir is where the archive of a weir is.
func (w *weir) archiveDir() string { return filepath.Join(w.dir, "archive") }

// keyFile is the public key of its log, as it was made.
func (w *weir) keyFile() string { return w.dir + ".keys/log.pub" }

// verifyPy runs the verifier that is not ours on an archive or an unpacked package, and returns what it said.
func verifyPy(t testing.TB, dir, key string, more ...string) (string, error) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		testkit.Skip(t, "servers", "python3 is not installed")
	}
	args := append([]string{filepath.Join(testkit.Root(t), "docs", "evidence", "verify.py"), dir, "--key", key}, more...)
	out, err := exec.CommandContext(within(t, time.Minute), python, args...).CombinedOutput()
	return string(out), err
}

// proven is the last line of `weir archive verify --json`.
type proven struct {
	OK               bool
	Segments, Events int64
	said             string
}

// proven runs `weir archive verify`, whatever it finds.
func (w *weir) proven(args ...string) (last proven) {
	w.t.Helper()
	cmd := w.command(append([]string{"archive", "verify", "--json"}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if jerr := json.Unmarshal([]byte(lines[len(lines)-1]), &last); jerr != nil {
		w.t.Fatalf("weir archive verify %s: %v, %v in %s%s", strings.Join(args, " "), err, jerr, out, stderr.String())
	}
	last.said = string(out)
	return last
}

// verified is proven where nothing must be found.
func (w *weir) verified(args ...string) proven {
	w.t.Helper()
	last := w.proven(args...)
	if !last.OK {
		w.t.Errorf("weir archive verify %s:\n%s", strings.Join(args, " "), last.said)
	}
	return last
}

// bothVerify holds an archive to both verifiers.
func (w *weir) bothVerify(dir string) {
	w.t.Helper()
	w.verified(dir, "--key", w.keyFile())
	if out, err := verifyPy(w.t, dir, w.keyFile()); err != nil {
		w.t.Errorf("verify.py on %s: %v\n%s", dir, err, out)
	}
}

// sendKeep sends the lines of a round by RELP; it returns when the last one is on its way.
func sendKeep(t *testing.T, client *relpclient.Client, round int) {
	ctx := within(t, time.Minute)
	for i := round * keepLines; i < (round+1)*keepLines; i++ {
		if i%10 == 0 {
			time.Sleep(8 * time.Millisecond) // half a second in all, so that a kill falls into it
		}
		if err := client.Send(ctx, i, keepLine(round, i)); err != nil {
			t.Errorf("sending %d: %v", i, err)
			return
		}
	}
}

// killIn kills the process after a random part of a time.
func (w *weir) killIn(rng *rand.Rand, most time.Duration) {
	time.Sleep(time.Duration(rng.Int64N(int64(most))))
	w.kill()
}

// normalised waits until nothing is on its way, so that no line of the past is read by a process that takes it for one of
// today.
func (w *weir) normalised() {
	w.t.Helper()
	eventually(w.t, time.Minute, "everything is read", func() bool {
		rows, balanced := w.ledger()
		var flight int64
		for _, r := range rows {
			flight += r.InFlight
		}
		return balanced && flight == 0
	})
}

// holds tells whether the hold of a round is there.
func (w *weir) holds(round int) bool {
	return strings.Contains(w.run("archive", "holds", "--json"), fmt.Sprintf("held-%d", round))
}

// hold is the order of one for the day of a round.
func (w *weir) hold(round int) *exec.Cmd {
	return w.command("archive", "hold", fmt.Sprintf(`host.name: "held-%d"`, round), "--from", keepDay(round).Format(time.DateOnly),
		"--to", keepDay(round+1).Format(time.DateOnly), "--owner", "lee", "--reason", fmt.Sprint("round ", round))
}

// keepRound sends lines of every kind, holds some and lets others go, and kills the process at a random moment of each.
func keepRound(t *testing.T, w *weir, rng *rand.Rand, round int) relpclient.Report {
	w.args = []string{"--history"}
	took := w.start()
	client, err := relpclient.Dial(within(t, time.Minute), w.relp(), 200)
	if err != nil {
		t.Fatal(err)
	}
	order := w.hold(round)
	if err := order.Start(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { sendKeep(t, client, round) })
	w.killIn(rng, 700*time.Millisecond) // while it receives, seals, holds and copies
	_ = order.Wait()                    // it came too late, or its weir was gone before it answered
	w.start()
	wg.Wait()
	if err := client.Close(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	if !w.holds(round) {
		if out, err := w.hold(round).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	w.normalised()
	w.kill()
	w.args = nil
	w.launch()
	w.killIn(rng, took*3/2) // while it begins, expires and copies that
	return client.Report()
}

// TestKill_Keep: whatever is killed while it seals, holds, expires and copies, what must stay is there once, what is over is
// gone, and the archive and its copy prove it.
func TestKill_Keep(t *testing.T) {
	second := filepath.Join(t.TempDir(), "second")
	w := newKeep(t, "WEIR_ARCHIVE_COPIES="+second)
	rounds, seed := keepRounds(t), uint64(time.Now().UnixNano())
	t.Logf("%d rounds, seed %d", rounds, seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	frames := map[int]int{}
	for round := range rounds {
		for i, m := range keepRound(t, w, rng, round).Messages {
			frames[i] = m.Frames
			if !m.Acked {
				t.Fatalf("line %d was never acknowledged", i)
			}
		}
	}
	w.args = []string{"--history"}
	w.start()
	w.normalised()
	w.stop() // what is left is sealed
	w.args = nil
	w.start()
	eventually(t, time.Minute, "what is over is gone", func() bool { return len(w.search(`host.name: old-*`, 1)) == 0 })
	eventually(t, time.Minute, "the copy has everything", func() bool { // before it has, it may lack the entries of what expired
		return w.proven("--copy", "2").Segments == w.verified().Segments
	})
	ledger := w.devices()
	w.stop()
	w.checkKept(rounds*keepLines, frames, ledger)
	w.verified()
	w.verified("--copy", "2")
	w.bothVerify(w.archiveDir())
	w.bothVerify(second)
}

// checkKept compares what is in the archive with what was sent.
func (w *weir) checkKept(n int, frames map[int]int, ledger ledgerRow) {
	w.t.Helper()
	lost, excess, stayed, copies := 0, 0, 0, 0
	var sentAgain int64
	for i, c := range w.stored(n) {
		sentAgain += int64(frames[i] - 1)
		switch {
		case keepHost(i) == "old":
			stayed += c
		case c == 0:
			lost++
		default:
			copies += c - 1
		}
		if c > frames[i] {
			excess++
		}
	}
	w.t.Logf("%d lines, %d sent again: lost %d, expired and there %d, copies %d, copies beyond what was sent again %d; ledger %+v", n, sentAgain, lost, stayed, copies, excess, ledger)
	if lost+stayed+excess > 0 {
		w.t.Error("what is in the archive is not what must be")
	}
	if ledger.Stored < int64(n) || ledger.Stored > int64(n)+sentAgain || ledger.Dead+ledger.Refused+ledger.Filtered > 0 {
		w.t.Errorf("the ledger has %+v", ledger)
	}
}
