package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Good and bad are two sounds, played by the first player that is there, and a
// bad one is heard also while a good one plays; without a player it is silent.
func TestSounds(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the player is a script, which this system does not start")
	}
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	var silent speaker
	silent.play(true)
	silent.close()
	if silent.player != nil {
		t.Fatalf("it plays with %q", silent.player)
	}

	heard := filepath.Join(bin, "heard")
	script := "#!/bin/sh\n/bin/cp \"$2\" " + filepath.Join(bin, "wav") + "\necho \"$# $2\" >>" + heard + "\n[ \"${2##*/}\" = bad.wav ] || exec /bin/sleep 60\n"
	if err := os.WriteFile(filepath.Join(bin, "aplay"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	plays := func(want ...string) {
		t.Helper()
		var lines []string
		for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(5 * time.Millisecond) {
			b, _ := os.ReadFile(heard)
			if lines = strings.Fields(string(b)); len(lines) == 2*len(want) {
				break
			}
		}
		for i, name := range want {
			if 2*i+1 >= len(lines) || lines[2*i] != "2" || filepath.Base(lines[2*i+1]) != name {
				t.Fatalf("played %q, want %q", lines, want)
			}
		}
	}
	var s speaker
	s.play(true)
	plays("good.wav")
	s.play(true) // while the first still plays
	s.play(false)
	plays("good.wav", "bad.wav")
	wav, err := os.ReadFile(filepath.Join(bin, "wav"))
	if err != nil || !strings.HasPrefix(string(wav), "RIFF") || string(wav[8:12]) != "WAVE" {
		t.Errorf("what is played is no WAV file: %v", err)
	}
	dir := s.dir
	s.close()
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the files of the sounds stay: %v", err)
	}
}
