package detect

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
	"weir/rules"
	"weir/rules/pipelines"
)

// document is an ECS document as Elastic's agents store it.
type document struct {
	dataset string
	json    []byte
}

// ecsDocuments returns the documents that Elastic's integrations make of their test logs.
func ecsDocuments(t testing.TB) []document {
	t.Helper()
	root := filepath.Join(testkit.Shared(t), "data", "integrations")
	var out []document
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "-expected.json") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var file struct{ Expected []json.RawMessage }
		if err := json.Unmarshal(content, &file); err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		parts := strings.Split(filepath.ToSlash(rel), "/")
		for _, doc := range file.Expected {
			if string(doc) != "null" { // left out by the integration
				out = append(out, document{parts[0] + "." + parts[1], doc})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// read makes the event. What all documents of a data stream have alike stands in Elasticsearch's mapping, not in them.
func (d document) read(e *event.Event) error {
	if err := e.Decode(d.json); err != nil {
		return err
	}
	if !e.Has(event.EventDataset) {
		e.SetStr(event.EventDataset, d.dataset)
	}
	if !e.Has(event.EventModule) {
		module, _, _ := strings.Cut(d.dataset, ".")
		e.SetStr(event.EventModule, module)
	}
	return nil
}

// TestSigma_Documents: what all rules find in the ECS documents of a hundred products is known and was read by hand, and is
// what the rules naively mean. Documents of no known log source are left out: they meet every rule there is.
func TestSigma_Documents(t *testing.T) {
	t.Parallel()
	en := realEngine(t, sigmaHQ(t))
	docs := ecsDocuments(t)
	if len(docs) < 6000 {
		t.Fatalf("only %d documents", len(docs))
	}
	counts := map[string]int{}
	e := new(event.Event)
	for i, d := range docs {
		if err := d.read(e); err != nil {
			t.Errorf("%s: %v", d.dataset, err)
			continue
		}
		if en.pipes.Classify(e) == 0 {
			continue
		}
		en.Hits(e, func(r *rules.Rule, _ string) { counts[d.dataset+"\t"+r.ID]++ })
		if i%10 == 0 {
			sameAsNaive(t, en, en.class(e), e)
		}
	}
	got := map[string]bool{}
	for row, n := range counts {
		got[fmt.Sprintf("%s\t%d", row, n)] = true
	}
	sameRows(t, got, reviewed(t, "sigma-documents.tsv", "right", "word", "lack"))
}

// TestSigma_NamesFill: names of rules whose values real documents have under other names than one would think.
func TestSigma_NamesFill(t *testing.T) {
	t.Parallel()
	pipes := pipelines.Shipped()
	docs := ecsDocuments(t)
	linux := pipelines.LogSource{Product: "linux", Service: "auditd"}
	for _, c := range []struct {
		dataset, name string
		ls            pipelines.LogSource
		least         int
	}{
		{"auditd.log", "a1", linux, 1}, // the arguments of EXECVE
		{"auditd.log", "exe", linux, 30},
		{"auditd_manager.auditd", "CommandLine", pipelines.LogSource{Product: "linux", Category: "process_creation"}, 4},
		{"windows.forwarded", "IpAddress", pipelines.LogSource{Product: "windows", Service: "security"}, 5},
		{"zeek.dns", "answers", pipelines.LogSource{Product: "zeek", Service: "dns"}, 7},
		{"okta.system", "securityContext.isProxy", pipelines.LogSource{Product: "okta", Service: "okta"}, 5},
	} {
		filled := 0
		e := new(event.Event)
		for _, d := range docs {
			if d.dataset != c.dataset || d.read(e) != nil {
				continue
			}
			for _, path := range pipes.Paths(c.ls, c.name) {
				if e.GetPath(path).Kind() != event.Absent {
					filled++
					break
				}
			}
		}
		if filled < c.least {
			t.Errorf("%s of %s: %d documents have it, want %d", c.name, c.dataset, filled, c.least)
		}
	}
}
