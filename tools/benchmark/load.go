package main

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Phases of a load. Only what ends while measuring is counted.
const (
	warming int32 = iota
	measuring
	stopped
)

// load is one run: all its connections, from warm-up to the result.
type load struct {
	o       *options
	target  *target
	workers []*worker
	phase   atomic.Int32
	stop    chan struct{} // closed at the end
	counted atomic.Int64  // requests and failures while measuring
	enough  chan struct{} // closed when -requests are counted
}

func newLoad(o *options, t *target) *load {
	l := &load{o: o, target: t, stop: make(chan struct{}), enough: make(chan struct{})}
	for i := 0; i < o.connections; i++ {
		l.workers = append(l.workers, newWorker(l))
	}
	return l
}

func (l *load) running() bool { return l.phase.Load() != stopped }

// countOne is false once there are enough.
func (l *load) countOne() bool {
	if l.o.requests == 0 {
		return true
	}
	count := l.counted.Add(1)
	if count == l.o.requests {
		close(l.enough)
	}
	return count <= l.o.requests
}

// run does the whole load; `announce` is called with "begin" and "end" of the measurement.
func (l *load) run(announce func(event string)) *result {
	var all sync.WaitGroup
	for i, w := range l.workers {
		delay := l.o.rampUp * time.Duration(i) / time.Duration(len(l.workers))
		all.Add(1)
		go func(w *worker) {
			defer all.Done()
			w.run(delay)
		}(w)
	}
	time.Sleep(l.o.rampUp + l.o.warmUp)

	announce("begin")
	before, began, used := l.bytesEach(), time.Now(), ownCPU()
	l.phase.Store(measuring)
	l.wait()
	l.phase.Store(stopped)
	after, ended := l.bytesEach(), time.Now()
	r := &result{ClientCPU: ownCPU() - used, Seconds: ended.Sub(began).Seconds()}
	r.Unfinished, r.OldestUnfinished = l.unfinished(ended)
	announce("end")

	close(l.stop)
	for _, w := range l.workers {
		w.interrupt()
	}
	all.Wait()
	r.collect(l, before, after)
	return r
}

func (l *load) wait() {
	if l.o.requests > 0 {
		<-l.enough
		return
	}
	time.Sleep(l.o.duration)
}

func (l *load) bytesEach() []int64 {
	each := make([]int64, len(l.workers))
	for i, w := range l.workers {
		each[i] = w.bytes.Load()
	}
	return each
}

// unfinished counts the running requests, and says for how long the oldest has run, in ms: a request
// that never ends has no latency to be seen by.
func (l *load) unfinished(now time.Time) (int, float64) {
	count, oldest := 0, time.Duration(0)
	for _, w := range l.workers {
		if begun := w.begun.Load(); begun != 0 {
			count++
			if age := now.Sub(time.Unix(0, begun)); age > oldest {
				oldest = age
			}
		}
	}
	return count, milliseconds(int64(oldest))
}

// ownCPU is the CPU time of this process, in seconds.
func ownCPU() float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}
