package redact

import "weir/event"

// Original does to the bytes of the record what the retention class of the event says: mask, encrypt or drop. Anything else
// leaves them as they are. Other fields stay: which of them must not be stored is said by rules. Without a key nothing can be
// encrypted, and then the original is dropped, since it was not to be stored as it is.
func (r *Rules) Original(e *event.Event, how string) {
	if how != Mask && how != Encrypt && how != Drop {
		return
	}
	l := &rule{how: how}
	if how == Encrypt && (r == nil || r.key == nil) {
		l.how = Drop
	}
	changed := false
	for _, f := range []event.Field{event.EventOriginal, event.WeirOriginalBase64} {
		if !e.Has(f) {
			continue
		}
		to, ok := "", true
		if l.how != Drop {
			to, ok = r.replace(l, e.Str(f))
		}
		switch {
		case !ok: // it is a cipher text already
			continue
		case to == "":
			e.Delete(f)
		default:
			e.SetStr(f, to)
		}
		e.Append(event.WeirRedacted, f.Path())
		changed = true
	}
	if changed {
		e.Append(event.Tags, Tag)
	}
}
