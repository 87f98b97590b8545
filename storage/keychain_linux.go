package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// This is a client of the Secret Service
// (https://specifications.freedesktop.org/secret-service/latest/), for what
// Panel needs of it. Every call has a connection of its own, so that a signal
// meant for another part of the process is not taken for an answer, and
// nothing is left when the call ends.
const (
	secretsName = "org.freedesktop.secrets"
	secretsPath = dbus.ObjectPath("/org/freedesktop/secrets")

	serviceInterface    = "org.freedesktop.Secret.Service."
	collectionInterface = "org.freedesktop.Secret.Collection."
	itemInterface       = "org.freedesktop.Secret.Item."
	promptInterface     = "org.freedesktop.Secret.Prompt"

	noObject = dbus.ObjectPath("/") // the specification's null
)

// secret is the structure that carries a value over the bus, which only the
// session's owner can listen to.
type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

func keychainGet(ctx context.Context, name string) (value string, err error) {
	err = withSecrets(ctx, func(s *secrets) error {
		items, err := s.find(name)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			return &VaultError{State: VaultMissing}
		}
		var got secret
		if err := s.call(items[0], itemInterface+"GetSecret", s.session).Store(&got); err != nil {
			return err
		}
		value = string(got.Value)
		return nil
	})
	return value, err
}

func keychainSet(ctx context.Context, name, value string) error {
	return withSecrets(ctx, func(s *secrets) error {
		collection, err := s.defaultCollection()
		if err != nil {
			return err
		}
		if collection == noObject {
			if collection, err = s.createCollection(); err != nil {
				return err
			}
		}
		if err := s.unlock([]dbus.ObjectPath{collection}); err != nil {
			return err
		}
		properties := map[string]dbus.Variant{
			itemInterface + "Label":      dbus.MakeVariant(keychainService),
			itemInterface + "Attributes": dbus.MakeVariant(attributes(name)),
		}
		var item, prompt dbus.ObjectPath
		err = s.call(collection, collectionInterface+"CreateItem", properties,
			secret{s.session, nil, []byte(value), "text/plain; charset=utf8"}, true).Store(&item, &prompt)
		if err != nil {
			return err
		}
		_, err = s.prompt(prompt)
		return err
	})
}

func keychainDelete(ctx context.Context, name string) error {
	return withSecrets(ctx, func(s *secrets) error {
		items, err := s.find(name)
		for _, item := range items {
			var prompt dbus.ObjectPath
			if err := s.call(item, itemInterface+"Delete").Store(&prompt); err != nil {
				return err
			}
			if _, err := s.prompt(prompt); err != nil {
				return err
			}
		}
		return err
	})
}

func attributes(name string) map[string]string {
	return map[string]string{"service": keychainService, "username": name}
}

// secrets is a connection to the Secret Service, for one call.
type secrets struct {
	ctx     context.Context
	conn    *dbus.Conn
	session dbus.ObjectPath
}

// sessionBus is the address of the technician's session bus, "" where there is
// none. From cron or ssh the variable is missing, while the bus of a desktop
// that somebody is signed in to is where systemd puts it.
func sessionBus() string {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" {
		return address
	}
	dir := cmp.Or(os.Getenv("XDG_RUNTIME_DIR"), fmt.Sprintf("/run/user/%d", os.Getuid()))
	socket := filepath.Join(dir, "bus")
	if _, err := os.Stat(socket); err != nil { //nolint:gosec // only looked at, where the system says
		return ""
	}
	return "unix:path=" + socket
}

// withSecrets connects, runs fn and disconnects.
func withSecrets(ctx context.Context, fn func(*secrets) error) error {
	address := sessionBus()
	if !strings.HasPrefix(address, "unix:") { // others may start a bus
		return &VaultError{State: VaultUnavailable, Err: errors.New("no session bus")}
	}
	// The connection may outlive ctx by as long as it takes to send that a
	// prompt is to be dismissed.
	connected, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(100*time.Millisecond, end) })()
	conn, err := dbus.Connect(address, dbus.WithContext(connected), dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		return secretsError(ctx, err)
	}
	defer func() { _ = conn.Close() }() // nothing is lost with it
	s := &secrets{ctx: ctx, conn: conn}
	var ignored dbus.Variant
	err = s.call(secretsPath, serviceInterface+"OpenSession", "plain", dbus.MakeVariant("")).Store(&ignored, &s.session)
	if err == nil {
		err = fn(s)
	}
	return secretsError(ctx, err)
}

// secretsError finds the state in an error of the bus.
func secretsError(ctx context.Context, err error) error {
	var (
		v *VaultError
		d dbus.Error
	)
	switch {
	case err == nil || errors.As(err, &v):
		return err
	case ctx.Err() != nil:
		return &VaultError{State: VaultHung, Err: ctx.Err()}
	case errors.As(err, &d) && d.Name == "org.freedesktop.Secret.Error.IsLocked":
		return &VaultError{State: VaultLocked, Err: err}
	}
	return &VaultError{State: VaultUnavailable, Err: err}
}

