package rhythm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
)

// magic begins a file; the digit is its version.
const magic = "weir rhythms 1\n"

// maxName bounds the name of a source in a file.
const maxName = 4096

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errCut is a file that ends too early, or holds what no source can have.
var errCut = errors.New("the file of rhythms is cut off or damaged")

// fixed is what a source has of fixed size, in the order of the file.
type fixed struct {
	Since, Heard, Count                        int64
	Quiet, Missed, Observed, Spoke             float64
	Seen, Active, DayQuiet, DayMissed          float32
	QuietMean, QuietVar, MissedMean, MissedVar float32
	Longest, Most                              [generations]float32
	Generation, Day                            int32
	Days, Excused                              uint32
	Counted, CountedMissed, HoursHeard         uint16
	Hour                                       int16
	Patience, Part, Flags                      uint8
	Shares                                     [hours]uint16
	Weights                                    [hours]uint8
}

// flags of a source in a file.
const (
	flagSilent = 1 << iota
	flagMassed
	flagAged
)

// Encode writes down all that is known, for Decode. What was written is the caller's.
func (r *Rhythms) Encode() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]byte, 0, len(magic)+64+len(r.sources)*(binary.Size(fixed{})+32))
	out = append(out, magic...)
	out = binary.LittleEndian.AppendUint64(out, uint64(r.at))
	for _, m := range r.mass {
		out = binary.LittleEndian.AppendUint64(out, uint64(m.began))
		out = binary.LittleEndian.AppendUint64(out, uint64(m.opened))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(m.members)))
		for _, name := range m.members {
			out = appendText(out, name)
		}
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(r.sources)))
	for name, s := range r.sources {
		out = appendText(out, name)
		f := s.fixed()
		out, _ = binary.Append(out, binary.LittleEndian, &f) // of fixed size: it cannot fail
	}
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
}

// appendText appends a text with its length.
func appendText(out []byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint16(out, uint16(len(text))), text...)
}

// fixed returns what a file holds of the source beside its name.
func (s *source) fixed() fixed {
	f := fixed{
		Since: s.since, Heard: s.heard, Count: s.count, Quiet: s.quiet, Missed: s.missed, Observed: s.observed, Spoke: s.spoke,
		Seen: s.seen, Active: s.active, DayQuiet: s.dayQuiet, DayMissed: s.dayMissed,
		QuietMean: s.quietMean, QuietVar: s.quietVar, MissedMean: s.missedMean, MissedVar: s.missedVar, Longest: s.longest, Most: s.most,
		Generation: s.generation, Day: s.day, Days: s.days, Excused: s.excused, Counted: s.counted, CountedMissed: s.countedMissed, HoursHeard: s.hoursHeard,
		Hour: s.hour, Patience: s.patience, Part: uint8(s.part), Shares: s.shares, Weights: s.weights,
	}
	for bit, on := range map[uint8]bool{flagSilent: s.silent, flagMassed: s.massed, flagAged: s.aged} {
		if on {
			f.Flags |= bit
		}
	}
	return f
}

// source returns the source that a file holds, nil if it holds what no source can have.
func (f *fixed) source() *source {
	for _, v := range []float64{f.Quiet, f.Missed, f.Observed, f.Spoke} {
		if !(v >= 0) || math.IsInf(v, 1) { // not a number is not greater than 0 either
			return nil
		}
	}
	for _, v := range slices.Concat([]float32{f.Seen, f.Active, f.DayQuiet, f.DayMissed, f.QuietMean, f.QuietVar, f.MissedMean, f.MissedVar}, f.Longest[:], f.Most[:]) {
		if !(v >= 0) || math.IsInf(float64(v), 1) {
			return nil
		}
	}
	if f.Hour < -1 || f.Hour >= hours || f.Part >= cohorts || f.Patience > 3 || f.Generation < 0 {
		return nil
	}
	return &source{
		since: f.Since, heard: f.Heard, count: f.Count, quiet: f.Quiet, missed: f.Missed, observed: f.Observed, spoke: f.Spoke,
		seen: f.Seen, active: f.Active, dayQuiet: f.DayQuiet, dayMissed: f.DayMissed,
		quietMean: f.QuietMean, quietVar: f.QuietVar, missedMean: f.MissedMean, missedVar: f.MissedVar, longest: f.Longest, most: f.Most,
		generation: f.Generation, day: f.Day, days: f.Days, excused: f.Excused, counted: f.Counted, countedMissed: f.CountedMissed, hoursHeard: f.HoursHeard,
		hour: f.Hour, patience: f.Patience, part: Cohort(f.Part), shares: f.Shares, weights: f.Weights,
		silent: f.Flags&flagSilent != 0, massed: f.Flags&flagMassed != 0, aged: f.Flags&flagAged != 0,
	}
}

// Decode takes in what Encode wrote, in place of all that is known. After an error nothing has changed.
func (r *Rhythms) Decode(data []byte) error {
	body, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok || len(body) < 4 {
		return errCut
	}
	if crc32.Checksum(data[:len(data)-4], castagnoli) != binary.LittleEndian.Uint32(data[len(data)-4:]) {
		return errCut
	}
	in := reader{left: body[:len(body)-4]}
	at := int64(in.number())
	var masses [cohorts]mass
	for c := range masses {
		masses[c].began, masses[c].opened = int64(in.number()), int64(in.number())
		for range in.count(2) {
			masses[c].members = append(masses[c].members, in.text())
		}
	}
	n := in.count(2 + binary.Size(fixed{}))
	sources := make(map[string]*source, n)
	for range n {
		name := in.text()
		f, s := in.fixed(), (*source)(nil)
		if s = f.source(); s == nil || name == "" {
			return errCut
		}
		sources[name] = s
	}
	if in.bad || len(in.left) > 0 || at < 0 {
		return errCut
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(sources) > r.opts.Max {
		return fmt.Errorf("the file of rhythms has %d sources, at most %d are kept", len(sources), r.opts.Max)
	}
	r.at, r.mass, r.sources = at, masses, sources
	for name, s := range sources {
		s.zone, s.presence = r.zoneOf(name, at), r.opts.Presence(name)
	}
	return nil
}

// reader reads a file from its beginning. After the end everything is zero, and bad.
type reader struct {
	left []byte
	bad  bool
}

// take cuts n bytes off, nil if there are not so many.
func (r *reader) take(n int) []byte {
	if n > len(r.left) {
		r.bad, r.left = true, nil
		return nil
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b
}

func (r *reader) number() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count reads how many things of a least size follow; more than there is room for is bad, so that nothing is made for them.
func (r *reader) count(least int) int {
	b := r.take(4)
	if b == nil {
		return 0
	}
	n := int(binary.LittleEndian.Uint32(b))
	if n > len(r.left)/least {
		r.bad = true
		return 0
	}
	return n
}

func (r *reader) text() string {
	b := r.take(2)
	if b == nil {
		return ""
	}
	n := int(binary.LittleEndian.Uint16(b))
	if n > maxName {
		r.bad = true
		return ""
	}
	return string(r.take(n))
}

func (r *reader) fixed() (f fixed) {
	if b := r.take(binary.Size(f)); b != nil {
		if _, err := binary.Decode(b, binary.LittleEndian, &f); err != nil {
			r.bad = true
		}
	}
	return f
}
