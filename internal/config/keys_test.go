package config

import (
	"testing"

	"weir/internal/fault"
)

func TestLoad_UnknownOverride(t *testing.T) {
	if _, err := Load("", nil, Override{Key: "no.such", Value: "x", By: "--x"}); fault.Code(err) != "config-unknown-key" {
		t.Errorf("got %v", err)
	}
}
