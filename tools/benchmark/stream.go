package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

const (
	headBuffer = 16 * 1024
	bodyBuffer = 256 * 1024
	dropAtOnce = 1024 * 1024
	maxHead    = 64 * 1024
)

// bodyBuffers are held during one read only, so that few of them serve many connections and stay in
// the processor's cache.
var bodyBuffers = sync.Pool{New: func() any { return make([]byte, bodyBuffer) }}

// scrap is where the kernel would put what it drops; it never does.
var scrap [1]byte

// stream reads responses from one connection: heads and chunk lines through a buffer, bodies past it.
type stream struct {
	conn    net.Conn
	raw     syscall.RawConn // nil under TLS
	timeout time.Duration
	touched time.Time // when the deadline was last moved

	buffer     []byte
	start, end int

	copies bool              // bodies are copied out of the kernel
	most   int               // bytes that one read of a body may take
	sink   func(data []byte) // sees copied body bytes; nil: nobody looks
	taken  func(bytes int)   // learns of every body byte, at each read

	// One read: what receive() is asked, and its answer.
	wanted   int
	received int
	failed   error
	receive  func(fd uintptr) bool
}

func newStream(conn net.Conn, o *options) (*stream, error) {
	s := &stream{conn: conn, timeout: o.timeout, buffer: make([]byte, headBuffer), most: bodyBuffer}
	if tcp, plain := conn.(*net.TCPConn); plain {
		raw, err := tcp.SyscallConn()
		if err != nil {
			return nil, err
		}
		s.raw = raw
	}
	if o.rate > 0 {
		s.most = int(min64(o.rate/4, bodyBuffer))
		s.buffer = s.buffer[:4096]
	}
	s.receive = s.receiveOnce
	return s, nil
}

