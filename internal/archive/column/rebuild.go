package column

import (
	"unsafe"

	"weir/event"
)

// Rebuild makes e the event of a row from the columns given, and returns the row's document where it is kept whole
// (see Raw), else nil: then e.AppendJSON gives it. Columns that are left out leave their fields out. The event's
// strings are those of the columns, which must stay unchanged until e is reset.
func Rebuild(e *event.Event, cols []*Column, row int) (raw []byte) {
	e.Reset()
	var head, orig, msg *Column
	for _, c := range cols {
		switch c.ID {
		case Raw, Rest:
			s, ok := c.Str(row)
			if !ok {
				continue
			}
			doc := unsafe.Slice(unsafe.StringData(s), len(s))
			// A document that is broken was stored by what could be read of it, and is read so again.
			_ = e.Decode(doc)
			if c.ID == Raw {
				return append([]byte{}, doc...) // never nil, also where it is empty
			}
		}
	}
	for _, c := range cols {
		switch c.ID {
		case Raw, Rest:
			continue
		case Head:
			head = c
			continue
		case ID(event.EventOriginal):
			orig = c
		case ID(event.Message):
			msg = c
		}
		code := c.Code(row)
		if code == 0 {
			continue
		}
		if c.ID == Unknown {
			e.SetPath(c.Name, c.Value(code))
		} else {
			e.Set(event.Field(c.ID), c.Value(code))
		}
	}
	if head != nil && orig.absent(row) {
		if h, ok := head.Str(row); ok {
			m, _ := msg.Str(row)
			e.Set(event.EventOriginal, event.Str(h+m))
		}
	}
	return nil
}

// absent tells whether the row has no value; a column that is not there has none.
func (c *Column) absent(row int) bool { return c == nil || c.Code(row) == 0 }
