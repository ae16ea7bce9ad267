package alerts

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
)

func TestSetState(t *testing.T) {
	s := open(t)
	s.now = func() time.Time { return noon }
	put(t, s, sample("3f9c000000000001", 1))
	row, err := s.SetState(t.Context(), "3f9c000000000001", alert.Acknowledged, "ana", "looking", 0)
	if err != nil || row.State != alert.Acknowledged || row.Version != 1 || row.By != "ana" || !row.Changed.Equal(noon) {
		t.Fatalf("%+v, %v", row, err)
	}
	if _, err := s.SetState(t.Context(), "3f9c000000000001", alert.Closed, "ben", "mine", 0); fault.Code(err) != "alert-changed" || !strings.Contains(err.Error(), "ana set alert 3f9c to acknowledged") {
		t.Errorf("the second is not told: %v", err)
	}
	if _, err := s.SetState(t.Context(), "3f9c000000000001", alert.Closed, "ben", "done", 1); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"alert-state":   second(s.SetState(t.Context(), "3f9c000000000001", "gone", "ana", "", 2)),
		"alert-unknown": second(s.SetState(t.Context(), "ffff", alert.Closed, "ana", "", 0)),
	} {
		if fault.Code(err) != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
	if err := second(s.SetState(t.Context(), "3f9c000000000001", alert.Open, "", "", 2)); fault.Code(err) != "alert-state" {
		t.Errorf("a change by nobody: %v", err)
	}
	got, err := s.Changes(t.Context(), "3f9c000000000001")
	want := []Change{{1, alert.Acknowledged, "ana", "looking", noon}, {2, alert.Closed, "ben", "done", noon}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func second(_ Row, err error) error { return err }

// Of many who close at once, one does, and each of the others is told.
func TestSetState_atOnce(t *testing.T) {
	s := open(t)
	put(t, s, sample("3f9c000000000001", 1))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			errs[i] = second(s.SetState(context.Background(), "3f9c000000000001", alert.Closed, fmt.Sprint("u", i), "", 0))
		})
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if fault.Code(err) != "alert-changed" {
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("%d of 8 closed it", done)
	}
}
