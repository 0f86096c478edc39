package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var body = bytes.Repeat([]byte("0123456789abcdef"), 64*1024) // 1 MiB: more than any buffer

// scripted is a server that reads a request and hands the connection to `answer`.
func scripted(t *testing.T, answer func(conn net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				request := make([]byte, 4096)
				if _, err := conn.Read(request); err == nil {
					answer(conn)
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String() + "/"
}

// expecting is the options of a short load of `url` that expects `content`.
func expecting(t *testing.T, url string, content []byte) *options {
	t.Helper()
	file := filepath.Join(t.TempDir(), "expected")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return &options{
		url: url, connections: 2, requests: 6, timeout: 300 * time.Millisecond,
		status: 200, expect: file, verify: "first",
	}
}

func loaded(t *testing.T, o *options) *result {
	t.Helper()
	target, err := newTarget(o)
	if err != nil {
		t.Fatal(err)
	}
	return newLoad(o, target).run(func(string) {})
}

// onlyErrors fails unless every request failed, in one of these ways.
func onlyErrors(t *testing.T, r *result, kinds ...string) {
	t.Helper()
	if r.Requests != 0 || r.ErrorCount == 0 {
		t.Fatalf("%d requests succeeded, %d failed: %v", r.Requests, r.ErrorCount, r.Errors)
	}
	for kind := range r.Errors {
		if !strings.Contains(" "+strings.Join(kinds, " ")+" ", " "+kind+" ") {
			t.Errorf("an error of kind %q: %v", kind, r.Errors)
		}
	}
}

func head(length int) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", length)
}

func TestFailuresAreCounted(t *testing.T) {
	wrong := append([]byte{}, body...)
	wrong[len(wrong)-1] ^= 1
	send := func(parts ...string) func(net.Conn) {
		return func(conn net.Conn) {
			for _, part := range parts {
				io.WriteString(conn, part)
			}
		}
	}
	full, chunked := string(body), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	cases := []struct {
		why    string
		kinds  string
		answer func(net.Conn)
	}{
		{"ends before its length", "truncated reset", send(head(len(body)), full[:len(full)/2])},
		{"ends within its head", "truncated reset", send("HTTP/1.1 200 OK\r\nContent-")},
		{"closes without an answer", "closed reset", send()},
		{"a chunked body without its end", "truncated reset", send(chunked, "100000\r\n", full)},
		{"a body until close is cut", "wrong_length", send("HTTP/1.1 200 OK\r\n\r\n", full[1:])},
		{"is shorter, and says so", "wrong_length", send(head(len(body)-1), full[1:])},
		{"one wrong byte, the last", "wrong_body", send(head(len(body)), string(wrong))},
		{"another status", "status_502", send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")},
		{"bytes after the body", "bytes_after_body", send(head(0) + "HTTP/1.1 200")},
		{"two lengths", "malformed", send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")},
		{"length and chunks", "malformed", send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na")},
		{"no HTTP", "malformed", send("220 mail.example ESMTP\r\n\r\n")},
		{"a broken chunk size", "malformed", send(chunked, "+10\r\n")},
		{"a chunk longer than it says", "malformed", send(chunked, "1\r\nab\r\n0\r\n\r\n")},
		{"reset within the body", "reset", func(conn net.Conn) {
			io.WriteString(conn, head(len(body))+full[:100])
			time.Sleep(20 * time.Millisecond)
			conn.(*net.TCPConn).SetLinger(0)
		}},
		{"stalls", "timeout", func(conn net.Conn) {
			io.WriteString(conn, head(len(body)))
			time.Sleep(2 * time.Second)
		}},
	}
	for _, c := range cases {
		c := c
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			content := body
			if c.kinds == "bytes_after_body" {
				content = nil
			}
			o := expecting(t, scripted(t, c.answer), content)
			onlyErrors(t, loaded(t, o), strings.Fields(c.kinds)...)
		})
	}
}

func TestRefusedConnectionsAreCounted(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	onlyErrors(t, loaded(t, expecting(t, "http://"+address+"/", body)), "connect")
}

// A failure on a kept-alive connection, after a good first response, is seen without a comparison.
func TestLaterFailuresAreCounted(t *testing.T) {
	url := scripted(t, func(conn net.Conn) {
		io.WriteString(conn, head(len(body))+string(body))
		request := make([]byte, 4096)
		conn.Read(request)
		io.WriteString(conn, head(len(body))+string(body[:1000]))
	})
	r := loaded(t, expecting(t, url, body))
	if r.Requests == 0 || r.Errors["truncated"]+r.Errors["reset"] == 0 {
		t.Errorf("%d requests, errors %v", r.Requests, r.Errors)
	}
}

func TestGoodAnswersAreNoErrors(t *testing.T) {
	serve := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "length" {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		}
		for at := 0; at < len(body); at += 100_000 {
			w.Write(body[at:min(at+100_000, len(body))])
			w.(http.Flusher).Flush()
		}
	}
	plain := httptest.NewServer(http.HandlerFunc(serve))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(serve))
	defer secure.Close()
	for _, url := range []string{plain.URL + "/?length", plain.URL + "/?chunked", secure.URL + "/?length"} {
		for _, verify := range []string{"none", "first", "all"} {
			for _, copies := range []bool{false, true} {
				o := expecting(t, url, body)
				o.verify, o.copyBody = verify, copies
				r := loaded(t, o)
				if r.ErrorCount != 0 || r.Requests != 6 || r.Latency.Count != 6 || r.Latency.Max <= 0 {
					t.Errorf("%s %s: %d requests, errors %v", url, verify, r.Requests, r.Errors)
				}
			}
		}
	}
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func TestPoliteCloseIsNoError(t *testing.T) {
	url := scripted(t, func(conn net.Conn) {
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na")
	})
	r := loaded(t, expecting(t, url, []byte("a")))
	if r.ErrorCount != 0 || r.Reconnects == 0 {
		t.Errorf("%d reconnects, errors %v", r.Reconnects, r.Errors)
	}
}

func TestSlowClientsReadAtTheirRate(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < 100; i++ {
			w.Write(body)
		}
	}))
	defer server.Close()
	o := expecting(t, server.URL, bytes.Repeat(body, 100))
	o.requests, o.duration, o.rate, o.receive = 0, time.Second, 256*1024, 16*1024
	r := loaded(t, o)
	if r.ErrorCount != 0 || r.Starved != 0 || r.FirstByte.Count != 2 || r.Unfinished != 2 {
		t.Errorf("errors %v, %d starved, %d begun", r.Errors, r.Starved, r.FirstByte.Count)
	}
	if high := 1.4 * 2 * 256 * 1024; float64(r.Bytes) > high {
		t.Errorf("%d bytes in %.1f s", r.Bytes, r.Seconds)
	}
}