func min64(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

// touch moves the deadline on, at most a few times per timeout: it costs more than a read.
func (s *stream) touch() {
	if now := time.Now(); now.Sub(s.touched) > s.timeout/8 {
		s.touched = now
		s.conn.SetDeadline(now.Add(s.timeout))
	}
}

// fill reads more into the buffer. io.EOF at the end of the stream.
func (s *stream) fill() error {
	if s.start == s.end {
		s.start, s.end = 0, 0
	} else if s.end == len(s.buffer) {
		if s.start == 0 {
			if len(s.buffer) >= maxHead {
				return errMalformed
			}
			s.buffer = append(s.buffer, make([]byte, len(s.buffer))...)
		} else {
			s.end = copy(s.buffer, s.buffer[s.start:s.end])
			s.start = 0
		}
	}
	n, err := s.conn.Read(s.buffer[s.end:])
	s.end += n
	if n > 0 {
		s.touch()
		return nil
	}
	return err
}

// upTo returns what comes before `mark` and takes both off the buffer; the bytes live until the next
// read.
func (s *stream) upTo(mark []byte) ([]byte, error) {
	for looked := 0; ; {
		held := s.buffer[s.start:s.end]
		if at := bytes.Index(held[looked:], mark); at >= 0 {
			s.start += looked + at + len(mark)
			return held[:looked+at], nil
		}
		if looked = len(held) - len(mark) + 1; looked < 0 {
			looked = 0
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

// head reads one response head, interim ones skipped.
func (s *stream) head() (responseHead, error) {
	for {
		text, err := s.upTo([]byte("\r\n\r\n"))
		if err != nil {
			return responseHead{}, err
		}
		h, err := parseHead(text)
		if err != nil || h.status >= 200 {
			return h, err
		}
	}
}

// body reads the body that follows a head; it returns its size, also if it fails.
func (s *stream) body(h responseHead) (int64, error) {
	switch h.framing {
	case byChunks:
		return s.chunks()
	case byClose:
		size, err := s.consume(1<<62, 0)
		if err == io.EOF {
			err = nil
		}
		return size, err
	}
	return s.consume(h.length, 0)
}

func (s *stream) chunks() (int64, error) {
	total := int64(0)
	for {
		line, err := s.upTo(lineEnd)
		if err != nil {
			return total, err
		}
		size, ok := chunkSize(line)
		if !ok {
			return total, errMalformed
		}
		if size == 0 {
			return total, s.trailers()
		}
		if total, err = s.consume(size, total); err != nil {
			return total, err
		}
		if line, err = s.upTo(lineEnd); err == nil && len(line) > 0 {
			err = errMalformed
		}
		if err != nil {
			return total, err
		}
	}
}

func (s *stream) trailers() error {
	for {
		line, err := s.upTo(lineEnd)
		if err != nil || len(line) == 0 {
			return err
		}
	}
}

// consume takes `size` bytes of body; it returns `total` plus what it took.
func (s *stream) consume(size, total int64) (int64, error) {
	held := int(min64(size, int64(s.end-s.start)))
	if held > 0 {
		if s.sink != nil {
			s.sink(s.buffer[s.start : s.start+held])
		}
		s.start += held
		s.taken(held)
	}
	for done := int64(held); ; {
		if done == size {
			return total + done, nil
		}
		n, err := s.past(size - done)
		if n > 0 {
			done += int64(n)
			s.touch()
			s.taken(n)
		} else if err != nil {
			return total + done, err
		}
	}
}

// past reads up to `size` bytes of a body past the buffer.
func (s *stream) past(size int64) (int, error) {
	s.wanted = int(min64(size, dropAtOnce))
	if s.copies || s.sink != nil || s.raw == nil {
		s.wanted = int(min64(size, int64(s.most)))
	}
	if s.raw == nil {
		data := bodyBuffers.Get().([]byte)
		defer bodyBuffers.Put(data)
		n, err := s.conn.Read(data[:s.wanted])
		if n > 0 && s.sink != nil {
			s.sink(data[:n])
		}
		return n, err
	}
	s.received, s.failed = 0, nil
	if err := s.raw.Read(s.receive); err != nil {
		return 0, err
	}
	if s.received == 0 && s.failed == nil {
		return 0, io.EOF
	}
	return s.received, s.failed
}

// receiveOnce is one recv; false: there is nothing yet.
func (s *stream) receiveOnce(fd uintptr) bool {
	at, flags := unsafe.Pointer(&scrap), uintptr(syscall.MSG_DONTWAIT)
	var data []byte
	if s.copies || s.sink != nil {
		data = bodyBuffers.Get().([]byte)
		defer bodyBuffers.Put(data)
		at = unsafe.Pointer(&data[0])
	} else {
		flags |= syscall.MSG_TRUNC // tcp(7): the bytes are dropped, not copied
	}
	for {
		n, _, code := syscall.Syscall6(syscall.SYS_RECVFROM, fd, uintptr(at), uintptr(s.wanted), flags, 0, 0)
		switch code {
		case 0:
			s.received = int(n)
			if n > 0 && s.sink != nil {
				s.sink(data[:n])
			}
			return true
		case syscall.EAGAIN:
			return false
		case syscall.EINTR:
		default:
			s.failed = code
			return true
		}
	}
}

// dial opens a connection as the options want it.
func dial(o *options, t *target) (*stream, error) {
	dialer := net.Dialer{Timeout: o.timeout, KeepAlive: -1}
	if o.receive > 0 {
		dialer.Control = func(_, _ string, raw syscall.RawConn) error {
			var failed error
			err := raw.Control(func(fd uintptr) {
				failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, o.receive)
			})
			if err == nil {
				err = failed
			}
			return err
		}
	}
	conn, err := dialer.Dial("tcp", t.address)
	if err != nil {
		return nil, err
	}
	if t.tls {
		secure := tls.Client(conn, &tls.Config{ServerName: t.host, InsecureSkipVerify: true})
		conn.SetDeadline(time.Now().Add(o.timeout))
		if err := secure.Handshake(); err != nil {
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	return newStream(conn, o)
}

// kindOf names a failure of the transport. `some`: part of the response had come.
func kindOf(err error, some bool) string {
	var late net.Error
	switch {
	case errors.Is(err, errMalformed):
		return "malformed"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		if some {
			return "truncated"
		}
		return "closed"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.As(err, &late) && late.Timeout():
		return "timeout"
	}
	return "other"
}
