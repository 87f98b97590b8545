package sim

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// token packs the place where a listing goes on: letter of the listing, page to come, when the chain began (unix seconds), and the rest.
// Nobody but the simulator reads it; a checksum tells a token from garbage.
func token(letter string, page int, began int64, rest ...string) string {
	fields := append([]string{letter, strconv.Itoa(page), strconv.FormatInt(began, 10)}, rest...)
	text := strings.Join(fields, "\x1f")
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(text))) + text))
}

type place struct {
	letter string
	page   int
	began  time.Time
	rest   []string
}

func parseToken(s string) (p place, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 8 || fmt.Sprintf("%08x", crc32.ChecksumIEEE(b[8:])) != string(b[:8]) {
		return p, false
	}
	fields := strings.Split(string(b[8:]), "\x1f")
	if len(fields) < 4 {
		return p, false
	}
	page, err := strconv.Atoi(fields[1])
	if err != nil {
		return p, false
	}
	began, err := strconv.ParseInt(fields[2], 10, 64)
	return place{fields[0], page, time.Unix(began, 0), fields[3:]}, err == nil
}

// pageOf is the page of a listing, from 1, that a request asks for.
func pageOf(r *http.Request) int {
	q := r.URL.Query()
	s := q.Get("pageToken") + q.Get("$skiptoken")
	if s == "" {
		return 1
	}
	p, _ := parseToken(s)
	return p.page
}

func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// secret is n random bytes as text.
func secret(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, says its documentation
	return base64.RawURLEncoding.EncodeToString(b)
}

// requestID is the client's own id of a request, else a new one, as Microsoft echoes it.
func requestID(r *http.Request) string {
	if id := r.Header.Get("Client-Request-Id"); id != "" {
		return id
	}
	return newGUID()
}

func bearer(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
