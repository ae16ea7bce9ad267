package pipelines

import (
	"strings"
	"testing"
)

// What no YAML is, or more than these files need, is said in words about pipelines.
func TestDocuments(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"CRLF and a byte order mark", "\ufeff" + strings.ReplaceAll(minimal, "\n", "\r\n"), ""},
		{"no YAML", "name: [\n", "pipeline-syntax"},
		{"a tab", "name: a\n\tb: c\n", "pipeline-syntax"},
		{"no text", "name: \x00\n", "f.yaml:1:7 pipeline-syntax"},
		{"no mapping", "- a\n", "f.yaml:1:1 pipeline-syntax no pipeline can be read here"},
		{"an anchor", "name: &a b\nlogsources: [{product: *a}]\n", "pipeline-syntax anchors"},
		{"too large", "# " + strings.Repeat("x", 1<<20), "pipeline-syntax"},
		{"too deep", "name: " + strings.Repeat("[", 100) + "\n", "pipeline-syntax"},
		{"a broken document beside a good one", minimal + "---\nname: [\n", "pipeline-syntax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, docs := documents("f.yaml", []byte(tt.doc))
			if tt.want == "" {
				if f.refused || len(f.Faults()) > 0 || len(docs) != 1 {
					t.Errorf("%d documents, %v", len(docs), f.Faults())
				}
				return
			}
			if !f.refused || len(f.Faults()) == 0 {
				t.Fatal("nothing was found wrong")
			}
			e := f.Faults()[0]
			if got := e.Where + " " + e.Code + " " + e.What; !strings.Contains(got, tt.want) || strings.Contains(e.What+e.Do, "rule") {
				t.Errorf("got %s (%s), want %s", got, e.Do, tt.want)
			}
		})
	}
}
