package describe

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/state"
	"weir/processors/detect"
	"weir/rules"
	"weir/rules/content"
)

// TestRuleSets: a set is described once, whoever waits is told, and what failed is tried again.
func TestRuleSets(t *testing.T) {
	var written []string
	producer, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:1"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(producer.Close)
	store, err := state.Folder(t.TempDir(), slog.New(slog.DiscardHandler)).Open("rulesets", 0)
	if err != nil {
		t.Fatal(err)
	}
	var rulesNow detect.Holder
	if _, err := rulesNow.Reload(func() (detect.Loaded, error) {
		return detect.Loaded{Set: rules.LoadFS(content.FS(), content.Name, rules.Options{})}, nil
	}, nil); err != nil {
		t.Fatal(err)
	}
	v := rulesNow.Now()
	s, err := Open(t.Context(), Options{Producer: producer, Topic: "events", Log: slog.New(slog.DiscardHandler), Store: store, First: v})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	told := func(who string) func(error) {
		return func(err error) { written = append(written, fmt.Sprint(who, " ", err)) }
	}
	expect := func(want ...string) {
		t.Helper()
		if !slices.Equal(written, want) {
			t.Errorf("told %q, want %q", written, want)
		}
		written = nil
	}
	s.Used("of a start before", told("a"))
	expect("a <nil>")
	s.Used(v.Hash(), told("b"))
	s.Used(v.Hash(), told("c"))
	expect()
	if n := producer.BufferedProduceRecords(); n != 1 {
		t.Errorf("%d documents", n)
	}
	s.finished(v.Hash(), errors.New("refused"))
	expect("b refused", "c refused")
	s.Used(v.Hash(), told("d"))
	s.finished(v.Hash(), nil)
	s.Used(v.Hash(), told("e"))
	expect("d <nil>", "e <nil>")
	s.written[v.Hash()] = time.Now().Add(-2 * describeAgain)
	s.Used(v.Hash(), told("f"))
	expect()
	if n := producer.BufferedProduceRecords(); n != 3 {
		t.Errorf("%d documents: after a week it is described again", n)
	}
	recs := s.records(v)
	first, second := string(recs[0].Headers[0].Value), string(s.records(v)[0].Headers[1].Value)
	if first != second || !strings.HasPrefix(first, "rulesets#coverage.") {
		t.Errorf("one stands at %s, and the next says that it is behind %s", first, second)
	}
}
