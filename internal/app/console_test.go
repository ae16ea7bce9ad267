package app

import (
	"net"
	"strings"
	"testing"

	"weir/internal/config"
	"weir/internal/fault"
)

func TestBindPorts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, set := range map[string]func(*config.Config){
		"console": func(c *config.Config) { c.Console.Listen = taken.Addr().String() },
		"kafka":   func(c *config.Config) { c.Bus.Embedded.KafkaListen = taken.Addr().String() },
	} {
		cfg := config.Config{}
		cfg.Console.Listen = "127.0.0.1:0"
		set(&cfg)
		a := &App{cfg: cfg, log: silent()}
		err := a.bindPorts()
		if fault.Code(err) != "port-in-use" || !strings.Contains(err.Error(), name+" "+taken.Addr().String()) {
			t.Errorf("%s: %v", name, err)
		}
		if err := a.stack.Drain(t.Context(), silent()); err != nil {
			t.Error(err)
		}
	}
	a := &App{log: silent()}
	if err := a.bindPorts(); err != nil || a.consolePort != nil {
		t.Errorf("no port was wanted: %v (%v)", a.consolePort, err)
	}
}
