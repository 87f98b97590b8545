package cloud

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"panel/directory"
)

// Kind classes a failure by whose move it is and what the move is. The
// values are those that scripts rely on.
type Kind string

// The kinds.
const (
	Offline           Kind = "offline"            // no network, or the cloud is unreachable
	Limited           Kind = "limited"            // the cloud asks to come back later
	SignInNeeded      Kind = "sign_in_needed"     // the authorization is gone
	PermissionMissing Kind = "permission_missing" // a scope was unticked, or the admin lacks the privilege
	SecretExpired     Kind = "secret_expired"
	SecretWrong       Kind = "secret_wrong"
	ConsentMissing    Kind = "consent_missing"
	TenantUnknown     Kind = "tenant_unknown"
	ClientUnknown     Kind = "client_unknown"
	BlockedByPolicy   Kind = "blocked_by_policy"
	APIDisabled       Kind = "api_disabled"
	BadAnswer         Kind = "bad_answer"  // an answer that is not the cloud's, or not whole
	Certificate       Kind = "certificate" // TLS: an unknown authority
	Cancelled         Kind = "cancelled"
	Storage           Kind = "storage"
	Keychain          Kind = "keychain"
	Unexpected        Kind = "unexpected"
)

// Refused tells whether the cloud refuses what was set up: only who makes it
// anew, or allows it, can mend that.
func (k Kind) Refused() bool {
	switch k {
	case SignInNeeded, PermissionMissing, SecretExpired, SecretWrong, ConsentMissing,
		TenantUnknown, ClientUnknown, BlockedByPolicy, APIDisabled:
		return true
	}
	return false
}

// NeedsPerson tells whether a failure stays until a person has done something:
// the cloud refuses what was set up, something that the school has put between
// wants a certificate or a sign-in, or the keychain has to be unlocked. Any
// other may be gone at the next try.
func NeedsPerson(k Kind, code string) bool {
	return k.Refused() || k == Certificate || k == Keychain || k == Offline && code == CodeProxyAuth
}

// Error is the one typed error of Panel. It holds no token, secret, address
// or name: Detail is the cloud's own text only where that text is known to
// speak of the app and the tenant alone.
type Error struct {
	Kind  Kind
	Cloud directory.Cloud // "" where no cloud is concerned
	// Doing is what was being done, as in "list Chromebooks".
	Doing string
	// Code is the cloud's own: "invalid_grant", "AADSTS7000215", a reason.
	Code string
	// Detail adds what the words for Kind and Code need or cannot know: the
	// issuer of an unknown certificate, the text of an unknown code, the
	// permission that is missing.
	Detail string
	// Trace and At are Microsoft's trace id and time, for its support.
	Trace string
	At    string
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// RetryAfter is how long the cloud asked to be left alone, 0 unsaid.
	RetryAfter time.Duration
	// Err is the cause, may be nil.
	Err error
}

// Error is for logs: kind, what was done, code and status; never Detail, and
// never the cause's text, which may quote a URL.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Cloud != "" {
		fmt.Fprintf(&b, "%s: ", e.Cloud)
	}
	if e.Doing != "" {
		fmt.Fprintf(&b, "%s: ", e.Doing)
	}
	b.WriteString(string(e.Kind))
	if e.Code != "" {
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, " status %d", e.Status)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// DiskCode is the code of a Storage error that the system explains, err being
// its cause: "disk_full", "read_only", or "".
func DiskCode(err error) string {
	switch {
	case slices.ContainsFunc(diskFull, func(code error) bool { return errors.Is(err, code) }):
		return "disk_full"
	case errors.Is(err, fs.ErrPermission), slices.ContainsFunc(diskReadOnly, func(code error) bool { return errors.Is(err, code) }):
		return "read_only"
	}
	return ""
}

// AsError returns err as an [*Error]: itself when it is one, Cancelled when a
// context ended it, else Unexpected around it. Nil for nil.
func AsError(err error) *Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled):
		return &Error{Kind: Cancelled, Err: err}
	}
	return &Error{Kind: Unexpected, Err: err}
}

// KindOf returns err's kind, "" for nil; see [AsError].
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	return AsError(err).Kind
}
