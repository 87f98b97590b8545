package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"panel/directory"
)

// Client makes every HTTP call of Panel: one set of limits, certificates and
// proxies, no redirects, and one classification of what can go wrong below
// the clouds' own errors. Make it with [NewClient]; safe for concurrent use.
type Client struct {
	http *http.Client
}

// Options are what a [Client] can be told. The zero value is what most
// networks need.
type Options struct {
	// CAFile holds certificates, in PEM or one in DER, that are trusted
	// beside the system's; "" for none.
	CAFile string
	// Proxy is the URL of the proxy for everything but loopback and
	// NO_PROXY; "" leaves that to HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
	Proxy string
	// Dial replaces the network, nil for the real one.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewClient returns a client, or an [*Error] about the CA file (Certificate,
// code "ca_file") or the proxy (Offline, code "proxy").
func NewClient(o Options) (*Client, error) {
	t, err := newTransport(o)
	if err != nil {
		return nil, err
	}
	return &Client{http: &http.Client{
		Transport: &guard{next: t},
		Timeout:   wholeCall,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}, nil
}

// Unusable returns a client whose every call fails with err: the data can be
// looked at and the settings mended while no cloud can be reached.
func Unusable(err error) *Client {
	return &Client{http: &http.Client{Transport: failing{err}}}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// HTTP is for libraries that make their own calls: the same transport and
// limits, no redirects and no retries. Give what they return to
// [NetworkError], and put [Retry] around the whole.
func (c *Client) HTTP() *http.Client { return c.http }

// Close drops idle connections. The client can still be used.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Call is one call of a cloud, with its retries.
type Call struct {
	// Cloud and Doing go into the error, see [Error].
	Cloud directory.Cloud
	Doing string

	// Request builds the request; it is called anew for every try, so that a
	// retry may carry a newer token. It must use ctx. An [*Error] that it
	// returns ends the try like an answer's.
	Request func(ctx context.Context) (*http.Request, error)

	// Judge tells what an answer means: nil when it is good, which is also
	// the place to decode it. It sees answers of every status but those that
	// [Client.Do] itself refuses. Cloud, Doing, Status and RetryAfter of the
	// error are filled in when empty.
	Judge func(*Answer) *Error

	// Patience is when to try again.
	Patience
}

// Answer is a whole answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Decode decodes the body, one JSON value, into v.
func (a *Answer) Decode(v any) *Error {
	return DecodeError(json.Unmarshal(a.Body, v))
}

// DecodeError classes what encoding/json has to say about an answer; nil for
// nil.
func DecodeError(err error) *Error {
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typ):
		return &Error{Kind: BadAnswer, Code: CodeShape, Err: err}
	// A syntax error at the end of the text has no type of its own.
	case errors.Is(err, io.ErrUnexpectedEOF), err.Error() == "unexpected end of JSON input":
		return &Error{Kind: BadAnswer, Code: CodeTruncated, Err: err}
	}
	return &Error{Kind: BadAnswer, Code: CodeNotJSON, Err: err}
}

// IsJSON tells whether the answer calls itself JSON.
func (a *Answer) IsJSON() bool {
	t, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return t == "application/json" || strings.HasSuffix(t, "+json")
}

// Skew is how far this computer's clock is ahead of the answer's Date; 0 when
// it has none. It is good to some seconds.
func (a *Answer) Skew() time.Duration {
	date, err := http.ParseTime(a.Header.Get("Date"))
	if err != nil {
		return 0
	}
	return time.Since(date)
}

// Do makes the call and returns its good answer. An error is an [*Error]:
// what Judge said, or Offline, Certificate, Cancelled or BadAnswer. An answer
// is refused before Judge sees it when it is a redirect, when it succeeds
// without being JSON, when it is a web page below status 500 (a captive
// portal, a filter's block page), and when it is cut short, damaged or longer
// than 64 MB.
func (c *Client) Do(ctx context.Context, call Call) (*Answer, error) {
	var good *Answer
	err := Retry(ctx, call.Patience, func(ctx context.Context) *Error {
		a, e := c.try(ctx, call)
		good = a
		return call.fill(e, a)
	})
	if err != nil {
		return nil, err
	}
	return good, nil
}

// try makes one try. The answer is returned with the error when there is one.
func (c *Client) try(ctx context.Context, call Call) (*Answer, *Error) {
	req, err := call.Request(ctx)
	if err != nil {
		return nil, AsError(err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, NetworkError(ctx, err)
	}
	defer resp.Body.Close()
	a := &Answer{Status: resp.StatusCode, Header: resp.Header}
	if e := a.Foreign(); e != nil {
		return a, e
	}
	var body bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxBody {
		body.Grow(int(n) + bytes.MinRead)
	}
	if _, err := io.Copy(&body, resp.Body); err != nil {
		return a, NetworkError(ctx, err)
	}
	a.Body = body.Bytes()
	return a, call.Judge(a)
}

// Foreign tells why the answer, by its status and type, cannot be a cloud's
// own; nil when it can. [Client.Do] has asked it; it is for answers that come
// by way of [Client.HTTP].
func (a *Answer) Foreign() *Error {
	kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	switch {
	case a.Status >= 300 && a.Status < 400:
		return &Error{Kind: BadAnswer, Code: CodeRedirect}
	case a.Status == http.StatusNetworkAuthenticationRequired:
		return &Error{Kind: BadAnswer, Code: CodeWebPage}
	case a.Status == http.StatusProxyAuthRequired:
		return &Error{Kind: Offline, Code: CodeProxyAuth}
	case a.Status < 500 && a.Status != http.StatusTooManyRequests && kind == "text/html":
		return &Error{Kind: BadAnswer, Code: CodeWebPage}
	case a.Status < 300 && !a.IsJSON():
		return &Error{Kind: BadAnswer, Code: CodeNotJSON}
	}
	return nil
}

// fill completes e, which may be nil, with what the call and answer know.
func (call *Call) fill(e *Error, a *Answer) *Error {
	if e == nil {
		return nil
	}
	if e.Cloud == "" {
		e.Cloud = call.Cloud
	}
	if e.Doing == "" {
		e.Doing = call.Doing
	}
	if a != nil && e.Status == 0 {
		e.Status = a.Status
	}
	if a != nil && e.RetryAfter == 0 {
		e.RetryAfter = RetryAfter(a.Header)
	}
	return e
}
