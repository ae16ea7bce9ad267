package main

import (
	"context"
	"errors"
	"slices"
	"testing"

	"weir/internal/fault"
	"weir/internal/kibana"
)

// kibanaShell answers an import with r, and keeps what it was asked with.
func kibanaShell(r kibana.Result, err error, asked *[]string) shell {
	s := shell{terminal: 100, env: []string{"WEIR_ELASTIC_PREFIX=acme-", "KEY=abc"}}
	s.engine.kibana = func(k *kibana.Command, _ context.Context, prefix string, env []string) (kibana.Result, error) {
		*asked = append([]string{k.URL, k.Space, k.User, k.CA, prefix}, env...)
		return r, err
	}
	return s
}

func TestKibana_Import(t *testing.T) {
	t.Chdir(t.TempDir())
	var asked []string
	s := kibanaShell(kibana.Result{Version: "8.19.8", Imported: 15}, nil, &asked)
	out, msg, code := s.run(t, "kibana", "import", "--url", "https://kibana:5601", "--space", "soc", "--user", "ana", "--ca", "ca.pem")
	same(t, "stdout", out, "")
	same(t, "stderr", msg, "15 objects imported into Kibana 8.19.8, 0 not; begin with the dashboard weir: Overview\n")
	if want := []string{"https://kibana:5601", "soc", "ana", "ca.pem", "acme-"}; code != 0 || !slices.Equal(asked[:5], want) || !slices.Contains(asked, "KEY=abc") {
		t.Errorf("exit %d, asked with %v", code, asked)
	}
}

// TestKibana_Refused: what was not taken is data, with its reason, and the exit code says so.
func TestKibana_Refused(t *testing.T) {
	t.Chdir(t.TempDir())
	var asked []string
	s := kibanaShell(kibana.Result{Version: "8.19.8", Imported: 14, Failed: []kibana.Failure{{Type: "search", ID: "weir-search-tcp", Reason: "is there already"}}}, nil, &asked)
	out, msg, code := s.run(t, "kibana", "import", "--url", "http://kibana:5601")
	same(t, "stdout", out, "TYPE    ID               NOT IMPORTED BECAUSE\nsearch  weir-search-tcp  is there already\n")
	same(t, "stderr", msg, "14 objects imported into Kibana 8.19.8, 1 not; begin with the dashboard weir: Overview\n")
	if code != fault.ExitFound {
		t.Errorf("exit %d", code)
	}
}

func TestKibana_Fault(t *testing.T) {
	t.Chdir(t.TempDir())
	var asked []string
	gone := &fault.Error{Code: "kibana-unreachable", What: "Kibana does not answer", Exit: fault.ExitMissing}
	_, msg, code := kibanaShell(kibana.Result{}, errors.Join(gone), &asked).run(t, "kibana", "import", "--url", "http://kibana:5601")
	same(t, "stderr", msg, "error[kibana-unreachable]: Kibana does not answer\n")
	if code != fault.ExitMissing {
		t.Errorf("exit %d", code)
	}
}
