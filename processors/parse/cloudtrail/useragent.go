package cloudtrail

import (
	"strings"

	"weir/event"
)

// other stands for what is not told.
const other = "Other"

// browsers are found by their names in what begins with Mozilla/5.0. The first that is there wins: each of them names those
// after it too.
var browsers = []struct{ mark, name string }{
	{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Version/", "Safari"},
}

// systems are found by words in the text.
var systems = []struct{ mark, name string }{
	{"Windows NT 10.0", "Windows"}, {"Windows", "Windows"}, {"Mac OS X", "Mac OS X"}, {"Darwin", "Mac OS X"}, {"Android", "Android"}, {"Linux", "Linux"}, {"linux", "Linux"},
}

// userAgent sets what the program calls itself: aws-cli/1.3.2 Python/2.7.5 Windows/7, or a browser, or only the name of a
// service.
func userAgent(e *event.Event, s string) {
	if s == "" {
		return
	}
	e.SetStr(event.UserAgentOriginal, s)
	e.Set(event.UserAgentDeviceName, event.Str(other))
	for _, o := range systems {
		if strings.Contains(s, o.mark) {
			e.Set(event.UserAgentOSName, event.Str(o.name))
			break
		}
	}
	name, version := program(strings.TrimPrefix(s, "["))
	if name == "" {
		name = other
	}
	e.SetStr(event.UserAgentName, name)
	e.SetStr(event.UserAgentVersion, version)
}

// program finds the name and version of a program.
func program(s string) (name, version string) {
	if strings.HasPrefix(s, "Mozilla/") {
		for _, b := range browsers {
			if _, rest, ok := strings.Cut(s, b.mark); ok {
				return b.name, versionOf(rest)
			}
		}
		return "", ""
	}
	name, rest, ok := strings.Cut(s, "/")
	if !ok || name == "" || strings.ContainsAny(name, " ,;(") || versionOf(rest) == "" {
		return "", ""
	}
	return name, versionOf(rest)
}

// versionOf returns the digits, letters and dots that s begins with, if it begins with a digit.
func versionOf(s string) string {
	n := 0
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || n > 0 && (s[n] == '.' || s[n] == '-' || s[n] == '_' || s[n] >= 'a' && s[n] <= 'z')) {
		n++
	}
	return s[:n]
}
