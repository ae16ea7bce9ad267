// Package tcpconn reads records of TCP connections, as the eBPF input writes them, into ECS.
package tcpconn

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"weir/event"
	"weir/processors/enrich/community"
	"weir/processors/parse/internal/ends"
)

// errNoConnection means that the text is no record of a connection; the event stays a plain one.
var errNoConnection = errors.New("no record of a connection")

// Parse reads one record. The process is that of this machine, whichever end it is; source is the end that began the
// connection, as in every log of a firewall, so that the records of both ends say the same of the connection itself.
//
// The record may have been written by any Kafka client: nothing in it is taken for granted, and what cannot be is left out.
// Strings of the event alias msg, as everywhere in a parser.
func Parse(e *event.Event, msg string) error {
	v, err := event.ParseValue(unsafe.Slice(unsafe.StringData(msg), len(msg)))
	if err != nil {
		return err
	}
	end := v.Get("end").Str()
	how, ok := endings[end]
	if !ok {
		return errNoConnection
	}
	c := conn{e: e, v: v, end: end, inbound: v.Get("direction").Str() == "inbound"}
	c.when()
	c.parties()
	c.process()
	c.tcp()
	c.outcome(how)
	e.SetStr(event.Message, c.sentence(how))
	return nil
}

// how is what ECS and a reader are told of one way to end.
type how struct {
	action string
	types  event.Value
	words  string // behind the two ends, in the message
}

// The events of connections have few different values.
var (
	category = event.Strs("network")
	ended    = event.Strs("connection", "end")
	lasting  = event.Strs("connection", "info")
)

// endings are all ways to end that the input writes.
var endings = map[string]how{
	"closed":      {"connection-closed", ended, "closed"},
	"reset":       {"connection-reset", ended, "reset"},
	"refused":     {"connection-refused", ended, "refused"},
	"timed_out":   {"connection-timed-out", ended, "timed out"},
	"unreachable": {"connection-unreachable", ended, "unreachable"},
	"abandoned":   {"connection-abandoned", ended, "abandoned"},
	"failed":      {"connection-failed", ended, "failed"},
	"open":        {"connection-open", lasting, "open"},
}

// conn is one record while it is read. It lives for one call of Parse.
type conn struct {
	e       *event.Event
	v       event.Value
	end     string
	inbound bool
}

// when sets the times: that of the event is the end of the connection, or of the report. A connection whose beginning was not
// seen has neither start nor duration: a guess would look like a measurement.
func (c *conn) when() {
	at, ok := parseTime(c.v.Get("time"))
	if !ok {
		return
	}
	c.e.Set(event.Timestamp, event.At(at))
	if c.end != "open" {
		c.e.Set(event.EventEnd, event.At(at))
	}
	if start, ok := parseTime(c.v.Get("start")); ok && !start.After(at) {
		c.e.Set(event.EventStart, event.At(start))
		c.e.SetInt(event.EventDuration, at.Sub(start).Nanoseconds())
	}
}

// parseTime reads a time as the input writes it, of a year that a clock can hold.
func parseTime(v event.Value) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, v.Str())
	return at, err == nil && at.Year() >= 1970 && at.Year() < 2250
}

// parties sets source, destination and network. What this end sent is what the source sent if it began, else what the
// destination did.
func (c *conn) parties() {
	near, far := &ends.Source, &ends.Destination
	direction := "egress"
	if c.inbound {
		near, far, direction = far, near, "ingress"
	}
	local, remote := c.v.Get("local"), c.v.Get("remote")
	c.party(near, local, "sent", "segments_out")
	c.party(far, remote, "received", "segments_in")
	e := c.e
	e.Set(event.NetworkDirection, event.Str(direction))
	e.Set(event.NetworkTransport, event.Str("tcp"))
	e.Set(event.NetworkIanaNumber, event.Str("6"))
	if ip := local.Get("ip").Str(); strings.IndexByte(ip, ':') >= 0 {
		e.Set(event.NetworkType, event.Str("ipv6"))
	} else if ip != "" {
		e.Set(event.NetworkType, event.Str("ipv4"))
	}
	e.SetInt(event.NetworkBytes, sum(c.v.Get("sent").Int(), c.v.Get("received").Int()))
	e.SetInt(event.NetworkPackets, sum(c.v.Get("segments_out").Int(), c.v.Get("segments_in").Int()))
	community.Set(e, community.Flow{
		Source: local.Get("ip").Str(), Destination: remote.Get("ip").Str(),
		SourcePort: local.Get("port").Int(), DestinationPort: remote.Get("port").Int(), Number: "6",
	})
}

