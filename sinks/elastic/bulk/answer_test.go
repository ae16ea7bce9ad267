package bulk

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	for _, tc := range []struct {
		status int
		kind   string
		want   verdict
		out    Kind
	}{
		{201, "", settled, Indexed},
		{200, "", settled, Indexed},
		{409, "version_conflict_engine_exception", settled, Conflict},
		{400, "document_parsing_exception", settled, Refused},
		{400, "strict_dynamic_mapping_exception", settled, Refused},
		{400, "illegal_argument_exception", settled, Refused},
		{413, "", settled, Refused},
		{429, "es_rejected_execution_exception", again, 0},
		{429, "circuit_breaking_exception", again, 0},
		{429, "cluster_block_exception", held, 0}, // the disk is full
		{403, "cluster_block_exception", held, 0},
		{400, "index_closed_exception", held, 0},
		{400, "validation_exception", held, 0}, // too many shards
		{404, "index_not_found_exception", held, 0},
		{401, "security_exception", held, 0},
		{403, "", held, 0},
		{503, "unavailable_shards_exception", again, 0},
		{500, "exception", again, 0},
		{504, "", again, 0},
		{0, "", again, 0},
	} {
		it := item{Status: tc.status}
		if tc.kind != "" {
			it.Error = &problem{Type: tc.kind, Reason: "r"}
		}
		v, o := it.judge()
		if v != tc.want || v == settled && o.Kind != tc.out {
			t.Errorf("%d %s: %d %+v, want %d %d", tc.status, tc.kind, v, o, tc.want, tc.out)
		}
	}
}

func TestParseProblem(t *testing.T) {
	for _, tc := range []struct{ name, answer, kind, text string }{
		{"the server's form", `{"error":{"type":"a","reason":"b","caused_by":{"reason":"c"}},"status":400}`, "a", "b: c"},
		{"a plain text", `{"error":"no handler found","status":400}`, "", "no handler found"},
		{"a page", "<html>\n <b>Bad\tGateway</b>", "", "<html> <b>Bad Gateway</b>"},
		{"nothing", "", "", ""},
		{"a long page", strings.Repeat("x", 999), "", strings.Repeat("x", 200)},
		{"no text", "\xff\xfe", "", ""},
	} {
		if p := parseProblem([]byte(tc.answer)); p.Type != tc.kind || p.text() != tc.text {
			t.Errorf("%s: %q %q", tc.name, p.Type, p.text())
		}
	}
}

// FuzzParseAnswer: an answer is about exactly as many documents as were sent, or it is an error; and what begins like a
// good answer never hides a failed item that the server marked.
func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(answerOf("x", 201, 409)), 2)
	f.Add([]byte(`{"errors":false,"items":[]}`), 0)
	f.Add([]byte(`{"items":[{"create":{"status":201},"index":{"status":400}}]}`), 1)
	f.Add([]byte(`{"items":[{}]}`), 1)
	f.Add([]byte(`{"items":null}`), 0)
	f.Fuzz(func(t *testing.T, answer []byte, n int) {
		items, err := parseAnswer(answer, n)
		if err == nil && len(items) != n {
			t.Fatalf("%d items for %d documents", len(items), n)
		}
		for i := range items {
			if v, o := items[i].judge(); v == settled && o.Kind == Indexed && (items[i].Status < 200 || items[i].Status > 299) {
				t.Fatalf("status %d is taken for success", items[i].Status)
			}
		}
		p := parseProblem(answer)
		_ = p.text()
	})
}
