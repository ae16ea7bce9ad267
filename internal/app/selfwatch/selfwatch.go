// Package selfwatch reads for the watchdog what the parts of a process know: certificates, disks, rules, the ledger, and the
// inventory.
package selfwatch

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/internal/app/build"
	"weir/internal/app/metrics"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/ledger"
	"weir/internal/watchdog"
	"weir/internal/watchdog/rhythm"
	"weir/processors/detect"
	"weir/processors/enrich/asset"
)

// ownCertificate is where the syslog input keeps the certificate that it makes itself, in the data folder.
const ownCertificate = "tls/syslog.crt"

// Everything here is called by the goroutine of the watchdog, and returns memory of its own: nothing is kept between calls.

// Certificates reads those that a process with these stages shows or believes.
func Certificates(cfg *config.Config, folder string, does func(stage string) bool) (out []watchdog.Certificate) {
	in, b, e := &cfg.Inputs.Syslog, &cfg.Bus.TLS, &cfg.Elastic
	own := in.TLS.Cert
	if own == "" {
		own = filepath.Join(folder, ownCertificate)
	}
	// Only who shows or checks a certificate says so: of several processes one, not all.
	listens := does("ingest") && in.Enabled && in.TLS.Listen != ""
	for _, c := range []struct {
		name, file string
		used       bool
	}{
		{"syslog TLS", own, listens},
		{"the CA of syslog senders", in.TLS.ClientCA, listens},
		{"weir at Kafka", b.Cert, b.Enabled && len(cfg.Bus.Brokers) > 0},
		{"the CA of Kafka", b.CA, b.Enabled && len(cfg.Bus.Brokers) > 0},
		{"the CA of Elasticsearch", e.CA, does("elastic") && len(e.URLs) > 0},
	} {
		if c.used && c.file != "" {
			out = append(out, watchdog.ReadCertificate(c.name, c.file))
		}
	}
	return out
}

// Disks looks at that of the data folder, and at that of an archive which lies elsewhere. One that cannot be looked at is
// left out: whoever writes to it says what is wrong.
func Disks(cfg *config.Config, folder string, archives bool) (out []watchdog.Disk) {
	folders := []string{folder}
	if dir := build.Within(*cfg, cfg.Archive.Folder); archives && !strings.HasPrefix(dir, filepath.Clean(cfg.Data)+string(filepath.Separator)) {
		folders = append(folders, dir)
	}
	for _, f := range folders {
		if d, err := watchdog.ReadDisk(f, int64(cfg.Bus.Embedded.MinFree)); err == nil {
			out = append(out, d)
		}
	}
	return out
}

// Refusals are the rule files that have a mistake, each with its first one.
func Refusals(faults fault.List) (out []watchdog.Refusal) {
	for _, f := range faults {
		if f.Warn {
			continue
		}
		// One alert for a file: a mistake is mostly followed by others, and all of them are mended together.
		file, _, _ := strings.Cut(f.Where, ":")
		if !slices.ContainsFunc(out, func(r watchdog.Refusal) bool { return r.Where == file }) {
			out = append(out, watchdog.Refusal{Where: file, Why: f.What})
		}
	}
	return out
}

// RuleTimes is how long each rule was tried.
func RuleTimes(counts []detect.Count) map[string]time.Duration {
	out := make(map[string]time.Duration, len(counts))
	for i := range counts {
		out[counts[i].Rule] += counts[i].Took
	}
	return out
}

// Differences are those that the last reading of the ledger is sure of; l is nil before the first.
func Differences(l *metrics.Ledger) (map[string]int64, bool) {
	if l == nil {
		return nil, false
	}
	// A store that nobody feeds has no row: a zero would say that it is well.
	out := map[string]int64{"archive": l.Archive.Difference}
	if l.HasElastic {
		out["elastic"] = l.Elastic.Difference
	}
	return out, true
}

// Dead are the dead letters of all stages, by reason.
func Dead(l *metrics.Ledger) (map[string]int64, bool) {
	if l == nil {
		return nil, false
	}
	out := map[string]int64{}
	for _, by := range l.Dead {
		for reason, n := range by {
			out[reason] += n
		}
	}
	return out, true
}

// Unclean are the starts that the ledger knows to have ended without their last count.
func Unclean(list *[]ledger.Unclean) (out []watchdog.Unclean) {
	if list == nil {
		return nil
	}
	for _, u := range *list {
		out = append(out, watchdog.Unclean{Start: u.Start, At: u.At, Most: u.Most})
	}
	return out
}

// Heard lists what the ledger counts by source, and of when that is.
func Heard(counts *ledger.Store) (time.Time, []rhythm.Heard) {
	at, by := counts.Heard()
	out := make([]rhythm.Heard, 0, len(by))
	for source, h := range by {
		out = append(out, rhythm.Heard{Source: source, Count: h.Received, Last: h.Last})
	}
	return at, out
}

// Device is what the inventory knows of a source; one that it does not know has the zone that is given.
func Device(inv *asset.Inventory, zone *time.Location, source string) watchdog.Device {
	out := watchdog.Device{Zone: zone}
	_, origin, _ := strings.Cut(source, "/")
	addr, err := netip.ParseAddr(origin)
	if err != nil {
		return out
	}
	d := inv.Lookup(addr, 0)
	if d == nil {
		return out
	}
	out.Name, out.Presence = d.Name, presence(d)
	if d.Zone != nil {
		out.Zone = d.Zone
	}
	return out
}

// presence is that of a device.
func presence(d *asset.Device) rhythm.Presence {
	switch {
	case d.Expected:
		return rhythm.Expected
	case d.Ephemeral:
		return rhythm.Ephemeral
	}
	return rhythm.Unknown
}
