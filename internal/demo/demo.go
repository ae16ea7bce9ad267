// Package demo is a minute in the life of a small office: one firewall, five hosts, and one attack, as syslog. It shows
// what weir does without any device at hand. All text is made here, from a seed; the same seed gives the same minute.
package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"
)

// Options say where and how fast to play. The zero value of everything but Addr is a minute in real time from now.
type Options struct {
	// Addr is host:port of a syslog TCP listener.
	Addr string
	// Speed is how many times faster than real time; 0 is 1.
	Speed float64
	// Start is the stamp of the first second, in the zone of the devices. Zero means now, and stamps that keep step with
	// sending: a receiver that compares them with its clock finds nothing wrong.
	Start time.Time
	// Seed: the same seed, start and speed give the same bytes.
	Seed uint64
}

// Played says what was sent.
type Played struct {
	Lines int
	// Bytes is without the framing.
	Bytes int
	// ByHost counts lines by the host name in their header.
	ByHost map[string]int
	Took   time.Duration
}

// step is the grain of the pace: lines that are due within one step go out together, so that a minute of logs costs a
// few dozen wake-ups a second and no more.
const step = 20 * time.Millisecond

// goodbye bounds the wait for the receiver to close its side after the last line.
const goodbye = 5 * time.Second

// Play sends the minute over one TCP connection, each record with its length before it (octet counting), so that
// nothing can be lost or glued together on the way. It returns when the receiver has taken everything, or when ctx
// ends; what was sent until then is in Played either way.
func Play(ctx context.Context, opt Options) (Played, error) {
	played := Played{ByHost: map[string]int{}}
	if opt.Speed <= 0 {
		opt.Speed = 1
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", opt.Addr)
	if err != nil {
		return played, fmt.Errorf("connecting the sample devices: %w", err)
	}
	defer conn.Close()
	// A receiver that exerts back-pressure blocks the write; an expired deadline releases it when ctx ends.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	began := time.Now()
	err = send(ctx, conn, lines(opt, began), opt.Speed, began, &played)
	if err == nil {
		err = finish(conn)
	}
	played.Took = time.Since(began)
	if ctx.Err() != nil {
		return played, ctx.Err()
	}
	if err != nil {
		return played, fmt.Errorf("playing the sample logs: %w", err)
	}
	return played, nil
}

// lines makes the script with the stamps that opt asks for. With a start of its own the script is a recording, whose stamps
// do not care how fast it is played.
func lines(opt Options, now time.Time) []Line {
	if opt.Start.IsZero() {
		return script(now, opt.Speed, opt.Seed)
	}
	return Script(opt.Start, opt.Seed)
}

// send writes the lines at their pace and counts those that were handed to the kernel whole.
func send(ctx context.Context, conn net.Conn, all []Line, speed float64, began time.Time, played *Played) error {
	w := bufio.NewWriterSize(conn, 64<<10)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var frame []byte
	for _, line := range all {
		due := time.Duration(float64(line.At.Truncate(step)) / speed)
		if wait := due - time.Since(began); wait > 0 {
			if err := w.Flush(); err != nil {
				return err
			}
			timer.Reset(wait)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-timer.C:
			}
		}
		frame = append(strconv.AppendInt(frame[:0], int64(len(line.Text)), 10), ' ')
		frame = append(frame, line.Text...)
		if _, err := w.Write(frame); err != nil {
			return err
		}
		played.Lines++
		played.Bytes += len(line.Text)
		played.ByHost[line.Host]++
	}
	return w.Flush()
}

// finish closes our side and waits until the receiver, having read to the end, closes its own. A receiver that leaves
// its side open has taken everything too as far as anyone can tell.
func finish(conn net.Conn) error {
	if tcp, ok := conn.(*net.TCPConn); ok {
		if err := tcp.CloseWrite(); err != nil {
			return err
		}
	}
	if err := conn.SetReadDeadline(time.Now().Add(goodbye)); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}
