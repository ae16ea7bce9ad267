package arena

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"weir/internal/record"
)

// pieces is a connection that gives at most so many bytes a read.
type pieces struct {
	data []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.data[:min(p.size, len(p.data))])
	p.data = p.data[n:]
	return n, nil
}

// TestReader_KeepsWhatBatchesHold reads lines of many lengths in many sizes of reads, with batches that stay out for a
// while, and looks at every line when its batch is done.
func TestReader_KeepsWhatBatchesHold(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{1, 100, 5000, 1 << 20} {
		var want []byte
		for i := range 400 {
			want = append(append(want, bytes.Repeat([]byte{byte('a' + i%26)}, 1+rnd.IntN(1+i%3*900))...), '\n')
		}
		p := NewPool(DefaultBudget)
		r := p.NewReader(3000)
		src := &pieces{want, size}
		var got []byte
		var out []*Batch
		check := func(keep int) {
			for len(out) > keep {
				for _, rec := range out[0].Recs {
					got = append(append(got, rec.Value...), '\n')
				}
				out[0].Drop()
				out = out[1:]
			}
		}
		for {
			_, err := r.Fill(src)
			b := p.Batch()
			for {
				data := r.Data()
				end := bytes.IndexByte(data, '\n')
				if end < 0 {
					break
				}
				r.HoldIn(b)
				b.Recs = append(b.Recs, record.Raw{Value: data[:end:end]})
				r.Consume(end + 1)
			}
			out = append(out, b)
			check(rnd.IntN(5))
			if err != nil {
				break
			}
		}
		check(0)
		if !bytes.Equal(got, want) {
			t.Fatalf("reads of %d: %d bytes came out, %d went in, or others", size, len(got), len(want))
		}
		r.Close()
		if p.Large() != 0 {
			t.Errorf("reads of %d: %d bytes are still out", size, p.Large())
		}
	}
}

func TestReader_GrowsAndShrinks(t *testing.T) {
	p := NewPool(DefaultBudget)
	r := p.NewReader(64 << 10)
	src := &pieces{make([]byte, 8<<20), 1 << 20}
	for range 8 {
		if _, err := r.Fill(src); err != nil {
			t.Fatal(err)
		}
		r.Consume(len(r.Data()))
	}
	if len(r.chunk.Buf) != 256<<10 {
		t.Errorf("a fast sender has a chunk of %d bytes", len(r.chunk.Buf))
	}
	src.size = 100
	for range 10 * quietReads {
		if _, err := r.Fill(src); err != nil {
			t.Fatal(err)
		}
		r.Consume(len(r.Data()))
	}
	if len(r.chunk.Buf) != 4<<10 || p.Large() != 0 {
		t.Errorf("a quiet sender has a chunk of %d bytes, %d large bytes are out", len(r.chunk.Buf), p.Large())
	}
}

// TestReader_EndlessLine: a record as long as it may be fits, whatever the reads.
func TestReader_EndlessLine(t *testing.T) {
	const room = 65 << 10
	for _, size := range []int{1, 1000, 1 << 20} {
		p := NewPool(DefaultBudget)
		r := p.NewReader(room)
		src := &pieces{bytes.Repeat([]byte("x"), room), size}
		moves, before := 0, (*Chunk)(nil)
		for len(r.Data()) < room {
			if _, err := r.Fill(src); err != nil {
				t.Fatalf("reads of %d: %v after %d bytes", size, err, len(r.Data()))
			}
			if r.chunk != before {
				moves, before = moves+1, r.chunk
			}
		}
		if moves > 6 {
			t.Errorf("reads of %d: moved %d times", size, moves)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	p := NewPool(DefaultBudget)
	r := p.NewReader(64 << 10)
	data := make([]byte, 1<<20)
	src := &pieces{size: 1 << 20}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		src.data = data
		for len(src.data) > 0 {
			if _, err := r.Fill(src); err != nil {
				b.Fatal(err)
			}
			r.Consume(len(r.Data()))
		}
	}
}
