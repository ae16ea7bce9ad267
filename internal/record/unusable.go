package record

import "strings"

// tagUnusable begins the tag of a record of which its input knows that nothing can be made: what is left of an object
// that was cut off. The reason and a sentence follow it.
const tagUnusable = "unusable:"

// TagUnusable makes the tag by which an input sends a record to the dead letters. reason is a slug; detail is for whoever
// looks, and keeps no commas, as tags are separated by them.
func TagUnusable(reason, detail string) string {
	return tagUnusable + reason + ":" + strings.ReplaceAll(detail, ",", ";")
}

// Unusable tells whether the input gave the record up, and why.
func (r *Raw) Unusable() (reason, detail string, ok bool) {
	for _, tag := range r.Tags {
		if rest, found := strings.CutPrefix(tag, tagUnusable); found {
			reason, detail, _ = strings.Cut(rest, ":")
			return reason, detail, true
		}
	}
	return "", "", false
}
