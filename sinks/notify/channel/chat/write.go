package chat

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/text"
)

// lengths are how many bytes a message may have. Some services count characters: for Korean this cuts
// earlier than they would, never later. A message that is too long would be refused whole.
var lengths = map[string]int{
	"slack": 8000, "discord": 1900, "telegram": 4000, "mattermost": 12000, "rocketchat": 4800, "googlechat": 4000, "hangouts": 4000,
	"teams": 12000, "zulip": 9500, "matrix": 12000, "lark": 3900, "wecom": 2000, "signal": 2000, "ntfy": 3900, "gotify": 12000,
	"pushover": 1000, "pagerduty": 1000, "opsgenie": 12000, "generic": 16000,
}

// otherLength is for services that are not in the table.
const otherLength = 1900

// write is the text of a message for a service.
func write(scheme string, m *channel.Message, brief bool) string {
	s := text.Short(m)
	if !brief {
		s = text.Subject(m) + "\n" + text.Long(m)
	}
	if scheme == "slack" { // the library makes a box of every line
		s = strings.ReplaceAll(s, "\n\n", "\n")
	}
	limit := lengths[scheme]
	if limit == 0 {
		limit = otherLength
	}
	s = quiet(scheme, strings.TrimRight(s, "\n"))
	return cut(s, limit)
}

// cut shortens a text to a number of bytes, at a character; what is cut ends in "…".
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const end = "…"
	at := limit - len(end)
	for at > 0 && !utf8.RuneStart(s[at]) {
		at--
	}
	return s[:at] + end
}

// calls are words behind an @ by which services call everybody in a room, and the marks that do so
// without one.
var calls = regexp.MustCompile(`(?i)@(all|channel|here|everyone|room|\*\*|_)|<(users/|at\b|!)`)

// nothing is a character that is not seen: behind an @ it makes the word a word.
const nothing = "\u200b"

// quiet takes from a text what a service would act on: calls to everybody, and links that show another
// address than they lead to. The text is of logs: whoever writes "@channel" into a user name must not
// wake up the whole company.
func quiet(scheme, s string) string {
	if scheme == "slack" {
		return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	}
	s = calls.ReplaceAllStringFunc(s, func(call string) string { return call[:1] + nothing + call[1:] })
	return strings.ReplaceAll(s, "](", "]"+nothing+"(")
}

// secretsOf are the parts of an address that may be secret: of these addresses, nearly all.
func secretsOf(u *url.URL) []string {
	var out []string
	if u.User != nil {
		password, _ := u.User.Password()
		out = append(out, u.User.Username(), password)
	}
	for part := range strings.FieldsFuncSeq(u.Opaque+"/"+u.Path, func(r rune) bool { return strings.ContainsRune("/@:", r) }) {
		out = append(out, part)
	}
	for _, values := range u.Query() {
		for _, v := range values {
			out = append(out, strings.Split(v, ",")...)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return slices.DeleteFunc(out, func(s string) bool { return len(s) < 4 })
}

// addresses are what the library's errors quote.
var addresses = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"']+`)

// hide hides the secrets of the address in a text, and cuts it.
func (r *room) hide(s string) string {
	for _, secret := range r.hidden {
		s = strings.ReplaceAll(s, secret, "***")
	}
	return text.Clip(text.Clean(s), 200)
}

// mask is hide for what the library says: it quotes addresses, its own and those of the service, and
// the host of its own may be a part of a token.
func (r *room) mask(s string) string {
	s = addresses.ReplaceAllString(s, "***")
	if host := r.address.Host; len(host) >= 4 {
		s = strings.ReplaceAll(s, host, "***")
	}
	return r.hide(s)
}
