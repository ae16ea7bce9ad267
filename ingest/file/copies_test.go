package file

import "testing"

func TestRelated(t *testing.T) {
	for _, tt := range []struct {
		path, other string
		want        bool
	}{
		{"/a/app.log.1", "/a/app.log", true},
		{"/a/app.log-20251121", "/a/app.log", true},
		{"/a/app-20251121.log", "/a/app.log", true},
		{"/a/app.1.log", "/a/app.log", true},
		{"/a/messages.1", "/a/messages", true},
		{"/a/.hidden.1", "/a/.hidden", true},
		{"/a/app.log", "/a/app.log", false},
		{"/b/app.log.1", "/a/app.log", false},
		{"/a/app.log", "/a/app.log.1", true}, // either may be the older one
		{"/a/app2.log", "/a/app.log", false},
		{"/a/f10.log", "/a/f1.log", false},
		{"/a/web.log", "/a/app.log", false},
	} {
		if got := related(tt.path, tt.other); got != tt.want {
			t.Errorf("%s of %s: %v", tt.path, tt.other, got)
		}
	}
}
