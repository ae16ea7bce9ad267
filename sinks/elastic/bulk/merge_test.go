package bulk

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// shelf is a server that keeps one number by id and takes a new one only in place of what it was asked for.
type shelf struct {
	*server
	mu     sync.Mutex
	docs   map[string]string
	seqs   map[string]int
	writes []string
	// before is called when documents were asked for and before they are written.
	before func(round int)
	// ask, if set, answers questions for documents in place of the shelf.
	ask   func(round int) (status int, text string)
	round int
}

func newShelf(t *testing.T) *shelf {
	s := &shelf{docs: map[string]string{}, seqs: map[string]int{}}
	s.server = newServer(t, func(int, []string) (int, string) { return 500, "" })
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/_mget") {
			s.answerAsk(t, w, r)
			return
		}
		s.answerBulk(t, w, r)
	})
	return s
}

func (s *shelf) answerAsk(t *testing.T, w http.ResponseWriter, r *http.Request) {
	s.round++
	if s.ask != nil {
		if status, text := s.ask(s.round); status != 0 {
			w.WriteHeader(status)
			fmt.Fprint(w, text)
			return
		}
	}
	var ask struct{ IDs []string }
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		t.Error(err)
	}
	var out []string
	for _, id := range ask.IDs {
		doc, ok := s.docs[id]
		if !ok {
			out = append(out, fmt.Sprintf(`{"_id":%q,"found":false}`, id))
			continue
		}
		out = append(out, fmt.Sprintf(`{"_id":%q,"found":true,"_seq_no":%d,"_primary_term":3,"_source":%s}`, id, s.seqs[id], doc))
	}
	if s.before != nil {
		s.before(s.round)
	}
	fmt.Fprintf(w, `{"docs":[%s]}`, strings.Join(out, ","))
}

func (s *shelf) answerBulk(t *testing.T, w http.ResponseWriter, r *http.Request) {
	d := json.NewDecoder(r.Body)
	var items []string
	for d.More() {
		var action struct {
			Create, Index *struct {
				ID   string `json:"_id"`
				Seq  int    `json:"if_seq_no"`
				Term int    `json:"if_primary_term"`
			}
		}
		var doc json.RawMessage
		if err := errors.Join(d.Decode(&action), d.Decode(&doc)); err != nil {
			t.Error(err)
			return
		}
		status := 409
		switch a := action; {
		case a.Create != nil && s.docs[a.Create.ID] == "":
			s.docs[a.Create.ID], status = string(doc), 201
			s.writes = append(s.writes, a.Create.ID)
		case a.Index != nil && a.Index.Term == 3 && s.docs[a.Index.ID] != "" && s.seqs[a.Index.ID] == a.Index.Seq:
			s.docs[a.Index.ID], status = string(doc), 200
			s.seqs[a.Index.ID]++
			s.writes = append(s.writes, a.Index.ID)
		}
		items = append(items, fmt.Sprintf(`{"index":{"status":%d}}`, status))
	}
	fmt.Fprintf(w, `{"errors":true,"items":[%s]}`, strings.Join(items, ","))
}

// adding is a document that puts a word to those that are stored, once.
func adding(id, word string) Doc {
	return Tidy(Doc{Index: "i-2026.11.21", ID: []byte(id), JSON: []byte("{}"), Merge: func(stored []byte) ([]byte, error) {
		var have struct{ Words []string }
		if stored != nil {
			if err := json.Unmarshal(stored, &have); err != nil {
				return nil, err
			}
		}
		if slices.Contains(have.Words, word) {
			return nil, nil
		}
		have.Words = append(have.Words, word)
		slices.Sort(have.Words)
		return json.MarshalIndent(have, "", " ") // with line ends, which must not reach the request
	}})
}

