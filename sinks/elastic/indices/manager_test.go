package indices

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
	"weir/sinks/elastic/template"
)

// script answers requests by "METHOD path" and notes them; PUT and DELETE are granted unless it says otherwise.
type script struct {
	answers map[string]string // status, a blank, body
	asked   []string
	bodies  map[string]string
	product string
}

func newScript(answers map[string]string) *script {
	s := &script{answers: map[string]string{"GET /_nodes/plugins": `200 {"nodes":{"a":{"version":"8.19.8","modules":[{"name":"wildcard"}]},"b":{"version":"8.19.8","modules":[{"name":"wildcard"},{"name":"mapper-extras"}]}}}`},
		bodies: map[string]string{}, product: "Elasticsearch"}
	maps.Copy(s.answers, answers)
	return s
}

func (s *script) Perform(r *http.Request) (*http.Response, error) {
	key := r.Method + " " + r.URL.Path
	s.asked = append(s.asked, key)
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.bodies[key] = string(b)
	}
	answer, ok := s.answers[key]
	if !ok {
		answer = "404 {}"
		if r.Method != http.MethodGet {
			answer = `200 {"acknowledged":true}`
		}
	}
	var status int
	if _, err := fmt.Sscan(answer, &status); err != nil {
		panic(err)
	}
	res := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer[4:]))}
	if s.product != "" {
		res.Header.Set("X-Elastic-Product", s.product)
	}
	return res, nil
}

func newManager(s *script) (*Manager, *bytes.Buffer) {
	log := &bytes.Buffer{}
	return New(Options{Client: s, Names: Names{Prefix: "logs-weir.", Keep: keepOf}, Flavour: "auto", Settings: template.Settings{Shards: 1, Replicas: -1, Refresh: time.Second},
		Log: slog.New(slog.NewTextHandler(log, nil))}), log
}

func TestPrepare_WritesWhatIsMissing(t *testing.T) {
	s := newScript(nil)
	m, _ := newManager(s)
	if err := m.Prepare(t.Context(), "logs-weir.standard-2026.11.21"); err != nil {
		t.Fatal(err)
	}
	component, index := s.bodies["PUT /_component_template/logs-weir"], s.bodies["PUT /_index_template/logs-weir.standard"]
	if !strings.Contains(component, `"type":"wildcard"`) || strings.Contains(component, "match_only_text") {
		t.Error("a type is used where every node has it, and only there")
	}
	if !strings.Contains(index, `"composed_of":["logs-weir"]`) {
		t.Errorf("%s", index)
	}
	// Now the server has them, in its own form.
	s.answers["GET /_component_template/logs-weir"] = `200 {"component_templates":[{"component_template":` + component + `}]}`
	s.answers["GET /_index_template/logs-weir.standard"] = `200 {"index_templates":[{"index_template":` + index + `}]}`
	s.asked = nil
	if err := m.Prepare(t.Context(), "logs-weir.standard-2026.11.22"); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(s.asked, func(a string) bool { return strings.HasPrefix(a, "PUT") }) {
		t.Errorf("written again: %q", s.asked)
	}
}

func TestPrepare_OtherVersions(t *testing.T) {
	for _, tc := range []struct {
		name, have string
		writes     bool
	}{
		{"older", `{"version":0,"_meta":{"sum":"x"}}`, true},
		{"the same version, made otherwise", fmt.Sprintf(`{"version":%d,"_meta":{"sum":"x"}}`, template.Version), true},
		{"of a newer weir", `{"version":9999,"_meta":{"sum":"x"}}`, false},
		{"by hand", `{}`, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newScript(map[string]string{"GET /_component_template/logs-weir": `200 {"component_templates":[{"component_template":` + tc.have + `}]}`})
			m, _ := newManager(s)
			if err := m.Prepare(t.Context(), "logs-weir.standard-2026.11.21"); err != nil {
				t.Fatal(err)
			}
			if got := slices.Contains(s.asked, "PUT /_component_template/logs-weir"); got != tc.writes {
				t.Errorf("written: %v, want %v", got, tc.writes)
			}
		})
	}
}

