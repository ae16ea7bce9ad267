package kibana

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"weir/internal/fault"
)

// client is one conversation with a Kibana: two requests, one after the other, on one goroutine. It has no state that
// outlives it; whoever makes it closes its idle connections.
type client struct {
	Server
	base string // without a slash at the end
	http *http.Client
}

// newClient checks what can be checked without the network.
func newClient(s Server) (*client, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, &fault.Error{Code: "usage", What: fmt.Sprintf("%q is no address of a Kibana", s.URL), Do: "write --url http://host:5601", Exit: fault.ExitUsage}
	}
	if u.User != nil {
		return nil, &fault.Error{Code: "usage", What: "a password in --url would be seen by everybody who lists processes", Do: "write --user NAME --password env:NAME", Exit: fault.ExitUsage}
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CA != "" {
		pem, err := os.ReadFile(s.CA)
		pool := x509.NewCertPool()
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			return nil, &fault.Error{Code: "certificate-bad", What: "the CA file cannot be used", Where: s.CA, Why: "it cannot be read, or holds no certificate in PEM", Do: "name the CA that signed Kibana's certificate with --ca", Exit: fault.ExitUsage, Cause: err}
		}
		conf.RootCAs = pool
	}
	// A redirect would carry the key to wherever it points, and turns a POST into a GET: it is an answer like any other.
	return &client{Server: s, base: strings.TrimRight(s.URL, "/"), http: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: conf, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// space is the part of the path that names the space.
func (c *client) space() string {
	if c.Space == "" || c.Space == "default" {
		return ""
	}
	return "/s/" + url.PathEscape(c.Space)
}

// do sends one request and reads its answer whole, up to a bound that no Kibana reaches. It returns an error only where there
// was no answer; what an answer means is for the caller.
func (c *client) do(ctx context.Context, method, target, kind string, body io.Reader) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return 0, nil, fmt.Errorf("making the request: %w", err)
	}
	req.Header.Set("kbn-xsrf", "weir") // any value: it proves that this is no form of another site
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	switch {
	case c.APIKey != "":
		req.Header.Set("Authorization", "ApiKey "+c.APIKey)
	case c.User != "":
		req.SetBasicAuth(c.User, c.Password)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, c.unreachable(err)
	}
	defer func() { _ = res.Body.Close() }() // read to its end, or given up
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return 0, nil, c.unreachable(err)
	}
	return res.StatusCode, answer, nil
}

// version asks for Kibana's version and refuses one that is too old. A newer major is tried: Kibana takes objects of the
// major before its own.
func (c *client) version(ctx context.Context) (string, error) {
	status, answer, err := c.do(ctx, http.MethodGet, c.base+"/api/status", "", nil)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", c.refused(status, answer)
	}
	var s struct {
		Version struct {
			Number string `json:"number"`
		} `json:"version"`
		Status struct {
			Overall struct {
				Level string `json:"level"`
			} `json:"overall"`
		} `json:"status"`
	}
	if err := json.Unmarshal(answer, &s); err != nil {
		return "", c.notKibana(err)
	}
	// Who is not signed in may be told that Kibana is well, and nothing else.
	if s.Version.Number == "" && s.Status.Overall.Level != "" {
		return "", c.refused(http.StatusUnauthorized, nil)
	}
	var major, minor int
	if _, err := fmt.Sscanf(s.Version.Number, "%d.%d", &major, &minor); err != nil {
		return "", c.notKibana(err)
	}
	if major < oldestMajor || (major == oldestMajor && minor < oldestMinor) {
		return "", &fault.Error{Code: "kibana-version", What: "Kibana is too old for these objects", Where: c.base,
			Why: fmt.Sprintf("it is %s; they are written for %s and can be read from %d.%d on", s.Version.Number, writtenFor, oldestMajor, oldestMinor),
			Do:  "update Kibana to the version of Elasticsearch", Exit: fault.ExitMissing}
	}
	return s.Version.Number, nil
}

// unreachable explains why there was no answer. The four mistakes that are made most, a wrong port, a CA that is not given,
// another name and http for https, each get a sentence of their own.
func (c *client) unreachable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	f := &fault.Error{Code: "kibana-unreachable", What: "Kibana does not answer", Where: c.base, Why: fault.Innermost(err), Do: "start Kibana, or correct --url", Exit: fault.ExitMissing, Cause: err}
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case errors.As(err, &unknown):
		f.Why, f.Do = "its certificate is signed by a CA that this system does not know", "name that CA's file with --ca"
	case errors.As(err, &host):
		f.Why, f.Do = "its certificate is for another name", "write the name in the certificate into --url"
	case errors.Is(err, http.ErrSchemeMismatch):
		f.Why, f.Do = "it does not speak TLS", "write http:// in --url"
	}
	return f
}

// refused explains an answer that is no success. Kibana's own words are kept in the reason: its log has them too.
func (c *client) refused(status int, answer []byte) error {
	var a struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(answer, &a) // a proxy answers in HTML; then the status says it all
	why := strings.TrimSpace(strconv.Itoa(status) + " " + a.Message)
	f := &fault.Error{Code: "kibana-refused", What: "Kibana refused the import", Where: c.base, Why: why, Do: "look into Kibana's log", Exit: fault.ExitMissing}
	switch status {
	case http.StatusUnauthorized:
		f.Code, f.What, f.Do = "kibana-auth", "Kibana does not know this user or key", "give --api-key env:NAME, or --user NAME and --password env:NAME"
	case http.StatusForbidden:
		f.Code, f.What, f.Do = "kibana-auth", "this user may not import into Kibana", "give the role of the user or key the right Saved Objects Management: All in this space"
	case http.StatusNotFound:
		f.Do = "correct --url: is there a base path? And --space: does it exist?"
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		f.Do = "write the address that it leads to into --url; a base path belongs to it"
	case http.StatusServiceUnavailable:
		f.What, f.Do = "Kibana is not ready", "wait until it has started, and that it reaches its Elasticsearch"
	case http.StatusRequestEntityTooLarge:
		f.Do = "raise the largest request of the proxy before Kibana to 1 MiB"
	}
	return f
}

// notKibana is for an answer that no Kibana gives.
func (c *client) notKibana(cause error) error {
	return &fault.Error{Code: "kibana-refused", What: "what answers there is no Kibana", Where: c.base, Why: "its answer cannot be read", Do: "correct --url: Kibana is mostly on port 5601, Elasticsearch on 9200", Exit: fault.ExitMissing, Cause: cause}
}
