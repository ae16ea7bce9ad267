package event

// Reader reads JSON values into memory that it uses again: a parser that reads one message after another makes no new lists for
// each. The zero Reader is ready for use and belongs to one goroutine.
type Reader struct{ e Event }

// Value reads one JSON value. What it returns lives in the Reader's memory and in s itself, until Reset.
func (r *Reader) Value(s string) (Value, error) {
	r.e.dec.begin(load())
	d := decoder{e: &r.e, src: s}
	d.space()
	v, ok := d.value(0)
	d.space()
	if !ok || d.pos != len(d.src) {
		return Value{}, d.fail()
	}
	return v, nil
}

// Reset takes back the memory of all values.
func (r *Reader) Reset() { r.e.Reset() }
