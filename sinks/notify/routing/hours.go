package routing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Hours are parts of a week by the clock on the wall. What counts is what the clock shows: in the hour that a change to
// summer time leaves out nothing begins, and the hour that comes twice is in it twice. The zero value is no hours at all.
type Hours struct {
	spans []span
	text  string
}

// span is a time of some days. One that ends at or before its beginning goes over midnight and belongs to the day on
// which it began.
type span struct {
	days     [7]bool // from Sunday, as time.Weekday
	from, to int     // minutes of the day; to is at most 1440
}

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
)

// days are the words for a day, by time.Weekday.
var days = [7][]string{
	{"sun", "sunday", "일"}, {"mon", "monday", "월"}, {"tue", "tuesday", "화"}, {"wed", "wednesday", "수"},
	{"thu", "thursday", "목"}, {"fri", "friday", "금"}, {"sat", "saturday", "토"},
}

// ParseHours reads "Mon-Fri 09:00-18:00, Sat 10:00-14:00": parts between commas, each with days, times, or both.
func ParseHours(text string) (Hours, error) {
	h := Hours{text: text}
	for part := range strings.SplitSeq(text, ",") {
		s, err := parseSpan(strings.Fields(part))
		if err != nil {
			return Hours{}, fmt.Errorf("%q: %w", strings.TrimSpace(part), err)
		}
		h.spans = append(h.spans, s)
	}
	return h, nil
}

// parseSpan reads the words of one part.
func parseSpan(words []string) (span, error) {
	s := span{to: dayMinutes}
	for i := range s.days {
		s.days[i] = true
	}
	var err error
	switch {
	case len(words) == 1 && strings.Contains(words[0], ":"):
		err = s.times(words[0])
	case len(words) == 1:
		err = s.weekdays(words[0])
	case len(words) == 2:
		if err = s.weekdays(words[0]); err == nil {
			err = s.times(words[1])
		}
	default:
		err = fmt.Errorf("hours are such as Mon-Fri 09:00-18:00")
	}
	return s, err
}

// weekdays reads Mon or Mon-Fri. A range may go over the end of the week.
func (s *span) weekdays(text string) error {
	first, last, isRange := strings.Cut(text, "-")
	from, to := weekday(first), weekday(last)
	if !isRange {
		to = from
	}
	if from < 0 || to < 0 {
		return fmt.Errorf("%q are no days: write Mon, Tue, Wed, Thu, Fri, Sat, Sun, or Mon-Fri", text)
	}
	s.days = [7]bool{}
	for d := from; ; d = (d + 1) % 7 {
		s.days[d] = true
		if d == to {
			return nil
		}
	}
}

// weekday returns the number of a day, -1 if it is none.
func weekday(word string) int {
	return slices.IndexFunc(days[:], func(names []string) bool { return slices.Contains(names, strings.ToLower(word)) })
}

// times reads 09:00-18:00. 24:00 is the end of a day.
func (s *span) times(text string) error {
	first, last, isRange := strings.Cut(text, "-")
	from, okFrom := minute(first)
	to, okTo := minute(last)
	if !isRange || !okFrom || !okTo || from == dayMinutes {
		return fmt.Errorf("%q are no times: write 09:00-18:00", text)
	}
	if from == to {
		return fmt.Errorf("%q is no span: it ends when it begins; the whole day is 00:00-24:00", text)
	}
	s.from, s.to = from, to
	return nil
}

// minute reads a time of day.
func minute(text string) (int, bool) {
	h, m, ok := strings.Cut(text, ":")
	if !ok || len(h) < 1 || len(h) > 2 || len(m) != 2 {
		return 0, false
	}
	hour, err := strconv.ParseUint(h, 10, 8)
	if err != nil || hour > 24 {
		return 0, false
	}
	mins, err := strconv.ParseUint(m, 10, 8)
	if err != nil || mins > 59 || hour == 24 && mins > 0 {
		return 0, false
	}
	return int(hour)*60 + int(mins), true
}

// Empty tells whether there are no hours: nothing was said of them.
func (h Hours) Empty() bool { return len(h.spans) == 0 }

// String is the text that was read.
func (h Hours) String() string { return h.text }

// Contains tells whether the clock in zone shows one of the hours at t.
func (h Hours) Contains(t time.Time, zone *time.Location) bool {
	local := t.In(zone)
	today, now := int(local.Weekday()), local.Hour()*60+local.Minute()
	before := (today + 6) % 7
	return slices.ContainsFunc(h.spans, func(s span) bool {
		if s.from < s.to {
			return s.days[today] && s.from <= now && now < s.to
		}
		return s.days[today] && now >= s.from || s.days[before] && now < s.to
	})
}

// End returns when the hours that t lies in are over: the first minute after t that is not one of them. ok is false if
// that is in none of the next eight days, or t lies in none.
func (h Hours) End(t time.Time, zone *time.Location) (time.Time, bool) {
	if !h.Contains(t, zone) {
		return t, false
	}
	// Zones change at whole minutes, at least in this century, so the clock is asked at each.
	at := t.Truncate(time.Minute)
	for range weekMinutes + dayMinutes {
		at = at.Add(time.Minute)
		if !h.Contains(at, zone) {
			return at, true
		}
	}
	return t, false
}