func TestStarvedConnectionsAreCounted(t *testing.T) {
	url := scripted(t, func(conn net.Conn) {
		io.WriteString(conn, head(1<<30)+"a")
		time.Sleep(2 * time.Second)
	})
	o := expecting(t, url, body)
	o.requests, o.duration, o.rate, o.timeout = 0, 300*time.Millisecond, 64*1024, 5*time.Second
	if r := loaded(t, o); r.Starved != 2 {
		t.Errorf("%d of 2 are starved", r.Starved)
	}
}

// A server that stops answering for a while leaves more than one slow request behind.
func TestMissedIntervalsAreCounted(t *testing.T) {
	count := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if count++; count == 3 {
			time.Sleep(210 * time.Millisecond)
		}
		w.Write(body[:10])
	}))
	defer server.Close()
	o := expecting(t, server.URL, body[:10])
	o.connections, o.requests, o.interval = 1, 6, 20*time.Millisecond
	if r := loaded(t, o); r.Missed < 10 || r.Missed > 30 || r.Latency.Max < 210 {
		t.Errorf("%d missed, longest request %.1f ms", r.Missed, r.Latency.Max)
	}
}

func TestPercentilesAreExact(t *testing.T) {
	var samples []int64
	for i := 1000; i > 0; i-- {
		samples = append(samples, int64(i)*1e6)
	}
	want := distribution{Count: 1000, Avg: 500.5, P50: 500, P90: 900, P99: 990, Max: 1000}
	if got := distributionOf(samples); got != want {
		t.Errorf("%+v", got)
	}
}

func TestRequestTargetIsKeptAsGiven(t *testing.T) {
	for text, want := range map[string]string{
		"http://h":                  "/",
		"http://h?a=b":              "/?a=b",
		"http://h:1/p?d=http%3A%2F": "/p?d=http%3A%2F",
		"http://h/p#f":              "/p",
	} {
		if got := requestTarget(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}
