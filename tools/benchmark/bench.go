// Command bench loads one URL over many keep-alive HTTP/1.1 connections and counts what comes back.
//
// It is made to cost little, because it runs on the cores of the proxy it measures: requests are
// written as prepared bytes, heads are parsed by hand, and bodies are dropped in the kernel instead of
// being copied (-copy switches that off). It is also made to notice every failure: lengths are always
// checked, contents on the first response of each connection (-verify), and whatever is not the
// expected answer counts as an error under a name of its own.
//
// On standard output it prints "begin" when the warm-up is over, "end" when the measurement is, and
// then one JSON object (report.go says what is in it).
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// options are the command line; see flags() for what each means.
type options struct {
	url         string
	connections int
	duration    time.Duration
	requests    int64
	warmUp      time.Duration
	rampUp      time.Duration
	rate        int64
	receive     int
	interval    time.Duration
	timeout     time.Duration
	status      int
	expect      string
	verify      string
	copyBody    bool
	headers     headerFlags
	out         string
}

// headerFlags collects -header "Name: value".
type headerFlags []string

func (h *headerFlags) String() string { return strings.Join(*h, ", ") }

func (h *headerFlags) Set(line string) error {
	if !strings.Contains(line, ":") || strings.ContainsAny(line, "\r\n") {
		return fmt.Errorf("%q is not of the form 'Name: value'", line)
	}
	*h = append(*h, line)
	return nil
}

func flags(set *flag.FlagSet) *options {
	o := new(options)
	set.StringVar(&o.url, "url", "", "`URL` to request, http or https (any certificate)")
	set.IntVar(&o.connections, "connections", 10, "connections open at once")
	set.DurationVar(&o.duration, "duration", 5*time.Second, "length of the measurement")
	set.Int64Var(&o.requests, "requests", 0, "measure this many requests instead of a duration")
	set.DurationVar(&o.warmUp, "warm-up", time.Second, "time before the measurement that is not counted")
	set.DurationVar(&o.rampUp, "ramp-up", 0, "spread the first connects over this time")
	set.Int64Var(&o.rate, "rate", 0, "read at most this many `bytes/s` on each connection; 0: as fast as they come")
	set.IntVar(&o.receive, "receive-buffer", 0, "SO_RCVBUF in `bytes`; 0: the system's")
	set.DurationVar(&o.interval, "interval", 0, "from the start of a request to that of the next on a connection; one that is due while another runs is missed")
	set.DurationVar(&o.timeout, "timeout", 20*time.Second, "longest time without a byte before a request counts as failed")
	set.IntVar(&o.status, "status", 200, "expected status")
	set.StringVar(&o.expect, "expect", "", "`FILE` that holds the expected body")
	set.StringVar(&o.verify, "verify", "first", "compare bodies with -expect: first (of each connection), all, none")
	set.BoolVar(&o.copyBody, "copy", false, "copy bodies out of the kernel although nobody looks at them")
	set.Var(&o.headers, "header", "further request header 'Name: value'; may be repeated")
	set.StringVar(&o.out, "out", "", "write the JSON to this `FILE` instead of standard output")
	return o
}

func (o *options) check() error {
	switch {
	case o.url == "":
		return fmt.Errorf("-url is missing")
	case o.connections < 1:
		return fmt.Errorf("-connections %d: at least 1", o.connections)
	case o.verify != "first" && o.verify != "all" && o.verify != "none":
		return fmt.Errorf("-verify %q: first, all or none", o.verify)
	case o.rate < 0 || (o.rate > 0 && o.rate < 1024):
		return fmt.Errorf("-rate %d: 0, or at least 1024", o.rate)
	}
	return nil
}

func run() error {
	o := flags(flag.CommandLine)
	flag.Parse()
	if err := o.check(); err != nil {
		return err
	}
	debug.SetGCPercent(400)
	if err := raiseFileLimit(o.connections + 64); err != nil {
		return err
	}
	target, err := newTarget(o)
	if err != nil {
		return err
	}
	result := newLoad(o, target).run(func(event string) { fmt.Println(event) })
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	if o.out != "" {
		return os.WriteFile(o.out, append(text, '\n'), 0o644)
	}
	_, err = fmt.Println(string(text))
	return err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
