package main

import (
	"slices"
	"testing"
)

func TestFamilies(t *testing.T) {
	mod := `module weir

go 1.26.0

require github.com/goccy/go-yaml v1.19.2

require (
	github.com/twmb/franz-go v1.22.2
	github.com/twmb/franz-go/pkg/kadm v1.19.0
	golang.org/x/net v0.62.0
	golang.org/x/sys v0.49.0 // a comment of ours
	modernc.org/sqlite v1.55.0
	// a line of its own
	example.org/old v1.0.0 // indirect
)

tool github.com/x/tool

replace (
	github.com/a/b => ../b
)
`
	want := []string{"github.com/goccy/go-yaml", "github.com/twmb/franz-go", "golang.org/x", "modernc.org"}
	if got := families(mod); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestFamily(t *testing.T) {
	for path, want := range map[string]string{
		"github.com/aws/aws-sdk-go-v2/service/s3": "github.com/aws/aws-sdk-go-v2",
		"github.com/RoaringBitmap/roaring/v2":     "github.com/RoaringBitmap/roaring",
		"golang.org/x/text":                       "golang.org/x",
		"google.golang.org/protobuf":              "google.golang.org",
		"gopkg.in/yaml.v3":                        "gopkg.in",
	} {
		if got := family(path); got != want {
			t.Errorf("family(%q) = %q, want %q", path, got, want)
		}
	}
}
