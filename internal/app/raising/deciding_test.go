package raising

import (
	"context"
	"testing"
	"time"

	"weir/internal/record"
)

// TestDecision: a decision has the position of its number in its store, and an id that names alert and version.
func TestDecision(t *testing.T) {
	cl := client(t)
	doc := []byte(`{"alert":"00000000000000ab","version":2,"kind":"state","state":"closed","by":"ana","at":"2026-11-21T07:00:00Z"}`)
	if err := Decision(t.Context(), cl, "weir.alerts", "s1", 41, doc); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	f := cl.PollFetches(ctx)
	if f.NumRecords() != 1 {
		t.Fatalf("%d records, %v", f.NumRecords(), f.Err())
	}
	rec := f.Records()[0]
	pos, err := record.ParsePos(string(rec.Headers[0].Value))
	if err != nil || pos.Topic != "changes.s1" || pos.Offset != 41 || string(rec.Headers[1].Value) != "00000000000000ab-change-2" || string(rec.Value) != string(doc) || string(rec.Key) != "00000000000000ab" {
		t.Errorf("%v %v %s %s", rec.Headers, pos, rec.Key, rec.Value)
	}
	if err := Decision(t.Context(), cl, "weir.alerts", "s1", 42, []byte("no JSON")); err == nil {
		t.Error("what is no change was written")
	}
}

// TestAgain: an alert that was written down is raised as it is.
func TestAgain(t *testing.T) {
	r := New(client(t), "weir.alerts", lanes, record.Ing{Ingester: "abc", Start: 7})
	if err := r.Again(t.Context(), []byte(`{"id":"00000000000000ab","revision":3,"rule":"weir-risk"}`)); err != nil {
		t.Error(err)
	}
	for _, doc := range []string{"", "{}", `{"id":1}`} {
		if err := r.Again(t.Context(), []byte(doc)); err == nil {
			t.Errorf("%q was raised", doc)
		}
	}
}
