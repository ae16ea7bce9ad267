package main

import (
	"reflect"
	"testing"

	"weir/internal/fault"
)

func TestLogSource(t *testing.T) {
	for in, want := range map[string]map[string]string{
		"":                             nil,
		"product=linux":                {"product": "linux"},
		"product=windows,service=auth": {"product": "windows", "service": "auth"},
		"category=process_creation,product=windows,service=x": {"category": "process_creation", "product": "windows", "service": "x"},
	} {
		got, err := logSource(in)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"linux", "product=", "os=linux", "product=linux,", "=x"} {
		if got, err := logSource(in); fault.Code(err) != "usage" {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
}
