package main

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// afterFailure is how long a connection waits after a failed request, so that a server that fails at
// once does not turn the measurement into one of failing.
const afterFailure = 10 * time.Millisecond

// worker is one connection at a time, and what it saw.
type worker struct {
	load  *load
	bytes atomic.Int64 // of bodies, since its start
	begun atomic.Int64 // when the running request began, Unix nanoseconds; 0: none is running

	lock    sync.Mutex // of `stream`, which the load interrupts at the end
	stream  *stream
	timer   *time.Timer
	checked bool // a first response of this connection was compared

	offset int64 // of the next body byte, for the comparison
	wrong  bool
	paced  time.Time // when the running response began, for the rate
	inBody int64     // its bytes so far

	latencies  []int64 // nanoseconds
	firstBytes []int64
	errors     map[string]int64
	early      map[string]int64 // errors during the warm-up
	missed     int64            // requests of an -interval that were not sent, for one before them ran
	reconnects int64            // connections the server ended politely
}

func newWorker(l *load) *worker {
	w := &worker{load: l, errors: map[string]int64{}, early: map[string]int64{}}
	w.timer = time.NewTimer(time.Hour)
	w.timer.Stop()
	return w
}

// run sends requests until the load stops.
func (w *worker) run(delay time.Duration) {
	w.pause(delay)
	for due := time.Now(); w.load.running(); due = w.next(due) {
		w.pause(time.Until(due))
		if !w.load.running() {
			break
		}
		kind := w.request(time.Now())
		if kind != "" {
			w.drop()
			w.failed(kind)
			w.pause(afterFailure)
		}
	}
	w.drop()
}

// next says when the request after that of `due` is due. Those that were due while it ran are missed.
func (w *worker) next(due time.Time) time.Time {
	interval := w.load.o.interval
	if interval <= 0 {
		return due
	}
	passed := time.Since(due) / interval
	if w.load.phase.Load() == measuring {
		w.missed += int64(passed)
	}
	return due.Add((passed + 1) * interval)
}

// pause sleeps, or less if the load stops.
func (w *worker) pause(length time.Duration) {
	if length <= 0 {
		return
	}
	w.timer.Reset(length)
	select {
	case <-w.timer.C:
	case <-w.load.stop:
		w.timer.Stop()
	}
}

// request does one, beginning now; it returns the kind of its failure.
func (w *worker) request(now time.Time) string {
	w.begun.Store(now.UnixNano())
	defer w.begun.Store(0)
	if w.stream == nil {
		if kind := w.connect(); kind != "" {
			return kind
		}
	}
	s := w.stream
	s.touch()
	if _, err := s.conn.Write(w.load.target.request); err != nil {
		return kindOf(err, false)
	}
	head, err := s.head()
	first := time.Now()
	if err != nil {
		return kindOf(err, s.end > s.start)
	}
	if w.load.o.rate > 0 {
		w.sawFirstByte(first.Sub(now))
	}
	w.beginBody(first, head.status == w.load.o.status)
	size, err := s.body(head)
	if err != nil {
		return kindOf(err, true)
	}
	if kind := w.judge(head, size); kind != "" {
		return kind
	}
	w.succeeded(time.Since(now), first.Sub(now))
	if !head.keepAlive {
		w.reconnects++
		w.drop()
	}
	return ""
}

func (w *worker) connect() string {
	s, err := dial(w.load.o, w.load.target)
	if err != nil {
		if kind := kindOf(err, false); kind == "timeout" {
			return "connect_timeout"
		}
		return "connect"
	}
	s.copies = w.load.o.copyBody || w.load.o.rate > 0
	s.taken = w.took
	w.checked = false
	w.lock.Lock()
	w.stream = s
	w.lock.Unlock()
	if !w.load.running() { // the interruption may have come before there was a stream
		s.conn.SetDeadline(time.Unix(1, 0))
	}
	return ""
}

// beginBody sets up the comparison of the body that comes, if it is to be compared.
func (w *worker) beginBody(now time.Time, expected bool) {
	o := w.load.o
	w.offset, w.wrong, w.paced, w.inBody = 0, false, now, 0
	compare := expected && w.load.target.expect != nil &&
		(o.verify == "all" || (o.verify == "first" && !w.checked))
	w.stream.sink = nil
	if compare {
		w.checked = true
		w.stream.sink = w.compare
	}
}

func (w *worker) compare(data []byte) {
	expect := w.load.target.expect
	end := w.offset + int64(len(data))
	if end > int64(len(expect)) || !bytes.Equal(data, expect[w.offset:end]) {
		w.wrong = true
	}
	w.offset = end
}

// took learns of body bytes as they come; with a rate it sleeps them off.
func (w *worker) took(n int) {
	w.bytes.Add(int64(n))
	w.inBody += int64(n)
	if rate := w.load.o.rate; rate > 0 {
		due := time.Duration(float64(w.inBody) / float64(rate) * float64(time.Second))
		w.pause(due - time.Since(w.paced))
	}
}

// judge says what is wrong with a response that came to its end.
func (w *worker) judge(head responseHead, size int64) string {
	expect := w.load.target.expect
	switch {
	case head.status != w.load.o.status:
		return fmt.Sprintf("status_%d", head.status)
	case expect != nil && size != int64(len(expect)):
		return "wrong_length"
	case w.wrong:
		return "wrong_body"
	case w.stream.start != w.stream.end:
		return "bytes_after_body"
	}
	return ""
}

func (w *worker) drop() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.stream != nil {
		w.stream.conn.Close()
		w.stream = nil
	}
}

// interrupt makes a waiting read or write fail.
func (w *worker) interrupt() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.stream != nil {
		w.stream.conn.SetDeadline(time.Unix(1, 0))
	}
}

func (w *worker) succeeded(whole, first time.Duration) {
	if w.load.phase.Load() != measuring || !w.load.countOne() {
		return
	}
	w.latencies = append(w.latencies, int64(whole))
	if w.load.o.rate == 0 {
		w.firstBytes = append(w.firstBytes, int64(first))
	}
}

// sawFirstByte records the first byte of a response that may be longer than the measurement.
func (w *worker) sawFirstByte(after time.Duration) {
	if phase := w.load.phase.Load(); phase == warming || phase == measuring {
		w.firstBytes = append(w.firstBytes, int64(after))
	}
}

func (w *worker) failed(kind string) {
	switch w.load.phase.Load() {
	case warming:
		w.early[kind]++
	case measuring:
		if w.load.countOne() {
			w.errors[kind]++
		}
	}
}
