package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestInventoryIsReloadedWhileRunning(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	defer stop(t, a)
	b := backend(t, cfg)
	file := filepath.Join(cfg.Data, cfg.Normalise.Inventory)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// A mistake first: the present inventory, an empty one, goes on.
	write("name,adresses\ngate-1,127.0.0.1\n")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	write("name,addresses,site\ngate-1,127.0.0.1,seoul\n")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		send(t, cfg, "a line without a header")
		docs := hits(t, b, "labels.site: seoul")
		if len(docs) > 0 {
			if !strings.Contains(docs[0], `"name":"gate-1"`) {
				t.Errorf("the device's name is not in %s", docs[0])
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the new inventory was never used")
		}
		time.Sleep(50 * time.Millisecond)
	}
}
