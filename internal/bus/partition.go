package bus

import "weir/internal/bus/produce"

// Partition writes to one partition, in order and one batch after the other, each until Kafka has it. It is what a stage
// writes its many records with; for the few that go elsewhere there is [Bus.Producer].
type Partition struct{ link *link }

// Partition opens the way to one partition of a topic, which is given by its full name. Close ends it.
func (b *Bus) Partition(topic string, partition int32) (*Partition, error) {
	l, err := b.link(topic, partition)
	if err != nil {
		return nil, err
	}
	return &Partition{l}, nil
}

// Write takes over records from up to, not including, to, see [produce.Writer.Write].
func (p *Partition) Write(run produce.Run, from, to int) { p.link.Write(run, from, to) }

// Close gives up what Kafka does not have and ends. It may be called again.
func (p *Partition) Close() { p.link.close() }
