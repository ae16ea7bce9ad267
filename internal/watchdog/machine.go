package watchdog

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"weir/internal/fault"
	"weir/internal/term"
)

// diskLow finds disks with less room than twice their guard.
func diskLow(_ *memory, s *sample, open func(string, string) bool) ([]finding, bool) {
	if s.disks == nil {
		return nil, false
	}
	var out []finding
	for _, d := range s.disks {
		least := 2 * d.Guard
		if open("weir-disk-low", d.Path) {
			least += d.Guard / 2
		}
		if d.Free >= least {
			continue
		}
		out = append(out, finding{entity: d.Path, say: func(int64) (string, string) {
			return fmt.Sprintf("%s are free on the disk of %s; below %s weir takes nothing more", term.Bytes(d.Free), d.Path, term.Bytes(d.Guard)),
				fmt.Sprintf("%s 디스크의 여유 공간이 %s입니다. %s 미만이면 수신을 멈춥니다", d.Path, term.Bytes(d.Free), term.Bytes(d.Guard))
		}})
	}
	return out, true
}

// ReadDisk looks at the file system of a folder. The guard is what the configuration says, on a small disk an eighth of it,
// as the broker has it; what is kept for root is not free.
func ReadDisk(folder string, guard int64) (Disk, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(folder, &st); err != nil {
		return Disk{}, fmt.Errorf("looking at the disk of %s: %w", folder, err)
	}
	return Disk{Path: folder, Free: int64(st.Bavail) * st.Bsize, Guard: min(guard, int64(st.Blocks)*st.Bsize/8)}, nil
}

// room is how much of a disk was free at a moment.
type room struct {
	at   time.Duration
	free int64
}

const (
	roomEvery = 5 * time.Minute
	roomFor   = 6 * time.Hour
	roomLeast = time.Hour
)

// diskFilling finds disks that reach their guard within a day at the rate of the last hours. A log that is trimmed and an
// archive that seals go up and down; a line through six hours of them does not.
func diskFilling(m *memory, s *sample, open func(string, string) bool) ([]finding, bool) {
	if s.disks == nil {
		return nil, false
	}
	var out []finding
	for _, d := range s.disks {
		list := m.disks[d.Path]
		if n := len(list); n == 0 || s.up-list[n-1].at >= roomEvery {
			list = append(list, room{s.up, d.Free})
			for s.up-list[0].at > roomFor {
				list = list[1:]
			}
			m.disks[d.Path] = list
		}
		left, ok := until(list, d)
		most := 24.0
		if open("weir-disk-filling", d.Path) {
			most = 36
		}
		if !ok || left >= most {
			continue
		}
		out = append(out, finding{entity: d.Path, say: func(int64) (string, string) {
			in := term.Duration(time.Duration(left * float64(time.Hour)))
			return fmt.Sprintf("the disk of %s is full in about %s at the rate of the last hours; %s are free", d.Path, in, term.Bytes(d.Free)),
				fmt.Sprintf("최근 추세로는 %s 디스크가 약 %s 뒤에 가득 찹니다. 여유 %s", d.Path, in, term.Bytes(d.Free))
		}})
	}
	return out, true
}

// until returns in how many hours a disk reaches its guard, by the line of least squares through its room; false if it is
// not known, or it gets emptier.
func until(list []room, d Disk) (float64, bool) {
	n := float64(len(list))
	if len(list) < 2 || list[len(list)-1].at-list[0].at < roomLeast {
		return 0, false
	}
	var sumT, sumF, sumTT, sumTF float64
	for _, r := range list {
		t, f := (r.at - list[0].at).Hours(), float64(r.free)
		sumT, sumF, sumTT, sumTF = sumT+t, sumF+f, sumTT+t*t, sumTF+t*f
	}
	slope := (n*sumTF - sumT*sumF) / (n*sumTT - sumT*sumT)
	if !(slope < 0) {
		return 0, false
	}
	return max(0, float64(d.Free-d.Guard)) / -slope, true
}

