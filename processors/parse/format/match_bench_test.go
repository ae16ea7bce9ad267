package format

import (
	"os"
	"strings"
	"testing"

	"weir/processors/parse/header"
)

// BenchmarkRecognise asks the shipped formats about lines of several kinds, and about one of each of their own.
func BenchmarkRecognise(b *testing.B) {
	set, _ := Load(Source{Name: "shipped", FS: os.DirFS("../formats")})
	lines := map[string]string{
		"start":   "<166>Dec 10 2024 06:55:46 fw1 : %ASA-6-302013: Built outbound TCP connection 11757 for outside:192.0.2.1/80 (192.0.2.1/80) to inside:10.1.98.44/1772 (10.1.98.44/1772)",
		"program": "<38>Dec 10 06:55:46 web1 sshd[24200]: Failed password for invalid user webmaster from 192.0.2.186 port 38926 ssh2",
		"needle":  `<189>date=2024-12-10 time=06:55:46 devname="fw1" devid="FGT60F0000000001" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.100.11 srcport=54190 dstip=192.0.2.22 dstport=443`,
		"none":    "<13>Dec 10 06:55:46 web1 app[1]: there is nothing here that any format would know, however long it goes on about it",
		"json":    `{"@timestamp":"2024-12-10T06:55:46Z","level":"info","msg":"a program of nobody's says something in JSON","user":"kim","took":12}`,
	}
	for _, name := range []string{"start", "program", "needle", "none", "json"} {
		b.Run(name, func(b *testing.B) { recognise(b, set, []string{lines[name]}) })
	}
	var own []string
	for _, f := range set.List() {
		if len(f.Tests) > 0 && f.Tests[0].Raw != "" {
			own = append(own, f.Tests[0].Raw)
		}
	}
	b.Run("each", func(b *testing.B) { recognise(b, set, own) })
}

func recognise(b *testing.B, set *Set, lines []string) {
	heads := make([]header.Header, len(lines))
	looks := make([]Look, len(lines))
	for i, line := range lines {
		header.Read(line, &heads[i])
		looks[i] = Look{Line: line, Head: &heads[i], Program: heads[i].Program[strings.LastIndexByte(heads[i].Program, '/')+1:]}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		set.Recognise(&looks[i])
		if i++; i == len(looks) {
			i = 0
		}
	}
}
