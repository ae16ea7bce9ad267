package unit

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"weir/internal/fault"
)

// Resolve resolves env:NAME and file:PATH; anything else is the secret itself. Relative paths lie in folder, and
// env gives a variable's value. It is for files of their own that hold secrets, too. Errors never quote the secret.
//
// The last line end of a file is cut off, since editors add one; blanks are kept, since a secret may end in one.
func Resolve(text, folder string, env func(name string) (string, bool)) (string, error) {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		v, found := env(name)
		if !found || v == "" {
			return "", fmt.Errorf("the environment has no %s", name)
		}
		return v, nil
	}
	path, ok := strings.CutPrefix(text, "file:")
	if !ok {
		return text, nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("the secret's file %s cannot be read: %s", path, fault.Innermost(err))
	}
	defer func() { _ = f.Close() }() // read only
	data, err := io.ReadAll(io.LimitReader(f, maxSecret))
	if err != nil {
		return "", fmt.Errorf("the secret's file %s cannot be read: %s", path, fault.Innermost(err))
	}
	if s := strings.TrimRight(string(data), "\r\n"); s != "" {
		return s, nil
	}
	return "", fmt.Errorf("the secret's file %s is empty", path)
}

// maxSecret bounds a secret's file: far above any that a person writes.
const maxSecret = 1 << 20