func TestMerge(t *testing.T) {
	for _, tc := range []struct {
		name    string
		stored  map[string]string
		docs    []Doc
		prepare func(s *shelf)
		want    map[string]string
		writes  int
	}{
		{"nothing is there", nil, []Doc{adding("a", "x"), adding("b", "x")}, nil, map[string]string{"a": "x", "b": "x"}, 2},
		{"something is", map[string]string{"a": `{"Words":["w"]}`}, []Doc{adding("a", "x")}, nil, map[string]string{"a": "w x"}, 1},
		{"all of it is", map[string]string{"a": `{"Words":["x"]}`}, []Doc{adding("a", "x"), adding("a", "x")}, nil, map[string]string{"a": "x"}, 0},
		{"several of one id go as one", nil, []Doc{adding("a", "z"), adding("b", "y"), adding("a", "x"), adding("a", "z"), adding("a", "y")}, nil, map[string]string{"a": "x y z", "b": "y"}, 2},
		{"an id that JSON writes otherwise", nil, []Doc{adding("a\"\\\n", "x"), adding("a\"\\\n", "y")}, nil, map[string]string{"a\"\\\n": "x y"}, 1},
		{"beside documents that are created", nil, append(docsOf(`{"Words":["c"]}`), adding("a", "x")), nil, map[string]string{"a": "x", "id0": "c"}, 2},
		{"somebody creates it meanwhile", nil, []Doc{adding("a", "x")}, func(s *shelf) {
			s.before = func(round int) {
				if round == 1 {
					s.docs["a"] = `{"Words":["other"]}`
				}
			}
		}, map[string]string{"a": "other x"}, 1},
		{"somebody writes meanwhile, three times", map[string]string{"a": `{"Words":["w"]}`}, []Doc{adding("a", "x"), adding("b", "x")}, func(s *shelf) {
			s.before = func(round int) {
				if round <= 3 {
					s.docs["a"] = `{"Words":["w","w` + strconv.Itoa(round) + `"]}`
					s.seqs["a"]++
				}
			}
		}, map[string]string{"a": "w w3 x", "b": "x"}, 2},
		{"there is no index yet", nil, []Doc{adding("a", "x")}, func(s *shelf) {
			s.ask = func(int) (int, string) { return 404, `{"error":{"type":"index_not_found_exception"}}` }
		}, map[string]string{"a": "x"}, 1},
		{"the server is busy, then says nothing of use", nil, []Doc{adding("a", "x")}, func(s *shelf) {
			s.ask = func(round int) (int, string) {
				return []int{0, 429, 503, 200, 200, 0}[min(round, 5)], []string{"", "", "", "{", `{"docs":[]}`, ""}[min(round, 5)]
			}
		}, map[string]string{"a": "x"}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newShelf(t)
			maps.Copy(s.docs, tc.stored)
			if tc.prepare != nil {
				tc.prepare(s)
			}
			sender, log := newSender(t, s.server)
			for i, o := range outcomes(t, sender, tc.docs) {
				if o.Kind != Indexed {
					t.Errorf("document %d: %+v\n%s", i, o, log)
				}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			for id, want := range tc.want {
				var have struct{ Words []string }
				if err := json.Unmarshal([]byte(s.docs[id]), &have); err != nil || strings.Join(have.Words, " ") != want {
					t.Errorf("%q holds %s, %v, want %s", id, s.docs[id], err, want)
				}
			}
			if len(s.docs) != len(tc.want) || len(s.writes) != tc.writes {
				t.Errorf("%d documents by the writes %v, want %d", len(s.docs), s.writes, tc.writes)
			}
		})
	}
}

// TestMerge_Failure: what cannot be merged is refused, and the others go on.
func TestMerge_Failure(t *testing.T) {
	s := newShelf(t)
	s.docs["a"] = `"no object"`
	sender, _ := newSender(t, s.server)
	got := outcomes(t, sender, []Doc{adding("a", "x"), adding("b", "x"), adding("a", "y")})
	for i, want := range []Kind{Refused, Indexed, Refused} {
		if got[i].Kind != want {
			t.Errorf("document %d: %+v", i, got[i])
		}
	}
	if got[0].Reason == "" {
		t.Error("the refusal has no reason")
	}
}

// TestMerge_stopped: a sender that is stopped while it merges settles every document, those that another took along too.
func TestMerge_stopped(t *testing.T) {
	s := newShelf(t)
	s.ask = func(int) (int, string) { return 503, "" }
	sender, _ := newSender(t, s.server)
	docs := []Doc{adding("a", "x"), adding("a", "y"), adding("b", "x")}
	left := len(docs)
	done := make(chan struct{})
	if err := sender.Send(t.Context(), docs, func(places []int32, o Outcome) {
		if o.Kind != GivenUp {
			t.Errorf("%+v", o)
		}
		if left -= len(places); left == 0 {
			close(done)
		}
	}); err != nil {
		t.Fatal(err)
	}
	sender.Close()
	<-done
}
