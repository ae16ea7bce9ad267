package recall

import (
	"errors"
	"strconv"
	"sync"
	"testing"

	"weir/internal/archive/column"
)

// wide is a column of so many rows.
func wide(rows int) *column.Column {
	return &column.Column{Kind: column.Key, Codes: make([]uint32, rows), Strs: []string{"a"}}
}

// load returns a loader of one column.
func load(col *column.Column, err error) func(string, column.Bits) (*column.Column, error) {
	return func(string, column.Bits) (*column.Column, error) { return col, err }
}

func TestCache_LoadsOnce(t *testing.T) {
	c := New(1 << 20)
	one, two := new(int), new(int)
	col, other := wide(10), wide(10)
	for _, ask := range []struct {
		of           *int
		name         string
		within       column.Bits
		loaded, want *column.Column
	}{
		{one, "user.name", column.NewBits(10), other, other}, // some rows are not all
		{one, "user.name", nil, col, col},
		{one, "user.name", nil, other, col},
		{one, "user.name", column.NewBits(10), other, col},
		{one, "host.name", nil, other, other},
		{two, "user.name", nil, other, other},
	} {
		got, err := c.Column(ask.of, ask.name, ask.within, load(ask.loaded, nil))
		if got != ask.want || err != nil {
			t.Errorf("%s of %p: got %p, want %p, %v", ask.name, ask.of, got, ask.want, err)
		}
	}
	times, err := c.Times(one, func() ([]int64, error) { return []int64{1, 2}, nil })
	if err != nil || len(times) != 2 {
		t.Errorf("%v %v", times, err)
	}
	times, _ = c.Times(one, func() ([]int64, error) { t.Error("times were loaded again"); return nil, nil })
	if len(times) != 2 {
		t.Errorf("%v", times)
	}
}

func TestCache_KeepsNeitherErrorsNorNothing(t *testing.T) {
	c := New(1 << 20)
	broken := errors.New("broken")
	of := new(int)
	if _, err := c.Times(of, func() ([]int64, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if col, err := c.Column(of, "a", nil, load(nil, broken)); col != nil || !errors.Is(err, broken) {
		t.Errorf("%v %v", col, err)
	}
	if col, err := c.Column(of, "a", nil, load(nil, nil)); col != nil || err != nil {
		t.Errorf("%v %v", col, err)
	}
	if len(c.kept) != 0 || c.used != 0 {
		t.Errorf("%d kept, %d bytes", len(c.kept), c.used)
	}
}

func TestCache_IsBounded(t *testing.T) {
	const most = 256 << 10
	c := New(most)
	of := new(int)
	for i := range 200 {
		rows := 1000
		if i == 100 {
			rows = most // more than all that fits
		}
		if col, err := c.Column(of, strconv.Itoa(i), nil, load(wide(rows), nil)); err != nil || len(col.Codes) != rows {
			t.Fatal(err)
		}
		if c.used > most {
			t.Fatalf("%d bytes after %d columns", c.used, i+1)
		}
	}
	if len(c.kept) < 50 {
		t.Errorf("only %d columns were kept", len(c.kept))
	}
	sum := 0
	for _, k := range c.kept {
		sum += k.bytes
	}
	if sum != c.used {
		t.Errorf("%d bytes are kept, %d counted", sum, c.used)
	}
	if _, ok := c.kept[key{of, "100"}]; ok {
		t.Error("a column larger than all that fits was kept")
	}
	c.Drop(of)
	if c.used != 0 || len(c.kept) != 0 {
		t.Errorf("%d bytes and %d columns after all was dropped", c.used, len(c.kept))
	}
}

func TestCache_ManyAtOnce(t *testing.T) {
	c := New(64 << 10)
	segments := []*int{new(int), new(int), new(int)}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 500 {
				of := segments[i%3]
				col, err := c.Column(of, strconv.Itoa(i%40), nil, load(wide(i%40+1), nil))
				if err != nil || len(col.Codes) != i%40+1 {
					t.Errorf("%d rows of %d, %v", len(col.Codes), i%40+1, err)
				}
				if i%100 == 0 {
					c.Drop(of)
				}
			}
		})
	}
	wg.Wait()
}