// sum adds two counts and stays a count: 0 where the record holds nonsense.
func sum(a, b int64) int64 {
	if a < 0 || b < 0 || a+b < 0 {
		return 0
	}
	return a + b
}

// party sets one end: its address, and what it sent. ends.Address fills related.ip as well, by which both ends are found
// with one condition.
func (c *conn) party(side *ends.Side, v event.Value, bytes, segments string) {
	ends.Address(c.e, side, v.Get("ip").Str())
	if port := v.Get("port"); port.Kind() == event.Int && port.Int() >= 0 && port.Int() <= 65535 {
		c.e.Set(side.Port, port)
	}
	c.num(side.Bytes, bytes)
	c.num(side.Packets, segments)
}

// num sets a count, if the record has it. A text that looks like a number is none here: the input writes none, and what
// does not fit would only be moved away later.
func (c *conn) num(f event.Field, key string) {
	if v := c.v.Get(key); v.Kind() == event.Int && v.Int() >= 0 {
		c.e.Set(f, v)
	}
}

// process sets the process of this machine. Its user is given by number: names are looked up by nobody here, as the
// machine that parses is seldom the one that was watched.
func (c *conn) process() {
	e, v := c.e, c.v
	exe := v.Get("exe").Str()
	c.num(event.ProcessPID, "pid")
	c.num(event.ProcessThreadID, "tid")
	c.num(event.ProcessParentPID, "ppid")
	e.SetStr(event.ProcessName, processName(v.Get("comm").Str(), exe))
	e.SetStr(event.ProcessExecutable, exe)
	if at, ok := parseTime(v.Get("process_start")); ok {
		e.Set(event.ProcessStart, event.At(at))
	}
	if uid := v.Get("uid"); uid.Kind() == event.Int {
		e.Set(event.UserID, event.Str(strconv.FormatInt(uid.Int(), 10)))
	}
	if args := v.Get("args"); args.Kind() == event.List && args.Len() > 0 {
		e.Set(event.ProcessArgs, args)
		e.SetInt(event.ProcessArgsCount, int64(args.Len()))
		e.SetStr(event.ProcessCommandLine, commandLine(args))
	}
	e.SetStr(event.ContainerID, v.Get("container").Str())
}

// processName is the kernel's name of the process, or that of its file where the kernel has cut it off. A file that serves
// as many programs (busybox) has another name, and the kernel's is right.
func processName(comm, exe string) string {
	const cut = 15
	file := exe[strings.LastIndexByte(exe, '/')+1:]
	if comm == "" || len(comm) == cut && strings.HasPrefix(file, comm) {
		return file
	}
	return comm
}

// commandLine joins arguments as a person would write them, with quotes where an argument would fall apart. It is for
// reading and searching; process.args has the truth.
func commandLine(args event.Value) string {
	var b strings.Builder
	for i := range args.Len() {
		if i > 0 {
			b.WriteByte(' ')
		}
		if a := args.Item(i).Str(); a == "" || strings.ContainsAny(a, " \t\n\"'") {
			b.WriteString(strconv.Quote(a))
		} else {
			b.WriteString(a)
		}
	}
	return b.String()
}

// times are the fields for the time in each state. States that have none (listen, time_wait, close) are no part of a
// connection as the kernel shows it.
var times = map[string]event.Field{
	"syn_sent": event.WeirTcpTimeSynSentUs, "syn_recv": event.WeirTcpTimeSynRecvUs, "established": event.WeirTcpTimeEstablishedUs,
	"fin_wait1": event.WeirTcpTimeFinWait1Us, "fin_wait2": event.WeirTcpTimeFinWait2Us, "close_wait": event.WeirTcpTimeCloseWaitUs,
	"last_ack": event.WeirTcpTimeLastAckUs, "closing": event.WeirTcpTimeClosingUs,
}

