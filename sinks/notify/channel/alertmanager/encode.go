package alertmanager

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"weir/internal/alert"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/text"
)

// test is how long an alert stays open that only tries the way.
const test = 5 * time.Minute

// maxLabel bounds the value of a label, in bytes. What is longer stands in the annotations.
const maxLabel = 1024

// posted is an alert as the API takes it. There is no state in it: an alert is over once endsAt has
// passed.
type posted struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// encode writes the alerts of a message. Alertmanager knows an alert by its labels, so they are those
// that no revision of an alert changes, and its id is among them; all else is annotation.
func (m *manager) encode(msg *channel.Message) ([]byte, error) {
	out := make([]posted, 0, len(msg.Alerts))
	for i := range msg.Alerts {
		a := &msg.Alerts[i]
		p := posted{Labels: m.labelsOf(msg, a), Annotations: annotations(msg, a), StartsAt: a.First.UTC(), EndsAt: msg.Time.Add(m.hold).UTC()}
		if msg.Kind == channel.Test {
			p.EndsAt = msg.Time.Add(test).UTC()
		}
		if a.First.IsZero() || a.First.After(msg.Time) {
			p.StartsAt = msg.Time.UTC()
		}
		if msg.Kind == channel.Resolved || a.State == alert.Closed {
			p.EndsAt = ended(msg, a, p.StartsAt)
		}
		if strings.HasPrefix(msg.URL, "http") {
			p.GeneratorURL = msg.URL
		}
		out = append(out, p)
	}
	body, err := json.Marshal(out)
	if err != nil { // a time in a year of five digits
		return nil, &channel.Error{Permanent: true, Err: fmt.Errorf("writing the alerts as JSON: %w", err)}
	}
	return body, nil
}

// ended is when an alert was over: as it says itself, else the time of the message. It is never before
// the start, which Alertmanager would refuse, and never after now, which would leave it open.
func ended(msg *channel.Message, a *channel.Alert, starts time.Time) time.Time {
	at := msg.Time
	if a.Ended != nil && a.Ended.Before(at) {
		at = *a.Ended
	}
	if at.Before(starts) {
		at = starts
	}
	return at.UTC()
}

// ours are the labels that weir gives by itself. No label of the configuration may be one of them.
var ours = []string{"alertname", "severity", "weir_alert", "source"}

// reserved are ours, as a set.
var reserved = map[string]bool{"alertname": true, "severity": true, "weir_alert": true, "source": true}

// labelsOf are the labels of an alert: those of its rule and group under names that Prometheus allows,
// those of the configuration over them, and ours over all. Empty values are left out, as Alertmanager
// would do.
func (m *manager) labelsOf(msg *channel.Message, a *channel.Alert) map[string]string {
	out := map[string]string{}
	set := func(name, value string) {
		if value = strings.ToValidUTF8(value, "\ufffd"); len(value) > maxLabel {
			value = strings.ToValidUTF8(value[:maxLabel], "") // never half a character
		}
		if value != "" {
			out[name] = value
		}
	}
	for k, v := range a.Labels {
		set(labelName(k), v)
	}
	for k, v := range a.Group {
		set(labelName(k), v)
	}
	for k, v := range m.labels {
		set(k, v)
	}
	// Ours come last: no rule and no field of a log may pass itself off as another rule or level.
	set("alertname", a.Rule)
	set("severity", a.Level)
	set("weir_alert", a.ID)
	set("source", "weir")
	if out["alertname"] == "" {
		out["alertname"] = "weir"
	}
	return out
}

// annotations are what a person reads of an alert. They may change with each revision; Alertmanager
// shows the newest.
func annotations(msg *channel.Message, a *channel.Alert) map[string]string {
	one := *msg
	one.Alerts, one.More = []channel.Alert{*a}, 0
	out := map[string]string{"summary": text.What(msg, a), "description": text.Long(&one), "count": strconv.Itoa(a.Count)}
	if a.Title != "" {
		out["title"] = text.Clean(a.Title)
	}
	if a.Assignee != "" {
		out["assignee"] = text.Clean(a.Assignee)
	}
	return out
}

// labelName makes a name that Prometheus allows in every version: host.name becomes host_name. Newer
// versions take any name, but what queries and templates of today are written for are these.
func labelName(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, s)
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	if strings.HasPrefix(name, "__") {
		name = "x" + name // two underscores are Prometheus's own
	}
	return name
}
