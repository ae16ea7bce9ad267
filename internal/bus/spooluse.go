package bus

// SpoolUse is how much one topic has in the spool.
type SpoolUse struct {
	Topic string // full name
	// Bytes are of records that Kafka does not have, in whole files: it may be an eighth of a partition too much.
	Bytes int64
	// MaxBytes is where senders are made to wait, over all partitions.
	MaxBytes int64
	// Used is the share of its bytes that the fullest partition has. Partitions fill alike, unless records are spread by
	// their source.
	Used float64
}

// Spool returns what is in the spool by topic; none before the embedded broker. It looks at the disk, and only for
// partitions that have something to forward.
func (d *Door) Spool() []SpoolUse {
	if d.spool == nil {
		return nil
	}
	e := d.spool.local.embedded
	out := make([]SpoolUse, len(spoolTopics))
	at := map[string]*SpoolUse{}
	for i, t := range spoolTopics {
		out[i].Topic = d.spool.local.Topic(t.Name)
		at[out[i].Topic] = &out[i]
	}
	for _, t := range d.spool.detours {
		use := at[t.topic]
		limit := d.spool.limit(t.topic)
		use.MaxBytes += limit
		t.mu.Lock()
		next, end := t.next, t.end
		t.mu.Unlock()
		if next >= end || limit <= 0 {
			continue
		}
		if files := e.files(t.topic, t.partition); len(files) > 0 {
			_, bytes := keepFrom(files, next)
			use.Bytes += bytes
			use.Used = max(use.Used, float64(bytes)/float64(limit))
		}
	}
	return out
}

// limit returns the bytes at which a partition of the spool takes no more.
func (s *spool) limit(topic string) int64 {
	for _, t := range spoolTopics {
		if s.local.Topic(t.Name) == topic {
			return s.local.embedded.share(t, t.partitions(s.local.cfg)) * fullAt / 100
		}
	}
	return 0
}
