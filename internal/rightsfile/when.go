package rightsfile

import (
	"regexp"
	"strings"
	"time"
)

// layouts are the forms of times in files that people keep. Those with a zone come first.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-1-2 15:04:05", "2006-1-2 15:04",
	"2006-1-2 PM 3:04:05", "2006-1-2 3:04:05 PM", "2006-1-2 PM 3:04", "2006-1-2", "20060102150405", "20060102 150405", "20060102",
}

// dateWords turns 2026년 11월 20일, 2026. 11. 20. and 2026/11/20 into 2026-11-20.
var dateWords = regexp.MustCompile(`^(\d{4})\s*[./년]\s*(\d{1,2})\s*[./월]\s*(\d{1,2})\s*[.일]?\s*`)

// clock turns 9시 15분 3초 into 9:15:3.
var clock = regexp.MustCompile(`(\d{1,2})시\s*(?:(\d{1,2})분)?\s*(?:(\d{1,2})초)?`)

// parseTime reads a time; one without a zone is of the given one.
func parseTime(v string, zone *time.Location) (time.Time, bool) {
	v = dateWords.ReplaceAllString(strings.TrimSpace(v), "$1-$2-$3 ")
	v = clock.ReplaceAllStringFunc(v, func(s string) string {
		m := clock.FindStringSubmatch(s)
		return two(m[1]) + ":" + two(m[2]) + ":" + two(m[3])
	})
	v = strings.NewReplacer("오전", "AM", "오후", "PM").Replace(strings.TrimSpace(v))
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, v, zone); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t, true
		}
	}
	return time.Time{}, false
}

// two writes a number with two digits.
func two(s string) string { return ("00" + s)[len(s):] }
