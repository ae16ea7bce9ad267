package elastic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
)

// position is how far a partition was brought into Elasticsearch. The offset and what belongs to it are kept together, in
// the metadata of an offset that is committed to a group of its own: then a crash cannot leave one without the other,
// and the counts of the ledger begin again exactly where they ended.
type position struct {
	to   int64
	high marks
	gaps []gap
}

// marks are the highest source positions by source partition.
type marks map[string]record.Pos

// gap is a stretch of offsets that Kafka no longer had when it was needed.
type gap struct{ from, to int64 }

// maxMeta bounds the metadata: brokers refuse what is longer than offset.metadata.max.bytes, 4096 where nobody set it.
const maxMeta = 4000

// text writes the marks and gaps: "weir.raw.syslog/0/123/0 weir.raw.file/0/7/1 gap:100-200". Where there are more marks
// than there is room for, some are left out: a copy of such a source is then sent, and counted as a conflict.
func (p *position) text() string {
	var b strings.Builder
	add := func(s string) {
		if b.Len()+1+len(s) > maxMeta {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	for _, g := range p.gaps {
		add(fmt.Sprintf("gap:%d-%d", g.from, g.to))
	}
	for _, k := range slices.Sorted(maps.Keys(p.high)) {
		add(p.high[k].String())
	}
	return b.String()
}

// parsePosition reads what text wrote. What cannot be read is left out: another program may write to the group.
func parsePosition(to int64, text string) position {
	p := position{to: to, high: marks{}}
	for part := range strings.FieldsSeq(text) {
		if rest, ok := strings.CutPrefix(part, "gap:"); ok {
			a, b, _ := strings.Cut(rest, "-")
			from, err1 := strconv.ParseInt(a, 10, 64)
			end, err2 := strconv.ParseInt(b, 10, 64)
			if err1 == nil && err2 == nil && from >= 0 && from < end {
				p.gaps = append(p.gaps, gap{from, end})
			}
			continue
		}
		if pos, err := record.ParsePos(part); err == nil {
			p.high.raise(pos)
		}
	}
	return p
}

// markKey names the source partition of a position.
func markKey(p record.Pos) string { return p.Topic + "/" + strconv.Itoa(int(p.Partition)) }

// raise takes a position over if it is the highest of its source partition.
func (m marks) raise(p record.Pos) {
	k := markKey(p)
	if have, ok := m[k]; !ok || p.Compare(have) > 0 {
		m[k] = p
	}
}

// positions keeps them in Kafka. Nobody ever joins the group.
type positions struct {
	admin *kadm.Client
	group string
}

// newPositions uses the connections of client.
func newPositions(client *kgo.Client, group string) *positions {
	return &positions{admin: kadm.NewClient(client), group: group}
}

// load reads the position of a partition; ok is false where there is none.
func (p *positions) load(ctx context.Context, topic string, partition int32) (pos position, ok bool, err error) {
	all, err := p.admin.FetchOffsets(ctx, p.group)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return pos, false, nil // nothing was ever kept
	}
	if err != nil {
		return pos, false, fmt.Errorf("reading the positions of group %s: %w", p.group, err)
	}
	o, ok := all.Lookup(topic, partition)
	if !ok || o.At < 0 {
		return pos, false, nil
	}
	if o.Err != nil {
		return pos, false, fmt.Errorf("reading the position of %s/%d: %w", topic, partition, o.Err)
	}
	return parsePosition(o.At, o.Metadata), true, nil
}

// save writes the position of a partition.
func (p *positions) save(ctx context.Context, topic string, partition int32, pos *position) error {
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: topic, Partition: partition, At: pos.to, LeaderEpoch: -1, Metadata: pos.text()})
	res, err := p.admin.CommitOffsets(ctx, p.group, offsets)
	if err == nil {
		err = res.Error()
	}
	if err != nil {
		return fmt.Errorf("writing the position of %s/%d: %w", topic, partition, err)
	}
	return nil
}

// first returns the first offset that Kafka still has of a partition.
func (p *positions) first(ctx context.Context, topic string, partition int32) (int64, error) {
	list, err := p.admin.ListStartOffsets(ctx, topic)
	if err != nil {
		return 0, fmt.Errorf("asking for the beginning of %s: %w", topic, err)
	}
	o, ok := list.Lookup(topic, partition)
	if !ok || o.Err != nil {
		return 0, fmt.Errorf("asking for the beginning of %s/%d: %w", topic, partition, o.Err)
	}
	return o.Offset, nil
}
