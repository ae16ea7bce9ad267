package policy

import (
	"time"

	"weir/internal/calendar"
)

// How days are counted. A civil day is a date without a zone; it is kept as midnight UTC of that date, so that adding days
// never meets a change of clocks. What a day of a zone is in moments is only asked at the end, by startOf.
//
// A period is counted from the day after the record, as periods of the calendar are counted in Korea: a record of 10 March is
// kept for a year until the end of 10 March of the next year. Where the month has no such day the period ends with the month:
// a record of 28 February 2024, counted from 29 February, is kept until the end of 28 February 2025.

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

// startOf returns the moment from which clocks of a zone show a day or a later one: where they go back over midnight the later
// one, since whoever keeps rounds up.
func startOf(day time.Time, zone *time.Location) time.Time { return calendar.Start(day, zone) }

// civil returns the date that a clock in a zone shows.
func civil(t time.Time, zone *time.Location) time.Time { return calendar.Civil(t, zone) }

// localDays returns the first and the last civil day of a zone that a UTC day lies in.
func localDays(utc time.Time, zone *time.Location) (first, last time.Time) {
	return civil(utc, zone), civil(utc.AddDate(0, 0, 1).Add(-time.Nanosecond), zone)
}
