// Package proving answers what people ask about the archive as evidence: what is in it, whether it is as it was written, in
// a process that runs and for the files of one that does not.
package proving

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"weir/internal/app/build"
	"weir/internal/archive/logkey"
	"weir/internal/archive/replica"
	"weir/internal/archive/store"
	"weir/internal/archive/verify"
	"weir/internal/config"
	"weir/internal/fault"
)

// Places are where the archive of a configuration is: 1 the archive itself, then its bucket, then its copies.
func Places(cfg config.Config) []string {
	out := []string{build.Within(cfg, cfg.Archive.Folder)}
	if cfg.Archive.Bucket != "" {
		out = append(out, cfg.Archive.Bucket)
	}
	for _, c := range cfg.Archive.Copies {
		if !isBucket(c) {
			c = build.Within(cfg, c)
		}
		out = append(out, c)
	}
	return out
}

// Options are those of a check of copy number n, from 1.
func Options(ctx context.Context, cfg config.Config, n int) (verify.Options, error) {
	places := Places(cfg)
	if n < 1 || n > len(places) {
		f := &fault.Error{Code: "archive-copy", What: fmt.Sprintf("there is no copy %d of the archive", n), Where: "archive.copies", Exit: fault.ExitUsage,
			Why: fmt.Sprintf("places that the configuration names, the archive itself included: %d", len(places)), Do: "weir config show"}
		return verify.Options{}, f
	}
	o := verify.Options{Where: places[n-1], Copy: n > 1, Bucket: isBucket(places[n-1])}
	own := places[n-1 : n]
	if n == 1 && cfg.Archive.Bucket != "" {
		own, o.Bucket = places[:2], true // what is not in the folder any more is in the bucket
	}
	var parts []fs.FS
	for _, p := range own {
		st, err := openStore(ctx, cfg, p)
		if err != nil {
			return o, err
		}
		parts = append(parts, replica.FS(ctx, st))
	}
	if o.Files = parts[0]; len(parts) > 1 {
		o.Files = verify.Union(parts...)
	}
	o.Keys, o.Checkpoints = keys(cfg)
	return o, nil
}

// isBucket tells a bucket from a folder.
func isBucket(place string) bool { return strings.Contains(place, "://") }

// openStore opens a folder or a bucket.
func openStore(ctx context.Context, cfg config.Config, place string) (store.Store, error) {
	if !isBucket(place) {
		return store.NewFolder(place), nil
	}
	return store.OpenS3(ctx, place, store.S3Options{Region: cfg.Archive.S3.Region, Endpoint: cfg.Archive.S3.Endpoint})
}

// keys are the public key in the folder of keys, and the checkpoint that was signed last, which is kept beside it. Where the
// folder may not be read there is none, and the outcome says what that means.
func keys(cfg config.Config) (keys []string, kept []verify.Checkpoint) {
	folder := logkey.Folder(cfg.Data, cfg.Archive.Log.KeyFolder)
	v := ""
	if b, err := os.ReadFile(filepath.Join(folder, logkey.PublicName)); err == nil {
		v, _ = logkey.ParseVerifier(string(b)) // what is none is as good as missing
	} else if ring, err := logkey.Load(folder); err == nil {
		v = ring.Verifier() // a private key that somebody put there alone, as a mounted secret is
	}
	if v == "" {
		return nil, nil
	}
	last := filepath.Join(folder, lastName)
	if b, err := os.ReadFile(last); err == nil {
		kept = append(kept, verify.Checkpoint{Name: last, Text: b, Own: true})
	}
	return []string{v}, kept
}

// Signer finds the key that signed a checkpoint, for who may read the folder of keys; the function is nil where it cannot be
// read, and a package says so.
func Signer(cfg config.Config) func(checkpoint []byte) note.Signer {
	ring, err := logkey.Load(logkey.Folder(cfg.Data, cfg.Archive.Log.KeyFolder))
	if err != nil {
		return nil
	}
	return ring.SignerOf
}

// lastName is the checkpoint that the folder of keys keeps.
const lastName = "log.last"
