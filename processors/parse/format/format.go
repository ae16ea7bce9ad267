// Package format loads formats, the YAML files that say how a device's messages become ECS events, compiles them once and
// runs them.
//
// A file is read strictly: each mistake has its line, column and caret, a broken file is left out and the others go on.
// What is compiled is immutable and shared by all goroutines; each of them has a [step.Machine] with the memory of the event
// under way. Nothing is looked up by name while a message is read: places are slots, field ids and keys from the start.
package format

import (
	"strings"
	"time"

	"weir/event"
	"weir/processors/parse/format/step"
	"weir/rules/yamlfile"
)

// Format is one kind of message: how it is recognised, how it is read, and examples of it. It is immutable.
type Format struct {
	// Dataset is event.dataset, package.stream; the package is event.module.
	Dataset string
	// ID tells apart several formats of one dataset; mostly "".
	ID    string
	Title string
	// File is the file as messages show it, Shipped tells that it came with the first of the sources.
	File    string
	Shipped bool
	// Observer is set where the sender watches others (a firewall): its name goes to observer.* in place of host.*.
	Observer *Observer
	// Root is the path below which fields of the vendor lie.
	Root string
	// Whole tells that records have no syslog header: the message is the record.
	Whole bool
	// Foreign tells that a message can name any field, also those that only weir may set.
	Foreign bool
	// Names tells that its steps say the dataset of each event themselves.
	Names bool
	// Tests are its examples.
	Tests []Test

	ways     []way
	split    splitter
	charsets []string
	program  *step.Program
}

// Observer is what a format knows of the device: observer.vendor, .product and .type, unless a step sets them.
type Observer struct{ Vendor, Product, Type string }

// Test is an example of a message and of what becomes of it.
type Test struct {
	Name string
	Line int
	// Raw is the record, Doc an agent's document beside or in place of it.
	Raw string
	Doc event.Value
	// Input is the input that it comes from; syslog if left out.
	Input string
	// At is the time of receipt.
	At time.Time
	// Expect has, for each event, what must be at some paths. A Null means that nothing may be there.
	Expect [][]Want
	// Errors is how many weir.parse_errors there must be, Dropped that no event comes.
	Errors  int
	Dropped bool
}

// Want is one path of an event and its value.
type Want struct {
	Path  string
	Value event.Value

	at    yamlfile.Place // of it in the file
	width int
}

// Module returns the package of the format, the first part of its dataset.
func (f *Format) Module() string {
	name, _, _ := strings.Cut(f.Dataset, ".")
	return name
}

// Name returns dataset and id as `use` writes them.
func (f *Format) Name() string {
	if f.ID == "" {
		return f.Dataset
	}
	return f.Dataset + "/" + f.ID
}

// Fields returns the paths that the steps can fill, sorted; one that ends in .* stands for any below.
func (f *Format) Fields() []string { return f.program.Fields() }

// Zone is the fixed zone of its times, nil if it has none.
func (f *Format) Zone() *time.Location { return f.program.Zone }

// Program is what a machine runs.
func (f *Format) Program() *step.Program { return f.program }

// What steps are made of, under the names by which tools know it.
type (
	// Kind is one kind of step.
	Kind = step.Kind
	// Key is a key of its mapping.
	Key = step.Key
	// Trace is what one step did.
	Trace = step.Trace
	// Access is one place that it looked at or wrote.
	Access = step.Access
)
