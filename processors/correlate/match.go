package correlate

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors/correlate/fold"
	"weir/processors/correlate/kind"
)

// newMatch makes a match of a signal. Its texts are cut and copied, all into one: a signal is gone after Apply, and its
// sender chose how long they are.
func (en *Engine) newMatch(s *signal.Signal, t int64, c *cond) *kind.Match {
	b := append(en.scratch[:0], s.EventID...)
	id := len(b)
	b = append(b, s.Src...)
	src := len(b)
	if len(s.Packed) <= fold.MaxValue { // no value in it is longer
		b = append(b, s.Packed...)
	} else {
		b = signal.Cut(b, s.Packed, fold.MaxValue)
	}
	if s.Packed == "" && len(s.Values) > 0 {
		b = signal.Cut(b, string(s.Pack(nil)), fold.MaxValue)
	}
	if s.Warm {
		b = append(b, fold.Warm("")...)
	}
	en.scratch = b
	m, text := en.pool.New(b)
	m.T, m.Step, m.Cond, m.ID, m.Src, m.Shown = t, c.step, c.place, text[:id], text[id:src], text[src:]
	return m
}

// valueOf returns a value of a signal, in whichever form it has them.
func valueOf(s *signal.Signal, name string) string {
	if s.Packed == "" {
		return s.Values[name]
	}
	v, _ := signal.Get(s.Packed, name)
	return v
}

// number reads what sums and means compute with: as logs write numbers, and not as Go writes them in its source, so neither
// 1_000 nor 0x1p9 is one.
func number(text string) (float64, bool) {
	if strings.ContainsAny(text, "_xX") {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// distinguished returns what Distinct tells apart of some fields, "" where one is missing. The text is its own.
func distinguished(fields int, field func(i int) string) string {
	if fields == 1 {
		return strings.Clone(whole(field(0)))
	}
	values := make([]string, fields)
	for i := range values {
		values[i] = whole(field(i))
	}
	return fold.Value(values...)
}

// Of a value that is too long, its beginning and its checksum: long values that begin alike must not be taken for one.
const (
	wholeValue = 1024
	beginning  = 960
)

// whole returns a value that has an end.
func whole(s string) string {
	if len(s) <= wholeValue {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:beginning], "") + "…" + hex.EncodeToString(sum[:8])
}

// workerOf returns the part of a position that names the worker which wrote a mark.
func workerOf(src string) string {
	if _, err := record.ParsePos(src); err != nil {
		return src
	}
	src = src[:strings.LastIndexByte(src, '/')]
	return src[:strings.LastIndexByte(src, '/')]
}