func (s *secrets) call(path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return s.conn.Object(secretsName, path).CallWithContext(s.ctx, method, 0, args...)
}

// find returns the unlocked items with the name. Only when it could look
// everywhere does it return none.
func (s *secrets) find(name string) ([]dbus.ObjectPath, error) {
	open, locked, err := s.search(name)
	if len(open) > 0 || err != nil {
		return open, err
	}
	if len(locked) == 0 {
		// Some services do not search what is locked.
		collection, err := s.defaultCollection()
		if collection == noObject || err != nil {
			return nil, err
		}
		isLocked, err := s.conn.Object(secretsName, collection).GetProperty(collectionInterface + "Locked")
		if err != nil {
			return nil, err
		}
		if isLocked.Value() != true {
			return nil, nil
		}
		locked = []dbus.ObjectPath{collection}
	}
	if err := s.unlock(locked); err != nil {
		return nil, err
	}
	if open, locked, err = s.search(name); len(locked) > 0 && len(open) == 0 {
		err = &VaultError{State: VaultLocked}
	}
	return open, err
}

func (s *secrets) search(name string) (open, locked []dbus.ObjectPath, err error) {
	err = s.call(secretsPath, serviceInterface+"SearchItems", attributes(name)).Store(&open, &locked)
	return open, locked, err
}

// defaultCollection returns noObject when there is none.
func (s *secrets) defaultCollection() (path dbus.ObjectPath, err error) {
	err = s.call(secretsPath, serviceInterface+"ReadAlias", "default").Store(&path)
	return path, err
}

func (s *secrets) createCollection() (dbus.ObjectPath, error) {
	properties := map[string]dbus.Variant{collectionInterface + "Label": dbus.MakeVariant("Login")}
	var path, prompt dbus.ObjectPath
	err := s.call(secretsPath, serviceInterface+"CreateCollection", properties, "default").Store(&path, &prompt)
	if err != nil || path != noObject {
		return path, err
	}
	result, err := s.prompt(prompt)
	if err != nil {
		return "", err
	}
	if made, ok := result.Value().(dbus.ObjectPath); ok {
		return made, nil
	}
	return "", errors.New("no collection was made")
}

// unlock returns when all paths are unlocked.
func (s *secrets) unlock(paths []dbus.ObjectPath) error {
	var (
		unlocked []dbus.ObjectPath
		prompt   dbus.ObjectPath
	)
	if err := s.call(secretsPath, serviceInterface+"Unlock", paths).Store(&unlocked, &prompt); err != nil {
		return err
	}
	_, err := s.prompt(prompt)
	return err
}

// prompt lets the service ask the user what it has to, and returns the
// answer. A prompt that is dismissed, cannot be shown or is not answered in
// time leaves the keychain locked.
func (s *secrets) prompt(path dbus.ObjectPath) (dbus.Variant, error) {
	var none dbus.Variant
	if path == noObject || path == "" {
		return none, nil
	}
	var owner string
	if err := s.conn.BusObject().CallWithContext(s.ctx, "org.freedesktop.DBus.GetNameOwner", 0, secretsName).Store(&owner); err != nil {
		return none, err
	}
	err := s.conn.AddMatchSignalContext(s.ctx, dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(promptInterface),
		dbus.WithMatchMember("Completed"), dbus.WithMatchSender(owner))
	if err != nil {
		return none, err
	}
	signals := make(chan *dbus.Signal)
	s.conn.Signal(signals)
	defer s.conn.RemoveSignal(signals)
	if err := s.call(path, promptInterface+".Prompt", "").Err; err != nil {
		return none, &VaultError{State: VaultLocked, Err: fmt.Errorf("show the prompt: %w", err)}
	}
	for {
		select {
		case signal, ok := <-signals:
			if !ok {
				return none, errors.New("the bus closed the connection")
			}
			if signal.Path != path || signal.Name != promptInterface+".Completed" || signal.Sender != owner || len(signal.Body) != 2 {
				continue // somebody else's
			}
			if signal.Body[0] != false {
				return none, &VaultError{State: VaultLocked, Err: errors.New("the prompt was dismissed")}
			}
			answer, _ := signal.Body[1].(dbus.Variant)
			return answer, nil
		case <-s.ctx.Done():
			s.dismiss(path)
			return none, &VaultError{State: VaultLocked, Err: errors.New("the prompt was not answered")}
		}
	}
}

// dismiss takes down a prompt that nobody waits for any more. There is no time
// left to wait for an answer.
func (s *secrets) dismiss(path dbus.ObjectPath) {
	s.conn.Object(secretsName, path).Go(promptInterface+".Dismiss", dbus.FlagNoReplyExpected, nil)
}
