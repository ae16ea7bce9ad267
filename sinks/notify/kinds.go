package notify

import (
	"weir/sinks/notify/channel/catalog"
	"weir/sinks/notify/settings"
)

// peopleRead is how many messages a minute people can follow, where a file says nothing.
const peopleRead = 20

// wholeMessage is how many alerts a message to a program has that does not say how many it takes.
const wholeMessage = 100

// Kinds are the types of channels that there are, with how much is sent over each. What people read is limited; a program
// gets everything.
func Kinds() []settings.Kind {
	var out []settings.Kind
	for _, k := range catalog.Kinds() {
		x := settings.Kind{Name: k.Name, Doc: k.Doc, Config: k.Config, New: k.New}
		switch k.Name {
		case "webhook", "alertmanager", "syslog", "snmptrap":
			x.Whole = wholeMessage
		case "ticket":
			x.Limit, x.Tickets = peopleRead, true
		default:
			x.Limit = peopleRead
		}
		out = append(out, x)
	}
	return out
}
