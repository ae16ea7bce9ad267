package config

import (
	"testing"
)

func TestLoad_Precedence(t *testing.T) {
	path := write(t, "data: ./from-file\nbus:\n  prefix: file.\n  compression: zstd\n")
	env := []string{"WEIR_BUS_PREFIX=env.", "WEIR_DATA=./from-env", "WEIR_BUS_BROKERS=a:1, b:2", "WEIR_INPUTS_SYSLOG_TLS_LISTEN="}
	l, err := Load(path, env, Override{Key: "data", Value: "./from-flag", By: "--data"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range l.Entries() {
		got[e.Key] = e.Value + " from " + e.Origin
	}
	for key, want := range map[string]string{
		"data":                     "./from-flag from --data",
		"bus.prefix":               "env. from environment WEIR_BUS_PREFIX",
		"bus.compression":          "zstd from " + path + ":4",
		"bus.brokers":              "[a:1, b:2] from environment WEIR_BUS_BROKERS",
		"inputs.syslog.tls.listen": `"" from environment WEIR_INPUTS_SYSLOG_TLS_LISTEN`,
		"log.level":                "info from default",
	} {
		if got[key] != want {
			t.Errorf("%s = %s, want %s", key, got[key], want)
		}
	}
}
