package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/storage"
	"panel/sync/cloud"
	"panel/ui/view"
)

// operator is the user of the operating system, who the journal says did it.
func operator() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return cmp.Or(u.Username, u.Uid)
}

// handled sees to what an entry means for the lists: whoever departed and has
// nothing any more leaves them, and whoever has something again comes back.
func (s *session) handled(ctx context.Context, e *ledger.Entry) {
	s.ledgerRevision.Add(1)
	changed, err := s.settle(ctx, &e.Holder)
	for i := range e.Left {
		if left := &e.Left[i]; err == nil && left.Held() {
			var back bool
			back, err = s.comeBack(ctx, &left.Holder)
			changed = changed || back
		}
	}
	if err != nil {
		s.log.Error("could not look after who departed", "err", err)
	}
	if changed {
		s.revision.Add(1)
	}
}

// today is a holder as Panel knows the Person now; ok is false where it knows
// none any more.
func (s *session) today(h *ledger.Holder) (p directory.Person, ok bool, err error) {
	for _, key := range h.Keys() {
		if p, ok, err = s.store.Inventory.Person(key); ok || err != nil {
			break
		}
	}
	return p, ok, err
}

func (s *session) settle(ctx context.Context, h *ledger.Holder) (changed bool, err error) {
	p, ok, err := s.today(h)
	if !ok || !p.Departed || err != nil {
		return false, err
	}
	return true, s.store.Inventory.Settle(ctx)
}

// comeBack lists somebody as departed again who had left the lists when the last
// Asset came back, as if it had not.
func (s *session) comeBack(ctx context.Context, h *ledger.Holder) (changed bool, err error) {
	_, ok, err := s.today(h)
	if ok || err != nil {
		return false, err
	}
	return true, s.store.Inventory.Depart(ctx, departed(h))
}

// departed is a holder whom no cloud knows any more.
func departed(h *ledger.Holder) directory.Person {
	p := directory.Person{ID: h.PersonID(), GoogleID: h.GoogleID, MicrosoftID: h.MicrosoftID, DisplayName: h.Name, Emails: h.Emails, Kind: directory.KindUnknown, Departed: true}
	if len(h.Emails) > 0 {
		p.PrimaryEmail = h.Emails[0]
	}
	return p
}

// receive tells whether a holder may be handed something now: nil, a
// [*ledger.Refusal], or why that cannot be known.
func (s *session) receive(h *ledger.Holder) error {
	p, ok, err := s.today(h)
	if err != nil {
		return err
	}
	if !ok {
		p = departed(h)
	}
	return ledger.Receive(&p)
}

// write writes entries that the rules allow, all or none of them; the error may
// be a [*ledger.Refusal].
func (s *session) write(ctx context.Context, entries ...*ledger.Entry) error {
	err := s.store.Ledger.Write(ctx, operator(), func(b *ledger.Book, d *storage.Draft) error {
		d.Entries = entries
		return b.CheckAll(entries, ledger.DayIn(time.Now()), s.receive)
	})
	if err != nil {
		return ledgerError("write to the journal", err)
	}
	for _, e := range entries {
		s.handled(ctx, e)
	}
	return nil
}

// ledgerError is storageError, but for what the rules refuse.
func ledgerError(doing string, err error) error {
	var refusal *ledger.Refusal
	if errors.As(err, &refusal) {
		return err
	}
	return storageError(doing, err)
}

type checkoutCmd struct {
	Person string `required:"" placeholder:"P" help:"Who gets it: an address, employee ID or id."`
	Asset  string `required:"" placeholder:"A" help:"What: a serial, asset ID or device id."`
	Due    string `placeholder:"DATE" help:"The last day on which it is to be back, as YYYY-MM-DD."`
	Note   string `placeholder:"TEXT" help:"What to remember."`
	Loaner bool   `help:"It stands in for something else for a while."`
}

// Run hands a Chromebook out.
func (c *checkoutCmd) Run(a *app) error {
	if strings.TrimSpace(c.Person) == "" {
		return usageError{errors.New("--person is empty")}
	}
	e := &ledger.Entry{Act: ledger.Checkout, Note: c.Note, Loaner: c.Loaner}
	if c.Due != "" {
		due, ok := ledger.ParseDay(c.Due)
		if !ok {
			return usageError{errors.New("--due takes a day as YYYY-MM-DD")}
		}
		e.Due = due
	}
	return a.handle(e, c.Asset, func(s *session) error {
		m, err := s.one(c.Person, true)
		if err != nil {
			return err
		}
		e.Holder = ledger.HolderOf(m.Person)
		return nil
	})
}

type checkinCmd struct {
	Asset string `required:"" placeholder:"A" help:"What comes back: a serial, asset ID or device id."`
	Note  string `placeholder:"TEXT" help:"What to remember."`
}

// Run takes a Chromebook back.
func (c *checkinCmd) Run(a *app) error {
	return a.handle(&ledger.Entry{Act: ledger.CheckIn, Note: c.Note}, c.Asset, func(*session) error { return nil })
}

