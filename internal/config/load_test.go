package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"weir/internal/config/unit"
)

// write makes a file of the text.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sample has what the real configuration has, and a secret.
type sample struct {
	Name string `yaml:"name" doc:"a name"`
	Sink struct {
		Password unit.Secret   `yaml:"password" doc:"a secret"`
		Wait     unit.Duration `yaml:"wait" doc:"a span"`
	} `yaml:"sink" doc:"a group"`
}

// loadSample reads a file into a sample.
func loadSample(t *testing.T, path, text string, env ...string) (*sample, *loader) {
	t.Helper()
	var s sample
	d := &loader{root: reflect.ValueOf(&s).Elem(), env: splitEnv(env), origins: map[string]origin{}, folder: filepath.Dir(path)}
	d.decodeFile(path, []byte(text))
	d.environment()
	return &s, d
}

func TestSecret_Sources(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "weir.yaml")
	for name, text := range map[string]string{"pw": "from a file\n", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, x := range map[string]struct {
		value string
		env   []string
		want  string
		fault string
	}{
		"itself":        {value: "hunter2", want: "hunter2"},
		"variable":      {value: "env:PW", env: []string{"PW=s3"}, want: "s3"},
		"file":          {value: "file:pw", want: "from a file"},
		"absolute file": {value: "file:" + filepath.Join(dir, "pw"), want: "from a file"},
		"override":      {value: "x", env: []string{"WEIR_SINK_PASSWORD=env:PW", "PW=s4"}, want: "s4"},
		"no variable":   {value: "env:NOPE", fault: "the environment has no NOPE"},
		"no file":       {value: "file:nope", fault: "cannot be read"},
		"empty file":    {value: "file:empty", fault: "is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			s, d := loadSample(t, path, "sink:\n  password: "+x.value+"\n", x.env...)
			if x.fault != "" {
				if len(d.faults) != 1 || !strings.Contains(d.faults[0].What, x.fault) || d.faults[0].Where != path+":2:13" {
					t.Errorf("got %v", d.faults)
				}
				return
			}
			if len(d.faults) > 0 || string(s.Sink.Password) != x.want {
				t.Errorf("got %q, %v", string(s.Sink.Password), d.faults)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	path := filepath.Join(b.TempDir(), "weir.yaml")
	l, err := Load("", nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(l.YAML(false)), 0o600); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(path, nil); err != nil {
			b.Fatal(err)
		}
	}
}
