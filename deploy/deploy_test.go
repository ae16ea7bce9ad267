// Package deploy_test holds what lies beside it to what can be checked without any of the programs that read it. The rest,
// Helm, Kubernetes' types and Prometheus' parser, is in deploy/check, a module of its own.
package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"weir/internal/config"
	"weir/internal/testkit"
)

// read returns a file of deploy.
func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{testkit.Root(t), "deploy"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestYAML_WellFormed: every file of YAML can be read. Templates are none before they are filled in.
func TestYAML_WellFormed(t *testing.T) {
	n := 0
	err := filepath.WalkDir(filepath.Join(testkit.Root(t), "deploy"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && (d.Name() == "templates" || d.Name() == "bench" || d.Name() == "check") {
				return filepath.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".yaml") {
			return nil
		}
		n++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var v any
		if err := yaml.Unmarshal(text, &v); err != nil || v == nil {
			t.Errorf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 8 {
		t.Errorf("only %d files", n)
	}
}

// unit is a unit file: the values of each key, by section and key.
func unit(t *testing.T, name string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	section := ""
	for i, line := range strings.Split(read(t, "systemd", name), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]") + "."
		default:
			key, value, ok := strings.Cut(line, "=")
			if !ok || section == "" {
				t.Fatalf("%s:%d: %s", name, i+1, line)
			}
			out[section+key] = append(out[section+key], value)
		}
	}
	return out
}

// units are the services with the rights that each has, and no other.
var units = map[string]string{
	"weir.service":       "CAP_NET_BIND_SERVICE",
	"weir@.service":      "CAP_NET_BIND_SERVICE",
	"weir-agent.service": "CAP_BPF CAP_PERFMON",
}

// TestUnits: no service is root, each has the rights that it needs and cannot get more, and stops as weir wants to.
func TestUnits(t *testing.T) {
	for name, rights := range units {
		u := unit(t, name)
		for key, want := range map[string]string{
			"User": "weir", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "AmbientCapabilities": rights, "CapabilityBoundingSet": rights,
			"Type": "exec", "Restart": "on-failure", "RestartPreventExitStatus": "2", "UMask": "0077", "MemoryDenyWriteExecute": "yes", "TimeoutStopSec": "60",
		} {
			if got := u["Service."+key]; len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %v, want %s", name, key, got, want)
			}
		}
		filter := u["Service.SystemCallFilter"]
		if !slices.Contains(filter, "@system-service") || slices.Contains(filter, "bpf") != strings.Contains(rights, "BPF") {
			t.Errorf("%s: system calls %v", name, filter)
		}
	}
}

// TestUnits_Exposure asks systemd itself how much of the machine each service could reach: 10 is everything.
func TestUnits_Exposure(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		testkit.Skip(t, "servers", "no systemd-analyze (package systemd)")
	}
	for name := range units {
		// A template has no score; an instance of it has.
		file := filepath.Join(t.TempDir(), strings.Replace(name, "@.", "@ingest.", 1))
		if err := os.WriteFile(file, []byte(read(t, "systemd", name)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := exec.Command(analyze, "security", "--offline=true", "--no-pager", file).CombinedOutput() // its exit code speaks of the score, which is looked at below
		m := regexp.MustCompile(`Overall exposure level[^:]*: ([0-9.]+)`).FindSubmatch(out)
		if m == nil {
			testkit.Skip(t, "servers", "this systemd-analyze has no --offline (systemd 250 or later)")
		}
		score, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil || score > 2 {
			t.Errorf("%s: exposure %s, want at most 2.0", name, m[1])
		}
		t.Logf("%s: %s", name, m[1])
	}
}

// TestStages: there is a file of settings for every stage that the unit can be started with, none for others, and no two
// share a port.
func TestStages(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(testkit.Root(t), "deploy", "systemd", "stages", "*.env"))
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	ports := map[string]string{}
	for _, name := range names {
		stage := strings.TrimSuffix(filepath.Base(name), ".env")
		have = append(have, stage)
		for line := range strings.SplitSeq(read(t, "systemd", "stages", stage+".env"), "\n") {
			if address, ok := strings.CutPrefix(line, "WEIR_CONSOLE_LISTEN="); ok {
				if ports[address] != "" {
					t.Errorf("%s and %s both listen on %s", stage, ports[address], address)
				}
				ports[address] = stage
			}
		}
	}
	if want := []string{"archive", "console", "correlate", "elastic", "ingest", "normalise", "notify"}; !slices.Equal(have, want) || len(ports) != len(want) {
		t.Errorf("%v with %v", have, ports)
	}
}

// TestConfigurations: what is shipped as weir's configuration is one.
func TestConfigurations(t *testing.T) {
	env := []string{"ES_API_KEY=x", "KAFKA_PASSWORD=x"}
	for _, name := range []string{"weir.yaml", "weir-stages.yaml", "agent.yaml"} {
		l, err := config.Load(filepath.Join(testkit.Root(t), "deploy", "systemd", name), env)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if agent := name == "agent.yaml"; l.Config.Inputs.EBPF.Enabled != agent || l.Config.Inputs.Syslog.Enabled == agent {
			t.Errorf("%s: inputs %+v", name, l.Config.Inputs)
		}
		if (len(l.Config.Bus.Brokers) > 0) != (name != "weir.yaml") {
			t.Errorf("%s: brokers %v", name, l.Config.Bus.Brokers)
		}
	}
}

// service is what is looked at of a service of the compose file.
type service struct {
	Image       string
	Build       map[string]string
	Environment map[string]any
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Ports       []string
	Volumes     []string
	Healthcheck *struct{ Test []string }
	CapDrop     []string `yaml:"cap_drop"`
	ReadOnly    bool     `yaml:"read_only"`
	Command     []string
}

// TestCompose: versions are those that weir is tested with, whatever others wait for can tell that it is ready, each volume
// and service that is named exists, and only ports for logs are open to others.
func TestCompose(t *testing.T) {
	var c struct {
		Services map[string]service
		Volumes  map[string]any
	}
	if err := yaml.Unmarshal([]byte(read(t, "compose", "compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	for name, image := range map[string]string{"kafka": "apache/kafka:4.0.0", "elasticsearch": "elasticsearch:8.19.8", "kibana": "kibana:8.19.8"} {
		if !strings.HasSuffix(c.Services[name].Image, image) {
			t.Errorf("%s is %s", name, c.Services[name].Image)
		}
	}
	for name, s := range c.Services {
		for other, how := range s.DependsOn {
			if c.Services[other].Healthcheck == nil || how.Condition != "service_healthy" {
				t.Errorf("%s waits for %s: %s, which cannot tell", name, other, how.Condition)
			}
		}
		for _, v := range s.Volumes {
			if _, ok := c.Volumes[strings.SplitN(v, ":", 2)[0]]; !ok {
				t.Errorf("%s: no volume %s", name, v)
			}
		}
		for _, p := range s.Ports {
			if name != "weir" && !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to others", name, p)
			}
		}
		if s.Build != nil && (!slices.Equal(s.CapDrop, []string{"ALL"}) || !s.ReadOnly) {
			t.Errorf("%s may more than it needs", name)
		}
	}
	// What weir is given are names of its own keys.
	for key := range c.Services["weir"].Environment {
		if _, err := config.Load("", []string{fmt.Sprintf("%s=%v", key, c.Services["weir"].Environment[key])}); err != nil || !strings.HasPrefix(key, "WEIR_") {
			t.Errorf("%s: %v", key, err)
		}
	}
	l, err := config.Load("", []string{"WEIR_BUS_BROKERS=kafka:9092", "WEIR_ELASTIC_URLS=http://elasticsearch:9200"})
	if err != nil || len(l.Warnings) != 0 {
		t.Errorf("%v, %v", l, err)
	}
}

// TestDockerfile: the image that runs is not root, has no shell, and is built with the Go of go.mod.
func TestDockerfile(t *testing.T) {
	text := read(t, "compose", "Dockerfile")
	mod, err := os.ReadFile(filepath.Join(testkit.Root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	if !strings.Contains(text, "FROM golang:"+string(version[1])+"-") {
		t.Errorf("not built with Go %s", version[1])
	}
	for _, want := range []string{"distroless/static", "\nUSER 65532:65532\n", "CGO_ENABLED=0"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestArgo: the application names the chart that is there, with values that the chart has.
func TestArgo(t *testing.T) {
	var app struct {
		Kind string
		Spec struct {
			Source struct {
				Path string
				Helm struct {
					ValuesObject map[string]any `yaml:"valuesObject"`
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "argocd", "application.yaml")), &app); err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := yaml.Unmarshal([]byte(read(t, "helm", "weir", "values.yaml")), &values); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(testkit.Root(t), app.Spec.Source.Path, "Chart.yaml")); err != nil || app.Kind != "Application" {
		t.Errorf("%s %s: %v", app.Kind, app.Spec.Source.Path, err)
	}
	for key := range app.Spec.Source.Helm.ValuesObject {
		if _, ok := values[key]; !ok {
			t.Errorf("the chart has no value %s", key)
		}
	}
	if len(app.Spec.Source.Helm.ValuesObject) < 5 {
		t.Errorf("values: %v", app.Spec.Source.Helm.ValuesObject)
	}
}
