package relp

import (
	"bytes"
	"io"
	"strconv"
	"sync"
)

// Reply is the answer to one frame.
type Reply struct {
	Txn  uint32
	Data string // "" for an answer without data, as close gets; else code and text
}

// Answers that frames get. Senders look at the number alone; the text is for whoever reads a capture. After a 500 librelp
// gives the session up and sends what is unanswered over a new one.
const (
	OK      = "200 OK"
	Refused = "500 refused: over the limit, or the pipeline is full; send it again later"
	Unknown = "500 command not supported"
	NotOpen = "500 open the session first"
)

// Group is the answers to frames that went on together. Whoever calls Done must do so once.
type Group struct {
	answers *Answers
	replies []Reply
	ready   bool
}

// Answers keeps what is to be answered on one connection, in the order of the frames. The connection's reader adds
// groups, the front door's goroutines complete them, and Write, in a goroutine of its own, sends them: completing
// never waits for the network.
type Answers struct {
	window int
	mu     sync.Mutex
	queue  []*Group
	open   int           // frames not answered
	wake   chan struct{} // to Write: the head may be ready
	freed  chan struct{} // to the reader: open has shrunk
	ending bool
	broken bool
}

// NewAnswers makes an empty queue that lets window frames be unanswered.
func NewAnswers(window int) *Answers {
	return &Answers{window: window, wake: make(chan struct{}, 1), freed: make(chan struct{}, 1)}
}

// Room returns how many further frames may be taken now. Only the reader calls it.
func (a *Answers) Room() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.window - a.open
}

// Open returns how many frames are not answered.
func (a *Answers) Open() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.open
}

// Freed receives when Room may have grown, and when the connection is broken.
func (a *Answers) Freed() <-chan struct{} { return a.freed }

// Broken tells whether Write has ended with an error: nothing can be answered any more.
func (a *Answers) Broken() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.broken
}

// Add queues the answers to some frames; they are sent after Done. Add keeps replies.
func (a *Answers) Add(replies []Reply) *Group {
	g := &Group{answers: a, replies: replies}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queue = append(a.queue, g)
	a.open += len(replies)
	return g
}

// Done completes a group: with an error, every answer of 200 becomes a refusal.
func (g *Group) Done(err error) {
	a := g.answers
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		for i := range g.replies {
			if g.replies[i].Data == OK {
				g.replies[i].Data = Refused
			}
		}
	}
	g.ready = true
	poke(a.wake)
}

// Finish says that no group will be added; Write returns when all are answered.
func (a *Answers) Finish() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ending = true
	poke(a.wake)
}

// Break makes Write return without waiting for groups that are not done.
func (a *Answers) Break() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.broken = true
	poke(a.wake)
	poke(a.freed)
}

// Write sends answers to w until Finish and the last answer, Break, or an error of w. What is ready together is
// written at once.
func (a *Answers) Write(w io.Writer) error {
	var out []byte
	for range a.wake {
		for {
			var sent int
			var last bool
			out, sent, last = a.collect(out[:0])
			if sent > 0 {
				if _, err := w.Write(out); err != nil {
					a.Break()
					return err
				}
				a.answered(sent)
			}
			if last {
				return nil
			}
			if sent == 0 {
				break
			}
		}
	}
	return nil
}

// collect takes the groups at the head that are done.
func (a *Answers) collect(out []byte) (frames []byte, sent int, last bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for n < len(a.queue) && a.queue[n].ready && !a.broken {
		for _, r := range a.queue[n].replies {
			out = AppendReply(out, r)
			sent++
		}
		a.queue[n] = nil
		n++
	}
	a.queue = a.queue[n:]
	return out, sent, a.broken || a.ending && len(a.queue) == 0
}

// answered gives the room of n answers back once they are written.
func (a *Answers) answered(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open -= n
	poke(a.freed)
}

// poke wakes whoever waits on c, now or later; several pokes are one.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// AppendReply appends a rsp frame. An answer without data has no blank behind its length, as librelp writes it.
func AppendReply(dst []byte, r Reply) []byte {
	dst = strconv.AppendUint(dst, uint64(r.Txn), 10)
	dst = append(dst, " rsp "...)
	dst = strconv.AppendInt(dst, int64(len(r.Data)), 10)
	if r.Data != "" {
		dst = append(append(dst, ' '), r.Data...)
	}
	return append(dst, '\n')
}

// ServerClose is the hint that the server ends the session.
const ServerClose = "0 serverclose 0\n"

// OpenReply answers the offers of an open frame. ok is false where the versions have nothing in common.
func OpenReply(offers []byte, software string) (data string, ok bool) {
	version := "0"
	for line := range bytes.SplitSeq(offers, []byte("\n")) {
		name, value, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\r")), []byte("="))
		if string(name) != "relp_version" {
			continue
		}
		n, err := strconv.ParseUint(string(value), 10, 16)
		if err != nil {
			return "500 relp_version is not a number", false
		}
		version = strconv.FormatUint(min(n, 1), 10)
	}
	return OK + "\nrelp_version=" + version + "\nrelp_software=" + software + "\ncommands=syslog", true
}
