package watchdog

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDiskLow: it is said below twice the guard, and over well above it.
func TestDiskLow(t *testing.T) {
	free := int64(100 << 30)
	s := newSite(t, func(o *Options) {
		o.Reading.Disks = func() []Disk { return []Disk{{"/srv/weir", free, 1 << 30}} }
	})
	for _, tc := range []struct {
		free int64 // MiB
		want string
	}{{4096, ""}, {2047, "weir-disk-low/1"}, {2100, ""}, {2400, ""}, {2600, "weir-disk-low/2 over"}, {1000, "weir-disk-low/1"}} {
		free = tc.free << 20
		s.look(3 * time.Minute)
		if len(s.raised) > 0 && tc.free == 2047 && !strings.HasPrefix(s.raised[0].What, "2 GiB are free on the disk of /srv/weir; below 1 GiB weir takes nothing more. Make room") {
			t.Error(s.raised[0].What)
		}
		if got := s.said(); got != tc.want {
			t.Errorf("at %d MiB: %q, want %q", tc.free, got, tc.want)
		}
	}
}

func TestReadDisk(t *testing.T) {
	d, err := ReadDisk(t.TempDir(), 1)
	if err != nil || d.Free <= 0 || d.Guard != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	if small, err := ReadDisk(t.TempDir(), 1<<62); err != nil || small.Guard >= 1<<62 || small.Guard <= 0 {
		t.Errorf("the guard of a small disk: %+v, %v", small, err)
	}
	if _, err := ReadDisk("/nowhere/at/all", 1); err == nil {
		t.Error("a folder that is not there has a disk")
	}
}

// TestDiskFilling: what counts is the line through the last hours, not the saw of a log that is trimmed.
func TestDiskFilling(t *testing.T) {
	const gib = 1 << 30
	for _, tc := range []struct {
		name string
		free func(hour float64) float64 // GiB
		want string
	}{
		{"steady", func(float64) float64 { return 50 }, ""},
		{"a saw", func(h float64) float64 { return 50 - 5*(h-float64(int(h))) }, ""},
		{"full in a month", func(h float64) float64 { return 720 - h }, ""},
		{"full in ten hours", func(h float64) float64 { return 21 - h }, "weir-disk-filling/1"},
		{"gets emptier", func(h float64) float64 { return 5 + h }, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s *site
			s = newSite(t, func(o *Options) {
				o.Reading.Disks = func() []Disk { return []Disk{{"/srv", int64(tc.free(s.up.Hours()) * gib), gib}} }
			})
			s.look(90 * time.Minute)
			if got := s.said(); got != tc.want {
				t.Errorf("said %q, want %q", got, tc.want)
			}
			if n := len(s.w.memory.disks["/srv"]); n > 20 {
				t.Errorf("%d samples are kept", n)
			}
		})
	}
	if _, ok := until([]room{{0, 5}, {time.Minute, 1}}, Disk{}); ok {
		t.Error("a minute is enough")
	}
}

// TestCertificates: 30 days, 7 days, 1 day, the end, and a new one.
func TestCertificates(t *testing.T) {
	c := Certificate{Name: "syslog TLS", File: "/etc/fw.crt", Until: start.Add(40 * 24 * time.Hour)}
	s := newSite(t, func(o *Options) { o.Reading.Certificates = func() []Certificate { return []Certificate{c} } })
	for _, tc := range []struct {
		days  float64
		level string
		want  string
	}{
		{31, "", ""},
		{29, "low", "weir-certificate/1"},
		{8, "", ""},
		{6, "medium", "weir-certificate/2 over, weir-certificate/1"},
		{0.5, "high", "weir-certificate/1, weir-certificate/2 over"},
		{-1, "high", "weir-certificate/2 over, weir-certificate/1"},
		{400, "", "weir-certificate/2 over"},
	} {
		s.now = start.Add(40*24*time.Hour - time.Duration(tc.days*24*float64(time.Hour)))
		if tc.days == 400 {
			s.now = start.Add(42 * 24 * time.Hour)
			c.Until = s.now.Add(400 * 24 * time.Hour)
		}
		s.up += certificatesEvery
		s.w.memory.last = nil // its clock is set, on purpose
		s.look(10 * time.Second)
		for _, a := range s.raised {
			if a.Revision == 1 && a.Level != tc.level {
				t.Errorf("%g days: level %s", tc.days, a.Level)
			}
		}
		if got := s.said(); got != tc.want {
			t.Errorf("%g days: %q, want %q", tc.days, got, tc.want)
		}
	}
	c.Err = &os.PathError{Op: "open", Path: "x", Err: errors.New("permission denied")}
	s.look(certificatesEvery + 10*time.Second)
	if len(s.raised) != 1 || !strings.HasPrefix(s.raised[0].What, "the certificate of syslog TLS cannot be read: /etc/fw.crt: permission denied") {
		t.Errorf("%+v", s.raised)
	}
}

