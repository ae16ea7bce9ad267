package indices

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"weir/internal/fault"
	"weir/sinks/elastic/template"
)

// Doer sends one request to one of the nodes.
type Doer interface {
	Perform(*http.Request) (*http.Response, error)
}

// Options is what a manager needs.
type Options struct {
	Client   Doer
	Names    Names
	Settings template.Settings
	// Flavour is auto, elasticsearch or opensearch.
	Flavour string
	// Gate is asked before an index is deleted; nil: only its age counts, and what is sealed.
	Gate Gate
	Log  *slog.Logger
}

// Manager keeps templates, and deletes indices that are too old. Its methods may be called from any goroutine.
type Manager struct {
	opts Options

	mu     sync.Mutex // held over requests: two workers need not ask the same thing
	server *Server    // nil: not asked yet
}

// Server is what answers.
type Server struct {
	Version    string
	OpenSearch bool
	Nodes      int
	Types      map[string]bool
}

// New returns a manager. It asks the server nothing before it has to.
func New(o Options) *Manager {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Manager{opts: o}
}

// Prepare sees to the templates of an index before its first document makes it.
func (m *Manager) Prepare(ctx context.Context, index string) error {
	alias, _, _, ok := m.opts.Names.split(index)
	if !ok {
		return fmt.Errorf("%q is no name of an index of weir", index)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.ask(ctx)
	if err != nil {
		return err
	}
	component := m.component()
	body, err := template.Component(template.Server{OpenSearch: s.OpenSearch, Types: s.Types}, m.opts.Settings)
	if err != nil {
		return err
	}
	if err := m.keep(ctx, "/_component_template/"+component, "component_templates.component_template", body); err != nil {
		return fmt.Errorf("writing the template %s: %w", component, err)
	}
	if body, err = template.Index(alias, component); err != nil {
		return err
	}
	if err := m.keep(ctx, "/_index_template/"+alias, "index_templates.index_template", body); err != nil {
		return fmt.Errorf("writing the template %s: %w", alias, err)
	}
	return nil
}

// component names the component template: one for each prefix.
func (m *Manager) component() string { return strings.Trim(m.opts.Names.Prefix, ".-_") }

// Server returns what the server said of itself, asking it the first time.
func (m *Manager) Server(ctx context.Context) (Server, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.ask(ctx)
	if err != nil {
		return Server{}, err
	}
	return *s, nil
}

// ask finds out what answers. mu is held. A user who may not ask about nodes gets the types that every server has.
func (m *Manager) ask(ctx context.Context) (*Server, error) {
	if m.server != nil {
		return m.server, nil
	}
	status, header, answer, err := m.do(ctx, http.MethodGet, "/_nodes/plugins?filter_path=nodes.*.version,nodes.*.modules.name,nodes.*.plugins.name", nil)
	if err != nil {
		return nil, err
	}
	s := &Server{OpenSearch: m.opts.Flavour == "opensearch" || m.opts.Flavour == "auto" && header.Get("X-Elastic-Product") == "", Types: map[string]bool{}}
	if status == http.StatusForbidden {
		m.opts.Log.Warn("the user may not ask which types of fields the server has; using those that every server has", "do", "grant the cluster right monitor")
		m.server = s
		return s, nil
	}
	if status != http.StatusOK {
		return nil, refusal(status, answer)
	}
	var a struct {
		Nodes map[string]struct {
			Version string
			Modules []struct{ Name string }
			Plugins []struct{ Name string }
		}
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, fmt.Errorf("reading what the server is: %w", err)
	}
	s.Nodes = len(a.Nodes)
	have := map[string]int{}
	for _, n := range a.Nodes {
		s.Version = n.Version
		for _, x := range append(n.Modules, n.Plugins...) {
			have[x.Name]++
		}
	}
	// A type can be used where every node has it.
	for module, typ := range map[string]string{"wildcard": "wildcard", "mapper-extras": "match_only_text"} {
		if have[module] == s.Nodes && s.Nodes > 0 && !s.OpenSearch {
			s.Types[typ] = true
		}
	}
	if err := tooOld(s); err != nil {
		return nil, err
	}
	m.opts.Log.Info("Elasticsearch answers", "version", s.Version, "opensearch", s.OpenSearch, "nodes", s.Nodes)
	m.server = s
	return s, nil
}

// tooOld refuses servers without composable templates.
func tooOld(s *Server) error {
	var major, minor int
	if n, _ := fmt.Sscanf(s.Version, "%d.%d", &major, &minor); n < 2 || s.OpenSearch || major > 7 || major == 7 && minor >= 8 {
		return nil
	}
	return &fault.Error{Code: "elastic-version", What: "Elasticsearch " + s.Version + " is too old", Why: "weir needs composable index templates (7.8); it is tried with 8.19",
		Do: "use Elasticsearch 8 or 9, or OpenSearch 2", Exit: fault.ExitMissing}
}

// keep writes a template unless the server has the same, or one of a newer weir. list is where the answer holds it.
func (m *Manager) keep(ctx context.Context, path, list string, body []byte) error {
	status, _, answer, err := m.do(ctx, http.MethodGet, path+"?filter_path="+list+".version,"+list+"._meta", nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK && status != http.StatusNotFound {
		return refusal(status, answer)
	}
	if status == http.StatusOK {
		have, err := stampIn(answer)
		if err != nil {
			return err
		}
		want, err := stampOf(body)
		if err != nil {
			return err
		}
		if have.Version > want.Version || have == want {
			return nil
		}
	}
	if status, _, answer, err = m.do(ctx, http.MethodPut, path, body); err != nil {
		return err
	}
	if status != http.StatusOK {
		return refusal(status, answer)
	}
	m.opts.Log.Info("wrote a template", "path", path)
	return nil
}

// stamp is by what two templates are compared.
type stamp struct {
	Version int
	Sum     string
}

// stampIn reads the stamp of the first template of an answer.
func stampIn(answer []byte) (stamp, error) {
	var lists map[string][]map[string]json.RawMessage
	if err := json.Unmarshal(answer, &lists); err != nil {
		return stamp{}, fmt.Errorf("reading a template: %w", err)
	}
	for _, list := range lists {
		for _, entry := range list {
			for _, t := range entry {
				return stampOf(t)
			}
		}
	}
	return stamp{}, nil
}

// stampOf reads the stamp of a template. One that somebody else wrote has none.
func stampOf(t []byte) (stamp, error) {
	var v struct {
		Version int
		Meta    struct{ Sum string } `json:"_meta"`
	}
	if err := json.Unmarshal(t, &v); err != nil {
		return stamp{}, fmt.Errorf("reading a template: %w", err)
	}
	return stamp{v.Version, v.Meta.Sum}, nil
}

// maxAnswer bounds an answer that is read whole.
const maxAnswer = 32 << 20

// do sends one request and reads its answer.
func (m *Manager) do(ctx context.Context, method, path string, body []byte) (status int, header http.Header, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("making a request: %w", err)
	}
	if body == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := m.opts.Client.Perform(req)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("asking Elasticsearch: %w", err)
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("reading an answer of Elasticsearch: %w", err)
	}
	return res.StatusCode, res.Header, answer, nil
}

// refusal makes an error of an answer.
func refusal(status int, answer []byte) error {
	var a struct {
		Error struct {
			Reason string
			Cause  *struct{ Reason string } `json:"caused_by"`
		}
	}
	why := strings.TrimSpace(string(answer[:min(len(answer), 200)]))
	if json.Unmarshal(answer, &a) == nil && a.Error.Reason != "" {
		why = a.Error.Reason
		if a.Error.Cause != nil && a.Error.Cause.Reason != "" {
			why += ": " + a.Error.Cause.Reason
		}
	}
	f := &fault.Error{Code: "elastic-answer", What: fmt.Sprintf("Elasticsearch refuses a request (%d)", status), Why: why,
		Do: "look at the reason; the rights that weir needs are in docs/elasticsearch.md", Exit: fault.ExitMissing}
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		f.Code = "elastic-rights"
	}
	return f
}
