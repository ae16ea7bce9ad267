package control

import (
	"context"
	"reflect"
	"testing"

	"weir/internal/control/intake"
	"weir/internal/fault"
)

// importing is a backend with a front door.
type importing struct {
	Backend
	got *intake.Request
}

func (i importing) Import(_ context.Context, r intake.Request) (intake.Summary, error) {
	*i.got = r
	return intake.Summary{Stored: len(r.Rows)}, nil
}

func TestImport(t *testing.T) {
	var got intake.Request
	q := intake.Request{File: "r.csv", SHA256: "ab", By: "kim", Rows: []intake.Row{{Line: 2, Doc: []byte(`{"a":1}`)}}, Last: true, Total: 1}
	sum, err := (&server{backend: importing{got: &got}}).imports(t.Context(), q)
	if err != nil || sum.Stored != 1 || !reflect.DeepEqual(got, q) {
		t.Errorf("%+v, %v; the backend got %+v", sum, err, got)
	}
	if _, err := (&server{}).imports(t.Context(), q); fault.Code(err) != "version-mismatch" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("a backend without a front door: %v", err)
	}
}
