package frontdoor_test

import (
	"context"
	"errors"
	"testing"

	"weir/internal/record"
	"weir/internal/testkit/frontdoor"
)

func batch(text string) []record.Raw { return []record.Raw{{Value: []byte(text)}} }

func TestDoor_KeepsUntilReleased(t *testing.T) {
	var d frontdoor.Door
	d.Hold()
	heard := make(chan error, 2)
	b := batch("one")
	if err := d.Emit(t.Context(), b, func(err error) { heard <- err }); err != nil {
		t.Fatal(err)
	}
	if d.Held() != 1 || len(d.Records()) != 0 {
		t.Fatalf("%d held, %d taken", d.Held(), len(d.Records()))
	}
	d.Release(nil)
	if err := <-heard; err != nil || len(d.Records()) != 1 {
		t.Fatalf("%v, %d taken", err, len(d.Records()))
	}
	b[0].Value[0] = 'X' // its memory is the sender's again
	if got := string(d.Records()[0].Value); got != "one" {
		t.Errorf("kept %q", got)
	}
}

func TestDoor_Fails(t *testing.T) {
	var d frontdoor.Door
	bad := errors.New("no")
	d.Fail(func(n int) error {
		if n == 0 {
			return bad
		}
		return nil
	})
	heard := make(chan error)
	for _, want := range []error{bad, nil} {
		if err := d.Emit(t.Context(), batch("x"), func(err error) { heard <- err }); err != nil {
			t.Fatal(err)
		}
		if got := <-heard; !errors.Is(got, want) {
			t.Errorf("heard %v, want %v", got, want)
		}
	}
	if len(d.Records()) != 1 {
		t.Errorf("%d taken", len(d.Records()))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Emit(ended, batch("x"), nil); err == nil {
		t.Error("taken after the end")
	}
}

func TestCounter(t *testing.T) {
	var c frontdoor.Counter
	c.Received("a", 2, 10)
	c.Received("a", 1, 5)
	c.Refused("a", "rate", 3)
	c.KernelDrops("syslog", 4)
	if c.Got("a") != 3 || c.Got("b") != 0 || c.Turned("a", "rate") != 3 || c.Turned("a", "full") != 0 || c.Bytes() != 15 || c.Drops() != 4 {
		t.Errorf("%+v", &c)
	}
}
