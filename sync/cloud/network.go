package cloud

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// The codes of failures below the clouds' own: [Error.Code] where no cloud
// gave one.
const (
	CodeDNS         = "dns"          // Offline: the name was not found
	CodeRefused     = "refused"      // Offline: nobody listens there
	CodeTimeout     = "timeout"      // Offline: too slow, or silent
	CodeProxy       = "proxy"        // Offline: the proxy failed or refused
	CodeProxyAuth   = "proxy_auth"   // Offline: the proxy wants a sign-in
	CodeNetwork     = "network"      // Offline: anything else
	CodeClock       = "clock"        // Certificate: not valid at this computer's time
	CodeHostname    = "hostname"     // Certificate: made for another name
	CodeTLS         = "tls"          // Certificate: no agreement on encryption
	CodeCAFile      = "ca_file"      // Certificate: the CA file holds none
	CodeTruncated   = "truncated"    // BadAnswer: cut short or damaged on the way
	CodeTooLong     = "too_long"     // BadAnswer: over 64 MB
	CodeWebPage     = "web_page"     // BadAnswer: a captive portal or a filter's page
	CodeRedirect    = "redirect"     // BadAnswer: likewise, or a moved cloud
	CodeNotTLS      = "not_tls"      // BadAnswer: something else answers on the port
	CodeNotJSON     = "not_json"     // BadAnswer
	CodeShape       = "shape"        // BadAnswer: JSON, but not what was asked for
	CodeRepeated    = "repeated"     // BadAnswer: a listing that comes back to the same page
	CodeEndless     = "endless"      // BadAnswer: a listing of too many pages
	CodeForeignHost = "foreign_host" // BadAnswer: a link that leads away from the cloud
	CodeInsecureURL = "insecure_url" // Unexpected: plain http beyond loopback
)

// NetworkError classes err, which a call made with ctx by an [http.Client] of
// [Client.HTTP] returned or reading its body did. An [*Error] in it stays as
// it is; nil for nil.
func NetworkError(ctx context.Context, err error) *Error {
	var (
		typed *Error
		dns   *net.DNSError
		op    *net.OpError
		slow  net.Error
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typed):
		return typed
	case errors.Is(err, errSilent):
		return &Error{Kind: Offline, Code: CodeTimeout, Err: err}
	case errors.Is(err, errTooLong):
		return &Error{Kind: BadAnswer, Code: CodeTooLong, Err: err}
	case errors.Is(ctx.Err(), context.Canceled):
		return &Error{Kind: Cancelled, Err: context.Cause(ctx)}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{Kind: Offline, Code: CodeTimeout, Err: context.Cause(ctx)}
	}
	if e := certificateError(err); e != nil {
		return e
	}
	if isDamage(err) {
		return &Error{Kind: BadAnswer, Code: CodeTruncated, Err: err}
	}
	offline := &Error{Kind: Offline, Code: CodeNetwork, Err: err}
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		offline.Code = CodeProxy
	case errors.As(err, &dns):
		offline.Code = CodeDNS
	case errors.Is(err, syscall.ECONNREFUSED):
		offline.Code = CodeRefused
	case errors.As(err, &slow) && slow.Timeout():
		offline.Code = CodeTimeout
	}
	return offline
}

// certificateError classes what TLS has to say; nil when err is not of it.
func certificateError(err error) *Error {
	var (
		chain    *tls.CertificateVerificationError
		invalid  x509.CertificateInvalidError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		record   tls.RecordHeaderError
	)
	e := &Error{Kind: Certificate, Err: err}
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired: // or not valid yet
		e.Code, e.Detail = CodeClock, issuer(invalid.Cert)
	case errors.As(err, &hostname):
		e.Code, e.Detail = CodeHostname, issuer(hostname.Certificate)
	case errors.As(err, &chain) && len(chain.UnverifiedCertificates) > 0:
		// The last one's issuer is the authority to be trusted.
		e.Detail = issuer(chain.UnverifiedCertificates[len(chain.UnverifiedCertificates)-1])
	case errors.As(err, &unknown):
		e.Detail = issuer(unknown.Cert)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return &Error{Kind: BadAnswer, Code: CodeNotTLS, Err: err}
	case isTLS(err):
		e.Code = CodeTLS
	default:
		return nil
	}
	return e
}

// isTLS tells whether the two sides found no encryption to agree on: an alert
// of either, or an error of crypto/tls, which has no type for these.
func isTLS(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") {
		return true
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.HasPrefix(err.Error(), "tls: ") {
			return true
		}
	}
	return false
}

// issuer names who made c, as an administrator would know it.
func issuer(c *x509.Certificate) string {
	switch {
	case c == nil:
		return ""
	case c.Issuer.CommonName != "":
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}

// isDamage tells whether err means that a body did not arrive as it was sent.
func isDamage(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &corrupt) ||
		errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum)
}
