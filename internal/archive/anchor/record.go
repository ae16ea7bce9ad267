package anchor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Name is the file with the records, in the log's folder.
const Name = "anchors.jsonl"

// maxFile bounds the records that are read: a few lines a day, so far more than a life of them.
const maxFile = 64 << 20

// Ways to publish.
const (
	HowFile    = "file"
	HowMail    = "mail"
	HowWebhook = "webhook"
	HowStamp   = "stamp"
)

// Record is one try to publish a checkpoint.
type Record struct {
	At    time.Time `json:"at"`
	Name  string    `json:"name,omitempty"` // of the publication: its file in log/checkpoints
	Size  int64     `json:"size"`
	Root  string    `json:"root"`
	How   string    `json:"how"`
	Where string    `json:"where"` // the file, the channel's name, the server without its secrets
	OK    bool      `json:"ok"`
	Said  string    `json:"said,omitempty"` // what the other side answered
	Err   string    `json:"err,omitempty"`
}

// ReadRecords reads records, oldest first. Lines that cannot be read are passed over and counted: the records are a note
// for people and for the next start, and prove nothing by themselves.
func ReadRecords(r io.Reader) (list []Record, broken int, err error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile))
	if err != nil {
		return nil, 0, fmt.Errorf("reading what was published: %w", err)
	}
	for line := range bytes.Lines(b) {
		var rec Record
		if json.Unmarshal(line, &rec) != nil || rec.How == "" || rec.Size < 0 {
			broken++
			continue
		}
		list = append(list, rec)
	}
	return list, broken, nil
}

// readFile reads the records of a log; none is no error.
func readFile(path string) ([]Record, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, _, err := ReadRecords(f)
	return list, err
}

// appendRecord writes a record, synced. A line that a crash left without its end is ended first.
func appendRecord(path string, rec Record) error {
	b, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	_, statErr := os.Lstat(path) // whether the name is new, and its folder to be synced
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	// A file that ends within a line was being written when the machine stopped; that record is lost, the others are not.
	last := []byte{'\n'}
	if st, err := f.Stat(); err == nil && st.Size() > 0 {
		if _, err := f.ReadAt(last, st.Size()-1); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if last[0] != '\n' {
		b = append([]byte{'\n'}, b...)
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil && statErr != nil {
		err = syncFolder(filepath.Dir(path))
	}
	return err
}

// errOther is what writeOnce returns where something else has the name.
var errOther = errors.New("there is a file of this name with something else in it")

// writeOnce writes a file that is never replaced by other content. One that is there and is the same is fine, and one
// that a crash cut short is made whole.
func writeOnce(path string, b []byte, mode fs.FileMode) error {
	was, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(was, b):
		return nil
	case err == nil && !bytes.HasPrefix(b, was):
		return fmt.Errorf("writing %s: %w", path, errOther)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.OpenFile(path+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".tmp"))
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes new names in a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
