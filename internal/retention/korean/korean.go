// Package korean says what retention classes say of laws and periods as Korean readers write it.
package korean

import (
	"regexp"
	"strconv"
	"strings"
)

// Classes say notices, articles and periods in one form for both languages: "Notice 2023-6, in force 2023-09-22", "8(1) proviso",
// "1 year". Here they become what Korean readers write. What has another form is left as it is.

var (
	noticeForm  = regexp.MustCompile(`^Notice (\d{4}-\d+)(?:, in force (\d{4}-\d\d-\d\d))?$`)
	articleForm = regexp.MustCompile(`^(\d+)(?:\((\d+)\))?( proviso)?$`)
)

// Notice is a notice as Korean readers cite it.
func Notice(text string) string {
	m := noticeForm.FindStringSubmatch(text)
	switch {
	case m == nil:
		return text
	case m[2] == "":
		return "고시 제" + m[1] + "호"
	}
	return "고시 제" + m[1] + "호, " + m[2] + " 시행"
}

// Article is an article as Korean readers cite it; 10.5.1 is no article of a law, and stays.
func Article(text string) string {
	m := articleForm.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	ko := "제" + m[1] + "조"
	if m[2] != "" {
		ko += "제" + m[2] + "항"
	}
	if m[3] != "" {
		ko += " 단서"
	}
	return ko
}

// Period is a span of a policy: 1 year, 90 days, forever.
func Period(text string) string {
	if text == "forever" {
		return "영구"
	}
	n, unit, _ := strings.Cut(text, " ")
	if _, err := strconv.Atoi(n); err != nil {
		return text
	}
	ko := map[string]string{"year": "년", "month": "개월", "week": "주", "day": "일", "hour": "시간"}[strings.TrimSuffix(unit, "s")]
	if ko == "" {
		return text
	}
	return n + ko
}
