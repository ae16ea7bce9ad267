package rhythm

import (
	"math"
	"math/bits"
)

const (
	// rare is how seldom a day may have a pause beyond the limit by chance: one day in a hundred thousand. With a hundred
	// pauses a day that is less than one pause in a million.
	rare = 1e-5
	// sure is the words that must be missed before anything is known of the pauses of a source: that many are missed by
	// chance once in a million times.
	sure = 13.8
)

// limits returns how long a pause of the source may be, in seconds, and how many words it may miss; either one is enough.
// Infinity where it cannot be said.
//
//   - known for less than a day, or heard in fewer than five hours: no limit. Whoever sends a few records from
//     a forged address makes no source of it.
//   - in the first week: three times the longest pause there was; at least a weekend, which nobody has seen yet, where it
//     pauses for hours or was not heard around the clock.
//   - from then on: what the pauses of its days make plausible, in words by hour and weekday. As time, three times the
//     longest pause of four weeks; and where it spoke on every day of two weeks, a day, or what its longest pauses of each
//     day make plausible.
func (s *source) limits(now int64) (gap, due float64) {
	gap, due = math.Inf(1), math.Inf(1)
	age := float64(now - s.since)
	longest := float64(maxOf(s.longest[:]))
	if age < day || s.hoursHeard < 5 {
		if s.presence == Expected && age >= day {
			return max(day, 3*longest), due
		}
		return gap, due
	}
	patience := float64(uint(1) << s.patience)
	if s.generation == 0 { // until its first word after a week
		gap = 3 * longest
		if longest > 2*3600 || s.hoursHeard < 20 {
			gap = max(gap, 3*day)
		}
		return gap * patience, due
	}
	gap, due = 3*longest, max(sure, 2*float64(maxOf(s.most[:])))
	if bits.OnesCount32(s.days) < 7 { // of so few pauses the longest is not known
		gap = 6 * longest
	}
	if s.countedMissed >= 5 {
		due = max(2*float64(maxOf(s.most[:])), plausible(s.missedMean, s.missedVar, s.countedMissed), 3)
	}
	if s.daily() {
		gap = min(gap, max(day, 1.25*float64(s.quietMean), plausible(s.quietMean, s.quietVar, s.counted)))
	}
	return gap * patience, due * patience
}

// daily tells whether the source spoke on each of the 14 days before the pause under way, or of at least 7 where it is not
// known for longer.
func (s *source) daily() bool {
	n := min(14, uint(s.counted))
	spoke := (s.days | s.excused) >> min(31, bits.TrailingZeros32(s.days)) // from the day of its last word on
	return n >= 7 && bits.TrailingZeros32(^spoke) >= int(n)
}

// plausible is the value that the longest pause of a day exceeds once in 1/rare days: the quantile of a Gumbel
// distribution with that mean and variance. The fewer days are known, the wider its spread is taken to be.
func plausible(mean, variance float32, days uint16) float64 {
	n := float64(min(days, 27)) // what the running mean holds of the last days
	spread := math.Sqrt(float64(variance)) * math.Sqrt(6) / math.Pi * (1 + 4/math.Sqrt(n))
	return float64(mean) - 0.5772*spread - spread*math.Log(rare)
}

// over tells whether the pause is longer than plausible.
func (s *source) over(now int64) bool {
	gap, due := s.limits(now)
	return s.quiet >= gap || s.missed >= due
}

// maxOf returns the largest, 0 of none.
func maxOf(list []float32) float32 {
	m := float32(0)
	for _, v := range list {
		m = max(m, v)
	}
	return m
}
