package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// file writes a file of the text into a folder of its own and goes there.
func file(t *testing.T, name, text string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestConfigCheck(t *testing.T) {
	file(t, "weir.yaml", "# of this site\n\ninputs:\n  syslog:\n    limti: 3000/s\nbus:\n  key: sprede\n")
	out, msg, code := shell{terminal: 100}.run(t, "config", "check", "weir.yaml")
	same(t, "stdout", out, ""+
		"weir.yaml:5:5: error: unknown key `limti` in inputs.syslog\n"+
		"  5 |     limti: 3000/s\n"+
		"    |     ^^^^^ did you mean `limit`?\n")
	same(t, "stderr", msg, "1 error. A running weir keeps its present configuration\n")
	if code != 2 {
		t.Errorf("exit %d", code)
	}
	out, _, code = shell{}.run(t, "config", "check", "weir.yaml", "--json")
	same(t, "--json", out, `{"error":{"code":"config-unknown-key","message":"unknown key `+"`limti`"+` in inputs.syslog","where":"weir.yaml:5:5","do":"did you mean `+"`limit`"+`?"}}`+"\n")
	if code != 2 {
		t.Errorf("--json: exit %d", code)
	}
	file(t, "good.yaml", "log: {level: debug}\n")
	if out, msg, code := (shell{}).run(t, "config", "check", "good.yaml"); out != "ok: good.yaml\n" || msg != "" || code != 0 {
		t.Errorf("exit %d, %s, %s", code, out, msg)
	}
	if out, _, code := (shell{}).run(t, "config", "check", "nothing.yaml"); code != 2 || !strings.Contains(out, "the configuration file cannot be read") {
		t.Errorf("exit %d, %s", code, out)
	}
	file(t, "tls.yaml", "inputs: {syslog: {tls: {cert: a.crt, key: a.key}}}\n")
	if out, _, code := (shell{}).run(t, "config", "check", "tls.yaml"); code != 2 || !strings.Contains(out, "a.crt: no such file") {
		t.Errorf("exit %d, %s", code, out)
	}
}

func TestConfigShow(t *testing.T) {
	file(t, "weir.yaml", "console:\n  listen: 127.0.0.1:1\n")
	out, msg, code := shell{env: []string{"WEIR_LOG_LEVEL=debug", "WEIR_LOG_LEVELL=x"}}.run(t, "config", "show", "--config", "weir.yaml", "--data", "d")
	for _, want := range []string{"# --data\n", "  listen: 127.0.0.1:1 ", "# weir.yaml:2\n", "  level: debug ", "# environment WEIR_LOG_LEVEL\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if code != 0 || !strings.Contains(msg, "warning[config-unknown-variable]") || !strings.Contains(msg, "did you mean WEIR_LOG_LEVEL?") {
		t.Errorf("exit %d, %s", code, msg)
	}
	out, _, _ = shell{}.run(t, "config", "show", "--json")
	if !strings.HasPrefix(out, `{"key":"data","value":"./weir-data","origin":"default"}`+"\n") {
		t.Errorf("--json: %s", out)
	}
}

func TestConfigSchema(t *testing.T) {
	out, _, code := shell{}.run(t, "config", "schema")
	var schema map[string]any
	if err := json.Unmarshal([]byte(out), &schema); err != nil || code != 0 || schema["additionalProperties"] != false {
		t.Errorf("exit %d, %v", code, err)
	}
}
