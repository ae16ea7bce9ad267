package ledger

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
)

// stretchOf is a record of 10 documents for each offset.
func stretchOf(from, to int64, gap bool) ElasticRecord {
	return ElasticRecord{Hop: HopElastic, Topic: "weir.events", From: from, To: to, Gap: gap,
		Sources: map[string]*ElasticCounts{"syslog/a": {Indexed: (to - from) * 9, Conflicts: to - from, Dead: map[string]int64{"r": 1}}}}
}

func TestElasticPartition(t *testing.T) {
	for _, tc := range []struct {
		name   string
		in     []ElasticRecord
		stored int64
		dead   int64
		taken  int64
	}{
		{"stretches add up", []ElasticRecord{stretchOf(0, 5, false), stretchOf(5, 9, false)}, 90, 2, 9},
		{"one that comes again replaces the first", []ElasticRecord{stretchOf(0, 5, false), stretchOf(5, 9, false), stretchOf(5, 20, false)}, 200, 2, 20},
		{"and all after it", []ElasticRecord{stretchOf(0, 5, false), stretchOf(5, 9, false), stretchOf(0, 3, false)}, 30, 1, 3},
		{"a filled gap stands apart", []ElasticRecord{stretchOf(0, 5, false), stretchOf(100, 110, false), stretchOf(5, 100, true), stretchOf(110, 120, false)}, 1200, 4, 120},
		{"and comes again by itself", []ElasticRecord{stretchOf(100, 110, false), stretchOf(5, 100, true), stretchOf(5, 100, true)}, 1050, 2, 110},
		{"nothing", nil, 0, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var p ElasticPartition
			for _, r := range tc.in {
				p.Apply(r)
			}
			var c ElasticCounts
			if got := p.Sources()["syslog/a"]; got != nil {
				c = *got
			}
			if c.Stored() != tc.stored || c.Dead["r"] != tc.dead || p.Taken() != tc.taken {
				t.Errorf("%+v up to %d, want %d stored, %d dead up to %d", c, p.Taken(), tc.stored, tc.dead, tc.taken)
			}
			// What is kept is written and read as JSON.
			b, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			var q ElasticPartition
			if err := json.Unmarshal(b, &q); err != nil || !reflect.DeepEqual(p.Sources(), q.Sources()) {
				t.Errorf("%s is another partition: %v", b, err)
			}
		})
	}
}

func TestElasticPartition_ClosesOldOnes(t *testing.T) {
	var p ElasticPartition
	for i := range int64(100) {
		p.Apply(stretchOf(i, i+1, false))
	}
	if len(p.Newest) != openStretches || p.Sources()["syslog/a"].Stored() != 1000 {
		t.Errorf("%d stretches open, %d stored", len(p.Newest), p.Sources()["syslog/a"].Stored())
	}
	p.Sources()["syslog/a"].Indexed = 0
	if p.Sources()["syslog/a"].Stored() != 1000 {
		t.Error("the sums are shared with who asks")
	}
}

func TestElasticPartition_Open(t *testing.T) {
	var p ElasticPartition
	r := stretchOf(100, 110, false)
	r.Open = [][2]int64{{5, 100}}
	p.Apply(r)
	if fmt.Sprint(p.Open) != "[[5 100]]" {
		t.Errorf("open: %v", p.Open)
	}
	p.Apply(stretchOf(5, 100, true))
	if len(p.Open) != 0 {
		t.Errorf("open after it was filled: %v", p.Open)
	}
}

func TestParseElastic(t *testing.T) {
	for _, tc := range []struct {
		value string
		ok    bool
		fails bool
	}{
		{`{"hop":"elastic","topic":"t","from":1,"to":2,"sources":{"a":null,"b":{"indexed":1}}}`, true, false},
		{`{"hop":"ingest"}`, false, false},
		{`{"hop":"elastic","topic":"t","from":3,"to":2}`, false, true},
		{`{"hop":"elastic","from":1,"to":2}`, false, true},
		{`{"hop":"elastic","from":"x"}`, false, true},
		{`no`, false, true},
	} {
		r, ok, err := ParseElastic([]byte(tc.value))
		if ok != tc.ok || (err != nil) != tc.fails || ok && (len(r.Sources) != 1 || r.Sources["b"].Stored() != 1) {
			t.Errorf("%s: %+v %v %v", tc.value, r, ok, err)
		}
	}
}

// FuzzParseElastic: the topic is open to other clients. What is taken can be applied, and adds what it says.
func FuzzParseElastic(f *testing.F) {
	f.Add([]byte(`{"hop":"elastic","topic":"t","from":1,"to":2,"sources":{"b":{"indexed":1,"dead":{"x":2}}},"open":[[1,2]]}`))
	f.Add([]byte(`{"hop":"elastic","topic":"t","gap":true,"sources":{"b":{"dead":null}}}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		r, ok, err := ParseElastic(value)
		if err != nil || !ok {
			return
		}
		var p ElasticPartition
		p.Apply(r)
		for name, c := range p.Sources() {
			if c.Stored() != r.Sources[name].Stored() {
				t.Fatalf("%s: %d, want %d", name, c.Stored(), r.Sources[name].Stored())
			}
		}
	})
}
