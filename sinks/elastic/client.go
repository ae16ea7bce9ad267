package elastic

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"

	"weir/internal/config"
	"weir/internal/fault"
	"weir/sinks/elastic/bulk"
)

// newClient makes the official client's transport: it knows the nodes, takes them in turn and leaves out for a while one
// that does not answer. Its own retries are off: only the sender knows which documents of a request are still to be sent.
// It never asks the cluster for further nodes; behind a load balancer their addresses lead nowhere.
func newClient(c *config.Elastic) (*elastictransport.Client, error) {
	var urls []*url.URL
	for _, text := range c.URLs {
		u, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("reading elastic.urls: %w", err)
		}
		urls = append(urls, u)
	}
	tlsConfig := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err == nil {
			tlsConfig.RootCAs = x509.NewCertPool()
			if !tlsConfig.RootCAs.AppendCertsFromPEM(pem) {
				err = fmt.Errorf("there is no PEM certificate in it")
			}
		}
		if err != nil {
			return nil, &fault.Error{Code: "certificate-bad", What: "no CA certificate can be read from " + c.CA, Why: fault.Innermost(err),
				Do: "name the PEM file of the CA that signed the nodes' certificates in elastic.ca", Exit: fault.ExitUsage, Cause: err}
		}
	}
	client, err := elastictransport.New(elastictransport.Config{ //nolint:staticcheck // its successor has no option for one client of our own
		URLs: urls, APIKey: string(c.APIKey), Username: c.User, Password: string(c.Password), DisableRetry: true, UserAgent: "weir",
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSClientConfig:     tlsConfig,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConnsPerHost: c.Workers + 2,
			IdleConnTimeout:     90 * time.Second,
			// A request is megabytes long: with the usual 4 KiB it would take a thousand calls to write one.
			WriteBufferSize:    256 << 10,
			ReadBufferSize:     32 << 10,
			DisableCompression: true,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("making the Elasticsearch client: %w", err)
	}
	return client, nil
}

// Client makes the transport of a configuration, for whoever sends documents besides the sink, and says whether requests are
// worth compressing.
func Client(c *config.Elastic) (client bulk.Doer, gzip bool, err error) {
	t, err := newClient(c)
	return t, compress(c), err
}

// compress decides whether requests are compressed. On the same machine it costs more than it spares.
func compress(c *config.Elastic) bool {
	if c.Compression != "auto" {
		return c.Compression == "gzip"
	}
	for _, text := range c.URLs {
		u, err := url.Parse(text)
		if err != nil {
			return true
		}
		if a, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !a.IsLoopback()) {
			return true
		}
	}
	return false
}
