package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors/parse"
	"weir/processors/parse/format"
)

// shared is work that both can do: a line, and the rule of liblognorm that takes it apart. weir makes more of it (names of
// ECS, categories), which is told with the figures.
type shared struct{ name, line, rule string }

var sharedWork = []shared{
	{"sshd, a failed login", "<38>Mar 10 11:00:00 web1 sshd[24200]: Failed password for invalid user webmaster from 198.51.100.186 port 38926 ssh2",
		`rule=:%-:char-to:F%Failed password for invalid user %user:word% from %ip:ipv4% port %port:number% ssh2` + "\n" +
			`rule=: Failed password for invalid user %user:word% from %ip:ipv4% port %port:number% ssh2` + "\n" +
			`rule=:Failed password for invalid user %user:word% from %ip:ipv4% port %port:number% ssh2`},
	{"key=value, as a FortiGate writes", `<189>Mar 10 11:00:00 fw1 fgt: date=2024-03-10 time=11:00:00 devname=fw1 devid=FGT60F0000000001 logid=0000000013 type=traffic subtype=forward level=notice vd=root srcip=10.1.100.11 srcport=54190 srcintf=port12 srcintfrole=undefined dstip=198.51.100.22 dstport=443 dstintf=port11 dstintfrole=undefined sessionid=3652 proto=6 action=close policyid=1 policytype=policy service=HTTPS dstcountry=Reserved srccountry=Reserved trandisp=snat transip=192.0.2.1 transport=54190 duration=10 sentbyte=1500 rcvdbyte=9000 sentpkt=12 rcvdpkt=14`,
		`rule=:%[{"name":".", "type":"name-value-list"}]%` + "\n" + `rule=: %[{"name":".", "type":"name-value-list"}]%`},
}

// peerLines is how many lines the peer reads, so that its start does not count.
const peerLines = 200_000

// peers measures rsyslog beside weir on the same lines. Where it is not installed one line says so.
func peers(set *format.Set, d time.Duration, out io.Writer) error {
	rsyslogd, err := exec.LookPath("rsyslogd")
	if err != nil {
		_, err = fmt.Fprintln(out, "\nno peer: rsyslogd is not installed")
		return err
	}
	fmt.Fprintf(out, "\nthe same lines, CPU per event of whole processes: rsyslog reads a file, its header, normalises and writes JSON to a file; weir parses to ECS JSON in memory\n")
	for _, s := range sharedWork {
		ours, err := plainMeasure(set, s.line, d)
		if err != nil {
			return err
		}
		bare, err := rsyslog(rsyslogd, s, false)
		if err == nil {
			var with time.Duration
			if with, err = rsyslog(rsyslogd, s, true); err == nil {
				fmt.Fprintf(out, "%s: weir %.0f ns; rsyslog %d ns, of which mmnormalize %d ns\n", s.name, ours, with.Nanoseconds(), (with - bare).Nanoseconds())
				continue
			}
		}
		fmt.Fprintf(out, "%s: weir %.0f ns; no peer: %v\n", s.name, ours, err)
	}
	return nil
}

// plainMeasure is measure for a line that is recognised by what it says.
func plainMeasure(set *format.Set, line string, d time.Duration) (float64, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p, err := parse.New(parse.Options{DefaultZone: time.UTC, Formats: set, History: true})
	if err != nil {
		return 0, err
	}
	raw := record.Raw{Value: []byte(line), Received: time.Date(2024, 3, 10, 12, 0, 0, 0, time.UTC), Input: "syslog", Peer: netip.MustParseAddrPort("192.0.2.1:514"), Proto: "udp"}
	var e event.Event
	var doc []byte
	r, err := timed(func() error {
		return p.Parse(&raw, &e, func(e *event.Event) error { doc = e.AppendJSON(doc[:0]); return nil })
	}, d)
	return r.ns, err
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
	if err := os.WriteFile(filepath.Join(dir, "rules"), []byte("version=2\n"+s.rule+"\n"), 0o600); err != nil {
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
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "-n", "-f", confFile, "-i", filepath.Join(dir, "pid"))
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	err = arrived(ctx, result)
	// It is asked to end, so that its memory is written out and its time is whole.
	if stop := cmd.Process.Signal(os.Interrupt); err == nil {
		err = stop
	}
	_ = cmd.Wait() // how it ended says nothing: it was asked to
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return used / peerLines, nil
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
