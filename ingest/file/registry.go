package file

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"weir/internal/keep"
)

const (
	// maxEntries and keepEntries bound what is remembered of files that are gone. They may come back: a disk that was
	// not mounted, a backup.
	maxEntries  = 100_000
	keepEntries = 30 * 24 * time.Hour
)

// entry is one content of one file, from its first byte to its last: a file that is cut off begins another one.
type entry struct {
	// Key is record.Raw.Key. It is made when the content is first seen and written down before its first record is
	// emitted, so that the same bytes have the same key for ever.
	Key  string `json:"key"`
	Path string `json:"path"` // where it was first seen: record.Raw.Origin
	identity
	fingerprint        // up to where everything is in Kafka
	Seen        int64  `json:"seen"`            // seconds since 1970, when it was last there
	Ended       bool   `json:"ended,omitempty"` // the file holds another content now
	at          string // its path now, "" while it is not followed
}

// registry is what outlives the process: which contents there are, and how far each is in Kafka. Safe for many
// goroutines; the fields of entries are only touched under its lock once they are in it.
type registry struct {
	name string // of the file
	host string

	mu       sync.Mutex
	entries  []*entry
	patterns []string // that were followed before; files of a new one may be begun at their end
	dirty    bool

	saving sync.Mutex // one writer of the file at a time
}

// registryFile is the file.
type registryFile struct {
	Patterns []string `json:"patterns"`
	Files    []*entry `json:"files"`
}

// openRegistry reads what is remembered. A file that is not there is a first start.
func openRegistry(dir string) (*registry, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("asking for this host's name: %w", err)
	}
	r := &registry{name: filepath.Join(dir, "files.json"), host: host}
	data, err := os.ReadFile(r.name)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading how far files were read: %w", err)
	}
	var in registryFile
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("reading how far files were read from %s: %w", r.name, err)
	}
	for _, e := range in.Files {
		if e != nil && e.Key != "" && e.Offset >= 0 && e.HeadLen >= 0 && e.HeadLen <= headSize && e.MarkLen >= 0 && e.MarkLen <= markSize && int64(e.MarkLen) <= e.Offset {
			r.entries = append(r.entries, e)
		}
	}
	r.patterns = in.Patterns
	return r, nil
}

// newKey makes a key that no other content of any file has.
func (r *registry) newKey() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	return "file/" + r.host + "/" + hex.EncodeToString(b[:])
}

// add makes an entry. It must be saved before anything of it is emitted.
func (r *registry) add(path string, id identity, p fingerprint) *entry {
	e := &entry{Key: r.newKey(), Path: path, identity: id, fingerprint: p, Seen: time.Now().Unix(), at: path}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, e)
	r.dirty = true
	return e
}

// find returns the entries that a file may be, the likeliest first: of the same inode, else of the same number and birth
// on a device that has another number since the last boot. None of them is followed now.
func (r *registry) find(id identity) []*entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var same, moved []*entry
	for _, e := range r.entries {
		if e.Ended || e.at != "" || e.Ino != id.Ino || e.Born != id.Born {
			continue
		}
		switch {
		case e.Dev == id.Dev:
			same = append(same, e)
		case e.Born != 0 && e.HeadLen > 0:
			moved = append(moved, e)
		}
	}
	return append(same, moved...)
}

// resume notes that the content of e is followed again.
func (r *registry) resume(e *entry, path string, id identity) fingerprint {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.identity, e.at, e.Seen = id, path, time.Now().Unix()
	r.dirty = true
	return e.fingerprint
}

// moved notes the path where a followed content is now.
func (r *registry) moved(e *entry, path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.at, e.Seen = path, time.Now().Unix()
}

// release notes that e is not followed any more; ended, that its file holds something else.
func (r *registry) release(e *entry, ended bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.at, e.Ended, e.Seen, r.dirty = "", e.Ended || ended, time.Now().Unix(), true
}

// advance notes that everything before p.Offset is in Kafka. More of the beginning may be known by now than when p was
// taken.
func (r *registry) advance(e *entry, p fingerprint) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.HeadLen < e.HeadLen {
		p.HeadLen, p.Head = e.HeadLen, e.Head
	}
	e.fingerprint, r.dirty = p, true
}

// learn notes more of the beginning of a content.
func (r *registry) learn(e *entry, head []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.HeadLen, e.Head, r.dirty = len(head), sum(head), true
}

// place returns what is safe of a content.
func (r *registry) place(e *entry) fingerprint {
	r.mu.Lock()
	defer r.mu.Unlock()
	return e.fingerprint
}

// rekey gives a content another key from here on, where some records of it are in Kafka and some before them are not:
// under the old key the missing ones would be taken for copies.
func (r *registry) rekey(e *entry) string {
	key := r.newKey()
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Key, r.dirty = key, true
	return key
}

// knows tells whether a pattern was followed before.
func (r *registry) knows(pattern string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.patterns, pattern)
}

// setPatterns notes the patterns that are followed.
func (r *registry) setPatterns(patterns []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.patterns, patterns) {
		r.patterns, r.dirty = slices.Clone(patterns), true
	}
}

// each calls fn for every entry that is not followed, under the lock.
func (r *registry) each(fn func(e *entry)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.entries {
		if e.at == "" {
			fn(e)
		}
	}
}

// save writes everything down if something changed since it was last written.
func (r *registry) save() error {
	r.saving.Lock()
	defer r.saving.Unlock()
	r.mu.Lock()
	if !r.dirty {
		r.mu.Unlock()
		return nil
	}
	r.prune(time.Now())
	data, err := json.Marshal(registryFile{Patterns: r.patterns, Files: r.entries})
	r.dirty = false
	r.mu.Unlock()
	if err == nil {
		err = keep.WriteFile(r.name, data)
	}
	if err != nil {
		r.mu.Lock()
		r.dirty = true
		r.mu.Unlock()
		return fmt.Errorf("keeping how far files were read: %w", err)
	}
	return nil
}

// prune forgets files that are gone for long, and the oldest where there are too many. The lock is held.
func (r *registry) prune(now time.Time) {
	before := now.Add(-keepEntries).Unix()
	r.entries = slices.DeleteFunc(r.entries, func(e *entry) bool { return e.at == "" && e.Seen < before })
	if len(r.entries) <= maxEntries {
		return
	}
	slices.SortStableFunc(r.entries, func(a, b *entry) int {
		if followed := cmp.Compare(len(b.at), len(a.at)); (a.at == "") != (b.at == "") {
			return followed
		}
		return cmp.Compare(b.Seen, a.Seen)
	})
	for n := maxEntries; n < len(r.entries); n++ {
		if r.entries[n].at == "" {
			r.entries = r.entries[:n]
			return
		}
	}
}