func TestPrepare_Refused(t *testing.T) {
	for _, tc := range []struct {
		name    string
		answers map[string]string
		code    string
		words   string
	}{
		{"wrong password", map[string]string{"GET /_nodes/plugins": `401 {"error":{"reason":"unable to authenticate"}}`}, "elastic-rights", "unable to authenticate"},
		{"no right to templates", map[string]string{"PUT /_component_template/logs-weir": `403 {"error":{"reason":"action is unauthorized","caused_by":{"reason":"no privilege"}}}`}, "elastic-rights", "no privilege"},
		{"a web server", map[string]string{"GET /_nodes/plugins": `404 <html>not found`}, "elastic-answer", "<html>not found"},
		{"too old", map[string]string{"GET /_nodes/plugins": `200 {"nodes":{"a":{"version":"6.8.23"}}}`}, "elastic-version", "6.8.23 is too old"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, _ := newManager(newScript(tc.answers))
			err := m.Prepare(t.Context(), "logs-weir.standard-2026.11.21")
			if fault.Code(err) != tc.code || !strings.Contains(err.Error(), tc.words) {
				t.Errorf("%v, want %s and %q", err, tc.code, tc.words)
			}
		})
	}
	m, _ := newManager(newScript(nil))
	if err := m.Prepare(t.Context(), "somebody-elses"); err == nil {
		t.Error("an index that is not ours was prepared")
	}
}

func TestServer(t *testing.T) {
	t.Run("OpenSearch", func(t *testing.T) {
		s := newScript(map[string]string{"GET /_nodes/plugins": `200 {"nodes":{"a":{"version":"2.19.1","modules":[{"name":"mapper-extras"}]}}}`})
		s.product = ""
		m, _ := newManager(s)
		got, err := m.Server(t.Context())
		if err != nil || !got.OpenSearch || got.Version != "2.19.1" || len(got.Types) != 0 {
			t.Errorf("%+v %v", got, err)
		}
	})
	t.Run("a user who may not ask", func(t *testing.T) {
		m, log := newManager(newScript(map[string]string{"GET /_nodes/plugins": `403 {}`}))
		got, err := m.Server(t.Context())
		if err != nil || got.OpenSearch || len(got.Types) != 0 || !strings.Contains(log.String(), "monitor") {
			t.Errorf("%+v %v %s", got, err, log)
		}
	})
}

func TestSweep(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	list := `200 {"logs-weir.standard-2026.08.22":{},"logs-weir.standard-2026.08.23":{},"logs-weir.standard-2026.11.20":{},"logs-weir.short-2026.11.12":{},"logs-weir.short-2026.11.14":{},
		"logs-weir.year-2026.w33":{},"logs-weir.year-2026.w34":{},"logs-weir.law-2026.07":{},"logs-weir.law-2026.08":{},"logs-weir.mine":{},"other-2020.01.01":{}}`
	for _, tc := range []struct {
		name   string
		keep   time.Duration
		sealed time.Time
		want   string
	}{
		{"ninety days", 90 * days, now, "logs-weir.law-2026.07 logs-weir.short-2026.11.12 logs-weir.standard-2026.08.22 logs-weir.year-2026.w33"},
		{"not before the archive has sealed them", 90 * days, time.Date(2026, 8, 17, 0, 0, 0, 0, time.UTC), "logs-weir.law-2026.07 logs-weir.year-2026.w33"},
		{"an archive that has sealed nothing", 90 * days, time.Time{}, ""},
		{"for ever", 0, now, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newScript(map[string]string{"GET /logs-weir.*/_alias": list})
			m, _ := newManager(s)
			swept, err := m.Sweep(t.Context(), now, tc.keep, tc.sealed)
			gone := swept.Gone
			if err != nil || strings.Join(gone, " ") != tc.want {
				t.Errorf("deleted %q %v, want %q", gone, err, tc.want)
			}
			for _, name := range gone {
				if !slices.Contains(s.asked, "DELETE /"+name) {
					t.Errorf("%s was not deleted", name)
				}
			}
		})
	}
	m, _ := newManager(newScript(map[string]string{"GET /logs-weir.*/_alias": list, "DELETE /logs-weir.law-2026.07": `403 {"error":{"reason":"no"}}`}))
	if _, err := m.Sweep(t.Context(), now, 90*days, now); fault.Code(err) != "elastic-rights" {
		t.Errorf("%v", err)
	}
}

