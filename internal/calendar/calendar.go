// Package calendar says when days and months of a zone begin. Clocks may skip midnight, or go back over it, so that is no
// matter of writing 00:00: what is asked for as a time that does not exist may come out as one of the day before.
package calendar

import "time"

// Civil returns the date that a clock in a zone shows, as midnight UTC of that date: adding days to it never meets a change of
// clocks.
func Civil(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Start returns the moment from which clocks of a zone show a civil day or a later one, and no earlier one any more. Where clocks
// go back over midnight it is the later moment.
func Start(day time.Time, zone *time.Location) time.Time {
	// No clock is further from UTC than 26 hours, skipped days included: at low it shows an earlier day, at high a later one.
	low, high := day.Add(-26*time.Hour), day.Add(26*time.Hour)
	var found time.Time
	try := func(t time.Time) {
		if t.After(found) && !Civil(t, zone).Before(day) && Civil(t.Add(-time.Nanosecond), zone).Before(day) {
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

// Month returns the first moment of a month of a zone; months beyond December are those of the next years.
func Month(year int, month time.Month, zone *time.Location) time.Time {
	return Start(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC), zone)
}

// At returns the moment at which clocks of a zone show a minute of a civil day. One that a change of clocks leaves out comes as
// much later as the clocks were put forward; of one that comes twice it is one of the two.
func At(year int, month time.Month, day, minute int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, minute/60, minute%60, 0, 0, zone)
	want := time.Date(year, month, day, minute/60, minute%60, 0, 0, time.UTC)
	_, offset := t.Zone()
	if t.Add(time.Duration(offset) * time.Second).Equal(want) {
		return t
	}
	_, offset = t.Add(-3 * time.Hour).Zone() // that before the change: t is at most some hours from it
	return want.Add(-time.Duration(offset) * time.Second).In(zone)
}
