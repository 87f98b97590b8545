package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"panel/assets"
)

// players are the programs that play a WAV file, in the order in which they are
// looked for; the file's name comes last.
var players = map[string][][]string{
	"linux":   {{"pw-play"}, {"paplay"}, {"aplay", "-q"}, {"ffplay", "-v", "quiet", "-nodisp", "-autoexit"}},
	"darwin":  {{"afplay"}},
	"windows": {{"powershell", "-NoProfile", "-NonInteractive", "-Command", "(New-Object Media.SoundPlayer $args[0]).PlaySync()"}},
}

// speaker plays the sounds of scans by a program of the system, one at a time:
// a sound that comes while another one plays is left out, but for a bad one
// after a good one. It is silent where there is no such program.
type speaker struct {
	once   sync.Once
	player []string // nil for none
	dir    string

	mu   sync.Mutex
	stop context.CancelFunc // the one that plays; nil for none
	bad  bool               // it is a bad one
}

var sounds speaker

// play plays a sound and does not wait for its end.
func (s *speaker) play(good bool) {
	s.once.Do(s.find)
	if s.player == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		if good || s.bad {
			return
		}
		s.stop()
	}
	name := "bad.wav"
	if good {
		name = "good.wav"
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	s.stop, s.bad = stop, !good
	cmd := exec.CommandContext(ctx, s.player[0], append(s.player[1:len(s.player):len(s.player)], filepath.Join(s.dir, name))...) //nolint:gosec // one of the players above
	go func() {
		_ = cmd.Run() // without a sound card there is none to hear it
		stop()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.bad == !good {
			s.stop = nil
		}
	}()
}

// find looks for a player and puts the sounds where it can read them.
func (s *speaker) find() {
	for _, p := range players[runtime.GOOS] {
		path, err := exec.LookPath(p[0])
		if err != nil {
			continue
		}
		dir, err := os.MkdirTemp("", "panel-sounds-")
		if err != nil {
			return
		}
		for name, b := range map[string][]byte{"good.wav": assets.GoodSound, "bad.wav": assets.BadSound} {
			if os.WriteFile(filepath.Join(dir, name), b, 0o600) != nil {
				_ = os.RemoveAll(dir) // then it is silent
				return
			}
		}
		s.player, s.dir = append([]string{path}, p[1:]...), dir
		return
	}
}

// close takes the files of the sounds away.
func (s *speaker) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		s.stop()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir) // in the folder for temporary files
	}
}
