package sigma

// action handles the documents of a collection, an old form in which a document says what all that follow it share. It
// returns the rule to read, nil for a document that only says something about others.
func (s *File) action(doc *node) *node {
	// Old tools took whatever word they did not know for none. A misspelt one would make a rule of a part of one.
	word := ""
	if n := doc.get("action"); n != nil {
		word = n.text
	}
	switch word {
	case "global":
		s.global, s.shared = merged(s.global, doc.without("action")), 0
		s.waiting = doc
		return nil
	case "reset":
		s.global, s.waiting, s.shared = nil, nil, 0
		if doc = doc.without("action"); len(doc.keys) == 0 {
			return nil
		}
	case "repeat":
		doc = merged(s.last, doc.without("action"))
	case "":
	default:
		d := &document{file: s, f: s.f, doc: doc}
		d.failKey("action", "sigma-value", "write global, reset or repeat, or leave it out", "`action: %s` does not exist", word)
		return nil
	}
	// From here on the document is a rule like any other, with the places of both that it was made from.
	s.waiting = nil
	doc = merged(s.global, doc)
	s.last = doc
	return doc
}

// without returns the mapping without a key.
func (n *node) without(key string) *node {
	out := *n
	out.keys = nil
	for _, p := range n.keys {
		if p.key != key {
			out.keys = append(out.keys, p)
		}
	}
	return &out
}

// merged returns base with what over says in its place: mappings key by key, all else as a whole.
func merged(base, over *node) *node {
	// Lists are not joined: a document that writes one means the whole of it.
	if base == nil || base.sort != pairs || over.sort != pairs {
		return over
	}
	out := *over
	out.keys = nil
	for _, p := range base.keys {
		if v := over.get(p.key); v != nil {
			continue
		}
		out.keys = append(out.keys, p)
	}
	for _, p := range over.keys {
		if v := base.get(p.key); v != nil {
			p.value = merged(v, p.value)
		}
		out.keys = append(out.keys, p)
	}
	return &out
}
