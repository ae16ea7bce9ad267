package policy

import "time"

// How days are counted. A civil day is a date without a zone; it is kept as midnight UTC of that date, so that adding days
// never meets a change of clocks. What a day of a zone is in moments is only asked at the end, by startOf.
//
// A period is counted from the day after the record, as periods of the calendar are counted in Korea: a record of 10 March is
// kept for a year until the end of 10 March of the next year. Where the month has no such day the period ends with the month:
// a record of 28 February 2024, counted from 29 February, is kept until the end of 28 February 2025.

// civil returns the date that a clock in a zone shows.
func civil(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// afterLast returns the first civil day on which a record of a day is no longer kept.
func afterLast(day time.Time, p Period) time.Time {
	from := day.AddDate(0, 0, 1)
	if p.unit == 'd' {
		return from.AddDate(0, 0, p.n)
	}
	months := p.n
	if p.unit == 'y' {
		months *= 12
	}
	y, m, d := from.Date()
	first := time.Date(y, m+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	next := first.AddDate(0, 1, 0)
	if same := first.AddDate(0, 0, d-1); same.Before(next) {
		return same
	}
	return next // the month has no such day: all of it is kept
}

// startOf returns the moment from which clocks of a zone show a day or a later one, and no earlier one any more. Clocks may skip
// midnight, or a whole day, and may go back over midnight: then it is the later moment, since whoever keeps rounds up.
func startOf(day time.Time, zone *time.Location) time.Time {
	// No clock is further from UTC than 26 hours, skipped days included: at low it shows an earlier day, at high a later one.
	low, high := day.Add(-26*time.Hour), day.Add(26*time.Hour)
	var found time.Time
	try := func(t time.Time) {
		if t.After(found) && !civil(t, zone).Before(day) && civil(t.Add(-time.Nanosecond), zone).Before(day) {
			found = t
		}
	}
	// A day begins at midnight by one of the offsets of these hours, or with a change of the offset.
	for at := low.In(zone); ; {
		_, offset := at.Zone()
		try(day.Add(-time.Duration(offset) * time.Second))
		_, change := at.ZoneBounds()
		if change.IsZero() || change.After(high) {
			return found.In(zone)
		}
		try(change)
		if !change.After(at) { // rules of far years may name a change again: one moment on it is another offset
			change = at.Add(time.Second)
		}
		at = change
	}
}

// localDays returns the first and the last civil day of a zone that a UTC day lies in.
func localDays(utc time.Time, zone *time.Location) (first, last time.Time) {
	return civil(utc, zone), civil(utc.AddDate(0, 0, 1).Add(-time.Nanosecond), zone)
}
