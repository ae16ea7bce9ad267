package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter" //nolint:depguard // ASCII alone, and aligned in files too
	"time"

	"weir/event"
	"weir/processors/parse"
	"weir/processors/parse/format"
)

// shared is work that both can do: a line, the rule of liblognorm that takes it apart, and a member that is only there where the
// rule did.
type shared struct{ name, line, rule, member string }

var sharedWork = []shared{
	{"sshd", "<38>Mar 10 11:00:00 web1 sshd[24200]: Failed password for invalid user webmaster from 198.51.100.186 port 38926 ssh2",
		`Failed password for invalid user %user:word% from %ip:ipv4% port %port:number% ssh2`, "user"},
	{"Cisco ASA", "<166>Mar 10 11:00:00 fw1 asa: %ASA-6-302013: Built outbound TCP connection 11757 for outside:198.51.100.9/443 (198.51.100.9/443) to inside:10.1.98.44/51772 (10.1.98.44/51772)",
		`%%ASA-%severity:number%-%code:number%: Built %direction:word% %transport:word% connection %id:number% for %outif:char-to{"extradata":":"}%:%dst:ipv4%/%dport:number% (%dnat:ipv4%/%dnatport:number%) to %inif:char-to{"extradata":":"}%:%src:ipv4%/%sport:number% (%snat:ipv4%/%snatport:number%)`, "snatport"},
	{"nginx", `<190>Mar 10 11:00:00 web1 nginx: 198.51.100.7 - kim [10/Mar/2024:11:00:00 +0000] "GET /a/b?c=d HTTP/1.1" 200 512 "https://www.example.org/" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"`,
		`%ip:ipv4% - %user:word% [%time:char-to{"extradata":"]"}%] "%method:word% %url:word% HTTP/%version:char-to{"extradata":"\""}%" %status:number% %bytes:number% "%referrer:char-to{"extradata":"\""}%" "%agent:char-to{"extradata":"\""}%"`, "agent"},
	{"FortiGate, pairs", `<189>Mar 10 11:00:00 fw1 fgt: date=2024-03-10 time=11:00:00 devname=fw1 devid=FGT60F0000000001 logid=0000000013 type=traffic subtype=forward level=notice vd=root srcip=10.1.100.11 srcport=54190 srcintf=port12 srcintfrole=undefined dstip=198.51.100.22 dstport=443 dstintf=port11 dstintfrole=undefined sessionid=3652 proto=6 action=close policyid=1 policytype=policy service=HTTPS dstcountry=Reserved srccountry=Reserved trandisp=snat transip=192.0.2.1 transport=54190 duration=10 sentbyte=1500 rcvdbyte=9000 sentpkt=12 rcvdpkt=14`,
		`%[{"name":".", "type":"name-value-list"}]%`, "rcvdpkt"},
}

// headRule takes the header apart: a line of a file has it in its message.
const headRule = `<%priority:number%>%date:date-rfc3164% %host:word% %tag:char-to{"extradata":":"}%: `

// peerLines is how many lines the peer reads, so that its start does not count.
const peerLines = 100_000

// peerRuns is how often both are measured; the medians count.
const peerRuns = 3

// peers measures rsyslog beside weir on the same lines. Where it is not installed one line says so.
func peers(set *format.Set, out io.Writer) error {
	rsyslogd, err := exec.LookPath("rsyslogd")
	if err != nil {
		_, err = fmt.Fprintln(out, "\nno peer: rsyslogd is not installed")
		return err
	}
	fmt.Fprintf(out, "\nbeside rsyslog, CPU us/event: both read the same %d lines from a file, parse header and message and write JSON to a file;\nweir writes all of ECS, rsyslog the members that its rule names\n\n", peerLines)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "line\tweir\trsyslog\tof which mmnormalize\tweir/rsyslog\t")
	for _, s := range sharedWork {
		ours, with, alone, err := inTurns(set, rsyslogd, s)
		if err != nil {
			fmt.Fprintf(w, "%s\t%.1f\t%v\t\t\t\n", s.name, ours, err)
			continue
		}
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%.2f\t\n", s.name, ours, with, alone, ours/with)
	}
	return w.Flush()
}

