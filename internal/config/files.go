package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"

	"weir/internal/fault"
)

// CheckFiles reads the files that the configuration names and says what is wrong with them. It opens no ports and
// asks no servers.
//
// It is apart from Load because a configuration is also read where its files are not: in a pipeline that checks it, by a
// command on another machine. What it finds can change by the time of the start; whoever uses the files looks again.
func (l *Loaded) CheckFiles() fault.List {
	var out fault.List
	t := &l.Config.Inputs.Syslog.TLS
	at := func(key string) *fault.Error {
		e := l.origins[key].fault(l.source)
		e.Exit = fault.ExitUsage
		return e
	}
	if t.Cert != "" && t.Key != "" {
		if _, err := tls.LoadX509KeyPair(t.Cert, t.Key); err != nil {
			e := at("inputs.syslog.tls.cert")
			e.Code, e.Cause = "certificate-bad", err
			e.What = "certificate and key cannot be used together"
			e.Why = certificateReason(err, t)
			e.Do = "give the matching pair, or remove both lines: weir makes its own"
			out = append(out, e)
		}
	}
	if t.ClientCA != "" {
		pem, err := os.ReadFile(t.ClientCA)
		if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
			e := at("inputs.syslog.tls.client_ca")
			e.Code, e.What, e.Cause = "certificate-bad", "no CA certificate can be read from "+t.ClientCA, err
			e.Why = "there is no PEM certificate in it"
			if err != nil {
				e.Why = plainReason(err)
			}
			e.Do = "name a PEM file with the certificates that sign your clients"
			out = append(out, e)
		}
	}
	if fi, err := os.Stat(l.Config.Data); err == nil && !fi.IsDir() {
		e := at("data")
		e.Code, e.What, e.Why = "data-unusable", "the data folder is a file", fmt.Sprintf("%s is %s", l.Config.Data, kindOf(fi.Mode()))
		e.Do = "name a folder"
		out = append(out, e)
	}
	return out
}

// kindOf says what stands where a folder should.
// Devices, sockets and pipes are all the same to whoever needs a folder.
func kindOf(m fs.FileMode) string {
	if m.IsRegular() {
		return "a regular file"
	}
	return "not a folder"
}

// certificateReason names the file at fault where the library's error does not.
// plainReason leaves the path out, and there are two.
func certificateReason(err error, t *SyslogTLS) string {
	for _, path := range []string{t.Cert, t.Key} {
		if _, e := os.ReadFile(path); e != nil {
			return path + ": " + plainReason(e)
		}
	}
	return plainReason(err)
}
