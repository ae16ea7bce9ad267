package correlate

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
)

// To look ahead changes nothing: neither alerts nor state, whatever the signals are and however many.
func TestEngine_Ahead(t *testing.T) {
	for _, size := range []int{1, 3, Lookahead, 2 * Lookahead} {
		in := mixed(7, 400)
		in = append(in, &signal.Signal{Kind: signal.Match, Rule: "nobody's"}, &signal.Signal{})
		for _, s := range in[:50] { // of no rule, of no condition, and with groups that are not those of the rule
			for _, change := range []func(*signal.Signal){
				func(s *signal.Signal) { s.Hash = "other" },
				func(s *signal.Signal) { s.When = "other" },
				func(s *signal.Signal) { s.Group = nil },
				func(s *signal.Signal) { s.Group = []string{"", "b", "c", "d"} },
			} {
				odd := *s
				change(&odd)
				in = append(in, &odd)
			}
		}
		run := func(ahead bool) (said []string, state []byte) {
			en := New(Options{Lateness: 2 * time.Second, MaxGroups: 20})
			en.SetRules(testRules())
			for part := range slices.Chunk(in, size) {
				if ahead {
					var list []signal.Signal
					for _, s := range part {
						list = append(list, *s)
					}
					en.Ahead(list)
				}
				for _, s := range part {
					err := en.Apply(s, func(a *alert.Alert) {
						b, _ := json.Marshal(a)
						said = append(said, string(b))
					})
					if (err != nil) != (s.Kind == "") {
						t.Fatal(err)
					}
				}
			}
			var b bytes.Buffer
			if err := en.Snapshot(&b); err != nil {
				t.Fatal(err)
			}
			return said, b.Bytes()
		}
		want, state := run(false)
		got, other := run(true)
		if !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%d ahead: %d revisions, want %d", size, len(got), len(want))
		}
		if !bytes.Equal(other, state) {
			t.Errorf("%d ahead: the state is another one", size)
		}
	}
}
