package fold

// speak lets an alert that has just been fired be silent where an earlier one speaks for its entity, or else speak for
// those that follow it.
func (b *Book) speak(a *open) {
	if len(b.entity) == 0 {
		return
	}
	key := string(pick(nil, a.in.key, b.entity))
	by := b.speakers[key]
	switch {
	case by == nil || a.created > by.created+b.quiet:
		if by != nil {
			b.desk.before(by.in)
		}
		b.speakers[key] = a
		if by != nil { // it may have stayed for this alone
			b.settle(by.in)
		}
	case a.created >= by.created:
		a.quietBy = by.id
		b.desk.before(by.in)
		by.quieted++
		b.desk.touch(by)
	}
}

// speaks tells whether an alert speaks for its entity.
func (b *Book) speaks(a *open) (key string, ok bool) {
	if len(b.entity) == 0 {
		return "", false
	}
	key = string(pick(nil, a.in.key, b.entity))
	return key, b.speakers[key] == a
}
