package main

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// target is what all connections ask for: where, with which bytes, and what has to come back.
type target struct {
	address string // host:port
	host    string // for TLS
	tls     bool
	request []byte
	expect  []byte // the whole expected body, mapped; nil: not known
}

func newTarget(o *options) (*target, error) {
	parsed, err := url.Parse(o.url)
	if err != nil {
		return nil, err
	}
	ports := map[string]string{"http": "80", "https": "443"}
	port, known := ports[parsed.Scheme]
	if !known || parsed.Host == "" {
		return nil, fmt.Errorf("%s: not an http or https URL", o.url)
	}
	if parsed.Port() != "" {
		port = parsed.Port()
	}
	t := &target{
		address: net.JoinHostPort(parsed.Hostname(), port),
		host:    parsed.Hostname(),
		tls:     parsed.Scheme == "https",
	}
	var lines strings.Builder
	fmt.Fprintf(&lines, "GET %s HTTP/1.1\r\nHost: %s\r\n", requestTarget(o.url), parsed.Host)
	for _, header := range o.headers {
		fmt.Fprintf(&lines, "%s\r\n", header)
	}
	lines.WriteString("\r\n")
	t.request = []byte(lines.String())
	if o.expect != "" {
		t.expect, err = mapFile(o.expect)
	}
	return t, err
}

// requestTarget is the URL from its path on, with the bytes it was given in.
func requestTarget(text string) string {
	_, rest, _ := strings.Cut(text, "://")
	start := strings.IndexAny(rest, "/?#")
	if start < 0 {
		return "/"
	}
	rest, _, _ = strings.Cut(rest[start:], "#")
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	return rest
}

// mapFile maps a file for reading; it stays mapped until the program ends.
func mapFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil || about.Size() == 0 {
		return []byte{}, err
	}
	return syscall.Mmap(int(file.Fd()), 0, int(about.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
}

// raiseFileLimit lets the process open `needed` files, if the system lets it.
func raiseFileLimit(needed int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	if limit.Cur >= uint64(needed) {
		return nil
	}
	limit.Cur = uint64(needed)
	if limit.Max < limit.Cur {
		limit.Max = limit.Cur
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("%d connections: open files are limited (ulimit -n): %w", needed, err)
	}
	return nil
}
