package control

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"weir/internal/control/alerting"
)

// contract is the keys of everything that commands print as JSON. Keys may be added; a key that is renamed or removed
// breaks scripts and this test.
var contract = map[string]string{
	"LedgerRow":     "bytes dead difference duplicate filtered first in_flight last name received refused source split stored",
	"UncleanStop":   "at hop most found",
	"Row":           "assignee author by changed changes conditions count created evidence first group id last level note revision rule short state tags title verdict version what what_ko within",
	"Detail":        "author by conditions count created events evidence first group held history id last level revision risk rule short state tags title version what what_ko within",
	"Outcome":       "assignee by changes id note short state verdict waiting was",
	"Risk":          "alert alerts at kind parts rules score value",
	"DeadLetter":    "detail id raw reason source stage time",
	"Topic":         "bytes group lag name partitions records",
	"Port":          "address input proto",
	"Bucket":        "count time",
	"TopValue":      "count value",
	"SearchSummary": "bucket_width_ns buckets from hits segments_read segments_total shown to took_ms top top_exact top_values",
	"TailSummary":   "dropped matched",
	"Status": "alerts behind_ms console data data_new disk_bytes disk_free_bytes embedded in_flight in_per_second listening lost pid received rules " +
		"rules_refused running started stored time_zone topics version",
}

func TestContract(t *testing.T) {
	for _, v := range []any{LedgerRow{}, UncleanStop{}, AlertRow{}, AlertDetail{}, alerting.Outcome{}, alerting.Risk{}, DeadLetter{}, Topic{}, Port{}, Bucket{}, TopValue{}, SearchSummary{}, TailSummary{}, Status{}} {
		name := reflect.TypeOf(v).Name()
		keys := jsonKeys(reflect.TypeOf(v))
		slices.Sort(keys)
		for want := range strings.FieldsSeq(contract[name]) {
			if !slices.Contains(keys, want) {
				t.Errorf("%s lost the key %s: has %v", name, want, keys)
			}
		}
		if contract[name] == "" {
			t.Errorf("%s is not in the contract", name)
		}
	}
}

// jsonKeys lists the keys of a struct as encoding/json writes them.
func jsonKeys(t reflect.Type) []string {
	var out []string
	for f := range t.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "-":
		case f.Anonymous && tag == "":
			out = append(out, jsonKeys(f.Type)...)
		case tag != "":
			out = append(out, tag)
		default:
			out = append(out, f.Name)
		}
	}
	return out
}

// TestRequests_SmallWhenEmpty: what was not asked is not sent, so that an older weir does not stumble over it.
func TestRequests_SmallWhenEmpty(t *testing.T) {
	for want, v := range map[string]any{
		`{"query":"x","size":3}`: SearchRequest{Query: "x", Size: 3},
		`{}`:                     LedgerRequest{},
		`{"level":"high"}`:       AlertsRequest{Level: "high"},
		`{"id":"d"}`:             DeadLettersRequest{ID: "d"},

		`{"id":"3f","kind":"note","note":"n","by":"ana"}`: alerting.Decision{ID: "3f", Kind: "note", Note: "n", By: "ana"},
	} {
		got, err := json.Marshal(v)
		if err != nil || string(got) != want {
			t.Errorf("%T: %s, %v", v, got, err)
		}
	}
}