// handle writes an entry about an Asset and prints it; more fills in the rest.
func (a *app) handle(e *ledger.Entry, asset string, more func(*session) error) error {
	if strings.TrimSpace(asset) == "" {
		return usageError{errors.New("--asset is empty")}
	}
	if dir, err := a.dataDir(); err == nil && !storage.IsFolder(dir) { // which is not to be made by mistake
		return &notFound{nothing: true}
	}
	s, err := a.openLedger()
	if err != nil {
		return err
	}
	defer s.close()
	m, err := s.one(asset, false)
	if err != nil {
		return err
	}
	e.Asset = m.TheAsset()
	if err := more(s); err != nil {
		return err
	}
	if err := s.write(a.ctx, e); err != nil {
		return err
	}
	return view.JournalEntry(a.out, e)
}

// openLedger opens the data to hand things out.
func (a *app) openLedger() (*session, error) {
	s, err := a.open(a.ctx, opening{})
	if err != nil {
		return nil, err
	}
	if err := s.loadCodes(a.ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

type scanCmd struct{}

// scanReport is the shape of an answer of 'panel scan'.
type scanReport struct {
	Scan    string         `json:"scan"`
	Outcome ledger.Outcome `json:"outcome"`
	Message string         `json:"message"`
	Entry   *string        `json:"entry"`
}

// maxScan is how long a line may be; what is longer is no code.
const maxScan = 4096

// Run answers each line of standard input with what came of it. It goes on
// whatever comes, and fails at the end when a scan could not be written.
func (c *scanCmd) Run(a *app) error {
	s, err := a.openLedger()
	if err != nil {
		return err
	}
	defer s.close()
	scanner, out, failed := new(ledger.Scanner), json.NewEncoder(a.out), false
	out.SetEscapeHTML(false)
	if s.codes.Load().Len() == 0 {
		fmt.Fprintln(a.err, "panel:", &notFound{nothing: true})
	}
	lines := bufio.NewReaderSize(a.in, maxScan)
	for n := 0; a.ctx.Err() == nil; n++ {
		line, err := readScan(lines)
		if n == 0 {
			line = strings.TrimPrefix(line, "\ufeff") // of a file that was saved so
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return &stdioError{"standard input cannot be read", err}
		}
		if err != nil && line == "" {
			break
		}
		scan, scanErr := s.scan(a.ctx, scanner, line, "")
		if scan.Outcome == ledger.Ended {
			continue
		}
		failed = failed || scanErr != nil
		if err := out.Encode(reportScan(&scan, scanErr)); err != nil {
			return &stdioError{"standard output cannot be written", err}
		}
	}
	if failed {
		return exitError(exitFailed)
	}
	return a.ctx.Err()
}

// stdioError is that standard input or output is at fault.
type stdioError struct {
	what string
	err  error
}

func (e *stdioError) Error() string { return e.what + ": " + e.err.Error() }

func (e *stdioError) Unwrap() error { return e.err }

// readScan reads a line; what is beyond maxScan of it is left out.
func readScan(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	text := string(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.ReadSlice('\n')
	}
	return strings.ToValidUTF8(strings.TrimRight(text, "\r\n"), "\ufffd"), err
}

func reportScan(scan *ledger.Scan, err error) scanReport {
	var failed *view.Words
	if err != nil {
		w := view.Say(cloud.AsError(err))
		failed = &w
	}
	r := scanReport{Scan: scan.Code, Outcome: scan.Outcome, Message: view.SayScan(scan, failed, time.Now()).Terminal()}
	if scan.Entry != nil {
		r.Entry = &scan.Entry.ID
	}
	return r
}

// checkouts goes through the journal, oldest first.
func (s *session) checkouts(ctx context.Context) func(each func(*ledger.Entry) error) error {
	return func(each func(*ledger.Entry) error) error {
		if s.store == nil {
			return nil
		}
		return s.store.Ledger.Entries(ctx, each)
	}
}

// holders returns who has a Chromebook now: the id of the Person as it is
// today, that of its day for someone whom Panel does not know any more.
func (s *session) holders(ctx context.Context) (func(*directory.Chromebook) string, error) {
	held := make(map[string]ledger.Holder)
	if s.store != nil {
		s.store.Ledger.Book(func(b *ledger.Book) {
			for st := range b.All() {
				if st.Status == ledger.Out {
					held[st.Asset.ID] = st.Holder
				}
			}
		})
	}
	now := make(map[string]string) // ids by the keys of accounts
	if len(held) > 0 {
		err := s.store.Inventory.People(ctx, func(p *directory.Person) error {
			h := ledger.HolderOf(p)
			for _, key := range h.Keys() {
				now[key] = p.ID
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return func(c *directory.Chromebook) string {
		h := held[c.DeviceID]
		for _, key := range h.Keys() {
			if id := now[key]; id != "" {
				return id
			}
		}
		return h.PersonID()
	}, nil
}