// inTurns measures both on one line, one after the other and again, and returns medians in microseconds: of weir, of rsyslog, and
// of what mmnormalize adds to rsyslog.
func inTurns(set *format.Set, rsyslogd string, s shared) (ours, with, alone float64, err error) {
	var a, b, c []float64
	for range peerRuns {
		one, err := whole(set, s.line)
		if err != nil {
			return 0, 0, 0, err
		}
		a = append(a, micro(one))
		bare, err := rsyslog(rsyslogd, s, false)
		if err != nil {
			return median(a), 0, 0, err
		}
		full, err := rsyslog(rsyslogd, s, true)
		if err != nil {
			return median(a), 0, 0, err
		}
		b, c = append(b, micro(full)), append(c, micro(full-bare))
	}
	return median(a), median(b), median(c), nil
}

// micro is a time in microseconds.
func micro(d time.Duration) float64 { return float64(d) / 1e3 }

// whole returns the CPU time of one line of a file that is read, parsed and written as JSON to another file.
func whole(set *format.Set, line string) (time.Duration, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	dir, err := os.MkdirTemp("", "parsebench")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "in")
	if err := os.WriteFile(in, bytes.Repeat([]byte(line+"\n"), peerLines), 0o600); err != nil {
		return 0, err
	}
	p, err := parse.New(parse.Options{DefaultZone: time.UTC, Formats: set, History: true})
	if err != nil {
		return 0, err
	}
	before, err := used()
	if err != nil {
		return 0, err
	}
	if err := parseFile(p, in, filepath.Join(dir, "out")); err != nil {
		return 0, err
	}
	after, err := used()
	return (after - before) / peerLines, err
}

// parseFile parses the lines of a file into another one.
func parseFile(p *parse.Parser, in, out string) error {
	from, err := os.Open(in)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(out)
	if err != nil {
		return err
	}
	defer to.Close()
	w := bufio.NewWriterSize(to, 256<<10)
	var e event.Event
	var doc []byte
	emit := func(e *event.Event) error {
		doc = append(e.AppendJSON(doc[:0]), '\n')
		_, err := w.Write(doc)
		return err
	}
	raw := rawOf("")
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		raw.Value = lines.Bytes()
		if err := p.Parse(&raw, &e, emit); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return w.Flush()
}

// rsyslog returns the CPU time of one line, with or without mmnormalize. It lives in a folder of its own and ends here.
func rsyslog(bin string, s shared, normalise bool) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "parsebench")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	in, result := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, bytes.Repeat([]byte(s.line+"\n"), peerLines), 0o600); err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "rules"), []byte("version=2\nrule=:"+headRule+s.rule+"\n"), 0o600); err != nil {
		return 0, err
	}
	conf := `global(workDirectory="` + dir + `")
module(load="imfile")
module(load="mmnormalize")
template(name="json" type="list") { property(name="jsonmesg") constant(value="\n") }
input(type="imfile" file="` + in + `" tag="x" ruleset="r")
ruleset(name="r" parser="rsyslog.rfc3164") {
`
	if normalise {
		conf += `action(type="mmnormalize" rulebase="` + filepath.Join(dir, "rules") + `" useRawMsg="off")
`
	}
	conf += `action(type="omfile" file="` + result + `" template="json" asyncWriting="off" flushOnTXEnd="off" ioBufferSize="256k")
}
`
	confFile := filepath.Join(dir, "conf")
	if err := os.WriteFile(confFile, []byte(conf), 0o600); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "-n", "-f", confFile, "-i", filepath.Join(dir, "pid"))
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	err = arrived(ctx, result)
	// It is asked to end, so that its memory is written out and its time is whole.
	if stop := cmd.Process.Signal(syscall.SIGTERM); err == nil {
		err = stop
	}
	_ = cmd.Wait() // how it ended says nothing: it was asked to
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	if text, err := os.ReadFile(result); normalise && (err != nil || !bytes.Contains(firstLine(text), []byte(`"`+s.member+`":`))) {
		return 0, fmt.Errorf("its rule does not fit: %.300s", firstLine(text))
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return used / peerLines, nil
}

// firstLine returns what stands before the first line break.
func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}

// arrived waits until nothing more is written to a file that has something.
func arrived(ctx context.Context, name string) error {
	last, same := int64(0), 0
	for {
		select {
		case <-ctx.Done():
			return errors.New("it wrote nothing in time")
		case <-time.After(300 * time.Millisecond):
		}
		info, err := os.Stat(name)
		if err != nil || info.Size() == 0 || info.Size() != last {
			if err == nil {
				last = info.Size()
			}
			same = 0
			continue
		}
		if same++; same >= 4 {
			return nil
		}
	}
}
