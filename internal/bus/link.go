package bus

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus/produce"
)

// link is a lane's writer with connections of its own: Kafka answers the requests of one connection one after the other,
// so lanes that shared theirs would wait for each other.
type link struct {
	*produce.Writer
	client *kgo.Client
}

// link opens the way to one partition.
func (b *Bus) link(topic string, partition int32) (*link, error) {
	client, err := b.Client()
	if err != nil {
		return nil, err
	}
	w, err := b.writer(client, topic, partition, nil)
	if err != nil {
		client.Close()
		return nil, err
	}
	return &link{w, client}, nil
}

// close ends the writer and its connections. It may be called again.
func (l *link) close() {
	l.Writer.Close()
	l.client.Close()
}

// writer makes a writer that speaks through client. acked hears the offset behind what Kafka has; nil: nobody does.
func (b *Bus) writer(client *kgo.Client, topic string, partition int32, acked func(int64)) (*produce.Writer, error) {
	squeeze, err := b.compressor()
	if err != nil {
		return nil, err
	}
	return produce.New(produce.Options{
		Client: client, Topic: topic, Partition: partition, Linger: time.Duration(b.cfg.Linger), MaxBytes: int(b.cfg.BatchBytes),
		Compress: squeeze, Acked: acked, Trouble: func(err error) { b.refusing(topic, err) }, Log: b.log,
	}), nil
}

// compressor is the configured one; nil: none. Snappy is the default since it costs half of LZ4 here, which is written in
// plain Go, and makes log lines as small.
func (b *Bus) compressor() (kgo.Compressor, error) {
	codec := kgo.SnappyCompression()
	switch b.cfg.Compression {
	case "none":
		codec = kgo.NoCompression()
	case "lz4":
		codec = kgo.Lz4Compression()
	case "zstd":
		codec = kgo.ZstdCompression()
	}
	c, err := kgo.DefaultCompressor(codec)
	if err != nil {
		return nil, fmt.Errorf("making the compressor: %w", err)
	}
	return c, nil
}
