package ui

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/ui/view"
)

// notify tells the desktop, once each, what stops the syncs while nobody
// looks: that an authorization is gone, and that the client secret expires; and
// who has left with a device.
// What was told is remembered with the layout, over a restart too.
func (w *Window) notify(s *State) {
	if lost := s.Connections.Google.Lost; lost != nil {
		w.tell("google", since(lost), view.SayFault(lost))
	}
	if s.Records != nil && s.Status.Running == nil {
		w.notifyDeparted(s.Records.Holdings)
	}
	a := &s.Connections.Microsoft
	if a.State == "not_configured" {
		return
	}
	if words, due := view.SecretReminder(s.Now, a.Expires); due {
		stage := string(a.Expires) + " " + strconv.Itoa(view.SecretStage(s.Now, a.Expires))
		w.tell("secret", stage, words)
	}
	if lost := a.Lost; lost != nil && lost.Kind == cloud.SecretExpired {
		w.tell("expired", since(lost), view.SayFault(lost))
	}
}

// notifyDeparted tells of those who have left with a device, again when there is
// somebody new among them.
func (w *Window) notifyDeparted(h *view.Holdings) {
	people, _ := h.Departed()
	told := strings.Fields(w.layout.Told["departed"])
	isNew := slices.ContainsFunc(people, func(id string) bool { return !slices.Contains(told, id) })
	if words, ok := h.DepartedWords(); ok && isNew {
		w.tell("departed", strings.Join(people, " "), words)
	} else if !slices.Equal(people, told) {
		w.layout.Told["departed"] = strings.Join(people, " ")
	}
}

// since tells one loss from a later one.
func since(lost *engine.Fault) string { return lost.At.UTC().Format(time.RFC3339Nano) }

// tell shows a notification unless the same was shown before.
func (w *Window) tell(about, what string, words view.Words) {
	if w.layout.Told[about] == what {
		return
	}
	w.layout.Told[about] = what
	w.keepLayout()
	if !hasDesktop() {
		return
	}
	n := fyne.NewNotification("Panel: "+words.Title, words.String())
	w.do(func(context.Context) error { // asks the session bus, which may take its time
		w.app.SendNotification(n)
		return nil
	}, nil)
}

// hasDesktop tells whether there is a session bus to notify by. Without one
// the D-Bus library that Fyne uses would start a daemon of its own.
func hasDesktop() bool {
	if runtime.GOOS != "linux" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat("/run/user/" + strconv.Itoa(os.Getuid()) + "/bus")
	return err == nil
}
