// Package risk adds up what the alerts about a user, a host or an address weigh together: much that is little each time
// becomes a reason to look.
//
// All of it is in event time and none of it remembers anything: the store keeps the numbers, and this package says what
// they mean. A score is kept as its rank, a number that does not change while the score decays. So scores of different
// times are compared and added without a clock, in any order.
package risk

import (
	"math"
	"time"
)

// Config says what alerts weigh and when it is too much.
type Config struct {
	// HalfLife is after what time a contribution counts half; 0: no risk is kept.
	HalfLife time.Duration
	// Threshold is the score at which an alert is raised; half of it is where that alert ends.
	Threshold float64
	// Rules is how many different rules must have contributed.
	Rules int
	// Weights is what an alert adds, by its level. A level that is not named adds nothing.
	Weights map[string]float64
}

// Default is the configuration of a weir that was told none.
func Default() Config {
	return Config{HalfLife: 24 * time.Hour, Threshold: 100, Rules: 2,
		Weights: map[string]float64{"informational": 1, "low": 5, "medium": 15, "high": 40, "critical": 80}}
}

// On tells whether risk is kept at all.
func (c Config) On() bool { return c.HalfLife > 0 && c.Threshold > 0 }

// Nothing is the rank of a score of 0.
var Nothing = math.Inf(-1)

// Counts is the score from which on a contribution is looked at: what is below is kept and adds up, but makes no second
// rule and stands in no list.
const Counts = 1

// forgotten is after how many half-lives a contribution is nothing any more: 80 points are less than a thousandth then.
const forgotten = 20

// lives is a moment in half-lives since 1970. A double has a millionth of a second of a century left for it.
func (c Config) lives(t time.Time) float64 {
	return (float64(t.Unix()) + float64(t.Nanosecond())/1e9) / c.HalfLife.Seconds()
}

// Rank is that of points which were given at a moment.
func (c Config) Rank(points float64, at time.Time) float64 {
	if points <= 0 {
		return Nothing
	}
	return math.Log2(points) + c.lives(at)
}

// Score is what a rank is at a moment.
func (c Config) Score(rank float64, at time.Time) float64 {
	if math.IsInf(rank, -1) {
		return 0
	}
	return math.Exp2(rank - c.lives(at))
}

// Forgotten is the moment before which contributions need not be kept, seen from now.
func (c Config) Forgotten(now time.Time) time.Time { return now.Add(-forgotten * c.HalfLife) }

// Add returns the rank of two scores together.
func Add(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	// The larger one is taken out, so that neither is too large for a number whatever the year is.
	return a + math.Log2(1+math.Exp2(b-a))
}
