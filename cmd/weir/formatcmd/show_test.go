package formatcmd

import (
	"testing"

	"weir/internal/app/formattools"
	"weir/internal/config"
)

// TestShow: the file line for line behind comments, so that what is redirected into a file is a format.
func TestShow(t *testing.T) {
	for _, tt := range []struct {
		name string
		give formattools.Source
		want string
	}{
		{"alone", formattools.Source{File: "shipped/a/log.yaml", Doc: []byte("dataset: a.log\n")}, "# shipped/a/log.yaml\ndataset: a.log\n"},
		{"with all", formattools.Source{File: "x\n.yaml", Doc: []byte("dataset: a.log\r\ntitle: \x1b[2J"), Shared: []string{"one", "two"}, Others: []string{"a.log/b"}},
			"# x\\n.yaml\n# includes shared steps: weir formats show shared/one, shared/two\n# other formats of the dataset: a.log/b\ndataset: a.log\ntitle: \\x1b[2J\n"},
	} {
		asked := ""
		e := Engine{Show: func(_ config.Config, name string) (*formattools.Source, error) { asked = name; return &tt.give, nil }}
		out, msg, code := world{engine: e, in: "-"}.run(t, "show", "a.log/x")
		if out != tt.want || msg != "" || code != 0 || asked != "a.log/x" {
			t.Errorf("%s: %d %s, asked for %s\n%s\nwant\n%s", tt.name, code, msg, asked, out, tt.want)
		}
	}
}