// certificate makes one that ends at a time.
func certificate(t testing.TB, until time.Time) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.Add(-time.Hour), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestReadCertificate(t *testing.T) {
	early, late := start, start.Add(time.Hour)
	key := "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	for _, tc := range []struct {
		name string
		pem  string
		want time.Time
		err  string
	}{
		{"one", string(certificate(t, early)), early, ""},
		{"a chain with its key", key + string(certificate(t, late)) + string(certificate(t, early)), early, ""},
		{"a key alone", key, time.Time{}, "no certificate"},
		{"nothing", "", time.Time{}, "no certificate"},
		{"damaged", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", time.Time{}, "reading a certificate"},
	} {
		file := filepath.Join(t.TempDir(), "c.pem")
		if err := os.WriteFile(file, []byte(tc.pem), 0o600); err != nil {
			t.Fatal(err)
		}
		c := ReadCertificate("x", file)
		if !c.Until.Equal(tc.want) || (c.Err == nil) != (tc.err == "") || c.Err != nil && !strings.Contains(c.Err.Error(), tc.err) {
			t.Errorf("%s: %s, %v", tc.name, c.Until, c.Err)
		}
	}
	if c := ReadCertificate("x", filepath.Join(t.TempDir(), "none")); c.Err == nil {
		t.Error("a file that is not there was read")
	}
}

// FuzzFirstEnd: what is read from a file is a time of a certificate in it, or an error.
func FuzzFirstEnd(f *testing.F) {
	f.Add(certificate(f, start))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		until, err := firstEnd(data)
		if (err == nil) == until.IsZero() {
			t.Errorf("%s, %v", until, err)
		}
	})
}

// TestUncleanStops_NothingLost: a number of none is no warning of a loss.
func TestUncleanStops_NothingLost(t *testing.T) {
	var list []Unclean
	s := newSite(t, func(o *Options) { o.Reading.Unclean = func() []Unclean { return list } })
	s.look(2 * time.Hour)
	list = []Unclean{{Start: "abc/1", At: s.now}}
	s.now = s.now.Add(10 * time.Minute)
	s.restart()
	s.look(30 * time.Minute)
	if len(s.raised) != 1 || !strings.HasPrefix(s.raised[0].What, "the start abc/1 ended without its last count: all that it had counted is there") {
		t.Errorf("%+v", s.raised)
	}
}

// TestUncleanStops: the stop before this start is said once, for an hour; those before it were.
func TestUncleanStops(t *testing.T) {
	var list []Unclean
	s := newSite(t, func(o *Options) { o.Reading.Unclean = func() []Unclean { return list } })
	s.look(2 * time.Hour)
	list = []Unclean{{"abc/1", s.now, 12}, {"abc/0", start.Add(-time.Hour), 3}}
	s.now = s.now.Add(10 * time.Minute)
	s.restart()
	s.look(30 * time.Minute)
	if len(s.raised) != 1 || !strings.HasPrefix(s.raised[0].What, "the start abc/1 ended without its last count: at most 12 records") {
		t.Fatalf("%+v", s.raised)
	}
	first := s.raised[0].ID
	s.said()
	s.look(time.Hour)
	if got := s.said(); got != "weir-unclean-stop/2 over" {
		t.Errorf("%s", got)
	}
	s.restart()
	s.look(2 * time.Hour)
	for _, a := range s.raised {
		if a.ID == first {
			t.Error("said again by the next start")
		}
	}
}

// TestClockJumps: by the steady clock beside it.
func TestClockJumps(t *testing.T) {
	s := newSite(t, nil)
	s.look(time.Hour)
	s.now = s.now.Add(20 * time.Second)
	s.look(time.Minute)
	if got := s.said(); got != "" {
		t.Errorf("twenty seconds: %s", got)
	}
	s.now = s.now.Add(2 * time.Hour)
	s.look(time.Minute)
	if len(s.raised) != 1 || !strings.HasPrefix(s.raised[0].What, "the clock of this machine went 2 h ahead at once") {
		t.Fatalf("%+v", s.raised)
	}
	s.now = s.now.Add(-2 * time.Hour)
	s.look(65 * time.Minute)
	last := s.raised[len(s.raised)-1]
	if last.Ended == nil || last.Count != 2 {
		t.Errorf("%+v", last)
	}
}
