package ledger

import (
	"slices"
	"time"
)

// Records by which the processes of a cluster know of each other. They are counted nowhere.
const (
	HopHere   = "here"   // a process runs, with these stages; Clean: it has ended
	HopAsk    = "ask"    // every process with one of these stages is asked for its counts of this moment
	HopAnswer = "answer" // it has published them
)

// roll is who runs and who has answered which question. It is not kept on disk: what it says is true for seconds.
type roll struct {
	here    map[string]*Record // by "ingester/start"
	answers map[string]string  // by "ingester/start": the last question that it answered
}

func (r *roll) apply(rec *Record) {
	key := StartKey(rec.Instance, rec.Start)
	switch {
	case rec.Hop == HopAnswer:
		if r.answers == nil {
			r.answers = map[string]string{}
		}
		r.answers[key] = rec.ID
	case rec.Hop == HopHere && rec.Clean:
		delete(r.here, key)
		delete(r.answers, key)
	case rec.Hop == HopHere:
		if r.here == nil {
			r.here = map[string]*Record{}
		}
		// A process that was started again is not there twice.
		for k, other := range r.here {
			if other.Instance == rec.Instance && other.Start < rec.Start {
				delete(r.here, k)
				delete(r.answers, k)
			}
		}
		r.here[key] = rec
	}
}

// Missing returns the processes that run one of the stages, said so within live, and have not answered the question id.
func (f *Fold) Missing(id string, stages []string, now time.Time, live time.Duration) []string {
	var out []string
	for key, rec := range f.roll.here {
		runs := slices.ContainsFunc(rec.Stages, func(s string) bool { return slices.Contains(stages, s) })
		if runs && now.Sub(rec.At) < live && f.roll.answers[key] != id {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// live tells whether a start still runs: this process, or one that counted a moment ago and was not started again since.
func (f *Fold) live(start string, rec *Record, st State) bool {
	if start == st.Self {
		return true
	}
	if st.Live == 0 || st.Now.Sub(rec.At) > st.Live {
		return false
	}
	for _, other := range f.Ingest {
		if other.Instance == rec.Instance && other.Start > rec.Start {
			return false
		}
	}
	return true
}

// Remote returns what the archives hold by source, and up to where they have read weir.events, by "topic/partition";
// without the one whose name is except.
func (f *Fold) Remote(except string) (stored, read map[string]int64) {
	stored, read = map[string]int64{}, map[string]int64{}
	for name, rec := range f.Archives {
		if name == except {
			continue
		}
		for s, c := range rec.Sources {
			stored[s] += c.Stored
		}
		for p, off := range rec.Read {
			read[p] = max(read[p], off)
		}
	}
	return stored, read
}

// Door returns how many records wait at the front doors of other starts that run.
func (f *Fold) Door(st State) int64 {
	var n int64
	for start, rec := range f.Ingest {
		if start != st.Self && !rec.Clean && f.live(start, rec, st) {
			n += rec.Waiting
		}
	}
	return n
}
