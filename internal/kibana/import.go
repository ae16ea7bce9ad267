package kibana

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// Server is a Kibana and who weir is to it. Key and password are the secrets themselves; nothing here prints them, and no
// fault quotes them.
type Server struct {
	URL      string // http(s)://host:port, with a base path if Kibana has one
	Space    string // empty: the default space
	APIKey   string // encoded, as Kibana shows it; else user and password
	User     string
	Password string
	CA       string // file (PEM); empty: the system's
}

// Result is what became of an import.
type Result struct {
	Version  string    `json:"version"` // of the Kibana
	Imported int       `json:"imported"`
	Failed   []Failure `json:"failed,omitempty"`
}

// Failure is one object that Kibana did not take, in its own words made plain.
type Failure struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Title  string `json:"title,omitempty"`
	Reason string `json:"reason"`
}

// The oldest Kibana that takes these objects, the version that they are written for, and the longest answer that is read.
const (
	oldestMajor, oldestMinor = 8, 9
	writtenFor               = "8.19"
	maxAnswer                = 8 << 20
)

// Import brings objects to a Kibana: one request, all of them. With overwrite, objects of the same id are replaced; without
// it they stay and are failures. It asks for the version first, since an older Kibana would take half of the objects and
// say nothing that helps. Errors are faults; objects that were refused are in the result.
func Import(ctx context.Context, s Server, list []Object, overwrite bool) (Result, error) {
	c, err := newClient(s)
	if err != nil {
		return Result{}, err
	}
	defer c.http.CloseIdleConnections()
	version, err := c.version(ctx)
	if err != nil {
		return Result{}, err
	}
	body, kind, err := form(list)
	if err != nil {
		return Result{}, err
	}
	target := c.base + c.space() + "/api/saved_objects/_import?overwrite=" + strconv.FormatBool(overwrite)
	status, answer, err := c.do(ctx, http.MethodPost, target, kind, body)
	if err != nil {
		return Result{}, err
	}
	if status != http.StatusOK {
		return Result{}, c.refused(status, answer)
	}
	var a struct {
		SuccessCount int       `json:"successCount"`
		Errors       []refusal `json:"errors"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return Result{}, c.notKibana(err)
	}
	r := Result{Version: version, Imported: a.SuccessCount}
	for i := range a.Errors {
		r.Failed = append(r.Failed, a.Errors[i].failure())
	}
	return r, nil
}

// form is the objects as a file of a form, as a browser would send it: the API takes nothing else. The whole of it is in
// memory, 150 KB.
func form(list []Object) (io.Reader, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "weir.ndjson") // Kibana looks at the ending
	if err != nil {
		return nil, "", fmt.Errorf("making the request: %w", err)
	}
	if err := Encode(part, list); err != nil {
		return nil, "", err
	}
	if err := w.Close(); err != nil {
		return nil, "", fmt.Errorf("making the request: %w", err)
	}
	return &b, w.FormDataContentType(), nil
}

// refusal is one error of an import's answer.
type refusal struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Meta struct {
		Title string `json:"title"`
	} `json:"meta"`
	Error struct {
		Type       string      `json:"type"`
		Message    string      `json:"message"`
		References []Reference `json:"references"`
	} `json:"error"`
}

// failure says in a sentence what Kibana says in a word. Words that are new to it are handed on as they are.
func (a *refusal) failure() Failure {
	f := Failure{Type: a.Type, ID: a.ID, Title: a.Meta.Title, Reason: a.Error.Message}
	switch a.Error.Type {
	case "conflict", "ambiguous_conflict":
		f.Reason = "is there already"
	case "missing_references":
		var names []string
		for _, r := range a.Error.References {
			names = append(names, r.Type+" "+r.ID)
		}
		f.Reason = "needs " + strings.Join(names, ", ") + ", which is missing"
	case "unsupported_type":
		f.Reason = "this Kibana has no objects of type " + a.Type
	}
	if f.Reason == "" {
		f.Reason = "refused: " + a.Error.Type
	}
	return f
}
