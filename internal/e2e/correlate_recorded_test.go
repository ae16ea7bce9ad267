package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/testkit"
	"weir/internal/testkit/relpclient"
	"weir/processors/correlate/oracle"
	"weir/rules"
)

// recorded are lines of a real sshd that its owners published, in their order, as if they were of the day before yesterday:
// what is years old is not believed.
func recorded(t *testing.T, day string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(testkit.Shared(t), "data", "loghub", "OpenSSH", "OpenSSH_2k.log"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(string(raw), "Dec 10", day)), "\n")
}

// TestCorrelate_recording: the alerts of a real day of sshd are those of the oracle.
func TestCorrelate_recording(t *testing.T) {
	day := time.Now().Add(-48 * time.Hour).Format("Jan _2")
	lines := recorded(t, day)
	// A day is sent within seconds: of two partitions one may get hours ahead of the other before that one has begun, and what
	// comes too late counts as late. Strict order is what this key is for.
	w := newWeir(t, "WEIR_BUS_KEY=source")
	list := stateful(t, w.dir)
	w.start()
	ctx := within(t, 2*time.Minute)
	client, err := relpclient.Dial(ctx, w.relp(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range lines {
		if err := client.Send(ctx, i, []byte("<86>"+line)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 { // six hours after the last line
		last := fmt.Sprintf("<86>%s 17:%02d:00 LabSZ sshd[1]: Server listening on 0.0.0.0 port 22.", day, i)
		if err := client.Send(ctx, len(lines)+i, []byte(last)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err := client.Close(ctx); err != nil {
		t.Fatal(err)
	}
	caughtUp(t, w)
	w.stop()
	docs := w.search("event.dataset: system.auth", 10*len(lines))
	b, err := bus.Open(within(t, 20*time.Second), config.Default().Bus, filepath.Join(w.dir, "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if equal := prove(t, list, docs, b); equal["p-count"] == 0 || equal["p-distinct"] == 0 || equal["p-avg"] == 0 {
		t.Errorf("hardly anything to compare: %v", equal)
	}
}

// windowsRules are of what Windows logs while it is attacked: handles, registry, images, connections, logons.
const windowsRules = `
id: w-count
title: many handles
level: high
when: {opened: 'event.code == "4656"'}
correlate: {count: {when: opened, at_least: 20}, by: [host.name], within: 10s}
fold: {by: [host.name], for: 1m}
---
id: w-tumbling
title: many images in a minute
level: high
when: {image: 'event.code == "7"'}
correlate: {count: {when: image, at_least: 50}, by: [host.name, process.name], within: 1m, window: tumbling}
fold: {by: [host.name], for: 1m}
---
id: w-session
title: the registry is written without a pause
level: high
when: {written: 'event.code == "13"'}
correlate: {count: {when: written, at_least: 10}, by: [host.name], within: 2s, window: session}
fold: {by: [host.name], for: 30s}
---
id: w-distinct
title: many programs connect
level: high
when: {connected: 'event.code in ["3", "5156"]'}
correlate: {distinct: {when: connected, of: process.name, at_least: 4}, by: [host.name], within: 30s}
fold: {by: [host.name], for: 30s}
---
id: w-sum
title: ports come to a lot
level: high
when: {connected: 'event.code in ["3", "5156"]'}
correlate: {sum: {when: connected, of: source.port, at_least: 300000}, by: [host.name], within: 10s}
fold: {by: [host.name], for: 10s}
---
id: w-median
title: low ports
level: high
when: {bound: 'event.code == "5158"'}
correlate: {median: {when: bound, of: source.port, is: {lt: 50000}, min_values: 3}, by: [host.name], within: 20s}
fold: {by: [host.name], for: 20s}
---
id: w-any-order
title: a logon, a program and a connection
level: high
when: {logon: 'event.code == "4624"', started: 'event.code in ["1", "4688"]', connected: 'event.code in ["3", "5156"]'}
correlate: {any_order: [{when: logon}, {when: started, at_least: 2}, {when: connected}], by: [host.name], within: 20s}
fold: {by: [host.name], for: 20s}
---
id: w-sequence
title: a logon, then a program, then a connection
level: high
when: {logon: 'event.code == "4624"', started: 'event.code in ["1", "4688"]', connected: 'event.code in ["3", "5156"]'}
correlate: {sequence: [{when: logon}, {when: started}, {when: connected}], by: [host.name], within: 20s}
fold: {by: [host.name], for: 20s}
---
id: w-not
title: a program without a logon
level: high
when: {logon: 'event.code == "4624"', started: 'event.code in ["1", "4688"]'}
correlate: {any_order: {steps: [{when: started}, {when: logon}], condition: started and not logon}, by: [host.name], within: 20s}
fold: {by: [host.name], for: 20s}
---
id: w-absence
title: a program that does not end
level: high
when: {started: 'event.code in ["1", "4688"]', ended: 'event.code in ["5", "4689"]'}
correlate: {absence: {after: started, of: ended}, by: [host.name], within: 10s}
fold: {by: [host.name], for: 30s}
---
id: w-fewer
title: a key or two
level: high
when: {created: 'event.code == "12"'}
correlate: {count: {when: created, is: {lt: 3}}, by: [host.name, process.name], within: 30s}
fold: {by: [host.name], for: 30s}
---
id: w-new-value
title: a program that never loaded anything here
level: high
when: {image: 'event.code == "7"'}
correlate: {new_value: {when: image, of: process.name, learn: 30s}, by: [host.name], within: 1d}
fold: {by: [host.name], for: 30s}
---
id: w-chain
title: bursts by several programs
level: high
when: {image: 'event.code == "7"'}
correlate:
  distinct: {when: burst, of: process.name, at_least: 3}
  of: {burst: {count: {when: image, at_least: 5}, by: [host.name, process.name], within: 5s}}
  by: [host.name]
  within: 1m
fold: {by: [host.name], for: 1m}
`

// codes makes what a condition over event codes asks.
func codes(list ...string) func(map[string]any) bool {
	return func(d map[string]any) bool { return slices.Contains(list, field(d, "event.code")) }
}

var windowsHolds = map[string]func(map[string]any) bool{
	"opened": codes("4656"), "image": codes("7"), "written": codes("13"), "connected": codes("3", "5156"), "bound": codes("5158"),
	"logon": codes("4624"), "started": codes("1", "4688"), "ended": codes("5", "4689"), "created": codes("12"),
}

// windowsDocs are the events of recorded attacks on Windows, each as an ECS document of the few fields that the rules name.
func windowsDocs(t *testing.T, most int) (docs []map[string]any) {
	t.Helper()
	folder := filepath.Join(testkit.Shared(t), "data", "security-datasets", "atomic", "windows")
	paths, err := filepath.Glob(filepath.Join(folder, "*", "*", "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		z, err := zip.OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			for dec := json.NewDecoder(r); len(docs) < most; {
				var raw map[string]any
				if dec.Decode(&raw) != nil {
					break
				}
				if d := windowsDoc(raw, len(docs)); d != nil {
					docs = append(docs, d)
				}
			}
			_ = r.Close() // it was only read
		}
		_ = z.Close()
	}
	return docs
}

// windowsDoc is nil for an event without a time.
func windowsDoc(raw map[string]any, number int) map[string]any {
	text := func(names ...string) string {
		for _, n := range names {
			if v := raw[n]; v != nil && fmt.Sprint(v) != "" && fmt.Sprint(v) != "-" {
				return fmt.Sprint(v)
			}
		}
		return ""
	}
	at, err := time.Parse("2006-01-02 15:04:05.999", text("TimeCreated", "EventTime"))
	if err != nil {
		if at, err = time.Parse(time.RFC3339Nano, text("@timestamp")); err != nil {
			return nil
		}
	}
	at = at.Truncate(time.Millisecond) // as documents have it
	image := text("Image", "ProcessName", "NewProcessName", "Application")
	d := map[string]any{
		"@timestamp": at.Format(time.RFC3339Nano), "weir": map[string]any{"time": at.Format(time.RFC3339Nano)},
		"event": map[string]any{"code": text("EventID"), "id": fmt.Sprintf("rec/1/%d", number+1)}, "host": map[string]any{"name": strings.ToLower(text("Hostname", "Computer"))},
	}
	if image != "" {
		d["process"] = map[string]any{"name": strings.ToLower(image[strings.LastIndexByte(image, '\\')+1:])}
	}
	if port, err := strconv.Atoi(text("SourcePort")); err == nil {
		d["source"] = map[string]any{"port": port}
	}
	return d
}

// TestCorrelate_windows: the alerts of `weir detect` over recorded attacks are those of the oracle.
func TestCorrelate_windows(t *testing.T) {
	docs := windowsDocs(t, 12_000)
	w := newWeir(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "rules.yaml"), windowsRules)
	set, err := rules.LoadDir(dir, rules.Options{})
	if err != nil || len(set.Faults) > 0 {
		t.Fatalf("%v %v", err, set.Faults)
	}
	var in bytes.Buffer
	for _, d := range docs {
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := w.command("-q", "detect", "--rules", dir)
	cmd.Stdin = &in
	var msg bytes.Buffer
	cmd.Stderr = &msg
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, msg.Bytes())
	}
	said := map[string]oracle.Said{}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var doc struct {
			Rule struct{ ID string }
			Weir struct{ Alert *alert.Alert }
		}
		if err := dec.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		a := doc.Weir.Alert
		a.Rule = doc.Rule.ID
		if said[a.Rule] == nil {
			said[a.Rule] = oracle.Said{}
		}
		if said[a.Rule][a.ID] != nil {
			t.Errorf("the alert %s of %s comes twice", a.ID, a.Rule)
		}
		said[a.Rule][a.ID] = []*alert.Alert{a} // its last revision alone
	}
	for _, r := range set.Rules {
		n, err := oracle.Compare(r, said[r.ID], oracle.Alerts(r, signalsOf(t, r, windowsHolds, docs)))
		if err != nil {
			t.Errorf("%s differs from the oracle: %v", r.ID, err)
		} else if n == 0 {
			t.Errorf("%s: no alerts to compare", r.ID)
		}
		t.Logf("%-16s %4d alerts equal to the oracle's", r.ID, n)
	}
	t.Logf("%d events", len(docs))
}
