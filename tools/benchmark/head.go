package main

import (
	"bytes"
	"errors"
	"strconv"
)

// framing says how the end of a body is known.
type framing int

const (
	byLength framing = iota
	byChunks
	byClose
)

// responseHead is what a load generator needs to know of a head.
type responseHead struct {
	status    int
	framing   framing
	length    int64 // when framed by length
	keepAlive bool
}

var errMalformed = errors.New("malformed response")

var (
	nameLength     = []byte("content-length")
	nameEncoding   = []byte("transfer-encoding")
	nameConnection = []byte("connection")
	valueChunked   = []byte("chunked")
	valueClose     = []byte("close")
	valueKeepAlive = []byte("keep-alive")
	lineEnd        = []byte("\r\n")
)

// parseHead parses a head without its final empty line. Two lengths, or a length beside chunks, are
// malformed: they are how one response is taken for two.
func parseHead(head []byte) (responseHead, error) {
	line, rest, _ := bytes.Cut(head, lineEnd)
	var h responseHead
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[8] != ' ' {
		return h, errMalformed
	}
	status, ok := number(line[9:12])
	if !ok || status < 100 {
		return h, errMalformed
	}
	h.status, h.framing, h.keepAlive = int(status), byClose, line[7] != '0'
	hasLength, isChunked := false, false
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, lineEnd)
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found || len(name) == 0 {
			return h, errMalformed
		}
		value = bytes.Trim(value, " \t")
		switch {
		case bytes.EqualFold(name, nameLength):
			length, ok := number(value)
			if !ok || hasLength {
				return h, errMalformed
			}
			hasLength, h.length = true, length
		case bytes.EqualFold(name, nameEncoding):
			if isChunked || !bytes.EqualFold(value, valueChunked) {
				return h, errMalformed
			}
			isChunked = true
		case bytes.EqualFold(name, nameConnection):
			if bytes.EqualFold(value, valueClose) {
				h.keepAlive = false
			} else if bytes.EqualFold(value, valueKeepAlive) {
				h.keepAlive = true
			}
		}
	}
	return h, h.frame(hasLength, isChunked)
}

func (h *responseHead) frame(hasLength, isChunked bool) error {
	switch {
	case h.status == 204 || h.status == 304:
		h.framing, h.length = byLength, 0
	case hasLength && isChunked:
		return errMalformed
	case isChunked:
		h.framing = byChunks
	case hasLength:
		h.framing = byLength
	default:
		h.keepAlive = false
	}
	return nil
}

// number parses digits only: no sign, no blanks.
func number(text []byte) (int64, bool) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	value, err := strconv.ParseInt(string(text), 10, 64)
	return value, err == nil
}

// chunkSize parses the line that begins a chunk, extensions cut off.
func chunkSize(line []byte) (int64, bool) {
	line, _, _ = bytes.Cut(line, []byte(";"))
	line = bytes.Trim(line, " \t")
	if len(line) == 0 || len(line) > 15 {
		return 0, false
	}
	size, err := strconv.ParseUint(string(line), 16, 63)
	return int64(size), err == nil && line[0] != '+'
}
