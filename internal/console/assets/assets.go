// Package assets holds the style sheet, the script and the icon of the console, and serves them.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

//go:embed console.css console.js icon.svg
var files embed.FS

// types are the media types of what is served. A file that is not here is not served, whatever is embedded.
var types = map[string]string{"console.css": "text/css; charset=utf-8", "console.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"}

// Set is the assets under the names that pages call them by. It does not change.
type Set struct {
	version string
	content map[string][]byte
}

// Load reads the assets. The version in their addresses is made of their content, so that a browser that keeps them for
// long never mixes those of two weirs.
func Load() Set {
	s := Set{content: map[string][]byte{}}
	h := sha256.New()
	for _, name := range []string{"console.css", "console.js", "icon.svg"} {
		b, err := files.ReadFile(name)
		if err != nil {
			panic("BUG: " + err.Error()) // it is in the program
		}
		s.content[name] = b
		h.Write(b)
	}
	s.version = hex.EncodeToString(h.Sum(nil))[:12]
	return s
}

// Path is the address of an asset.
func (s Set) Path(name string) string { return "/assets/" + s.version + "/" + name }

// ServeHTTP serves /assets/VERSION/NAME. They hold nothing of anybody, so they need no session; names are looked up in a
// table and never on a disk.
func (s Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dir, name := path.Split(r.URL.Path)
	b, ok := s.content[name]
	if !ok || strings.Trim(strings.TrimPrefix(dir, "/assets/"), "/") != s.version {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", types[name])
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(b) // of a reader who went away
}
