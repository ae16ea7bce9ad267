// Package form names what is done to a value before it is compared.
package form

// Form is one of them.
type Form uint8

// The forms. Those of time take a Time, or text in RFC 3339, and give a number: what clock and calendar showed where the
// event was logged (event.timezone, else UTC). Week is that of ISO 8601, Weekday 1 for Monday to 7.
const (
	Plain Form = iota
	// Number reads a text as a number. A text that is none satisfies no comparison.
	Number
	Minute
	Hour
	Day
	Week
	Month
	Year
	Weekday
	// Age is how many seconds the time of the event (weir.time, else @timestamp) is after the value's.
	Age
)

// names are those of the functions that conditions are written with.
var names = map[Form]string{Number: "number", Minute: "minute", Hour: "hour", Day: "day", Week: "week", Month: "month", Year: "year", Weekday: "weekday", Age: "age"}

// Name is that of the function; Plain has none.
func (f Form) Name() string { return names[f] }

// All returns the forms that have a name, by it.
func All() map[string]Form {
	out := make(map[string]Form, len(names))
	for f, name := range names {
		out[name] = f
	}
	return out
}