func TestShards(t *testing.T) {
	health := `200 {"active_shards":850,"unassigned_shards":5,"initializing_shards":1,"number_of_data_nodes":2}`
	for _, tc := range []struct {
		name, settings string
		most           int
	}{
		{"nobody has set it", `200 {}`, 2000},
		{"set", `200 {"persistent":{"cluster.max_shards_per_node":"500"}}`, 1000},
		{"set twice", `200 {"persistent":{"cluster.max_shards_per_node":"500"},"transient":{"cluster.max_shards_per_node":"600"}}`, 1200},
		{"not to be seen", `403 {}`, 2000},
	} {
		m, _ := newManager(newScript(map[string]string{"GET /_cluster/health": health, "GET /_cluster/settings": tc.settings}))
		open, most, err := m.Shards(t.Context())
		if err != nil || open != 856 || most != tc.most {
			t.Errorf("%s: %d of %d %v, want 856 of %d", tc.name, open, most, err, tc.most)
		}
	}
	m, _ := newManager(newScript(map[string]string{"GET /_cluster/health": "503 {}"}))
	if _, _, err := m.Shards(t.Context()); err == nil {
		t.Error("no health, and no error")
	}
}

// gate lets everything go but one class, keeps one shorter, and wants one gone.
type gate struct{}

func (gate) Keep(class string) time.Duration {
	return map[string]time.Duration{"short": 7 * days, "law": 5 * 365 * days}[class]
}

func (gate) MayDrop(class string, from, to time.Time) (bool, string) {
	if class == "year" {
		return false, "the hold H1 may want them"
	}
	return to.Sub(from) < 32*days, "too long"
}

func (gate) MustDrop(class string, day time.Time) bool {
	return class == "secret" && day.Before(time.Date(2026, 11, 15, 0, 0, 0, 0, time.UTC))
}

// TestSweep_Gate: what must be gone goes though it is young, what is held stays though it is old, and nothing that the archive has
// not sealed goes for either reason.
func TestSweep_Gate(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	list := `200 {"logs-weir.standard-2026.08.22":{},"logs-weir.standard-2026.08.23":{},"logs-weir.short-2026.11.12":{},"logs-weir.short-2026.11.14":{},"logs-weir.year-2026.w33":{},
		"logs-weir.secret-2026.11.14":{},"logs-weir.secret-2026.11.15":{},"logs-weir.secret-2026.w46":{}}`
	for _, tc := range []struct {
		name       string
		keep       time.Duration
		sealed     time.Time
		gone, kept string
	}{
		{"ninety days", 90 * days, now, "logs-weir.secret-2026.11.14 logs-weir.secret-2026.w46 logs-weir.short-2026.11.12 logs-weir.standard-2026.08.22", "logs-weir.year-2026.w33: the hold H1 may want them"},
		{"for ever, but for what must be gone", 0, now, "logs-weir.secret-2026.11.14 logs-weir.secret-2026.w46", ""},
		{"nothing is sealed", 90 * days, time.Time{}, "", "logs-weir.secret-2026.11.14: the archive may not have sealed all of it"},
		{"the week is not sealed whole", 0, time.Date(2026, 11, 15, 0, 0, 0, 0, time.UTC), "logs-weir.secret-2026.11.14", "logs-weir.secret-2026.w46: the archive may not have sealed all of it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newScript(map[string]string{"GET /logs-weir.*/_alias": list})
			m, _ := newManager(s)
			m.opts.Gate = gate{}
			swept, err := m.Sweep(t.Context(), now, tc.keep, tc.sealed)
			if err != nil || strings.Join(swept.Gone, " ") != tc.gone {
				t.Errorf("deleted %q %v, want %q", swept.Gone, err, tc.gone)
			}
			index, why, _ := strings.Cut(tc.kept, ": ")
			if swept.Kept[index] != why {
				t.Errorf("kept %v, want %s", swept.Kept, tc.kept)
			}
		})
	}
}