// tcp sets what ECS has no fields for. 0 is a value here: no retransmit is what one wants to see.
func (c *conn) tcp() {
	e, v := c.e, c.v
	e.SetStr(event.WeirTcpEnd, c.end)
	e.SetStr(event.WeirTcpResetBy, v.Get("reset_by").Str())
	e.SetStr(event.WeirTcpError, v.Get("error").Str())
	c.num(event.WeirTcpRetransmits, "retransmits")
	c.num(event.WeirTcpResentBytes, "resent")
	c.num(event.WeirTcpRttSmoothedUs, "rtt_us")
	c.num(event.WeirTcpRttVariationUs, "rtt_var_us")
	c.num(event.WeirTcpRttMinUs, "rtt_min_us")
	c.num(event.WeirTcpSocket, "cookie")
	c.num(event.WeirTcpNetns, "netns")
	c.num(event.WeirTcpCgroup, "cgroup")
	if v.Get("partial").Bool() {
		e.Set(event.WeirTcpPartial, event.Truth(true))
	}
	if v.Get("listener").Bool() {
		e.Set(event.WeirTcpOwner, event.Str("listener"))
	}
	c.steps(func(state string, spent event.Value) {
		e.Append(event.WeirTcpStates, state)
		if f, ok := times[state]; ok && spent.Kind() == event.Int && spent.Int() >= 0 {
			e.Set(f, spent)
		}
	})
}

// steps calls fn for each state and its microseconds, in order. What is no pair is passed over.
func (c *conn) steps(fn func(state string, spent event.Value)) {
	list := c.v.Get("states")
	if list.Kind() != event.List {
		return
	}
	for i := range list.Len() {
		if pair := list.Item(i); pair.Kind() == event.List && pair.Len() == 2 {
			fn(pair.Item(0).Str(), pair.Item(1))
		}
	}
}

// outcome sets what kind of event this is. A connection that came about is a success, however it ended: browsers and load
// balancers reset what they no longer need, and how it ended stands in weir.tcp.end.
func (c *conn) outcome(h how) {
	e := c.e
	e.Set(event.EventCategory, category)
	e.Set(event.EventType, h.types)
	e.Set(event.EventAction, event.Str(h.action))
	outcome := "unknown"
	c.steps(func(state string, _ event.Value) {
		if state != "syn_sent" && state != "syn_recv" {
			outcome = "success"
		} else if outcome == "unknown" {
			outcome = "failure"
		}
	})
	e.Set(event.EventOutcome, event.Str(outcome))
}

// sentence is the message: what a person reads of the connection. The end of this machine stands first, and the arrow shows
// who began.
func (c *conn) sentence(h how) string {
	v := c.v
	b := make([]byte, 0, 160)
	if name := c.e.Str(event.ProcessName); name != "" {
		b = append(append(b, name...), '[')
		b = append(strconv.AppendInt(b, v.Get("pid").Int(), 10), "] "...)
	}
	arrow := " -> "
	if c.inbound {
		arrow = " <- "
	}
	b = appendAddress(b, v.Get("local"))
	b = appendAddress(append(b, arrow...), v.Get("remote"))
	b = append(append(b, ' '), h.words...)
	if by := v.Get("reset_by").Str(); by == "remote" {
		b = append(b, " by the other end"...)
	} else if by == "local" {
		b = append(b, " by this end"...)
	}
	if at := c.e.Get(event.EventDuration); at.Kind() == event.Int {
		b = append(append(b, " after "...), rounded(time.Duration(at.Int())).String()...)
	}
	b = append(strconv.AppendInt(append(b, ", sent "...), v.Get("sent").Int(), 10), " B"...)
	b = append(strconv.AppendInt(append(b, ", received "...), v.Get("received").Int(), 10), " B"...)
	if n := v.Get("retransmits").Int(); n > 0 {
		b = strconv.AppendInt(append(b, ", retransmits "...), n, 10)
	}
	if rtt := v.Get("rtt_us").Int(); rtt > 0 {
		b = append(append(b, ", rtt "...), (time.Duration(rtt) * time.Microsecond).String()...)
	}
	return string(b)
}

// rounded leaves three digits or so.
func rounded(d time.Duration) time.Duration {
	for unit := time.Second; unit > time.Microsecond; unit /= 1000 {
		if d >= unit {
			return d.Round(unit / 1000)
		}
	}
	return d.Round(time.Microsecond)
}

// appendAddress appends an end as it is written: 192.0.2.1:443, [2001:db8::1]:443.
func appendAddress(b []byte, v event.Value) []byte {
	ip := v.Get("ip").Str()
	if strings.IndexByte(ip, ':') >= 0 {
		b = append(append(append(b, '['), ip...), ']')
	} else {
		b = append(b, ip...)
	}
	return strconv.AppendInt(append(b, ':'), v.Get("port").Int(), 10)
}
