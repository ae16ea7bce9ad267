package channel

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"weir/internal/config/unit"
	"weir/internal/fault"
)

// Deps is what every channel is made with, beside its own configuration. The zero value works: no log,
// secrets that are written out, the plain network, the machine's clock.
type Deps struct {
	// Name is the channel's key in notify.yaml.
	Name string
	Log  *slog.Logger
	// Folder is where relative files lie: that of notify.yaml.
	Folder string
	// Secret turns what is written for a secret, env:NAME or file:PATH, into the secret.
	Secret func(text string) (string, error)
	// Dial opens connections, in tests through something else than the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	Now  func() time.Time
	// Version is weir's, as it tells other programs who speaks.
	Version string
}

// Timeout is how long a channel waits for an answer where its configuration says nothing.
const Timeout = 10 * time.Second

// Ready returns the dependencies with nothing missing. Each New calls it first.
func (d Deps) Ready() Deps {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Secret == nil {
		d.Secret = func(text string) (string, error) { return unit.Resolve(text, d.Folder, os.LookupEnv) }
	}
	if d.Dial == nil {
		d.Dial = (&net.Dialer{}).DialContext
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Version == "" {
		d.Version = "dev"
	}
	return d
}

// Reveal returns what a secret of the configuration stands for. The error names the key and never the
// secret.
func (d Deps) Reveal(key string, secret unit.Secret) (string, error) {
	if secret == "" {
		return "", nil
	}
	text, err := d.Secret(string(secret))
	if err != nil {
		return "", &ConfigError{
			Code: "notify-secret", Key: key, What: "the secret `" + key + "` is not there", Why: err.Error(),
			Do: "set the variable or write the file that it names", Cause: err,
		}
	}
	return text, nil
}

// Bad is the mistake of a key whose value cannot be. what goes on after the key: "is missing".
func Bad(key, what, do string) error {
	return &ConfigError{Code: "notify-channel", Key: key, What: "`" + key + "` " + what, Do: do}
}

// ConfigError is a mistake in the configuration of a channel. Key is the one at fault: url,
// headers.Authorization, create.body. Whoever read the file knows where that stands.
type ConfigError struct {
	Code          string // of the fault that it becomes
	Key, What, Do string
	Why           string
	// Text is the line of the value with the mistake, Mark the column of its first character from 1,
	// Width how many are wrong; "" and 0 where the value is wrong as a whole.
	Text        string
	Mark, Width int
	Cause       error
}

// Error implements error.
func (e *ConfigError) Error() string {
	if e.Why != "" {
		return e.What + ": " + e.Why
	}
	return e.What
}

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Cause }

// Fault is the mistake as a user sees it, at a place of a file.
func (e *ConfigError) Fault(where string) *fault.Error {
	return &fault.Error{
		Code: e.Code, What: e.What, Where: where, Why: e.Why, Do: e.Do, Text: e.Text, Mark: e.Mark, Width: e.Width, Exit: fault.ExitUsage, Cause: e.Cause,
	}
}

// File returns the path of a file that the configuration names.
func (d Deps) File(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(d.Folder, path)
}

// Roots returns the certificates by which a server is known: those of the system, and those of a file;
// nil, which is those of the system, where no file is named.
func (d Deps) Roots(key, file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a machine without any: those of the file are enough
	}
	pem, err := os.ReadFile(d.File(file))
	if err == nil && roots.AppendCertsFromPEM(pem) {
		return roots, nil
	}
	why := "there is no PEM certificate in it"
	if err != nil {
		why = fault.Innermost(err)
	}
	return nil, &ConfigError{
		Code: "certificate-bad", Key: key, What: "no CA certificate can be read from " + file, Why: why,
		Do: "name a PEM file with the certificate that signs the server's", Cause: err,
	}
}

// Span returns how long to wait for an answer: what the configuration says, else Timeout.
func Span(configured unit.Duration) time.Duration {
	if configured > 0 {
		return time.Duration(configured)
	}
	return Timeout
}
