package rhythm

import "math"

const (
	hours = 7 * 24
	day   = 86400.0
	week  = 7 * day
	// memory is what a week leaves of the weight of those before it: four weeks count in all.
	memory = 0.75
	// doubt is the weight of an hour in which nothing was heard, as if it had been seen before the first one: what was
	// seen once is believed by two thirds.
	doubt = 0.5
	// share is the unit of kept rates, weight that of their weights.
	share, weight = 65535.0, 60.0
	// generations is how many weeks of longest pauses are kept.
	generations = 4
)

// source is one source. 10,000 of them must be small: numbers are as short as they may be, and there is no pointer but
// that to the zone.
type source struct {
	zone     *zone
	since    int64 // first known, Unix seconds
	heard    int64 // last heard
	count    int64
	quiet    float64 // seconds of silence that were looked at
	missed   float64 // words to be expected in them
	observed float64 // seconds in all
	spoke    float64 // of observed, those of steps in which it spoke

	// Of the hour under way: seconds that were looked at, and those of steps in which it spoke.
	seen, active float32
	// Of the day under way: the longest pause that ended.
	dayQuiet, dayMissed float32
	// Over days: mean and variance of the longest pause, in seconds and in words.
	quietMean, quietVar, missedMean, missedVar float32
	// The longest pauses by week of its life, the newest first.
	longest, most [generations]float32
	generation    int32
	day           int32  // of the day under way, local
	days          uint32 // on which of the last days it spoke, a bit each, today the lowest
	excused       uint32 // of days, those in which nobody looked for an hour or more
	counted       uint16 // days in quietMean
	countedMissed uint16 // days in missedMean
	hoursHeard    uint16 // hours in which it spoke
	hour          int16  // of the week, of the hour under way; -1: none
	patience      uint8  // how often its silence was over soon after it was said, lately
	presence      Presence
	part          Cohort
	aged          bool // it is known for more than a day of the calendar
	news          bool // it spoke in this step
	silent        bool // that it is silent was said
	massed        bool // its silence is, or was, one of many

	// By hour of the week: in which share of the steps it spoke, and how much was seen of that hour, in weeks.
	shares  [hours]uint16
	weights [hours]uint8
}

// rate is in which share of the steps of an hour the source is to be heard. In its first week hours that were not seen
// yet are taken to be like the others.
func (s *source) rate(hour int) float64 {
	if w := float64(s.weights[hour]) / weight; w > 0 {
		return float64(s.shares[hour]) / share * w / (w + doubt)
	}
	if s.generation == 0 {
		return s.spoke / (s.observed + 1800)
	}
	return 0
}

// look counts seconds that were looked at.
func (s *source) look(seconds float64) {
	s.seen += float32(seconds)
	s.observed += seconds
}

// speak ends a pause.
func (s *source) speak(now int64, seconds float64) {
	quiet, missed := s.quiet, s.missed
	gap, due := s.limits(now)
	switch {
	case s.massed: // what many did together says nothing of the one
		quiet, missed = 0, 0
	case s.silent:
		// It was said, and it spoke after all. That may have been an outage, of which nothing is to be learned, or a pause
		// that was judged wrongly: half of that is learned, and the next one has more time.
		quiet, missed = min(quiet, 1.5*gap), min(missed, 1.5*due)
		s.patience = min(s.patience+1, 3)
	}
	s.dayQuiet, s.dayMissed = max(s.dayQuiet, float32(quiet)), max(s.dayMissed, float32(missed))
	s.longest[0], s.most[0] = max(s.longest[0], float32(quiet)), max(s.most[0], float32(missed))
	s.turn(now)
	s.quiet, s.missed, s.heard = 0, 0, now
	s.silent, s.massed = false, false
	s.active += float32(seconds)
	s.spoke += seconds
	s.days |= 1
}

// turn begins a new generation of longest pauses each week, and forgives one wrong word.
//
// What was missed in the first week was reckoned by a rate that is the same at all hours: it is believed for a second week,
// while there is nothing better, and then forgotten.
func (s *source) turn(now int64) {
	for g := int32(float64(now-s.since) / week); s.generation < g; s.generation++ {
		copy(s.longest[1:], s.longest[:])
		copy(s.most[1:], s.most[:])
		s.longest[0], s.most[0] = 0, 0
		switch s.generation {
		case 0:
			s.countedMissed, s.missedMean, s.missedVar, s.dayMissed = 0, 0, 0, 0
		case 1:
			s.most[2] = 0
		}
		if s.patience > 0 {
			s.patience--
		}
	}
}

// endHour learns the hour that is over.
func (s *source) endHour() {
	if s.hour >= 0 && s.seen > 0 {
		old := float64(s.weights[s.hour]) / weight * memory
		add := min(1, float64(s.seen)/3600)
		now := float64(s.active) / float64(s.seen)
		before := float64(s.shares[s.hour]) / share
		s.shares[s.hour] = uint16(math.Round(share * (before*old + now*add) / (old + add)))
		s.weights[s.hour] = uint8(min(255, math.Round(weight*(old+add))))
		if s.active > 0 && s.hoursHeard < math.MaxUint16 {
			s.hoursHeard++
		}
	}
	s.seen, s.active = 0, 0
}

// endDay learns the day that is over, if the source spoke in it. The clock may have gone back: a day is learned once.
func (s *source) endDay() {
	if s.zone.day > s.day {
		if s.days&1 != 0 && s.aged { // the first day has seen no whole pause
			s.learnDay()
		}
		s.aged = true
		passed := min(31, uint(s.zone.day-s.day))
		s.days, s.excused = s.days<<passed, s.excused<<passed
	}
	s.dayQuiet, s.dayMissed = 0, 0
	s.day, s.part = s.zone.day, s.cohort()
}

// learnDay adds the longest pause of a day to the means; the last two weeks count.
func (s *source) learnDay() {
	learn(&s.quietMean, &s.quietVar, &s.counted, s.dayQuiet)
	learn(&s.missedMean, &s.missedVar, &s.countedMissed, s.dayMissed)
}

// learn moves a running mean and variance on.
func learn(mean, variance *float32, n *uint16, value float32) {
	if *n < math.MaxUint16 {
		*n++
	}
	w := max(1/float32(*n), 1.0/14)
	d := value - *mean
	*mean += w * d
	*variance = (1 - w) * (*variance + w*d*d)
}