// certificates finds those that end soon. What has been said for 30 days is said again for 7 and for 1: each is an alert of
// its own, and the one before it is over.
func certificates(_ *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
	if s.certificates == nil {
		return nil, false
	}
	var out []finding
	for _, c := range s.certificates {
		f := finding{entity: c.Name + " " + c.File}
		left := c.Until.Sub(s.now)
		switch {
		case c.Err != nil:
			why := fault.Innermost(c.Err)
			f.entity, f.level = f.entity+" unreadable", "medium"
			f.say = func(int64) (string, string) {
				return fmt.Sprintf("the certificate of %s cannot be read: %s: %s", c.Name, c.File, why), fmt.Sprintf("%s 인증서를 읽을 수 없습니다: %s: %s", c.Name, c.File, why)
			}
			out = append(out, f)
			continue
		case left <= 0:
			f.entity, f.level = f.entity+" ended", "high"
		case left <= 24*time.Hour:
			f.entity, f.level = f.entity+" 1 day", "high"
		case left <= 7*24*time.Hour:
			f.entity, f.level = f.entity+" 7 days", "medium"
		case left <= 30*24*time.Hour:
			f.entity += " 30 days"
		default:
			continue
		}
		// Begins when the certificate's end says so, not when somebody looked.
		f.begin = c.Until
		if left > 0 {
			f.begin = s.now
		}
		day := c.Until.UTC().Format(time.DateOnly)
		f.say = func(int64) (string, string) {
			if left <= 0 {
				return fmt.Sprintf("the certificate of %s has ended on %s: %s", c.Name, day, c.File), fmt.Sprintf("%s 인증서가 %s에 만료되었습니다: %s", c.Name, day, c.File)
			}
			return fmt.Sprintf("the certificate of %s ends on %s: %s", c.Name, day, c.File), fmt.Sprintf("%s 인증서가 %s에 만료됩니다: %s", c.Name, day, c.File)
		}
		out = append(out, f)
	}
	return out, true
}

// ReadCertificate reads until when the certificates of a PEM file count: the first of them to end. Keys beside them are
// passed over.
func ReadCertificate(name, file string) Certificate {
	c := Certificate{Name: name, File: file}
	data, err := os.ReadFile(file)
	if err != nil {
		c.Err = err
		return c
	}
	c.Until, c.Err = firstEnd(data)
	return c
}

// firstEnd returns when the first of the certificates in PEM ends.
func firstEnd(data []byte) (until time.Time, err error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return time.Time{}, fmt.Errorf("reading a certificate: %w", err)
		}
		if until.IsZero() || cert.NotAfter.Before(until) {
			until = cert.NotAfter
		}
	}
	if until.IsZero() {
		return until, errors.New("there is no certificate in it")
	}
	return until, nil
}

// uncleanFor is how long after a start it is said that the one before did not end in order.
const uncleanFor = time.Hour

// uncleanStops finds starts that ended without their last count, since the start before this one. The ledger knows them for
// ever; they are said in the first hour.
func uncleanStops(m *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
	if s.unclean == nil {
		return nil, false
	}
	var out []finding
	for _, u := range s.unclean {
		if s.up > uncleanFor || u.At.IsZero() || u.At.Before(m.before) || !u.At.Before(m.began) {
			continue
		}
		out = append(out, finding{entity: u.Start, begin: u.At, say: func(int64) (string, string) {
			if u.Most == 0 {
				return fmt.Sprintf("the start %s ended without its last count: all that it had counted is there", u.Start),
					fmt.Sprintf("시작 %s이(가) 마지막 집계 없이 끝났습니다. 그때까지 집계된 로그는 모두 남아 있습니다", u.Start)
			}
			return fmt.Sprintf("the start %s ended without its last count: at most %s records are not in its counts", u.Start, term.Count(u.Most)),
				fmt.Sprintf("시작 %s이(가) 마지막 집계 없이 끝났습니다. 집계되지 않은 로그는 최대 %s건입니다", u.Start, term.Count(u.Most))
		}})
	}
	return out, true
}

// jumpLeast is by how much wall and steady clock may differ between two samples.
const jumpLeast = 30 * time.Second

// clockJumps finds that the clock of this machine was set, or that it slept.
func clockJumps(m *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
	before := m.last
	if before == nil {
		return nil, true
	}
	by := s.now.Sub(before.now) - (s.up - before.up)
	if by.Abs() < jumpLeast {
		return nil, true
	}
	return []finding{{entity: "clock", more: 1, say: func(n int64) (string, string) {
		en, ko := "ahead", "앞으로"
		if by < 0 {
			en, ko = "back", "뒤로"
		}
		d := term.Duration(by.Abs().Round(time.Second))
		return fmt.Sprintf("the clock of this machine went %s %s at once, or the machine slept", d, en), fmt.Sprintf("시스템 시각이 한 번에 %s %s 바뀌었거나 절전 상태였습니다", d, ko)
	}}}, true
}
