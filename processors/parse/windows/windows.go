// Package windows makes ECS events of Windows events, however they come: as XML, as the JSON of an agent or a collector, or
// as the tab-separated text of Snare.
//
// First every value of the record goes to winlog.* under its own name, so that nothing is lost and rules find what Windows
// calls it; then the fields of ECS follow from the number of the event. The first part differs by form, the second never.
package windows

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"weir/event"
	"weir/processors/parse/windows/markup"
	"weir/processors/parse/winevent"
)

// Reader reads Windows events. It belongs to one goroutine. The texts of an event alias its message and memory of the
// reader, so an event must be done with before the next one is read.
type Reader struct {
	json *winevent.Reader
	xml  markup.Scanner
	// named tells that the channel of the event says its dataset.
	named bool
	// held are the fields that an event had before a document was read into it.
	held []held
}

// held is a field of an event and its value.
type held struct {
	field event.Field
	value event.Value
}

// New makes a reader for messages whose dataset is known.
func New() *Reader { return &Reader{json: winevent.NewApart()} }

// NewNaming makes a reader that sets event.dataset and event.module by the channel of the event.
func NewNaming() *Reader {
	r := New()
	r.named = true
	return r
}

// Errors of messages that are no Windows events.
var (
	errForm   = errors.New("neither XML, JSON nor Snare's text: a Windows event is wanted")
	errUTF16  = errors.New("the text is UTF-16: have the sender write UTF-8")
	errNoData = errors.New("no event: neither System nor winlog stands in it")
)

// Read fills an event from a message. An event that has winlog.* already, from an agent's document, is filled from
// that. An error means that the message is broken somewhere; what stood before the break is in the event.
func (r *Reader) Read(e *event.Event, msg string) error {
	err := r.read(e, msg)
	if err != nil && !e.Has(event.WinlogChannel) && !e.Has(event.WinlogProviderName) {
		return err
	}
	fill(e)
	if r.named {
		name(e)
	}
	return err
}

// read finds out what form the message has and takes its values over.
func (r *Reader) read(e *event.Event, msg string) error {
	text := strings.TrimLeft(strings.TrimPrefix(msg, "\ufeff"), " \t\r\n")
	if e.Has(event.WinlogChannel) || e.Has(event.WinlogProviderName) || e.Has(event.WinlogEventID) {
		// A document that was read already; its message is text for people. Names of the data that came as one object get the
		// fields that they have.
		if v := e.Get(event.WinlogEventData); v.Kind() == event.Object {
			e.Set(event.WinlogEventData, v)
		}
		collector(e)
		return nil
	}
	switch {
	case strings.HasPrefix(text, "{"):
		return r.document(e, text)
	case strings.HasPrefix(text, "<"):
		return r.rendered(e, text)
	case len(text) > 1 && (text[1] == 0 || text[0] == 0):
		return errUTF16
	}
	if at := strings.Index(text, snareMark); at >= 0 {
		return readSnare(e, text[at:])
	}
	if at := eventStart(text); at > 0 {
		return r.rendered(e, text[at:])
	}
	return errForm
}

// eventStart finds an event behind words that a relay put before it, -1 where there is none.
func eventStart(text string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], "<Event")
		if at < 0 {
			return -1
		}
		at += from
		if from = at + len("<Event"); from < len(text) && strings.IndexByte(" >\t\r\n", text[from]) >= 0 {
			return at
		}
	}
}

// rendered reads XML. The message of the event is the text for people in it, if the sender rendered one.
func (r *Reader) rendered(e *event.Event, text string) error {
	e.Delete(event.Message)
	err := r.xml.Read(e, text)
	if !e.Has(event.WinlogProviderName) && !e.Has(event.WinlogChannel) && err == nil {
		err = errNoData
	}
	if err != nil {
		err = fmt.Errorf("XML: %w", err)
		if !e.Has(event.WinlogChannel) && !e.Has(event.Message) {
			e.SetStr(event.Message, text)
		}
		return err
	}
	machine(e)
	return nil
}

// machine makes the computer that wrote the event its host: the header of the line names the relay at best.
// Its address is not known, so that of the sender goes.
func machine(e *event.Event) {
	if name := e.Str(event.WinlogComputerName); name != "" {
		e.SetStr(event.HostName, name)
		e.SetStr(event.HostHostname, name)
		e.Delete(event.HostIP)
	}
}

// document reads JSON. What the document says of a field wins over what the header said; the dataset stays ours.
func (r *Reader) document(e *event.Event, text string) error {
	r.held = r.held[:0]
	e.Each(func(f event.Field, v event.Value) bool {
		r.held = append(r.held, held{f, v})
		return true
	})
	for _, h := range r.held {
		if h.field != event.EventTimezone {
			e.Delete(h.field)
		}
	}
	err := r.json.Fill(unsafe.Slice(unsafe.StringData(text), len(text)), e)
	collector(e)
	e.Delete(event.WeirParseErrors) // of another weir, perhaps
	own := e.Has(event.WinlogChannel) || e.Has(event.WinlogProviderName)
	elsewhere := own && e.Has(event.WinlogComputerName)
	for _, h := range r.held {
		switch {
		case h.field == event.EventDataset, h.field == event.EventModule, !e.Has(h.field):
			// The sender is not the computer that the event is from.
			if !elsewhere || h.field != event.HostHostname && h.field != event.HostIP {
				e.Set(h.field, h.value)
			}
		case h.field == event.Timestamp && e.Get(h.field).Kind() != event.Time:
			e.Set(event.WinlogTimeCreated, e.Get(h.field))
			e.Set(h.field, h.value)
		}
	}
	if err != nil {
		return err
	}
	if !own {
		return errNoData
	}
	if h := e.Get(event.Message); own && h.Kind() == event.String && strings.HasPrefix(strings.TrimLeft(h.Str(), " \t\r\n"), "{") && h.Str() == text {
		e.Delete(event.Message)
	}
	return nil
}
