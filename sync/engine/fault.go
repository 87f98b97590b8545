package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"panel/directory"
	"panel/sync/cloud"
)

// grace is how long a cancelled run waits for a Source to notice.
const grace = 500 * time.Millisecond

// call runs f, which asks a cloud, and waits for it; when ctx ends only a
// little longer.
func call[T any](ctx context.Context, c directory.Cloud, doing string, f func() (T, error)) (T, error) {
	var answer T
	done := make(chan error, 1)
	go func() {
		done <- guard(c, doing, func() (err error) {
			answer, err = f()
			return err
		})
	}()
	select {
	case err := <-done:
		return answer, err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return answer, err
	case <-time.After(grace):
		var none T
		return none, context.Cause(ctx)
	}
}

// guard runs f and makes an error of a panic in it: one that says where, not
// what, since the value may hold anything.
func guard(c directory.Cloud, doing string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &cloud.Error{
				Kind: cloud.Unexpected, Cloud: c, Doing: doing, Code: "panic",
				Detail: panicked(), Err: fmt.Errorf("panic: %v", v),
			}
		}
	}()
	return f()
}

// panicked names the place of the panic that is being recovered from by its
// caller.
func panicked() string {
	frames := runtime.CallersFrames(stack())
	for panicking := false; ; {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "runtime.") {
			panicking = true
		} else if panicking {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

// stack returns the callers of panicked's caller.
func stack() []uintptr {
	pc := make([]uintptr, 32)
	return pc[:runtime.Callers(3, pc)]
}

// listingError is what went wrong in one listing.
type listingError struct {
	listing directory.Listing
	error
}

func (e *listingError) Unwrap() error { return e.error }

// NewFault returns err, of cloud c ("" for none), as it is kept and shown; nil
// for nil.
func NewFault(err error, c directory.Cloud, now time.Time) *Fault {
	if err == nil {
		return nil
	}
	f := &Fault{Cloud: c, At: now}
	if l := (*listingError)(nil); errors.As(err, &l) {
		f.Lists = l.listing
	}
	ce := cloud.AsError(err)
	f.Kind, f.Doing, f.Code, f.Detail = ce.Kind, ce.Doing, ce.Code, ce.Detail
	f.Trace, f.Stamp = ce.Trace, ce.At
	return f
}

// Err returns f as the error that it was made of, less its cause.
func (f *Fault) Err() error {
	return &cloud.Error{
		Kind: f.Kind, Cloud: f.Cloud, Doing: f.Doing, Code: f.Code, Detail: f.Detail, Trace: f.Trace, At: f.Stamp,
	}
}
